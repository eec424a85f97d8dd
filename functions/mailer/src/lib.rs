//! Sends mails. The stream of the codes table calls it with the new rows.
//!
//! # Invariants
//! * A code is derived here, in memory, from its row and the key set. Neither the event nor the log contains it.
//! * A record that cannot be mailed now is reported as failed, so that the stream delivers it again. Delivery is at
//!   least once, and the id of the row is the idempotency key.
//! * A record that can never be mailed is logged and skipped: it must not block those after it.

mod batch;
mod event;
mod mail;
mod sink;
mod wording;

use aws::TableError;
use aws::secret::{KeyCache, KeyLookupError};
use aws_types::SdkConfig;
use serde_json::Value;
use shared::Timestamp;
use shared::code::{Code, CodeText, Half};
use shared::config::{self, ConfigError, Lookup, MailWording};
use shared::metrics::{FAILED, Metric, Metrics};

pub use batch::BatchResponse;
use event::Record;
pub use mail::{Mail, Sink, SinkError};

/// The outcomes of a record, in logs and metrics, in addition to [`FAILED`].
const SENT: &str = "sent";
const OVER: &str = "over";
const REFUSED: &str = "refused";

/// The state that the function keeps between events.
pub struct App {
    keys: KeyCache,
    wording: MailWording,
    sink: Sink,
    metrics: Metrics,
}

/// The reason why a mail is not sent. No text contains an address or a code.
#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error(transparent)]
    Row(#[from] TableError),
    /// Its code has expired, or its key has been dropped: nobody could use it.
    #[error("the code is over")]
    Over,
    #[error(transparent)]
    Keys(#[from] KeyLookupError),
    #[error(transparent)]
    Wording(#[from] askama::Error),
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl App {
    /// Reads the settings of this function, and sends through the service that they name, in the account and Region of `config`.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, config: &SdkConfig, keys: KeyCache) -> Result<Self, ConfigError> {
        Self::with_sink(lookup, keys, sink::from_settings(lookup, config)?)
    }

    /// Reads the settings of this function, and sends through `sink`.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn with_sink(lookup: Lookup<'_>, keys: KeyCache, sink: Sink) -> Result<Self, ConfigError> {
        Ok(Self { keys, wording: config::mail_wording(lookup)?, sink, metrics: config::metrics(lookup)? })
    }
}

/// Sends the mails of one event, one after the other.
pub async fn handle(app: &App, event: &Value, now: Timestamp) -> BatchResponse {
    for Record { sequence_number, code } in event::records(event) {
        // The template's filter leaves such rows out already.
        if code.as_ref().is_ok_and(|code| !code.purpose.is_mailed()) {
            continue;
        }
        let sent = match &code {
            Ok(code) => send(app, code, now).await,
            Err(error) => Err(error.clone().into()),
        };
        let outcome = outcome(&sent);
        log(code.as_ref().ok(), &sent, outcome);
        app.metrics.count(Metric::Mails, outcome, now);
        if outcome == FAILED {
            return BatchResponse::from_record(sequence_number);
        }
    }
    BatchResponse::default()
}

async fn send(app: &App, code: &Code, now: Timestamp) -> Result<(), MailError> {
    if code.is_over(now) {
        return Err(MailError::Over);
    }
    let text = if code.purpose.has_code() { Some(code_text(app, code, now).await?) } else { None };
    let mail = wording::mail(&app.wording, code, text, now)?;
    (app.sink)(mail).await?;
    Ok(())
}

async fn code_text(app: &App, code: &Code, now: Timestamp) -> Result<CodeText, MailError> {
    let keys = app.keys.knowing(|keys| !keys.refresh.has(code.key_id), now).await?;
    code.text(Half::Mail, &keys.refresh).ok_or(MailError::Over)
}

/// Returns the outcome of a record. [`FAILED`] makes the stream deliver it again.
fn outcome(sent: &Result<(), MailError>) -> &'static str {
    match sent {
        Ok(()) => SENT,
        Err(MailError::Over) => OVER,
        Err(MailError::Row(_) | MailError::Wording(_) | MailError::Sink(SinkError::Refused(_))) => REFUSED,
        Err(MailError::Keys(_) | MailError::Sink(SinkError::Unavailable(_))) => FAILED,
    }
}

fn log(code: Option<&Code>, sent: &Result<(), MailError>, outcome: &'static str) {
    let kind = code.map(|code| code.purpose.name());
    let code_id = code.map(|code| tracing::field::display(code.code_id));
    match sent {
        Ok(()) | Err(MailError::Over) => tracing::info!(route = "mailer", outcome, kind, code_id),
        Err(error) if outcome == FAILED => {
            tracing::error!(route = "mailer", outcome, kind, code_id, %error);
        }
        Err(error) => tracing::warn!(route = "mailer", outcome, kind, code_id, %error),
    }
}
