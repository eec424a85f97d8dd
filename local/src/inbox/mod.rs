//! The inbox: the mails of this server, in memory.
//!
//! # Invariants
//! * It answers only if the request names this machine ([`host`]): a reader of the inbox can take over every account here.

mod host;
mod page;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mailer::Mail;
use serde::Serialize;
use shared::Timestamp;
use shared::code::{CodeId, CodeText};
use shared::email::Email;

pub(crate) use page::{answer, is_at};

/// The maximum number of mails.
const MOST: usize = 1000;

/// The newest mails.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<VecDeque<Message>>);

/// A mail that has arrived.
#[derive(Clone, Serialize)]
pub(crate) struct Message {
    #[serde(skip)]
    id: CodeId,
    kind: &'static str,
    to: String,
    subject: String,
    text: String,
    html: String,
    link: Option<String>,
    code: Option<CodeText>,
    /// Seconds since the Unix epoch.
    sent_at: i64,
}

impl Inbox {
    /// Stores a mail, and returns whether it is new: a repeated mail is stored once.
    pub(crate) fn add(&self, mail: &Mail, now: Timestamp) -> bool {
        let mut messages = self.messages();
        if messages.iter().any(|message| message.id == mail.id) {
            return false;
        }
        messages.push_front(Message {
            id: mail.id,
            kind: mail.kind.kind(),
            to: mail.to.as_str().to_owned(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
            link: mail.link.clone(),
            code: mail.code.clone(),
            sent_at: now.seconds(),
        });
        messages.truncate(MOST);
        true
    }

    /// Returns the mails to an address, or all, the newest first.
    pub(crate) fn to(&self, to: Option<&str>) -> Vec<Message> {
        // The mail has the normalised address, so this one is normalised too.
        let to =
            to.map(|to| Email::parse(to).map_or_else(|_| to.to_owned(), |email| email.as_str().to_owned()));
        let is_to = |message: &&Message| to.as_ref().is_none_or(|to| *to == message.to);
        self.messages().iter().filter(is_to).cloned().collect()
    }

    fn messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use shared::Seconds;
    use shared::code::Purpose;

    pub(crate) fn mail(id: u16, to: &str) -> Mail {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&id.to_be_bytes());
        Mail {
            id: CodeId::from_bytes(bytes),
            kind: Purpose::Reset,
            to: Email::parse(to).unwrap(),
            locale: None,
            code: None,
            link: Some("http://127.0.0.1:3000/#reset=abc".to_owned()),
            expires_in: Seconds(60),
            subject: "Reset".to_owned(),
            text: format!("mail {id}"),
            html: String::new(),
        }
    }

    fn texts(messages: &[Message]) -> Vec<&str> {
        messages.iter().map(|message| message.text.as_str()).collect()
    }

    #[test]
    fn the_newest_mail_is_first_and_the_same_one_is_kept_once() {
        let inbox = Inbox::default();
        for (id, to, is_new) in
            [(1, "a@example.com", true), (2, "b@example.com", true), (1, "a@example.com", false)]
        {
            assert_eq!(inbox.add(&mail(id, to), Timestamp::from_seconds(5)), is_new);
        }
        assert_eq!(texts(&inbox.to(None)), ["mail 2", "mail 1"]);
        assert_eq!(texts(&inbox.to(Some("A@EXAMPLE.com"))), ["mail 1"]);
        assert!(inbox.to(Some("c@example.com")).is_empty());
    }

    #[test]
    fn the_oldest_mails_go() {
        let inbox = Inbox::default();
        for id in 0..=1000 {
            inbox.add(&mail(id, "a@example.com"), Timestamp::from_seconds(5));
        }
        let kept = inbox.to(None);
        assert_eq!((kept.len(), texts(&kept)[999]), (1000, "mail 1"));
    }
}
