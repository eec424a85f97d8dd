//! Logs: one JSON object per line, on standard output. Metrics are lines among them, in their own format.
//!
//! # Invariants
//! * Libraries log at INFO at most. At DEBUG the SDK and the HTTP client print requests, with nonces and password
//!   hashes.
//! * No build can print at TRACE (`max_level_debug` in `Cargo.toml`), where the Lambda runtime prints raw events,
//!   with passwords and tokens.

mod lines;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use crate::config::Level;
use crate::config::{self, ConfigError, Lookup};
use crate::ids::{SessionId, UserId};
use crate::metrics::{self, Metric, Report};
pub use lines::lines;

/// The crates whose events may go below INFO. The trailing colons keep `aws` from matching every `aws_...` library.
const OURS: [&str; 18] = [
    "shared::",
    "aws::",
    "runtime::",
    "register",
    "login",
    "refresh",
    "logout",
    "password",
    "sessions",
    "metadata",
    "weather",
    "authorizer",
    "account",
    "admin",
    "keys",
    "mailer",
    "passkeys",
    "local",
];

/// A library whose warnings and errors repeat what strangers have sent. The function that calls it says what was wrong.
const UNHEARD: &str = "webauthn_rs";

impl Level {
    /// What is let through: our own crates at this level, libraries at INFO at most, and metrics always. Nothing of one library.
    #[must_use]
    pub fn targets(self) -> Targets {
        let libraries = self.0.min(LevelFilter::INFO);
        let targets = Targets::new().with_default(libraries).with_target(metrics::TARGET, LevelFilter::INFO);
        targets.with_target(UNHEARD, LevelFilter::OFF).with_targets(OURS.map(|target| (target, self.0)))
    }
}

/// Counts sessions of a user that have ended for this reason, and logs a security event for each. Does nothing if there are none.
pub fn sessions_ended(
    route: &'static str,
    reason: &'static str,
    user_id: UserId,
    ended: &[SessionId],
    report: &mut Report<'_>,
) {
    if !ended.is_empty() {
        report.add(Metric::SessionsEnded, ended.len());
        revoked(route, reason, user_id, ended);
    }
}

/// Logs a security event for each of these sessions of a user, which have ended for this reason.
pub fn revoked(route: &'static str, reason: &'static str, user_id: UserId, ended: &[SessionId]) {
    for session_id in ended {
        tracing::info!(event = "authn_token_revoked", route, reason, %session_id, %user_id);
    }
}

/// Starts logging for this process at the level of the setting `LOG_LEVEL`. It is called once, at the start.
///
/// # Errors
/// Returns [`ConfigError`] if the setting is invalid, after logging that at the default level.
pub fn init(lookup: Lookup<'_>) -> Result<(), ConfigError> {
    let level = config::log_level(lookup);
    let targets = level.as_ref().map_or(Level(LevelFilter::INFO), |level| *level).targets();
    // This fails only if the process has started logging before; its lines then go where they went.
    let _already_started =
        tracing_subscriber::registry().with(targets).with(lines(std::io::stdout)).try_init();
    level.map(|_| ()).inspect_err(bad_setting)
}

/// Logs which setting stopped the start. Lambda itself would only report that the process ended.
pub fn bad_setting(error: &ConfigError) {
    tracing::error!(event = "bad_setting", variable = error.variable(), %error);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(text: &str) -> Level {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_can_be_printed_at_trace() {
        assert_eq!(tracing::level_filters::STATIC_MAX_LEVEL, LevelFilter::DEBUG);
    }

    #[test]
    fn libraries_log_at_info_at_most() {
        let targets = level("DEBUG").targets();
        for library in ["aws_sdk_dynamodb::operation", "aws_smithy_runtime", "hyper_util", "lambda_runtime"] {
            assert!(targets.would_enable(library, &tracing::Level::INFO), "{library}");
            assert!(!targets.would_enable(library, &tracing::Level::DEBUG), "{library}");
        }
        for unheard in ["webauthn_rs_core::internals", "webauthn_rs", "webauthn_rs_core::core"] {
            assert!(!targets.would_enable(unheard, &tracing::Level::ERROR), "{unheard}");
        }
        for ours in ["passkeys::sign_in", "shared::session", "aws::sessions", "refresh", "authorizer"] {
            assert!(targets.would_enable(ours, &tracing::Level::DEBUG), "{ours}");
        }
        for any in ["DEBUG", "ERROR"] {
            assert!(level(any).targets().would_enable(metrics::TARGET, &tracing::Level::INFO), "{any}");
        }
        assert!(!level("warn").targets().would_enable("refresh", &tracing::Level::INFO));
        assert!(!level("ERROR").targets().would_enable("hyper", &tracing::Level::WARN));
    }
}
