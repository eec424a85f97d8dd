//! The reasons why a line is not imported.

use std::fmt;

/// A line that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: {}", joined(.reasons))]
pub struct BadLineError {
    /// Its number in the file, from 1. For a record of several lines, the number of the first.
    pub number: u64,
    /// All its errors, at least one.
    pub reasons: Vec<Reason>,
}

/// One error of a line. It repeats nothing of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The invalid member, such as `password.hash`; `line` for the whole line.
    pub member: &'static str,
    /// The error, as the end of a sentence that begins with the member.
    pub why: String,
}

impl Reason {
    /// Another account has the `user_id`.
    #[must_use]
    pub fn user_id_taken() -> Self {
        Self::new("user_id", "is that of another account")
    }

    /// The secret of the authenticator app cannot be encrypted.
    #[must_use]
    pub fn totp_not_encrypted(why: impl fmt::Display) -> Self {
        Self::new("totp", format!("cannot be encrypted: {why}"))
    }

    /// An earlier line has the `user_id`.
    #[must_use]
    pub fn user_id_twice() -> Self {
        Self::new("user_id", "is that of an earlier line")
    }

    pub(crate) fn new(member: &'static str, why: impl fmt::Display) -> Self {
        Self { member, why: why.to_string() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.why)
    }
}

fn joined(reasons: &[Reason]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
