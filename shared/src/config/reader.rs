//! Reading single variables.

use std::ops::RangeInclusive;

use crate::text::is_damaged;

/// Where variables come from: a function's runtime hands in the environment, tests a map.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A setting that can't be used: the variable, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

/// What can be wrong with a setting that is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It has no default.
    #[error("is not set")]
    Missing,
    /// It has U+FFFD, as which the runtime reads what is not UTF-8.
    #[error("must be UTF-8")]
    NotUtf8,
    /// It holds white space or a control character, or is empty or too long.
    #[error("must be a text of 1 to 255 characters without white space")]
    NotAToken,
    /// It is not a number, or out of range.
    #[error("must be a whole number from {least} to {most}, not {value:?}")]
    NotANumber {
        /// The least value.
        least: u32,
        /// The greatest.
        most: u32,
        /// What it was.
        value: String,
    },
    /// It is neither of the two.
    #[error("must be true or false, not {0:?}")]
    NotAFlag(String),
    /// It makes no sense above another setting.
    #[error("must be at most {other} ({most}), not {value}")]
    AboveAnother {
        /// What it was.
        value: u32,
        /// The other variable.
        other: &'static str,
        /// What that is.
        most: u32,
    },
    /// It is no web origin (RFC 6454 section 6.2).
    #[error("must be * or an origin such as https://app.example.com, not {0:?}")]
    NotAnOrigin(String),
    /// It is no URL.
    #[error("must be a URL such as http://127.0.0.1:8000, not {0:?}")]
    NotAUrl(String),
    /// It is no domain that passkeys can be bound to.
    #[error("must be a domain such as example.com, as browsers spell it, not {0:?}")]
    NotADomain(String),
    /// No browser takes it for passkeys of this domain.
    #[error("must be origins of pages of {id} or below it, over https, such as https://{id}, not {origin:?}")]
    NotOriginsOf {
        /// The relying party.
        id: String,
        /// The first one that is wrong.
        origin: String,
    },
    /// Neither of the two places of the key set is named.
    #[error("is not set, nor is KEY_SET")]
    NoKeySet,
    /// Both are.
    #[error("must not be set beside KEY_SET: the key set comes from one of the two")]
    TwoKeySets,
    /// Both senders of mail are named.
    #[error("must not be set beside MAIL_FROM: mail is sent by one of the two")]
    TwoMailSinks,
    /// Neither of them is.
    #[error("is not set, nor is MAIL_FUNCTION_ARN")]
    NoMailSink,
    /// A password must not be asked after there.
    #[error(
        "must be off or a URL such as https://api.pwnedpasswords.com/range, without a query or fragment, not {0:?}"
    )]
    NotARangeApi(String),
    /// A link must not lead there.
    #[error("must be a URL such as https://app.example.com/account, without a query or fragment, not {0:?}")]
    NotAPage(String),
    /// A header of a mail can't have it as the name of its sender.
    #[error("must be one line of at most 64 characters, without any of \" \\ < > @ , ; : ( ) [ ]")]
    NotASenderName,
    /// A mail can't have it as its subject.
    #[error("must be one line of at most 100 characters")]
    NotASubject,
    /// It is no way to register.
    #[error("must be open, verified or closed, not {0:?}")]
    NotARegistration(String),
    /// It is no name that a member of the authorizer's context can have.
    #[error(
        "must be names of custom claims separated by commas, of letters, digits, _ and -, none of them reserved, not {0:?}"
    )]
    NotAContextClaim(String),
    /// The code of a registration has to be mailed.
    #[error("can be verified only where mail is on: set MAIL_FROM or MAIL_FUNCTION_ARN")]
    NoMailForRegistration,
    /// It is no level that is safe.
    #[error("must be ERROR, WARN, INFO or DEBUG, not {0:?}")]
    NotALevel(String),
}

impl ConfigError {
    pub(super) fn new(variable: &'static str, problem: impl std::fmt::Display) -> Self {
        Self { variable, problem: problem.to_string() }
    }

    /// The name of the variable.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }
}

pub(super) struct Reader<'a>(pub(super) Lookup<'a>);

impl Reader<'_> {
    /// An empty variable counts as absent: a template can't leave one out under a condition.
    pub(super) fn optional(&self, variable: &str) -> Option<String> {
        (self.0)(variable).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, variable: &'static str) -> Result<String, ConfigError> {
        self.optional(variable).ok_or_else(|| ConfigError::new(variable, Problem::Missing))
    }

    pub(super) fn token(&self, variable: &'static str) -> Result<String, ConfigError> {
        let value = self.required(variable)?;
        let bad = value.len() > 255 || value.chars().any(|c| c.is_whitespace() || c.is_control());
        if is_damaged(&value) {
            return Err(ConfigError::new(variable, Problem::NotUtf8));
        }
        if bad { Err(ConfigError::new(variable, Problem::NotAToken)) } else { Ok(value) }
    }

    pub(super) fn number(
        &self,
        variable: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> Result<u32, ConfigError> {
        let Some(value) = self.optional(variable) else { return Ok(default) };
        match value.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(_) | Err(_) => {
                let (least, most) = range.into_inner();
                Err(ConfigError::new(variable, Problem::NotANumber { least, most, value }))
            }
        }
    }

    pub(super) fn flag(&self, variable: &'static str, default: bool) -> Result<bool, ConfigError> {
        match self.optional(variable).as_deref() {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(ConfigError::new(variable, Problem::NotAFlag(other.to_owned()))),
        }
    }
}
