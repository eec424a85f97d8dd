//! Amazon SES.

use std::sync::Arc;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use aws_types::SdkConfig;
use email_encoding::headers::{rfc2047, writer::EmailWriter};
use shared::email::Email;

use super::{name_of, timeouts};
use crate::mail::{Mail, Sink, SinkError};

/// The tag by which the events of SES, such as a bounce, name the row of the mail.
const TAG: &str = "code_id";

struct Ses {
    client: Client,
    /// Name and address, as in the header `From`.
    from: String,
    configuration_set: Option<String>,
}

/// Sends through Amazon SES, from this name and address.
pub(super) fn sink(
    config: &SdkConfig,
    sender_name: &str,
    from: &Email,
    configuration_set: Option<String>,
) -> Sink {
    let client = Client::from_conf(Builder::from(config).timeout_config(timeouts()).build());
    let ses = Arc::new(Ses { client, from: mailbox(sender_name, from), configuration_set });
    Arc::new(move |mail| {
        let ses = Arc::clone(&ses);
        Box::pin(async move { ses.send(mail).await })
    })
}

impl Ses {
    async fn send(&self, mail: Mail) -> Result<(), SinkError> {
        let id = mail.id.to_string();
        let to = mail.to.as_str().to_owned();
        let content = content(mail).map_err(|_| SinkError::Refused("a part is missing".to_owned()))?;
        let tag = MessageTag::builder().name(TAG).value(id).build();
        let send = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(content)
            .email_tags(tag.map_err(|_| SinkError::Refused("the tag is missing".to_owned()))?)
            .set_configuration_set_name(self.configuration_set.clone());
        send.send().await.map(|_| ()).map_err(|error| classify(&error))
    }
}

fn content(mail: Mail) -> Result<EmailContent, BuildError> {
    // Marks the mail as automatic, so that vacation responders do not answer it (RFC 3834 section 5).
    let generated = MessageHeader::builder().name("Auto-Submitted").value("auto-generated").build()?;
    let body = Body::builder().text(utf8(mail.text)?).html(utf8(mail.html)?).build();
    let message = Message::builder().subject(utf8(mail.subject)?).body(body).headers(generated).build();
    Ok(EmailContent::builder().simple(message).build())
}

fn utf8(text: String) -> Result<Content, BuildError> {
    Content::builder().data(text).charset("UTF-8").build()
}

/// Formats name and address for a header: the name quoted (RFC 5322 section 3.2.4), or encoded if it is not ASCII (RFC 2047).
fn mailbox(name: &str, address: &Email) -> String {
    let address = address.as_str();
    if name.is_ascii() && !name.contains(|c: char| c.is_ascii_control() || matches!(c, '"' | '\\')) {
        return format!("\"{name}\" <{address}>");
    }
    let mut encoded = String::new();
    // Writing to a text cannot fail.
    let _never = rfc2047::encode(name, &mut EmailWriter::new(&mut encoded, 0, 0, false));
    // SES folds long lines itself.
    format!("{} <{address}>", encoded.replace("\r\n", ""))
}

/// Distinguishes what SES will never send from what it may send later: everything that is not the fault of this mail.
fn classify(error: &SdkError<SendEmailError>) -> SinkError {
    let name = name_of(error);
    match error.as_service_error() {
        // SES uses the same code for a message that it does not accept. The operator has to verify the sender, or to leave
        // the sandbox.
        Some(rejected) if rejected.is_message_rejected() && is_about_identity(rejected) => {
            SinkError::Unavailable(format!("SES: {name}: an identity is not verified"))
        }
        Some(refused) if refused.is_message_rejected() || refused.is_bad_request_exception() => {
            SinkError::Refused(format!("SES: {name}"))
        }
        Some(_) | None => SinkError::Unavailable(format!("SES: {name}")),
    }
}

fn is_about_identity(error: &SendEmailError) -> bool {
    error.message().is_some_and(|message| message.contains("not verified"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        let address = Email::parse("noreply@example.com").unwrap();
        assert_eq!(mailbox(name, &address), format!("{expected} <noreply@example.com>"));
    }

    #[test]
    fn the_name_of_the_sender_is_written_as_a_header_has_it() {
        check("app.example.com", "\"app.example.com\"");
        check("Ada's Shop & Co", "\"Ada's Shop & Co\"");
        check("Ada \"Co\"\r\n", "=?utf-8?b?QWRhICJDbyINCg==?=");
        check("B\u{e4}ckerei", "=?utf-8?b?QsOkY2tlcmVp?=");
    }

    #[test]
    fn a_long_name_stays_on_one_line() {
        let name = "\u{738b}".repeat(64);
        let address = Email::parse("noreply@example.com").unwrap();
        let mailbox = mailbox(&name, &address);
        assert!(mailbox.is_ascii() && !mailbox.contains(['\r', '\n']), "{mailbox}");
        assert!(mailbox.split(' ').all(|word| word.len() <= 75), "{mailbox}");
    }
}
