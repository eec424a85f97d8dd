//! What is typed as a second factor.

use std::fmt;
use std::str::FromStr;

use rand::{CryptoRng, RngExt};

/// A code of a second factor, as it was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorCode {
    /// A code of an authenticator app.
    Totp(TotpCode),
    /// A recovery code.
    Recovery(RecoveryCode),
}

/// Six digits of an authenticator app. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(String);

/// The text is no such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 6 digits")]
pub struct TotpCodeError;

/// A recovery code: 80 random bits. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; RecoveryCode::BYTES]);

/// The text is no such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 16 letters and digits")]
pub struct RecoveryCodeError;

impl TotpCode {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TotpCode {
    type Err = TotpCodeError;

    /// Spaces count for nothing: apps show two groups of three.
    fn from_str(text: &str) -> Result<Self, TotpCodeError> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { Ok(Self(digits)) } else { Err(TotpCodeError) }
    }
}

impl RecoveryCode {
    /// Its length in bytes.
    const BYTES: usize = 10;
    /// Crockford's alphabet has no letter that looks like another one or like a digit.
    const ALPHABET: base32::Alphabet = base32::Alphabet::Crockford;

    /// Draws a code.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(rng.random())
    }

    /// Returns the text that its user keeps: four groups of four.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = base32::encode(Self::ALPHABET, &self.0);
        let groups = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join("-")
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for RecoveryCode {
    type Err = RecoveryCodeError;

    /// Case, dashes and spaces count for nothing, and `I`, `L` and `O` are the digits that they look like.
    fn from_str(text: &str) -> Result<Self, RecoveryCodeError> {
        let plain: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let digit = |c: char| match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        };
        let plain: String = plain.chars().map(digit).collect();
        let bytes = base32::decode(Self::ALPHABET, &plain).filter(|_| plain.len() == 16);
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(RecoveryCodeError)
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TotpCode").finish_non_exhaustive()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecoveryCode").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn a_totp_is_six_digits_with_spaces_or_without() {
        assert_eq!("123456".parse::<TotpCode>().unwrap().as_str(), "123456");
        assert_eq!(" 123 456 ".parse::<TotpCode>().unwrap().as_str(), "123456");
        for bad in ["", "12345", "1234567", "12345a", "123-456", "١٢٣٤٥٦", "+12345", "123\t456"] {
            assert_eq!(bad.parse::<TotpCode>(), Err(TotpCodeError), "{bad}");
        }
    }

    #[test]
    fn a_recovery_code_is_read_as_it_was_printed_in_any_case_and_without_dashes() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let code = RecoveryCode::random(&mut rng);
            let text = code.to_text();
            assert_eq!((text.len(), text.matches('-').count()), (19, 3), "{text}");
            for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), text.replace('-', " ")] {
                assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
            }
            let mistaken = text.replace('1', "l").replace('0', "o");
            assert_eq!(mistaken.parse(), Ok(code), "{mistaken}");
        }
    }

    #[test]
    fn what_is_no_recovery_code_is_refused() {
        for bad in ["", "----", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000U", "é"] {
            assert_eq!(bad.parse::<RecoveryCode>(), Err(RecoveryCodeError), "{bad}");
        }
    }

    #[test]
    fn no_code_is_shown_by_debug() {
        let shown = format!(
            "{:?} {:?}",
            FactorCode::Totp("123456".parse().unwrap()),
            FactorCode::Recovery("0000-0000-0000-0001".parse().unwrap())
        );
        assert_eq!(shown, "Totp(TotpCode(..)) Recovery(RecoveryCode(..))");
    }
}
