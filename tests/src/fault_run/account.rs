//! The state of a session as its client knows it.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Tokens, in the order in which they superseded each other.
#[derive(Clone)]
pub struct Account {
    newest: String,
    /// The successor of every token that was ever refreshed.
    successors: HashMap<String, String>,
}

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// An honest client was refused.
    Lost(String),
    /// One token had two successors, or a successor of another generation than the next.
    Fork(String),
    /// The table and the client don't agree.
    Table(String),
}

impl Account {
    /// A session that has just begun.
    #[must_use]
    pub fn new(first: String) -> Self {
        Self { newest: first, successors: HashMap::new() }
    }

    /// The token to refresh next.
    #[must_use]
    pub fn newest(&self) -> &str {
        &self.newest
    }

    /// The generation of the newest token.
    #[must_use]
    pub fn generation(&self) -> u32 {
        generation(&self.newest)
    }

    /// An answer that nobody keeps: it must agree with all others.
    ///
    /// # Errors
    /// [`Trouble::Fork`] if it does not.
    pub fn witness(&mut self, presented: &str, successor: &str) -> Result<(), Trouble> {
        let at = generation(presented);
        if generation(successor) != at + 1 {
            let other = generation(successor);
            return Err(Trouble::Fork(format!("generation {at} was followed by {other}")));
        }
        let known = self.successors.entry(presented.to_owned()).or_insert_with(|| successor.to_owned());
        if known == successor {
            Ok(())
        } else {
            Err(Trouble::Fork(format!("a token of generation {at} has two successors")))
        }
    }

    /// An answer that the client keeps.
    ///
    /// # Errors
    /// [`Trouble::Fork`] if it does not agree with all others.
    pub fn keep(&mut self, presented: &str, successor: &str) -> Result<(), Trouble> {
        self.witness(presented, successor)?;
        if presented == self.newest {
            successor.clone_into(&mut self.newest);
        }
        Ok(())
    }
}

/// Bytes 33 to 35 of a refresh token.
fn generation(token: &str) -> u32 {
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("a refresh token is base64url");
    u32::from_be_bytes([0, bytes[33], bytes[34], bytes[35]])
}
