//! The texts of mails. They are the files in `texts/`, a pair for each purpose: plain text, which begins with the
//! subject, and HTML.

use askama::Template;
use shared::code::{Code, CodeText, Purpose};
use shared::config::{MailWording, SUBJECT};
use shared::{Seconds, Timestamp};

use crate::mail::Mail;

/// The variables of the texts.
struct Words<'a> {
    sender: &'a str,
    link: &'a str,
    /// How long the link works.
    lasts: String,
    /// The subject of all mails.
    subject: &'a str,
}

/// The three parts of a mail's text.
struct Texts {
    subject: String,
    text: String,
    html: String,
}

/// Writes a mail. `text` is the code, if the mail has one.
///
/// # Errors
/// Returns [`askama::Error`] for a purpose without a mail.
pub(crate) fn mail(
    wording: &MailWording,
    code: &Code,
    text: Option<CodeText>,
    now: Timestamp,
) -> askama::Result<Mail> {
    let link = text.as_ref().map(|text| text.link(&wording.app_url, code.purpose));
    let expires_in = left(code, now);
    let sender = one_line(&wording.sender_name);
    let words = Words {
        sender: &sender,
        link: link.as_deref().unwrap_or_default(),
        lasts: duration(expires_in),
        subject: &wording.subject,
    };
    let Texts { subject, text: body, html } = texts(code.purpose, &words)?;
    Ok(Mail {
        id: code.code_id,
        kind: code.purpose,
        to: code.recipient().clone(),
        locale: code.locale.clone(),
        subject,
        text: body,
        html,
        code: text,
        link,
        expires_in,
    })
}

/// Defines a function that renders the files of each purpose. Askama compiles them, and escapes values in those that end
/// in `.html`.
macro_rules! texts {
    ($($purpose:ident: $text:tt, $html:tt;)*) => {
        fn texts(purpose: Purpose, words: &Words<'_>) -> askama::Result<Texts> {
            match purpose {
                Purpose::Nobody | Purpose::ResetLink => Err(askama::Error::custom("nothing is mailed")),
                $(Purpose::$purpose => {
                    #[derive(Template)]
                    #[template(path = $text)]
                    struct Text<'a> {
                        words: &'a Words<'a>,
                    }
                    #[derive(Template)]
                    #[template(path = $html)]
                    struct Html<'a> {
                        words: &'a Words<'a>,
                        subject: &'a str,
                    }
                    let (own, text) = split(&Text { words }.render()?)?;
                    let subject = words.subject.replace(SUBJECT, &own);
                    let html = Html { words, subject: &subject }.render()?;
                    Ok(Texts { subject, text, html })
                })*
            }
        }
    };
}

texts! {
    Reset: "reset.txt", "reset.html";
    Verify: "verify.txt", "verify.html";
    Registration: "registration.txt", "registration.html";
    AddressTaken: "address_taken.txt", "address_taken.html";
    ChangeAddress: "change_address.txt", "change_address.html";
    AddressChanged: "address_changed.txt", "address_changed.html";
    AddressUndone: "address_undone.txt", "address_undone.html";
    Invitation: "invitation.txt", "invitation.html";
    PasswordChanged: "password_changed.txt", "password_changed.html";
    NewDevice: "new_device.txt", "new_device.html";
    AccountDeleted: "account_deleted.txt", "account_deleted.html";
    FactorAdded: "factor_added.txt", "factor_added.html";
    FactorRemoved: "factor_removed.txt", "factor_removed.html";
    RecoveryCodesUsedUp: "recovery_codes_used_up.txt", "recovery_codes_used_up.html";
}

/// Splits the subject off. No sender's name can make it longer than a line.
fn split(rendered: &str) -> askama::Result<(String, String)> {
    let parts = rendered.strip_prefix("Subject: ").and_then(|rest| rest.split_once("\n\n"));
    let (subject, text) = parts.ok_or_else(|| askama::Error::custom("there is no subject"))?;
    Ok((subject.to_owned(), text.to_owned()))
}

/// Returns the text without line breaks: a subject is one line.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ")
}

fn left(code: &Code, now: Timestamp) -> Seconds {
    let left = code.expires_at.seconds_since(now);
    Seconds(u32::try_from(left.max(0)).unwrap_or(u32::MAX))
}

/// Formats a duration in whole minutes, hours or days. It is rounded down after adding the time that the mail has been
/// in transit: a code of 30 minutes works for 30 minutes, not for 29.
fn duration(Seconds(seconds): Seconds) -> String {
    const MINUTE: u32 = 60;
    const HOUR: u32 = 60 * MINUTE;
    const DAY: u32 = 24 * HOUR;
    let whole = |unit, on_its_way| seconds.saturating_add(on_its_way) / unit;
    let (days, hours) = (whole(DAY, 5 * MINUTE), whole(HOUR, 5 * MINUTE));
    let (number, unit) = match (days, hours) {
        (2.., _) => (days, "day"),
        (_, 2..) => (hours, "hour"),
        _ => (whole(MINUTE, 30).max(1), "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
