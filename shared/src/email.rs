//! Email addresses as account names, normalised so that one address is one account.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::text::{is_damaged, is_invisible};

/// The maximum length of an address in bytes: the limit of a path in RFC 5321 section 4.5.3.1.3, less its brackets.
pub const MAX_BYTES: usize = 254;

/// The maximum length of the part before the `@` in bytes (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// A normalised address: ASCII letters in lower case, the domain in its ASCII (IDNA) form.
///
/// Dots and `+suffix` stay: only the mail provider knows whether they matter. `Debug` shows nothing, because people type
/// passwords into email fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The reason why a text is not accepted as an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`MAX_BYTES`].
    #[error("must be at most 254 bytes long")]
    TooLong,
    /// The part before the `@` is longer than 64 bytes.
    #[error("must have at most 64 bytes before the @")]
    LocalTooLong,
    /// It contains white space, a control character or an invisible character.
    #[error("must not contain white space, control or invisible characters")]
    WhiteSpace,
    /// It contains U+FFFD: two addresses may have become one.
    #[error("must not contain U+FFFD, which stands for text that was not UTF-8")]
    Damaged,
    /// Not of the form `local@domain`.
    #[error("must have the form name@domain")]
    Form,
    /// Its local part contains a character that a mail program may take for the end of an address.
    #[error("must have none of , ; : < > ( ) [ ] \\ \" before the @, nor a look-alike of them or of the @")]
    Separator,
    /// The part after the `@` is not a valid domain name.
    #[error("must end in a valid domain name")]
    Domain,
}

impl Email {
    /// Reads and normalises an address.
    ///
    /// # Errors
    /// Returns [`EmailError`], which does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || is_invisible(c)) {
            return Err(EmailError::WhiteSpace);
        }
        if is_damaged(text) {
            return Err(EmailError::Damaged);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Form)?;
        let local = normalise(local);
        if local.is_empty() || local.contains('@') {
            return Err(EmailError::Form);
        }
        if local.len() > MAX_LOCAL_BYTES {
            return Err(EmailError::LocalTooLong);
        }
        if local.nfkc().any(separates) {
            return Err(EmailError::Separator);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        Ok(Self(address))
    }

    /// Takes an address from the table, which [`Email::parse`] made before.
    #[must_use]
    pub fn from_table(normalised: String) -> Self {
        Self(normalised)
    }

    /// Returns the normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns NFC, in lower case, and NFC again: some marks compose only with a small letter, such as the dots of "t\u{308}".
fn normalise(local: &str) -> String {
    local.nfc().collect::<String>().to_ascii_lowercase().nfc().collect()
}

/// Returns whether a parser of addresses (RFC 5322 section 3.4) may take this character for the end of one. The NFKC
/// form is checked, because some mail programs normalise: in that form U+FF20 is an `@`.
fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '@' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '\\' | '"')
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, EmailError>) {
        let parsed = Email::parse(text);
        assert_eq!(parsed.as_ref().map(Email::as_str), expected.as_ref().copied(), "{text:?}");
    }

    #[test]
    fn one_address_in_many_spellings_is_one_account() {
        check("ada@example.com", Ok("ada@example.com"));
        check("Ada@EXAMPLE.com", Ok("ada@example.com"));
        check("ada@bücher.example", Ok("ada@xn--bcher-kva.example"));
        check("ada@BÜCHER.example", Ok("ada@xn--bcher-kva.example"));
        check("o'hara+shop@example.com", Ok("o'hara+shop@example.com"));
        check("jose\u{301}@example.com", Ok("jos\u{e9}@example.com"));
    }

    #[test]
    fn a_letter_that_composes_in_lower_case_alone_is_the_same_in_both_cases() {
        for (upper, lower) in [("T\u{308}", "\u{1e97}"), ("H\u{331}", "\u{1e96}"), ("\u{212a}", "k")] {
            let normalised = format!("{lower}@example.com");
            check(&format!("{upper}@example.com"), Ok(&normalised));
            check(&normalised, Ok(&normalised));
        }
    }

    #[test]
    fn the_name_may_have_64_bytes_as_it_is_stored() {
        // A character of four bytes whose NFC has twelve, and two of three whose NFC has two.
        check(&format!("{}@example.com", "\u{1d160}".repeat(6)), Err(EmailError::LocalTooLong));
        let short = format!("{}@example.com", "\u{e9}".repeat(32));
        check(&format!("{}@example.com", "e\u{301}".repeat(32)), Ok(&short));
    }

    #[test]
    fn dots_and_plus_are_kept_apart() {
        assert_ne!(Email::parse("a.b@example.com"), Email::parse("ab@example.com"));
        assert_ne!(Email::parse("a+b@example.com"), Email::parse("a@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        check("", Err(EmailError::Form));
        check("ada", Err(EmailError::Form));
        check("@example.com", Err(EmailError::Form));
        check("a@b@example.com", Err(EmailError::Form));
        check(&format!("{}@example.com", "a".repeat(65)), Err(EmailError::LocalTooLong));
        check("ada@", Err(EmailError::Domain));
        check("ada@-example-.com", Err(EmailError::Domain));
        check("ada@exa_mple.com", Err(EmailError::Domain));
        check("ada@example..com", Err(EmailError::Domain));
        check(" ada@example.com", Err(EmailError::WhiteSpace));
        check("ada@example.com\n", Err(EmailError::WhiteSpace));
        check("ad\u{a0}a@example.com", Err(EmailError::WhiteSpace));
        check("a\0@example.com", Err(EmailError::WhiteSpace));
        check("a\u{200b}da@example.com", Err(EmailError::WhiteSpace));
        check("ada@exam\u{ad}ple.com", Err(EmailError::WhiteSpace));
        check("a\u{2800}da@example.com", Err(EmailError::WhiteSpace));
        check("zo\u{fffd}@example.com", Err(EmailError::Damaged));
        check("zoe@ex\u{fffd}mple.com", Err(EmailError::Damaged));
        check(&format!("a@{}.com", "b".repeat(260)), Err(EmailError::TooLong));
    }

    #[test]
    fn what_another_reader_could_take_for_a_second_address_is_refused() {
        let look_alikes =
            ["\u{ff20}", "\u{fe6b}", "\u{ff0c}", "\u{fe50}", "\u{ff1c}", "\u{ff1e}", "\u{ff1b}", "\u{ff1a}"];
        let signs =
            [",", ";", ":", "<", ">", "(", ")", "[", "]", "\\", "\"", "\u{2474}", "\u{ff3c}", "\u{ff02}"];
        for sign in look_alikes.into_iter().chain(signs) {
            check(&format!("eve{sign}evil.example@example.com"), Err(EmailError::Separator));
        }
        // An accent that NFKC writes as a space and a mark.
        check("a\u{b4}b@example.com", Err(EmailError::Separator));
        check(
            "zo\u{eb}.o'hara+shop_1!#$%&*/=?^`{|}~-@example.com",
            Ok("zo\u{eb}.o'hara+shop_1!#$%&*/=?^`{|}~-@example.com"),
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Email::parse("ada@example.com").unwrap()), "Email(..)");
    }
}
