//! Argon2id (RFC 9106), version 1.3, without a secret and without associated data, at the cost in a PHC string.
//!
//! The crate `argon2-rust` computes the function. It is the fastest of the implementations that build with Rust alone, because
//! it chooses the processor's widest instructions when it runs. It has not been audited. Therefore it only gets numbers and
//! bytes that were checked here, another crate reads PHC strings, and its output is compared with RustCrypto's in the
//! tests, and with a known answer at every start.

mod memory;

use argon2_rust::params::{self, TagLen};
use argon2_rust::{Algorithm, Argon2, Params, Version};
use phc::{Ident, Output, ParamsString, PasswordHash, Salt};

use super::HashCost;
pub(super) use memory::Memory;

/// The length of new outputs in bytes, as RFC 9106 section 4 recommends.
const OUTPUT_BYTES: usize = 32;

/// The version of Argon2 in PHC strings.
const VERSION: u32 = Version::V0x13.as_u32();

/// The expected output in `known_answer`, computed by the reference implementation in C (argon2-cffi 25.1) and by RustCrypto.
const KNOWN_ANSWER: [u8; OUTPUT_BYTES] = [
    0x26, 0x49, 0xa8, 0x41, 0xca, 0xd4, 0x09, 0xd7, 0xfd, 0x46, 0xa4, 0xd1, 0x40, 0x5f, 0x75, 0x43, 0xa0,
    0xa5, 0x8c, 0x50, 0x72, 0x14, 0x41, 0xa0, 0xc7, 0xbf, 0x84, 0x6a, 0x85, 0xb5, 0x3d, 0x4f,
];

/// Returns the PHC string of a new hash.
pub(super) fn hash(memory: &Memory, cost: HashCost, password: &[u8], salt: &[u8]) -> Option<PasswordHash> {
    phc_string(cost, salt, output(memory, cost, password, salt, OUTPUT_BYTES)?.as_bytes())
}

/// Returns a PHC string of this cost that no password has: its output is all zeros.
pub(super) fn unmatched(cost: HashCost, salt: &[u8]) -> Option<PasswordHash> {
    phc_string(cost, salt, &[0; OUTPUT_BYTES])
}

/// Returns the PHC string of an output.
pub(super) fn phc_string(cost: HashCost, salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
    Some(PasswordHash {
        algorithm: algorithm()?,
        version: Some(VERSION),
        params: text(cost)?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    })
}

/// Returns whether `password` is the hashed one, or `None` if `expected` is not a complete PHC string of Argon2id, or
/// there is not enough memory. The comparison takes constant time.
pub(super) fn is_of(memory: &Memory, password: &[u8], expected: &PasswordHash) -> Option<bool> {
    let (salt, hash) = (expected.salt.as_ref()?, expected.hash.as_ref()?);
    let computed = output(memory, cost_of(expected)?, password, salt.as_ref(), hash.len())?;
    Some(computed == *hash)
}

/// Returns the cost in a PHC string, or `None` unless it has this algorithm and version, only these three numbers, and a cost
/// within the limits of settings: more memory might be granted, and end the process when it is used.
pub(super) fn cost_of(hash: &PasswordHash) -> Option<HashCost> {
    if hash.algorithm != algorithm()? || hash.version != Some(VERSION) || hash.params.iter().count() != 3 {
        return None;
    }
    let number = |name: &str| hash.params.get_decimal(name);
    let cost = HashCost { memory_kib: number("m")?, iterations: number("t")?, parallelism: number("p")? };
    let HashCost { memory_kib, iterations, parallelism } = HashCost::GREATEST;
    let bounded =
        cost.memory_kib <= memory_kib && cost.iterations <= iterations && cost.parallelism <= parallelism;
    bounded.then_some(cost)
}

/// Returns whether Argon2id is defined for this cost.
pub(super) fn is_defined(cost: HashCost) -> bool {
    params(cost, OUTPUT_BYTES).is_some()
}

/// Returns whether this processor computes the known answer: two passes over two lanes, so that blocks are overwritten
/// and lanes read from each other; once with new memory, and once with the same memory again. It takes less than a
/// hundredth of the time of a password's hash.
pub(super) fn known_answer() -> bool {
    let cost = HashCost { memory_kib: 64, iterations: 2, parallelism: 2 };
    let memory = Memory::of_one(cost);
    let computed =
        || output(&memory, cost, b"correct horse battery staple", b"known answer    ", OUTPUT_BYTES);
    let is_known =
        |computed: Option<Output>| computed.is_some_and(|computed| computed.as_bytes() == KNOWN_ANSWER);
    is_known(computed()) && is_known(computed())
}

/// Returns an output of this length, from 10 to 64 bytes.
pub(super) fn output(
    memory: &Memory,
    cost: HashCost,
    password: &[u8],
    salt: &[u8],
    length: usize,
) -> Option<Output> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(cost, length)?);
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..length)?;
    memory.hash_into(argon2, password, salt, bytes).ok()?;
    Output::new(bytes).ok()
}

fn params(cost: HashCost, length: usize) -> Option<Params> {
    let params = Params::builder()
        .memory(params::Memory::kib(cost.memory_kib.into()))
        .passes(cost.iterations)
        .lanes(cost.parallelism)
        .tag_len(TagLen::bytes(u64::try_from(length).ok()?));
    params.build().ok()
}

fn text(cost: HashCost) -> Option<ParamsString> {
    let mut text = ParamsString::new();
    for (name, value) in [("m", cost.memory_kib), ("t", cost.iterations), ("p", cost.parallelism)] {
        text.add_decimal(name, value).ok()?;
    }
    Some(text)
}

fn algorithm() -> Option<Ident> {
    Ident::new("argon2id").ok()
}

#[cfg(test)]
mod tests;
