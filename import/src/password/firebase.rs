//! Firebase's scrypt, as `firebase auth:export` has it, with the four parameters of the project.
//!
//! A hash is the project's signer key combined (XOR) with a stream that comes of the password. It is taken out of the hash
//! here, so that no table has it.

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
