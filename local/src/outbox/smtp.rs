//! Sends mail to a program on this machine that shows it, such as Mailpit.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use mailer::{Mail, SinkError};
use shared::Timestamp;
use shared::config::{self, ConfigError, Lookup, MailSink};
use template::LOCAL_SENDER;

/// The timeout of one mail: a program that shows mail is local and accepts it at once. The transport's own timeout
/// covers only the connection, and a connection without an answer would hold up the following mails.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connection to that program.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
    sender_name: String,
}

impl Smtp {
    /// Returns the connection to this address, for mails from the sender in the settings.
    pub(super) fn new(address: SocketAddr, lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let from = match config::mail_sink(lookup)? {
            Some(MailSink::Ses { from, .. }) => from.as_str().to_owned(),
            Some(MailSink::Function(_)) | None => LOCAL_SENDER.to_owned(),
        };
        let sender_name = config::mail_wording(lookup)?.sender_name;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string());
        Ok(Self {
            transport: transport.port(address.port()).timeout(Some(PATIENCE)).build(),
            from,
            sender_name,
        })
    }

    /// Sends a mail, and returns when the program has accepted it.
    pub(super) async fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), SinkError> {
        let message = self.message(mail, now)?;
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| refusal(&error)),
            Err(_) => Err(SinkError::Unavailable("SMTP: no answer in time".to_owned())),
        }
    }

    fn message(&self, mail: &Mail, now: Timestamp) -> Result<Message, SinkError> {
        let millis = u64::try_from(now.millis()).unwrap_or_default();
        let builder = Message::builder()
            .from(mailbox(Some(self.sender_name.clone()), &self.from)?)
            .to(mailbox(None, mail.to.as_str())?)
            .subject(mail.subject.as_str())
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{}@localhost>", mail.id)));
        let plain = SinglePart::plain(mail.text.clone());
        let message = if mail.html.is_empty() {
            builder.singlepart(plain)
        } else {
            let html = SinglePart::html(mail.html.clone());
            builder.multipart(MultiPart::alternative().singlepart(plain).singlepart(html))
        };
        message.map_err(|error| SinkError::Refused(error.to_string()))
    }
}

fn mailbox(name: Option<String>, address: &str) -> Result<Mailbox, SinkError> {
    let address: Address =
        address.parse().map_err(|_| SinkError::Refused("not an address for SMTP".to_owned()))?;
    Ok(Mailbox::new(name, address))
}

/// The program's answer may repeat the address, so it is left out.
fn refusal(error: &Error) -> SinkError {
    match error.status() {
        Some(code) if error.is_permanent() => SinkError::Refused(format!("SMTP: {code}")),
        Some(code) => SinkError::Unavailable(format!("SMTP: {code}")),
        // Such as an address that is not ASCII, for a program that accepts no others (RFC 6531).
        None if error.is_client() => {
            SinkError::Refused("SMTP: the program can't take such a mail".to_owned())
        }
        None => SinkError::Unavailable("SMTP: no answer".to_owned()),
    }
}
