//! bcrypt's texts: `$2b$12$`, 22 characters of salt and 31 of output.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use shared::password::{OldFunction, OldHash};

use super::{malformed, within_limits};
use crate::reason::Reason;

/// Some libraries leave unused bits after the salt.
const BASE64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

pub(super) fn read(text: &str) -> Result<OldHash, Reason> {
    let (cost, salt, output) =
        parts(text).ok_or_else(|| malformed("60 characters that begin with $2a$, $2b$ or $2y$"))?;
    within_limits(OldFunction::Bcrypt { cost }, &salt, &output)
}

fn parts(text: &str) -> Option<(u32, Vec<u8>, Vec<u8>)> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|variant| text.strip_prefix(variant))?;
    let (cost, rest) = rest.split_once('$')?;
    let is_cost = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let (salt, output) = rest.split_at_checked(22).filter(|_| is_cost && rest.len() == 53)?;
    Some((cost.parse().ok()?, BASE64.decode(salt).ok()?, BASE64.decode(output).ok()?))
}
