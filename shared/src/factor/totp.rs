//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30 seconds.

use std::fmt;

use rand::{CryptoRng, RngExt};
use totp_rs::{Algorithm, Builder, Secret};
use zeroize::Zeroizing;

use super::TotpCode;
use crate::data_key::{DataKeyError, DataKeys, Sealed, SealingNonce};
use crate::ids::{SessionId, UserId};
use crate::{Seconds, Timestamp};

/// How long a step lasts, in seconds.
pub const STEP_SECONDS: u64 = 30;

/// How long an app that is being set up can be confirmed: an hour.
pub const PENDING_FOR: Seconds = Seconds(60 * 60);

/// How many steps before and after the present one are accepted (RFC 6238 section 5.2 advises one).
const SKEW: u16 = 1;

/// An authenticator app.
#[derive(Clone, PartialEq, Eq)]
pub struct Totp {
    /// Its secret, sealed for the user.
    pub secret: Sealed,
    /// When the user showed that the app has the secret.
    pub confirmed_at: Timestamp,
    /// The newest step of which a code was used: no code of it, or of one before, is accepted again. 0 if none was.
    pub last_step: i64,
}

/// An authenticator app whose user has not shown yet that it has the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingTotp {
    /// Its secret, sealed for the user.
    pub secret: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// The session that began to set it up, which alone can confirm it. `None` in rows from before it was recorded: no session can.
    pub session_id: Option<SessionId>,
}

/// The secret that an authenticator app shares with us. `Debug` shows nothing.
///
/// Our own have the 20 bytes that RFC 4226 section 4 recommends. The same section asks for at least 16, but the secrets of many
/// other systems have 10, which has long been the default of Google Authenticator. An import takes those too: 80 bits can't be
/// guessed, neither by sign-ins nor from codes that were seen, and an account that lost its second factor would be worse off.
/// Less than 10 bytes are refused. The limit of 64 is the block size of SHA-1: HMAC hashes a longer key down to 20 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// The length of our own secrets in bytes.
    pub const OWN_BYTES: usize = 20;

    /// The length of the shortest secret in bytes.
    pub const MIN_BYTES: usize = 10;

    /// The length of the longest secret in bytes.
    pub const MAX_BYTES: usize = 64;

    /// Draws a secret.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(Zeroizing::new(rng.random::<[u8; Self::OWN_BYTES]>().to_vec()))
    }

    /// Takes these bytes for a secret. None if it would be too short or too long.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_owned(bytes.to_vec().into())
    }

    fn from_owned(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        (Self::MIN_BYTES..=Self::MAX_BYTES).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Returns its base32 text (RFC 4648 section 6), for apps that read no QR code.
    #[must_use]
    pub fn to_base32(&self) -> String {
        base32::encode(base32::Alphabet::Rfc4648 { padding: false }, &self.0)
    }

    /// Reads its base32 text. None if it is not one of 10 to 64 bytes, or a character is missing at its end. Case, padding and
    /// spaces count for nothing, as in apps.
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        let plain = text.chars().filter(|c| !matches!(c, ' ' | '=')).map(|c| c.to_ascii_uppercase());
        let plain = Zeroizing::new(plain.collect::<String>());
        // No number of bytes has a text of these lengths (RFC 4648 section 6).
        if matches!(plain.len() % 8, 1 | 3 | 6) {
            return None;
        }
        let bytes = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, &plain)?;
        Self::from_owned(bytes.into())
    }

    /// Returns the address by which apps take it over. `issuer` is what they call the service.
    #[must_use]
    pub fn to_uri(&self, issuer: &str, email: &str) -> String {
        // A colon would end the name of the service.
        let issuer = issuer.replace(':', " ");
        let totp = self.library().with_issuer(Some(issuer)).with_account_name(email).build_noncompliant();
        totp.to_url().unwrap_or_default()
    }

    /// Returns the step of which this is the code, if it is one of those that are accepted at `now`.
    #[must_use]
    pub fn step_of(&self, code: &TotpCode, now: Timestamp) -> Option<i64> {
        let now = u64::try_from(now.seconds()).ok()?;
        let step = self.library().build_noncompliant().check(code.as_str(), now)?;
        step.try_into().ok()
    }

    /// Returns the code of the step that `now` is in.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> String {
        let now = u64::try_from(now.seconds()).unwrap_or_default();
        self.library().build_noncompliant().generate(now).to_string()
    }

    /// Seals it for a user.
    ///
    /// # Errors
    /// [`DataKeyError`] if there is no data key.
    pub fn sealed(
        &self,
        user_id: UserId,
        keys: &DataKeys,
        nonce: SealingNonce,
    ) -> Result<Sealed, DataKeyError> {
        keys.seal(&self.0, user_id.as_bytes(), nonce)
    }

    /// Opens what was sealed for a user.
    ///
    /// # Errors
    /// [`DataKeyError`] if its key is unknown, or it is another user's.
    pub fn opened(sealed: &Sealed, user_id: UserId, keys: &DataKeys) -> Result<Self, DataKeyError> {
        let bytes = keys.open(sealed, user_id.as_bytes())?;
        Self::from_owned(bytes).ok_or(DataKeyError::Damaged(sealed.key_id))
    }

    fn library(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP_SECONDS)
            .with_secret(Secret::from(self.0.to_vec()))
    }
}

impl PendingTotp {
    /// Returns whether this session can still confirm it.
    #[must_use]
    pub fn can_be_confirmed_by(&self, session_id: SessionId, now: Timestamp) -> bool {
        self.session_id == Some(session_id) && now < self.created_at + PENDING_FOR
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TotpSecret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_key::DataKeyId;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    /// RFC 6238 appendix B, SHA-1: seconds, and the last six of the eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn accepted(code: &str, at: i64) -> Option<i64> {
        rfc().step_of(&code.parse().unwrap(), Timestamp::from_seconds(at))
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (at, code) in VECTORS {
            assert_eq!(rfc().code_at(Timestamp::from_seconds(at)), code);
            assert_eq!(accepted(code, at), Some(at / 30), "{at}");
        }
    }

    #[test]
    fn a_code_is_accepted_one_step_early_and_one_late_and_no_more() {
        for (at, code) in VECTORS {
            let begins = at / 30 * 30;
            for (from_begin, expected) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
                let found = accepted(code, begins + from_begin);
                assert_eq!(found, expected.then_some(at / 30), "{at} {from_begin}");
            }
        }
    }

    #[test]
    fn a_clock_before_the_epoch_accepts_nothing() {
        assert_eq!(accepted("287082", -59), None);
    }

    #[test]
    fn a_secret_is_typed_as_base32_or_taken_over_by_its_address() {
        let text = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(rfc().to_base32(), text);
        for typed in [text, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ===="]
        {
            assert!(TotpSecret::from_base32(typed) == Some(rfc()), "{typed}");
        }
        for bad in
            ["", "1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOI", &text[..30], &text[..27], &text[..25]]
        {
            assert!(TotpSecret::from_base32(bad).is_none(), "{bad}");
        }
        assert_eq!(
            rfc().to_uri("Example: & Co", "ada+x@example.com"),
            format!(
                "otpauth://totp/Example%20%20%26%20Co:ada%2Bx%40example.com?secret={text}&issuer=Example%20%20%26%20Co"
            )
        );
        assert_eq!(format!("{:?}", rfc()), "TotpSecret(..)");
    }

    #[test]
    fn a_secret_of_another_system_has_10_to_64_bytes() {
        for length in 0..80 {
            let bytes: Vec<u8> = (0..length).collect();
            let text = base32::encode(base32::Alphabet::Rfc4648 { padding: true }, &bytes);
            let (from_bytes, from_text) = (TotpSecret::from_bytes(&bytes), TotpSecret::from_base32(&text));
            assert!(from_bytes == from_text, "{length}");
            assert_eq!(from_bytes.is_some(), (10..=64).contains(&length), "{length}");
            let Some(secret) = from_bytes else { continue };
            assert_eq!(TotpSecret::from_base32(&secret.to_base32()), Some(secret.clone()));
            assert!(secret.to_uri("Example", "ada@example.com").contains(&secret.to_base32()), "{length}");
            let sealed = secret.sealed(ADA, &keys(), nonce()).unwrap();
            assert_eq!(TotpSecret::opened(&sealed, ADA, &keys()), Ok(secret));
        }
    }

    /// The codes are computed with Python's `hmac`, by RFC 4226 section 5.3.
    #[test]
    fn codes_of_secrets_of_other_lengths_are_those_of_rfc_4226() {
        for (bytes, code) in [(10, "755553"), (16, "477397"), (32, "968637"), (64, "307887")] {
            let secret = TotpSecret::from_bytes(&(1..=bytes).collect::<Vec<u8>>()).unwrap();
            assert_eq!(secret.code_at(Timestamp::from_seconds(1_000_000_000)), code, "{bytes}");
        }
    }

    const ADA: UserId = UserId::from_bytes([1; 16]);

    fn keys() -> DataKeys {
        DataKeys::default().with(DataKeyId(1), &[1; 32]).unwrap().with_current(DataKeyId(1))
    }

    fn nonce() -> SealingNonce {
        SealingNonce::random(&mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn a_sealed_secret_is_its_users_alone() {
        let (keys, eve) = (keys(), UserId::from_bytes([2; 16]));
        let sealed = rfc().sealed(ADA, &keys, nonce()).unwrap();
        assert_eq!(TotpSecret::opened(&sealed, ADA, &keys), Ok(rfc()));
        assert_eq!(TotpSecret::opened(&sealed, eve, &keys), Err(DataKeyError::Damaged(DataKeyId(1))));
    }
}
