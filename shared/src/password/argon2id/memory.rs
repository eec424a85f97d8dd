//! The memory of a hash, kept for the next one: allocating it, page by page, takes a large part of a hash's time.
//!
//! # Invariants
//! * The memory is cleared before it is kept.
//! * One hash at a time uses it. Concurrent ones allocate their own.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2_rust::{Argon2, Error, Hasher};

use crate::password::HashCost;

/// Memory for hashes, kept up to a size.
#[derive(Debug)]
pub(in crate::password) struct Memory {
    most_kib: usize,
    kept: Mutex<Option<Hasher>>,
}

impl Memory {
    /// Keeps the memory of one hash of this cost. Nothing is allocated yet.
    pub(in crate::password) const fn of_one(cost: HashCost) -> Self {
        Self { most_kib: cost.memory_kib as usize, kept: Mutex::new(None) }
    }

    /// Hashes as `argon2` specifies.
    pub(super) fn hash_into(
        &self,
        argon2: Argon2,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Error> {
        let mut hasher = self.kept().take().unwrap_or_else(|| argon2.hasher());
        hasher.set_argon2(argon2);
        let hashed = hasher.hash_into(password, salt, output);
        if hasher.reserved_blocks() <= self.most_kib {
            // Memory that another hash has left meanwhile is freed here, outside of the lock.
            let _displaced = self.kept().replace(hasher);
        }
        hashed
    }

    fn kept(&self) -> MutexGuard<'_, Option<Hasher>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use argon2_rust::{Algorithm, Params, Version, params};

    use super::*;

    fn argon2(kib: u64) -> Argon2 {
        let params = Params::builder().memory(params::Memory::kib(kib)).passes(1).build().unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    fn up_to(memory_kib: u32) -> Memory {
        Memory::of_one(HashCost { memory_kib, iterations: 1, parallelism: 1 })
    }

    fn kept_kib(memory: &Memory) -> Option<usize> {
        memory.kept().as_ref().map(Hasher::reserved_blocks)
    }

    #[test]
    fn memory_is_kept_up_to_the_size_that_was_asked_for() {
        let memory = up_to(64);
        for (hashed, kept) in [(32, Some(32)), (64, Some(64)), (32, Some(64)), (128, None), (64, Some(64))] {
            let mut output = [0; 32];
            memory.hash_into(argon2(hashed), b"secret 1", &[7; 16], &mut output).unwrap();
            assert_eq!(kept_kib(&memory), kept, "after {hashed} KiB");
        }
    }

    #[test]
    fn hashes_with_kept_memory_are_those_with_new_memory() {
        let memory = up_to(1024);
        for kib in [1024, 8, 64, 1024, 512] {
            let (mut kept, mut new) = ([0; 32], [0; 32]);
            memory.hash_into(argon2(kib), b"secret 1", &[7; 16], &mut kept).unwrap();
            argon2(kib).hash_into(b"secret 1", &[7; 16], &mut new).unwrap();
            assert_eq!(kept, new, "{kib} KiB");
        }
    }

    #[test]
    fn a_hash_while_another_one_has_the_memory_gets_memory_of_its_own() {
        let memory = up_to(64);
        let (mut first, mut second) = ([0; 32], [0; 32]);
        memory.hash_into(argon2(64), b"secret 1", &[7; 16], &mut first).unwrap();
        let held = memory.kept().take().unwrap();
        memory.hash_into(argon2(64), b"secret 1", &[7; 16], &mut second).unwrap();
        assert_eq!(first, second);
        assert_eq!((held.reserved_blocks(), kept_kib(&memory)), (64, Some(64)));
    }

    #[test]
    fn hashes_at_once_are_those_of_one_after_the_other() {
        let memory = up_to(1024);
        std::thread::scope(|threads| {
            for password in 0..16_u8 {
                let memory = &memory;
                threads.spawn(move || {
                    let (mut kept, mut new) = ([0; 32], [0; 32]);
                    memory.hash_into(argon2(1024), &[password], &[7; 16], &mut kept).unwrap();
                    argon2(1024).hash_into(&[password], &[7; 16], &mut new).unwrap();
                    assert_eq!(kept, new, "{password}");
                });
            }
        });
        assert_eq!(kept_kib(&memory), Some(1024));
    }

    /// Without this feature nothing is cleared, neither kept memory nor freed memory.
    #[test]
    fn memory_is_cleared_by_the_crate() {
        let workspace = include_str!("../../../../Cargo.toml");
        let line = workspace.lines().find(|line| line.starts_with("argon2-rust = ")).unwrap();
        assert!(line.contains("\"zeroize-memory\""), "{line}");
    }

    #[test]
    fn a_hash_that_fails_leaves_memory_that_works() {
        let memory = up_to(64);
        let mut output = [0; 32];
        assert!(memory.hash_into(argon2(64), b"secret 1", b"short", &mut output).is_err());
        memory.hash_into(argon2(64), b"secret 1", &[7; 16], &mut output).unwrap();
        let mut new = [0; 32];
        argon2(64).hash_into(b"secret 1", &[7; 16], &mut new).unwrap();
        assert_eq!(output, new);
    }
}
