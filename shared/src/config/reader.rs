//! Reading single variables.

use std::ops::RangeInclusive;

use crate::text::is_damaged;

/// The source of variables: the environment in a function, a map in tests.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// An invalid setting: the variable, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

/// The reason why a setting that is not a key is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is missing and has no default.
    #[error("is not set")]
    Missing,
    /// It contains U+FFFD, which the runtime puts in place of bytes that are not UTF-8.
    #[error("must be UTF-8")]
    NotUtf8,
    /// It holds white space or a control character, or is empty or too long.
    #[error("must be a text of 1 to 255 characters without white space")]
    NotAToken,
    /// It is not a number, or out of range.
    #[error("must be a whole number from {least} to {most}, not {value:?}")]
    NotANumber {
        /// The minimum.
        least: u32,
        /// The maximum.
        most: u32,
        /// The value.
        value: String,
    },
    /// It is neither of the two allowed values.
    #[error("must be true or false, not {0:?}")]
    NotAFlag(String),
    /// It must not exceed another setting.
    #[error("must be at most {other} ({most}), not {value}")]
    AboveAnother {
        /// The value.
        value: u32,
        /// The other variable.
        other: &'static str,
        /// The value of the other variable.
        most: u32,
    },
    /// It is not a web origin (RFC 6454 section 6.2).
    #[error("must be * or an origin such as https://app.example.com, not {0:?}")]
    NotAnOrigin(String),
    /// It is not a URL.
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
    /// Neither source of the key set is named.
    #[error("is not set, nor is KEY_SET")]
    NoKeySet,
    /// Both sources of the key set are named.
    #[error("must not be set beside KEY_SET: the key set comes from one of the two")]
    TwoKeySets,
    /// Both senders of mail are named.
    #[error("must not be set beside MAIL_FROM: mail is sent by one of the two")]
    TwoMailSinks,
    /// Neither sender of mail is named.
    #[error("is not set, nor is MAIL_FUNCTION_ARN")]
    NoMailSink,
    /// The URL is not allowed for looking up passwords.
    #[error(
        "must be off or a URL such as https://api.pwnedpasswords.com/range, without a query or fragment, not {0:?}"
    )]
    NotARangeApi(String),
    /// The URL is not allowed for links.
    #[error("must be a URL such as https://app.example.com/account, without a query or fragment, not {0:?}")]
    NotAPage(String),
    /// It is not allowed as a sender's name in a mail header.
    #[error("must be one line of at most 64 characters, without any of \" \\ < > @ , ; : ( ) [ ]")]
    NotASenderName,
    /// It is not allowed as the subject of a mail.
    #[error("must be one line of at most 100 characters")]
    NotASubject,
    /// It is not a rule for registration.
    #[error("must be open, verified or closed, not {0:?}")]
    NotARegistration(String),
    /// It is not allowed as the name of a member of the authorizer's context.
    #[error(
        "must be names of custom claims separated by commas, of letters, digits, _ and -, none of them reserved, not {0:?}"
    )]
    NotAContextClaim(String),
    /// Registration requires mail, which is off.
    #[error("can be verified only where mail is on: set MAIL_FROM or MAIL_FUNCTION_ARN")]
    NoMailForRegistration,
    /// It is not a safe level.
    #[error("must be ERROR, WARN, INFO or DEBUG, not {0:?}")]
    NotALevel(String),
}

impl ConfigError {
    pub(super) fn new(variable: &'static str, problem: impl std::fmt::Display) -> Self {
        Self { variable, problem: problem.to_string() }
    }

    /// Returns the name of the variable.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }
}

pub(super) struct Reader<'a>(pub(super) Lookup<'a>);

impl Reader<'_> {
    /// An empty variable counts as absent: a template cannot leave one out under a condition.
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
