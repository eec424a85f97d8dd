//! A mail, and the interface of senders.

use std::pin::Pin;
use std::sync::Arc;

use shared::Seconds;
use shared::code::{CodeId, CodeText, Purpose};
use shared::email::Email;

/// A mail ready to be sent. It has no `Debug`, because it contains a code.
#[derive(Clone)]
pub struct Mail {
    /// The idempotency key: the same for each delivery of the same record.
    pub id: CodeId,
    /// The purpose.
    pub kind: Purpose,
    /// The one recipient.
    pub to: Email,
    /// The language of the request (BCP 47).
    pub locale: Option<String>,
    /// The code, where the mail has one.
    pub code: Option<CodeText>,
    /// The page that uses the code, with the code in its fragment.
    pub link: Option<String>,
    /// How long the code still works.
    pub expires_in: Seconds,
    /// The subject: one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A sender of mail. It answers when it has accepted the mail.
pub type Sink =
    Arc<dyn Fn(Mail) -> Pin<Box<dyn Future<Output = Result<(), SinkError>> + Send>> + Send + Sync>;

/// The reason why a sink has refused a mail. The text is for the log, and contains neither an address nor a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It may accept it later.
    #[error("{0}")]
    Unavailable(String),
    /// It will never accept it.
    #[error("{0}")]
    Refused(String),
}
