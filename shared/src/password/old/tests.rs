use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::password::{HashError, Hasher, Password, PasswordCheck, check_stored};

fn hasher() -> Hasher {
    Hasher::new(HashCost { memory_kib: 64, iterations: 1, parallelism: 1 }).unwrap()
}

fn wrapped(function: OldFunction, salt: &[u8], output: &[u8]) -> String {
    let old = OldHash::new(function, salt, output).unwrap();
    hasher().wrap(&old, &mut StdRng::seed_from_u64(1)).unwrap()
}

fn check(password: &str, stored: &str) -> Result<PasswordCheck, HashError> {
    hasher().verify(&Password::parse(password).unwrap(), Some(stored))
}

/// RFC 7914: the third vector of section 12, and the first of section 11.
#[test]
fn the_answers_of_rfc_7914_come_out() {
    let scrypt = OldFunction::Scrypt { log_n: 14, r: 8, p: 1 };
    let scrypt_output = hex(
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
    );
    let pbkdf2 = OldFunction::Pbkdf2 { digest: Digest::Sha256, iterations: 1 };
    let pbkdf2_output = hex(
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    );
    for (function, password, salt, output) in [
        (scrypt, "pleaseletmein", "SodiumChloride", scrypt_output),
        (pbkdf2, "passwd", "salt", pbkdf2_output),
    ] {
        let stored = wrapped(function, salt.as_bytes(), &output);
        assert_eq!(check(password, &stored), Ok(PasswordCheck::RightButStale), "{function:?}");
        assert_eq!(check("another", &stored), Ok(PasswordCheck::Wrong), "{function:?}");
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

#[test]
fn what_is_stored_has_the_old_parameters_and_not_the_old_output() {
    let (salt, output) = ([7; 16], [9; 32]);
    let stored = wrapped(OldFunction::Pbkdf2 { digest: Digest::Sha512, iterations: 3 }, &salt, &output);
    let old = format!("$wrapped$v=1$pbkdf2-sha512$i=3,l=32${}", STANDARD_NO_PAD.encode(salt));
    assert!(stored.starts_with(&format!("{old}$argon2id$v=19$m=64,t=1,p=1$")), "{stored}");
    assert!(!stored.contains(&STANDARD_NO_PAD.encode(&output[..12])), "{stored}");
}

#[test]
fn a_wrapped_hash_costs_one_count_and_is_never_fresh() {
    let hasher = hasher();
    let stored = wrapped(OldFunction::Bcrypt { cost: 4 }, &[7; 16], &[9; 23]);
    let password = Password::parse("secret 1").unwrap();
    assert_eq!(hasher.verify(&password, Some(&stored)), Ok(PasswordCheck::Wrong));
    assert_eq!(hasher.computed(), 1);
}

#[test]
fn a_wrapped_text_of_another_form_is_an_error() {
    let good = wrapped(OldFunction::Scrypt { log_n: 4, r: 8, p: 1 }, &[7; 16], &[9; 32]);
    assert_eq!(check_stored(&good), Ok(()));
    for (part, other) in [
        ("v=1", "v=2"),
        ("$scrypt", "$scrypt2"),
        ("ln=4", "ln=20"),
        ("ln=4,r=8", "r=8,ln=4"),
        ("p=1,l=32", "p=1"),
        ("p=1,l=32", "p=1,l=32,x=1"),
        ("l=32", "l=032"),
        ("l=32", "l=65"),
        ("$BwcH", "$*wcH"),
        ("v=19", "v=16"),
        ("m=64", "m=999999999"),
        ("$argon2id", ""),
    ] {
        let damaged = good.replacen(part, other, 1);
        assert_ne!(damaged, good);
        assert_eq!(
            (check_stored(&damaged), check("secret 1", &damaged)),
            (Err(HashError), Err(HashError)),
            "{damaged}"
        );
    }
    let long = format!("{good}{}", "A".repeat(512));
    assert_eq!(check_stored(&long), Err(HashError));
    for damaged in
        ["$wrapped$v=1$", "$wrapped$v=1$typed", "$wrapped$v=1$typed$x", "$wrapped$v=1$bcrypt$c=4,l=23$"]
    {
        assert_eq!(check_stored(damaged), Err(HashError), "{damaged}");
    }
}

fn functions() -> impl Strategy<Value = OldFunction> {
    prop_oneof![
        (0..20_u32).prop_map(|cost| OldFunction::Bcrypt { cost }),
        (0..3_000_000_u32).prop_map(|iterations| OldFunction::Pbkdf2 { digest: Digest::Sha1, iterations }),
        (0..20_u32, 0..70_u32, 0..20_u32).prop_map(|(log_n, r, p)| OldFunction::Scrypt { log_n, r, p }),
        (0..20_u32, 0..70_u32).prop_map(|(log_n, r)| OldFunction::FirebaseScrypt { log_n, r }),
        (0..300_000_u32, 0..12_u32, 0..70_u32).prop_map(|(memory_kib, iterations, parallelism)| {
            OldFunction::Argon2id(HashCost { memory_kib, iterations, parallelism })
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_within_the_limits_can_be_read_again(
        function in functions(),
        salt in prop::collection::vec(any::<u8>(), 0..70),
        output in prop::collection::vec(any::<u8>(), 10..70),
    ) {
        if let Ok(old) = OldHash::new(function, &salt, &output) {
            let stored = hasher().wrap(&old, &mut StdRng::seed_from_u64(1)).unwrap();
            prop_assert_eq!(check_stored(&stored), Ok(()), "{}", stored);
        }
    }

    #[test]
    fn no_stored_text_makes_it_panic(name in "\\PC{0,20}", rest in "[$=,0-9a-z/]{0,80}") {
        for text in [format!("$wrapped$v=1${name}${rest}"), format!("$wrapped$v=1$bcrypt${rest}"), format!("{name}{rest}")] {
            let _ = check_stored(&text);
        }
    }
}
