//! The hash alone, beside the call that RustCrypto's documentation begins with: one after the other in one process.

use std::hint::black_box;
use std::time::Instant;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::password::{HashCost, Hasher, Password, PasswordCheck};

use crate::Failure;
use crate::rows::PASSWORD;
use crate::samples::Samples;

/// The template's, which is RustCrypto's default too.
pub(in crate::suites) const COST: HashCost = HashCost { memory_kib: 19_456, iterations: 2, parallelism: 1 };

/// Before the first that is timed.
const WARM_UP: usize = 3;

/// The hash of every account's password.
pub(in crate::suites) fn stored() -> Result<String, Failure> {
    let hash = hasher()?.hash(&password()?, &mut StdRng::seed_from_u64(1));
    Ok(hash.map_err(|error| error.to_string())?)
}

/// Compares the password with `stored` so many times: as Ratchet does it, and as `Argon2::default()`, which takes new
/// memory for each call.
pub(super) fn compare(times: usize, stored: &str) -> Result<[Samples; 2], Failure> {
    let (hasher, password, default) = (hasher()?, password()?, Argon2::default());
    let mut samples = [Samples::default(), Samples::default()];
    for turn in 0..WARM_UP + times {
        let began = Instant::now();
        let verdict = hasher.verify(&password, Some(stored));
        let ours = began.elapsed();
        if verdict != Ok(PasswordCheck::Right) {
            return Err(format!("{verdict:?} of the right password").into());
        }
        let began = Instant::now();
        let hash = default.hash_password_with_salt(PASSWORD.as_bytes(), &[0; 16]);
        let theirs = began.elapsed();
        black_box(hash.map_err(|error| error.to_string())?);
        if turn >= WARM_UP {
            let [first, second] = &mut samples;
            first.add(ours);
            second.add(theirs);
        }
    }
    Ok(samples)
}

fn hasher() -> Result<Hasher, Failure> {
    Ok(Hasher::new(COST).map_err(|error| error.to_string())?)
}

fn password() -> Result<Password, Failure> {
    Ok(Password::parse(PASSWORD).map_err(|error| error.to_string())?)
}

#[cfg(test)]
mod tests {
    use argon2::Params;

    use super::*;

    #[test]
    fn the_cost_is_the_templates_and_rustcryptos_default() {
        let default = Params::default();
        let HashCost { memory_kib, iterations, parallelism } = COST;
        assert_eq!(
            (memory_kib, iterations, parallelism),
            (default.m_cost(), default.t_cost(), default.p_cost())
        );
        let hasher = shared::config::hasher(&|_| None).unwrap();
        let stored = stored().unwrap();
        assert_eq!(hasher.verify(&password().unwrap(), Some(&stored)), Ok(PasswordCheck::Right), "not stale");
    }
}
