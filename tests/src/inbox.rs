//! The mails of a service of our own.

use std::time::Duration;

use serde::Deserialize;

use crate::Service;

/// How often the inbox is read for a mail that must arrive. It waits for mails in transit, so only a stream that
/// lags behind its table takes more than one try.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// A mail, as the inbox has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// Its purpose.
    pub kind: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The link.
    pub link: Option<String>,
    /// The code in that link.
    pub code: Option<String>,
    /// When it was sent, in seconds since the Unix epoch.
    pub sent_at: i64,
}

impl Mail {
    /// Returns the code.
    ///
    /// # Panics
    /// Panics if the mail has none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_deref().expect("a mail with a code")
    }
}

impl Service {
    /// Returns the mails to an address so far, the newest first. Their codes are secrets from then on.
    ///
    /// # Panics
    /// Panics if the service has no inbox.
    pub async fn inbox(&self, to: &str) -> Vec<Mail> {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
        let request = self.request(http::Method::GET, &format!("/_inbox/messages?{query}"));
        let answer = request.send().await.expect("the inbox answers");
        assert_eq!(answer.status(), 200, "the service has an inbox");
        let mails: Vec<Mail> = answer.json().await.expect("a list of mails");
        let known = self.secrets();
        // A link is a code and what everybody knows.
        let codes = mails.iter().filter_map(|mail| mail.code.as_ref());
        codes.filter(|code| !known.contains(code)).for_each(|code| self.keep_secret(code));
        mails
    }

    /// Returns the newest mail of a kind to an address, which has been sent or will soon be.
    ///
    /// # Panics
    /// If it does not come.
    pub async fn mail_to(&self, to: &str, kind: &str) -> Mail {
        for _ in 0..TRIES {
            if let Some(mail) = self.inbox(to).await.into_iter().find(|mail| mail.kind == kind) {
                return mail;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("no mail of the kind {kind} has come to {to}");
    }
}
