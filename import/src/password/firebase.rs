//! Firebase's scrypt, as in `firebase auth:export`, with the four parameters of the project.
//!
//! A hash is the project's signer key combined (XOR) with a stream that is derived from the password. The key is removed
//! from the hash here, so that no table contains it.

use shared::password::{OldFunction, OldHash};

use super::{HASH, within_limits};
use crate::members::Members;
use crate::reason::Reason;

pub(super) fn read(members: &Members<'_>) -> Result<OldHash, Reason> {
    let (hash, signer_key) = (members.bytes(HASH)?, members.bytes("password.signer_key")?);
    if hash.len() != signer_key.len() {
        return Err(Reason::new(HASH, "must be as long as signer_key"));
    }
    let stream: Vec<u8> = hash.iter().zip(&signer_key).map(|(hash, key)| hash ^ key).collect();
    let salt = [members.bytes("password.salt")?, members.bytes("password.salt_separator")?].concat();
    let (log_n, r) = (members.number("password.memory_cost")?, members.number("password.rounds")?);
    within_limits(OldFunction::FirebaseScrypt { log_n, r }, &salt, &stream)
}
