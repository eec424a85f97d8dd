//! The tokens of an answer.

use serde_json::Value;

use super::text;
use crate::Failure;

/// What the next refresh presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) refresh: String,
    /// None before the first answer.
    pub(crate) access: Option<String>,
}

impl Tokens {
    /// Those of a token response, in the names of RFC 6749 section 5.1.
    pub(crate) fn read(body: &Value) -> Result<Self, Failure> {
        Ok(Self { refresh: text(body, "refresh_token")?, access: Some(text(body, "access_token")?) })
    }

    /// Those of a token response, which are others than these.
    pub(crate) fn followed_by(&self, body: &Value) -> Result<Self, Failure> {
        let next = Self::read(body)?;
        if next.refresh == self.refresh || next.access == self.access {
            return Err(format!("a token that was there before: {body}").into());
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_must_bring_new_tokens() {
        let tokens = |refresh: &str, access: Option<&str>| Tokens {
            refresh: refresh.to_owned(),
            access: access.map(str::to_owned),
        };
        let next = |of: Tokens, refresh, access| {
            of.followed_by(&json!({ "refresh_token": refresh, "access_token": access })).ok()
        };
        assert_eq!(next(tokens("r1", None), "r2", "a1"), Some(tokens("r2", Some("a1"))));
        assert_eq!(next(tokens("r1", Some("a1")), "r1", "a2"), None);
        assert_eq!(next(tokens("r1", Some("a1")), "r2", "a1"), None);
        assert!(Tokens::read(&json!({ "refresh_token": "r1" })).is_err());
    }
}
