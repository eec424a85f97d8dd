//! Email addresses as account names: normalised, so that one address is one account.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::text::{is_damaged, is_invisible};

/// The longest address accepted, in bytes: the limit of a path in RFC 5321 section 4.5.3.1.3, less its brackets.
pub const MAX_BYTES: usize = 254;

/// The longest part before the `@`, in bytes (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// A normalised address: ASCII letters in lower case, the domain in its ASCII (IDNA) form.
///
/// Dots and `+suffix` stay: whether they matter is the mail provider's rule. `Debug` shows nothing, since people type
/// passwords into email fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is not an address we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`MAX_BYTES`].
    #[error("must be at most 254 bytes long")]
    TooLong,
    /// The part before the `@` is longer than 64 bytes.
    #[error("must have at most 64 bytes before the @")]
    LocalTooLong,
    /// White space, a control character or one that nobody sees, somewhere.
    #[error("must not contain white space, control or invisible characters")]
    WhiteSpace,
    /// It has U+FFFD: two addresses may have become one.
    #[error("must not contain U+FFFD, which stands for text that was not UTF-8")]
    Damaged,
    /// Not of the form `local@domain`.
    #[error("must have the form name@domain")]
    Form,
    /// Its local part has a sign by which a program that sends mail may read another address, or more than one.
    #[error("must have none of , ; : < > ( ) [ ] \\ \" before the @, nor a look-alike of them or of the @")]
    Separator,
    /// The part behind the `@` can't be a domain name.
    #[error("must end in a valid domain name")]
    Domain,
}

impl Email {
    /// Reads and normalises an address.
    ///
    /// # Errors
    /// [`EmailError`] says what is wrong, without repeating the text.
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

    /// Takes an address that [`Email::parse`] made, back from the table.
    #[must_use]
    pub fn from_table(normalised: String) -> Self {
        Self(normalised)
    }

    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// NFC, in lower case, and NFC again: some marks compose with a small letter alone, such as the dots of "t\u{308}".
fn normalise(local: &str) -> String {
    local.nfc().collect::<String>().to_ascii_lowercase().nfc().collect()
}

/// Whether a reader of addresses (RFC 5322 section 3.4) may take this for the end of one. Asked of the NFKC form, as which
/// some programs that send mail read the text: in that form U+FF20 is an `@`.
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
        // A sign of four bytes whose NFC has twelve, and two of three whose NFC has two.
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
