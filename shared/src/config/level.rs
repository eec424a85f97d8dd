//! The level of the log.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// How much is logged: the setting `LOG_LEVEL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(pub(crate) LevelFilter);

impl FromStr for Level {
    type Err = ();

    /// Reads ERROR, WARN, INFO or DEBUG, in any case; nothing else.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_uppercase().as_str() {
            "ERROR" => Ok(Self(LevelFilter::ERROR)),
            "WARN" => Ok(Self(LevelFilter::WARN)),
            "INFO" => Ok(Self(LevelFilter::INFO)),
            "DEBUG" => Ok(Self(LevelFilter::DEBUG)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_is_refused() {
        for text in ["TRACE", "trace", "", "verbose", "debug,hyper=trace"] {
            assert_eq!(text.parse::<Level>(), Err(()), "{text:?}");
        }
    }
}
