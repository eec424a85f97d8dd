//! Django's texts: `pbkdf2_sha256$iterations$salt$output`. The salt is the text itself.

use shared::password::{Digest, OldFunction, OldHash};

use super::{HASH, malformed, within_limits};
use crate::members::base64;
use crate::reason::Reason;

pub(super) fn read(text: &str) -> Result<OldHash, Reason> {
    let (function, salt, output) =
        parts(text).ok_or_else(|| malformed("pbkdf2_sha256 or pbkdf2_sha1, iterations, salt and hash"))?;
    within_limits(function, salt.as_bytes(), &base64(HASH, output)?)
}

fn parts(text: &str) -> Option<(OldFunction, &str, &str)> {
    let (name, rest) = text.split_once('$')?;
    let digest = match name {
        "pbkdf2_sha256" => Digest::Sha256,
        "pbkdf2_sha1" => Digest::Sha1,
        _ => return None,
    };
    let (iterations, rest) = rest.split_once('$')?;
    let (salt, output) = rest.split_once('$')?;
    Some((OldFunction::Pbkdf2 { digest, iterations: iterations.parse().ok()? }, salt, output))
}
