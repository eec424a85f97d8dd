//! Mail settings: whether mail is on, its limits, and its sender.

use super::reader::Reader;
use super::{ConfigError, Lookup, Problem};
use crate::email::Email;
use crate::{Seconds, mail_lane, safe_url};

const FROM: &str = "MAIL_FROM";
const FUNCTION: &str = "MAIL_FUNCTION_ARN";
const APP_URL: &str = "APP_URL";
const NAME: &str = "MAIL_SENDER_NAME";

/// The limits on requested mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// The limits per address.
    pub lane: mail_lane::Limits,
    /// The limit per minute for all addresses, without a session.
    pub per_minute: u32,
}

/// The sender of mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSink {
    /// Amazon SES.
    Ses {
        /// The address that mail comes from, an identity of SES.
        from: Email,
        /// The configuration set, if any.
        configuration_set: Option<String>,
    },
    /// The deployer's own function with this ARN.
    Function(String),
}

/// The texts that all mails share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailWording {
    /// The page that links lead to: an absolute URL without a query or fragment.
    pub app_url: String,
    /// The sender's name, in the sender, the subject and the text.
    pub sender_name: String,
    /// The subject, in which [`SUBJECT`] stands for the subject of the text.
    pub subject: String,
}

/// The rule for registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Everybody. The account exists at once, with an unverified address.
    Open,
    /// Everybody, after verifying the address.
    Verified,
    /// Nobody: operators create accounts.
    Closed,
}

/// Reads `REGISTRATION` (open).
///
/// # Errors
/// Returns [`ConfigError`] unless it is `open`, `verified` or `closed`. `verified` requires mail.
pub fn registration(lookup: Lookup<'_>) -> Result<Registration, ConfigError> {
    const VARIABLE: &str = "REGISTRATION";
    match Reader(lookup).optional(VARIABLE).as_deref() {
        None | Some("open") => Ok(Registration::Open),
        Some("verified") if !is_mail_on(lookup)? => {
            Err(ConfigError::new(VARIABLE, Problem::NoMailForRegistration))
        }
        Some("verified") => Ok(Registration::Verified),
        Some("closed") => Ok(Registration::Closed),
        Some(other) => Err(ConfigError::new(VARIABLE, Problem::NotARegistration(other.to_owned()))),
    }
}

/// Reads `MAIL_INTERVAL_SECONDS` (60), `MAILS_PER_DAY` (5), `MAILS_PER_MINUTE` (600). Returns `None` if mail is off,
/// that is, without `MAIL_FROM` and `MAIL_FUNCTION_ARN`.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub fn mail_limits(lookup: Lookup<'_>) -> Result<Option<MailLimits>, ConfigError> {
    let read = Reader(lookup);
    if !is_mail_on(lookup)? {
        return Ok(None);
    }
    Ok(Some(MailLimits {
        lane: mail_lane::Limits {
            interval: Seconds(read.number("MAIL_INTERVAL_SECONDS", 60, 1..=3600)?),
            per_day: read.number("MAILS_PER_DAY", 5, 1..=100)?,
        },
        per_minute: read.number("MAILS_PER_MINUTE", 600, 1..=100_000)?,
    }))
}

/// Returns whether `MAIL_FROM` or `MAIL_FUNCTION_ARN` is set.
///
/// # Errors
/// As [`mail_sink`]: every function refuses an invalid sender, not only the one that sends.
pub fn is_mail_on(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    sender(lookup).map(|sender| sender.is_some())
}

/// Reads `MAIL_FROM` and `MAIL_CONFIGURATION_SET`, or `MAIL_FUNCTION_ARN`: the sender of mail. Returns `None` if mail is off.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable. Both kinds at once are refused.
pub fn mail_sink(lookup: Lookup<'_>) -> Result<Option<MailSink>, ConfigError> {
    let configuration_set = Reader(lookup).optional("MAIL_CONFIGURATION_SET");
    Ok(sender(lookup)?.map(|sender| match sender {
        Sender::Address(from) => MailSink::Ses { from, configuration_set },
        Sender::Function(arn) => MailSink::Function(arn),
    }))
}

/// Returns the sender of mail.
enum Sender {
    Address(Email),
    Function(String),
}

fn sender(lookup: Lookup<'_>) -> Result<Option<Sender>, ConfigError> {
    let read = Reader(lookup);
    // Both are read even if the first is set, to refuse a function with both.
    match (read.optional(FROM), read.optional(FUNCTION)) {
        (Some(_), Some(_)) => Err(ConfigError::new(FUNCTION, Problem::TwoMailSinks)),
        (None, None) => Ok(None),
        (None, Some(_)) => read.token(FUNCTION).map(Sender::Function).map(Some),
        (Some(from), None) => {
            let from = Email::parse(&from).map_err(|problem| ConfigError::new(FROM, problem))?;
            Ok(Some(Sender::Address(from)))
        }
    }
}

/// Reads [`mail_sink`] for the function that sends mail, which requires it.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable. Neither kind is refused too.
pub fn required_mail_sink(lookup: Lookup<'_>) -> Result<MailSink, ConfigError> {
    mail_sink(lookup)?.ok_or_else(|| ConfigError::new(FROM, Problem::NoMailSink))
}

/// The placeholder in `MAIL_SUBJECT` for the subject of a text.
pub const SUBJECT: &str = "{subject}";

/// Reads `NEW_DEVICE_MAIL` (false): whether a sign-in from an unknown device is reported by mail, where mail is on.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub fn new_device_mail(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    let is_asked_for = Reader(lookup).flag("NEW_DEVICE_MAIL", false)?;
    Ok(is_mail_on(lookup)? && is_asked_for)
}

/// `MAIL_SENDER_NAME` (the host of `ISSUER`, or all of it if it has none): what authenticator apps call the service.
///
/// # Errors
/// [`ConfigError`] if `ISSUER` is missing, or the name is not one that mails can be from.
pub fn service_name(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    let issuer = super::issuer(lookup)?;
    let host = url::Url::parse(&issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    match Reader(lookup).optional(NAME) {
        Some(name) => sender_name(name),
        None => Ok(host.unwrap_or(issuer)),
    }
}

/// Reads `APP_URL`, `MAIL_SENDER_NAME` (the host of `APP_URL`) and `MAIL_SUBJECT` (that of the text).
///
/// # Errors
/// Returns [`ConfigError`] unless `APP_URL` is an https URL, or an http one of this machine, without query and fragment,
/// and the name is one line of at most 64 characters without signs that end a sender's name, the subject one of at most
/// 100.
pub fn mail_wording(lookup: Lookup<'_>) -> Result<MailWording, ConfigError> {
    let read = Reader(lookup);
    let (app_url, host) = page(read.required(APP_URL)?)?;
    let sender_name = sender_name(read.optional(NAME).unwrap_or(host))?;
    Ok(MailWording { app_url, sender_name, subject: subject(&read)? })
}

fn sender_name(name: String) -> Result<String, ConfigError> {
    let ends_a_name = |c: char| "\"\\<>@,;:()[]".contains(c);
    let is_name = is_line(&name, 64) && !name.contains(ends_a_name);
    if is_name { Ok(name) } else { Err(ConfigError::new(NAME, Problem::NotASenderName)) }
}

fn subject(read: &Reader<'_>) -> Result<String, ConfigError> {
    const VARIABLE: &str = "MAIL_SUBJECT";
    let subject = read.optional(VARIABLE).unwrap_or_else(|| SUBJECT.to_owned());
    if is_line(&subject, 100) { Ok(subject) } else { Err(ConfigError::new(VARIABLE, Problem::NotASubject)) }
}

/// Returns whether a text is one line of at most this many visible characters.
fn is_line(text: &str, most: usize) -> bool {
    let is_bad =
        |c: char| c.is_control() || crate::text::is_invisible(c) || "\u{fffd}\u{2028}\u{2029}".contains(c);
    text.chars().count() <= most && !text.trim().is_empty() && !text.contains(is_bad)
}

/// Reads `APP_URL` only. Returns `None` if it is empty.
///
/// # Errors
/// As [`mail_wording`].
pub fn app_url(lookup: Lookup<'_>) -> Result<Option<String>, ConfigError> {
    Ok(Reader(lookup).optional(APP_URL).map(page).transpose()?.map(|(app_url, _)| app_url))
}

/// Returns the URL of a page if it has a host.
fn page(app_url: String) -> Result<(String, String), ConfigError> {
    match safe_url::host(&app_url) {
        Some(host) => Ok((app_url, host)),
        None => Err(ConfigError::new(APP_URL, Problem::NotAPage(app_url))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup<'a>(settings: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| settings.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn mail_is_off_without_somebody_who_sends_it() {
        assert_eq!(mail_limits(&lookup(&[])), Ok(None));
        assert_eq!(mail_limits(&lookup(&[("MAIL_FROM", "")])), Ok(None));
        assert_eq!(mail_sink(&lookup(&[("APP_URL", "https://app.example.com/")])), Ok(None));
        for setting in
            [("MAIL_FROM", "a@example.com"), ("MAIL_FUNCTION_ARN", "arn:aws:lambda:eu-west-1:1:function:m")]
        {
            let limits =
                MailLimits { lane: mail_lane::Limits { interval: Seconds(60), per_day: 5 }, per_minute: 600 };
            assert_eq!(mail_limits(&lookup(&[setting])), Ok(Some(limits)));
        }
    }

    #[test]
    fn a_registration_that_proves_the_address_needs_mail() {
        let registration =
            |settings: &[(&str, &str)]| registration(&lookup(settings)).map_err(|error| error.to_string());
        assert_eq!(registration(&[]), Ok(Registration::Open));
        assert_eq!(registration(&[("REGISTRATION", "closed")]), Ok(Registration::Closed));
        assert_eq!(
            registration(&[("REGISTRATION", "verified")]).unwrap_err(),
            "REGISTRATION can be verified only where mail is on: set MAIL_FROM or MAIL_FUNCTION_ARN"
        );
        let mail = ("MAIL_FROM", "a@example.com");
        assert_eq!(registration(&[("REGISTRATION", "verified"), mail]), Ok(Registration::Verified));
        assert_eq!(
            registration(&[("REGISTRATION", "Open")]).unwrap_err(),
            "REGISTRATION must be open, verified or closed, not \"Open\""
        );
    }

    #[test]
    fn there_is_one_sender() {
        let both = [("MAIL_FROM", "a@example.com"), ("MAIL_FUNCTION_ARN", "arn:x")];
        assert_eq!(
            mail_sink(&lookup(&both)).unwrap_err().to_string(),
            "MAIL_FUNCTION_ARN must not be set beside MAIL_FROM: mail is sent by one of the two"
        );
        assert_eq!(
            required_mail_sink(&lookup(&[])).unwrap_err().to_string(),
            "MAIL_FROM is not set, nor is MAIL_FUNCTION_ARN"
        );
        let error = mail_sink(&lookup(&[("MAIL_FROM", "Ratchet <a@example.com>")])).unwrap_err();
        assert_eq!(error.variable(), "MAIL_FROM");
        for both in [&both[..], &[("MAIL_FROM", "nope")]] {
            assert!(mail_limits(&lookup(both)).is_err(), "whoever has mail sent refuses it too");
        }
    }

    fn wording(app_url: &str, name: &str) -> Result<MailWording, String> {
        let settings = [("APP_URL", app_url), ("MAIL_SENDER_NAME", name)];
        mail_wording(&lookup(&settings)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_link_leads_to_a_page_over_tls_or_on_this_machine() {
        for good in [
            "https://app.example.com",
            "https://app.example.com/account/",
            "http://127.0.0.1:3000/",
            "http://localhost",
        ] {
            assert_eq!(wording(good, "Example").map(|wording| wording.app_url), Ok(good.to_owned()));
        }
        for bad in [
            "http://app.example.com/",
            "https://app.example.com/?x=1",
            "https://app.example.com/#x",
            "ftp://app.example.com/",
            "https://user@app.example.com/",
            "app.example.com",
            "/account",
            "https://",
            "javascript:alert(1)",
        ] {
            assert!(wording(bad, "Example").unwrap_err().starts_with("APP_URL must be "), "{bad}");
        }
        assert_eq!(mail_wording(&lookup(&[])).unwrap_err().to_string(), "APP_URL is not set");
    }

    #[test]
    fn a_sender_has_a_name_on_one_line() {
        assert_eq!(wording("https://app.example.com/", "").unwrap().sender_name, "app.example.com");
        for bad in
            ["a\nBcc: b@example.com", "a <b>", "\"", "a@b", " ", &"x".repeat(65), "\u{202e}x", "a\u{2028}b"]
        {
            assert!(
                wording("https://app.example.com/", bad).unwrap_err().starts_with("MAIL_SENDER_NAME "),
                "{bad}"
            );
        }
        assert_eq!(
            wording("https://app.example.com/", "Ada's B\u{e4}ckerei").unwrap().sender_name,
            "Ada's B\u{e4}ckerei"
        );
    }

    #[test]
    fn a_subject_is_one_line() {
        let subject = |subject: &str| {
            let settings = [("APP_URL", "https://app.example.com/"), ("MAIL_SUBJECT", subject)];
            mail_wording(&lookup(&settings)).map(|wording| wording.subject)
        };
        assert_eq!(subject("").unwrap(), "{subject}");
        assert_eq!(subject("[Example] {subject}").unwrap(), "[Example] {subject}");
        for bad in ["a\nBcc: b@example.com", " ", &"x".repeat(101), "\u{202e}x"] {
            assert_eq!(subject(bad).unwrap_err().variable(), "MAIL_SUBJECT");
        }
    }

    #[test]
    fn a_new_device_is_told_where_that_is_asked_for_and_mail_is_on() {
        let (mail, told) = (("MAIL_FROM", "a@example.com"), ("NEW_DEVICE_MAIL", "true"));
        for (settings, expected) in
            [(&[][..], false), (&[mail], false), (&[told], false), (&[mail, told], true)]
        {
            assert_eq!(new_device_mail(&lookup(settings)), Ok(expected));
        }
    }
}
