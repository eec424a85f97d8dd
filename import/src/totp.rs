//! The secret of an authenticator app.

use serde_json::Value;
use shared::factor::{STEP_SECONDS, TotpSecret};

use crate::members::Members;
use crate::reason::Reason;

/// All members of `totp`.
pub(crate) const MEMBERS: [&str; 4] = ["secret", "digits", "period", "algorithm"];

/// Reads the secret. The other members may say what holds of every app here, and nothing else: with another value the codes of
/// the user's app would be wrong.
pub(crate) fn read(members: &Members<'_>) -> Result<TotpSecret, Reason> {
    members.only("totp", &MEMBERS)?;
    members.optional("totp.digits", "6", |digits| (digits.as_u64() == Some(6)).then_some(()))?;
    members.optional("totp.period", "30", |period| (period.as_u64() == Some(STEP_SECONDS)).then_some(()))?;
    let is_sha1 = |name: &Value| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("SHA1"));
    members.optional("totp.algorithm", "SHA1", |name| is_sha1(name).then_some(()))?;
    TotpSecret::from_base32(members.text("totp.secret")?).ok_or_else(|| {
        let (least, most) = (TotpSecret::MIN_BYTES, TotpSecret::MAX_BYTES);
        Reason::new("totp.secret", format!("must be {least} to {most} bytes in base32"))
    })
}
