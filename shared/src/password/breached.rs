//! Passwords known from data breaches: a query to a range API that does not disclose the password (k-anonymity).
//!
//! # Invariants
//! Only the first five of forty hexadecimal digits of the password's SHA-1 are sent. The answer has the remaining digits of all
//! known passwords with this prefix, and is searched here.

use std::fmt;
use std::fmt::Write;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use http::Uri;
use zeroize::Zeroizing;

use super::Password;
use crate::{Seconds, safe_url};

/// The maximum length of an answer, in bytes. Have I Been Pwned answers with some 50,000.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The number of digits that are sent.
const ASKED_DIGITS: usize = 5;

/// The length of an SHA-1 in hexadecimal digits.
const DIGITS: usize = 40;

/// A range API, such as that of Have I Been Pwned, `https://api.pwnedpasswords.com/range`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeApi {
    url: String,
    /// How long an answer may take in total.
    pub patience: Seconds,
}

/// The query whether a password is known. `Debug` shows nothing.
pub struct RangeQuery {
    /// The SHA-1 of the password, in upper-case hexadecimal digits.
    digits: Zeroizing<String>,
}

/// An answer has a line of another form than `SUFFIX:COUNT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not of the form of a range API")]
pub struct RangeAnswerError;

impl RangeApi {
    /// Takes an https URL without a user, query and fragment, or an http URL of this machine: on a network the digits
    /// would disclose whose password begins so, and an answer could be forged.
    #[must_use]
    pub fn parse(text: &str, patience: Seconds) -> Option<Self> {
        safe_url::host(text).map(|_| Self { url: text.trim_end_matches('/').to_owned(), patience })
    }

    /// Returns the URL of the query: the five digits are the last segment of the path. `None` if that is not a URL,
    /// which cannot happen for a parsed API.
    #[must_use]
    pub fn url(&self, query: &RangeQuery) -> Option<Uri> {
        format!("{}/{}", self.url, query.asked()).parse().ok()
    }
}

impl Password {
    /// Returns the query for this password.
    #[must_use]
    pub fn range_query(&self) -> RangeQuery {
        let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
        for byte in digest(&SHA1_FOR_LEGACY_USE_ONLY, self.normalised()).as_ref() {
            // Writing to a text cannot fail.
            let _never = write!(digits, "{byte:02X}");
        }
        RangeQuery { digits }
    }
}

impl RangeQuery {
    /// Returns the digits that are sent.
    fn asked(&self) -> &str {
        self.digits.get(..ASKED_DIGITS).unwrap_or_default()
    }

    /// Returns the digits that are kept.
    fn kept(&self) -> &str {
        self.digits.get(ASKED_DIGITS..).unwrap_or_default()
    }

    /// Returns whether the password is in an answer: lines of `SUFFIX:COUNT`. A count of zero is padding, which makes
    /// all answers equally long.
    ///
    /// # Errors
    /// Returns [`RangeAnswerError`] if a line has another form: then the answer is useless.
    pub fn is_known(&self, answer: &[u8]) -> Result<bool, RangeAnswerError> {
        let answer = str::from_utf8(answer).map_err(|_| RangeAnswerError)?;
        let mut is_known = false;
        for line in answer.lines().filter(|line| !line.is_empty()) {
            let (suffix, count) = entry(line).ok_or(RangeAnswerError)?;
            is_known |= count > 0 && suffix.eq_ignore_ascii_case(self.kept());
        }
        Ok(is_known)
    }
}

fn entry(line: &str) -> Option<(&str, u64)> {
    let (suffix, count) = line.trim_end().split_once(':')?;
    let is_suffix =
        suffix.len() == DIGITS - ASKED_DIGITS && suffix.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_count = count.bytes().all(|digit| digit.is_ascii_digit());
    Some((suffix, count.parse().ok().filter(|_| is_count)?)).filter(|_| is_suffix)
}

impl fmt::Debug for RangeQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RangeQuery(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-1 of "password": 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8.
    const REST: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
    const ANOTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

    fn query(password: &str) -> RangeQuery {
        Password::parse(password).unwrap().range_query()
    }

    fn api(url: &str) -> Option<RangeApi> {
        RangeApi::parse(url, Seconds(1))
    }

    #[test]
    fn five_digits_of_the_sha_1_leave_and_the_rest_stays() {
        let (query, api) = (query("password"), api("https://api.example/range/").unwrap());
        assert_eq!(api.url(&query).unwrap().to_string(), "https://api.example/range/5BAA6");
        assert_eq!((query.asked(), query.kept()), ("5BAA6", REST));
        assert_eq!(format!("{query:?}"), "RangeQuery(..)");
    }

    #[test]
    fn every_spelling_of_a_password_is_one_question() {
        assert_eq!(query("Bu\u{308}cher").digits, query("B\u{fc}cher").digits);
    }

    #[test]
    fn a_password_is_known_if_a_line_has_the_rest_of_its_digits_and_a_count() {
        for (answer, expected) in [
            (String::new(), false),
            (format!("{ANOTHER}:1\r\n"), false),
            (format!("{ANOTHER}:1\r\n{REST}:52256179\r\n"), true),
            (format!("{REST}:1"), true),
            (format!("{}:3\n", REST.to_lowercase()), true),
            (format!("{REST}:0\r\n{ANOTHER}:0\r\n"), false),
        ] {
            assert_eq!(query("password").is_known(answer.as_bytes()), Ok(expected), "{answer}");
        }
    }

    #[test]
    fn an_answer_of_another_form_says_nothing() {
        for garbage in [
            "<html>".to_owned(),
            REST.to_owned(),
            format!("{REST}:"),
            format!("{REST}:+1"),
            format!("{REST}:-1"),
            format!("{REST}:1:1"),
            format!("{REST}:99999999999999999999"),
            format!("5BAA6{REST}:1"),
            format!("{}:1", "X".repeat(35)),
            format!("{REST}:1\nno"),
            format!("{{\"{REST}\": 1}}"),
        ] {
            assert_eq!(query("password").is_known(garbage.as_bytes()), Err(RangeAnswerError), "{garbage}");
        }
        assert_eq!(query("password").is_known(b"\xff"), Err(RangeAnswerError));
    }

    #[test]
    fn a_range_api_is_asked_over_tls_or_on_this_machine() {
        for good in
            ["https://api.pwnedpasswords.com/range/", "http://127.0.0.1:8080", "http://localhost/range"]
        {
            assert!(api(good).is_some(), "{good}");
        }
        for bad in ["http://api.pwnedpasswords.com/range/", "https://a.example/?range=", "off", ""] {
            assert!(api(bad).is_none(), "{bad}");
        }
    }
}
