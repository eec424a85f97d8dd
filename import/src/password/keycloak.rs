//! Keycloak's PBKDF2: `value` and `salt` of a credential's `secretData`, `hashIterations` and `algorithm` of its
//! `credentialData`.

use shared::password::{Digest, OldFunction, OldHash};

use super::{HASH, within_limits};
use crate::members::Members;
use crate::reason::Reason;

const ALGORITHM: &str = "password.algorithm";

pub(super) fn read(members: &Members<'_>) -> Result<OldHash, Reason> {
    let digest = match members.text(ALGORITHM)? {
        "pbkdf2" => Digest::Sha1,
        "pbkdf2-sha256" => Digest::Sha256,
        "pbkdf2-sha512" => Digest::Sha512,
        _ => return Err(Reason::new(ALGORITHM, "must be one of pbkdf2, pbkdf2-sha256, pbkdf2-sha512")),
    };
    let iterations = members.number("password.iterations")?;
    let (salt, output) = (members.bytes("password.salt")?, members.bytes(HASH)?);
    within_limits(OldFunction::Pbkdf2 { digest, iterations }, &salt, &output)
}
