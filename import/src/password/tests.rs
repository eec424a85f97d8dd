use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use shared::password::{HashCost, Password, PasswordCheck, check_stored};

use super::*;

const BCRYPT: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
const SALT: &str = "AAECAwQFBgcICQoLDA0ODw";
const HASH_32: &str = "gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU";

/// A password, and its hash by another system as in a line.
struct Vector {
    name: String,
    password: String,
    hashed: Map<String, Value>,
}

/// Made by `scripts/password-vectors`.
fn vectors() -> Vec<Vector> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    let vector = |value: &Value| Vector {
        name: format!("{}: {}", value["hashed"]["format"], value["name"]),
        password: value["password"].as_str().unwrap().to_owned(),
        hashed: value["hashed"].as_object().unwrap().clone(),
    };
    all.iter().map(vector).collect()
}

fn hasher() -> Hasher {
    Hasher::new(HashCost { memory_kib: 64, iterations: 1, parallelism: 1 }).unwrap()
}

fn stored(hashed: &Map<String, Value>) -> String {
    let password = ImportedPassword::read(&Members(hashed)).unwrap();
    password.stored(&hasher(), &mut StdRng::seed_from_u64(1)).unwrap()
}

fn check(password: &str, stored: &str) -> PasswordCheck {
    hasher().verify(&Password::parse(password).unwrap(), Some(stored)).unwrap()
}

fn refused(hashed: &Value) -> String {
    let read = ImportedPassword::read(&Members(hashed.as_object().unwrap()));
    read.err().unwrap_or_else(|| panic!("{hashed} is taken")).to_string()
}

#[test]
fn every_format_has_a_vector() {
    for (format, _) in FORMATS.iter().filter(|(name, _)| *name != "ratchet") {
        assert!(vectors().iter().any(|vector| vector.hashed["format"] == *format), "{format}");
    }
}

#[test]
fn the_password_of_every_vector_is_right_and_another_is_wrong() {
    for Vector { name, password, hashed } in vectors() {
        let stored = stored(&hashed);
        assert_eq!(check_stored(&stored), Ok(()), "{name}");
        assert_eq!(check(&password, &stored), PasswordCheck::RightButStale, "{name}");
        for wrong in [format!("x{password}"), password.to_uppercase(), String::new()] {
            assert_eq!(check(&wrong, &stored), PasswordCheck::Wrong, "{name}: {wrong}");
        }
    }
}

#[test]
fn another_systems_function_gets_the_password_as_it_was_typed() {
    let is_decomposed = |vector: &Vector| vector.password.contains('\u{301}');
    let decomposed: Vec<_> = vectors().into_iter().filter(is_decomposed).collect();
    assert!(decomposed.len() >= 4);
    for Vector { name, password, hashed } in decomposed {
        let composed = "caf\u{e9} Ti\u{1ebf}ng Vi\u{1ec7}t";
        assert_eq!(check(&password, &stored(&hashed)), PasswordCheck::RightButStale, "{name}");
        assert_eq!(check(composed, &stored(&hashed)), PasswordCheck::Wrong, "{name}");
    }
}

#[test]
fn what_bcrypt_does_not_see_does_not_count() {
    let long = vectors().into_iter().find(|vector| vector.password.len() > 72).unwrap();
    let seen = &long.password[..72];
    assert_eq!(check(seen, &stored(&long.hashed)), PasswordCheck::RightButStale);
    assert_eq!(check(&seen[..71], &stored(&long.hashed)), PasswordCheck::Wrong);
}

#[test]
fn argon2id_stays_as_it_is_if_it_is_strong_enough() {
    let hash =
        |m, t| json!({ "format": "phc", "hash": format!("$argon2id$v=19$m={m},t={t},p=1${SALT}${HASH_32}") });
    let stored = |m, t| stored(hash(m, t).as_object().unwrap());
    for (m, t) in [(19_456, 2), (47_104, 1), (7168, 5), (262_144, 10)] {
        assert_eq!(
            stored(m, t),
            format!("$wrapped$v=1$typed$argon2id$v=19$m={m},t={t},p=1${SALT}${HASH_32}")
        );
    }
    for (m, t) in [(4096, 10), (19_456, 1), (7168, 4)] {
        let wrapped =
            format!("$wrapped$v=1$argon2id$m={m},t={t},p=1,l=32${SALT}$argon2id$v=19$m=64,t=1,p=1$");
        assert!(stored(m, t).starts_with(&wrapped), "{}", stored(m, t));
    }
}

#[test]
fn ratchets_own_hash_is_stored_as_it_is() {
    let plain = hasher().hash(&Password::parse("secret 1").unwrap(), &mut StdRng::seed_from_u64(2)).unwrap();
    let wrapped = stored(&vectors()[2].hashed);
    for own in [plain, wrapped] {
        let hashed = json!({ "format": "ratchet", "hash": own });
        assert_eq!(stored(hashed.as_object().unwrap()), own);
    }
    let other = json!({ "format": "ratchet", "hash": BCRYPT });
    assert_eq!(refused(&other), "password.hash must be a hash as Ratchet exports it");
}

#[test]
fn a_hash_of_another_form_is_refused_with_the_reason() {
    let long = "A".repeat(88);
    for (format, hash, why) in [
        ("phc", "plain", "must be a PHC string, which begins with $ and the name of a function"),
        (
            "phc",
            BCRYPT,
            "must be of one of the functions argon2id, scrypt, pbkdf2, pbkdf2-sha1, pbkdf2-sha256, pbkdf2-sha512",
        ),
        (
            "phc",
            &format!("$argon2i$v=19$m=65536,t=2,p=1${SALT}${HASH_32}"),
            "must be of one of the functions",
        ),
        ("phc", &format!("$argon2id$m=65536,t=2,p=1${SALT}${HASH_32}"), "must be Argon2id of v=19"),
        ("phc", "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA", "must be $argon2id$v=19$m=..,t=..,p=..$salt$hash"),
        (
            "phc",
            &format!("$argon2id$v=19$m=65536,p=1,t=2${SALT}${HASH_32}"),
            "must be a PHC string whose function has its usual parameters, in their order",
        ),
        (
            "phc",
            &format!("$argon2id$v=19$m=65536,t=2,p=1,keyid=1${SALT}${HASH_32}"),
            "must be a PHC string whose function",
        ),
        ("phc", &format!("$scrypt$ln=12,r=8,p=1${SALT}$*"), "must be base64"),
        ("phc", &format!("$pbkdf2-sha256$i=1000,l=31${SALT}${HASH_32}"), "must be as long as its l says"),
        (
            "phc",
            &format!("$pbkdf2-sha256$i=99999999999${SALT}${HASH_32}"),
            "must be a PHC string whose function",
        ),
        ("bcrypt", "", "must be 60 characters that begin with $2a$, $2b$ or $2y$"),
        ("bcrypt", &BCRYPT[..59], "must be 60 characters"),
        ("bcrypt", &BCRYPT.replace("$2b", "$2x"), "must be 60 characters"),
        ("bcrypt", &BCRYPT.replace("$10$", "$+9$"), "must be 60 characters"),
        ("bcrypt", &BCRYPT.replace("jZA", "j\u{e9}A"), "must be 60 characters"),
        ("aspnet-identity", "*", "must be base64"),
        ("aspnet-identity", "", "must be of version 2 or 3 of ASP.NET Core Identity's layout"),
        ("aspnet-identity", "AAAA", "must be of version 2 or 3"),
        ("aspnet-identity", "AQAAAAEAAAPoAAAAEAAA", "must be of version 2 or 3"),
        ("aspnet-identity", &long, "must be of version 2 or 3"),
        ("django-pbkdf2", "!unusable", "must be pbkdf2_sha256 or pbkdf2_sha1, iterations, salt and hash"),
        ("django-pbkdf2", "pbkdf2_sha256$x$salt$AAAA", "must be pbkdf2_sha256 or pbkdf2_sha1"),
        ("django-pbkdf2", "pbkdf2_sha256$1000$salt$*", "must be base64"),
    ] {
        let reason = refused(&json!({ "format": format, "hash": hash }));
        assert!(reason.starts_with(&format!("password.hash {why}")), "{hash}: {reason}");
    }
}

#[test]
fn a_hash_beyond_a_limit_is_refused_with_the_limit() {
    let aspnet = |iterations: u32| {
        let header =
            [&[1, 0, 0, 0, 2], &iterations.to_be_bytes()[..], &16_u32.to_be_bytes(), &[7; 48]].concat();
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, header)
    };
    let firebase = |log_n: u32, r: u32| {
        let bytes = "A".repeat(86);
        json!({ "format": "firebase-scrypt", "hash": bytes, "signer_key": bytes, "salt": "AAAA", "salt_separator": "Bw==",
            "rounds": r, "memory_cost": log_n })
    };
    let simple = |format: &str, hash: &str| json!({ "format": format, "hash": hash });
    let phc = |text: String| simple("phc", &text);
    for (hashed, why) in [
        (simple("bcrypt", &BCRYPT.replace("$10$", "$15$")), "cost must be from 4 to 14"),
        (simple("bcrypt", &BCRYPT.replace("$10$", "$03$")), "cost must be from 4 to 14"),
        (simple("aspnet-identity", &aspnet(2_000_001)), "iterations must be from 1 to 2000000"),
        (simple("aspnet-identity", &aspnet(0)), "iterations must be from 1 to 2000000"),
        (
            simple("django-pbkdf2", &format!("pbkdf2_sha256$2000001$salt${HASH_32}")),
            "iterations must be from 1 to 2000000",
        ),
        (
            simple("django-pbkdf2", &format!("pbkdf2_sha256$1$${HASH_32}")),
            "bytes of salt must be from 1 to 64",
        ),
        (simple("django-pbkdf2", "pbkdf2_sha256$1$salt$AAAA"), "bytes of hash must be from 16 to 64"),
        (
            json!({ "format": "keycloak-pbkdf2", "algorithm": "pbkdf2", "iterations": 2_000_001, "salt": "AAAA", "hash": HASH_32 }),
            "iterations must be from 1 to 2000000",
        ),
        (phc(format!("$scrypt$ln=17,r=8,p=1${SALT}${HASH_32}")), "N \u{b7} r must be from 1 to 524288"),
        (
            phc(format!("$scrypt$ln=16,r=8,p=3${SALT}${HASH_32}")),
            "N \u{b7} r \u{b7} p must be from 1 to 1048576",
        ),
        (
            phc(format!("$scrypt$ln=99,r=8,p=1${SALT}${HASH_32}")),
            "ln, the logarithm of N, must be from 1 to 18",
        ),
        (
            phc(format!("$scrypt$ln=16,r=1,p=1${SALT}${HASH_32}")),
            "ln, the logarithm of N, must be from 1 to 15",
        ),
        (phc(format!("$scrypt$ln=1,r=0,p=1${SALT}${HASH_32}")), "r must be from 1 to 64"),
        (firebase(17, 8), "N \u{b7} r must be from 1 to 524288"),
        (phc(format!("$argon2id$v=19$m=262145,t=1,p=1${SALT}${HASH_32}")), "m must be from 8 to 262144"),
        (phc(format!("$argon2id$v=19$m=65536,t=11,p=1${SALT}${HASH_32}")), "t must be from 1 to 10"),
        (phc(format!("$argon2id$v=19$m=64,t=1,p=9${SALT}${HASH_32}")), "p must be from 1 to 8"),
        (phc(format!("$argon2id$v=19$m=64,t=1,p=1$AAAA${HASH_32}")), "bytes of salt must be from 8 to 48"),
    ] {
        assert_eq!(refused(&hashed), format!("password is beyond a limit: {why}"), "{hashed}");
    }
}

#[test]
fn the_greatest_that_is_taken_can_be_checked() {
    let scrypt = format!("$scrypt$ln=15,r=1,p=16${SALT}${HASH_32}");
    for hash in [scrypt, format!("$pbkdf2-sha1$i=1,l=32${SALT}${HASH_32}")] {
        let stored = stored(json!({ "format": "phc", "hash": hash }).as_object().unwrap());
        assert_eq!(check("secret 1", &stored), PasswordCheck::Wrong, "{hash}");
    }
}

#[test]
fn members_that_are_missing_or_unknown_are_named() {
    for (hashed, why) in [
        (json!({}), "password.format is missing"),
        (
            json!({ "format": "md5", "hash": "x" }),
            "password.format must be one of phc, aspnet-identity, bcrypt, django-pbkdf2, firebase-scrypt, keycloak-pbkdf2, ratchet",
        ),
        (json!({ "format": "bcrypt" }), "password.hash is missing"),
        (json!({ "format": "bcrypt", "hash": 1 }), "password.hash must be a text"),
        (
            json!({ "format": "bcrypt", "hash": BCRYPT, "salt": "x" }),
            "password must not have salt: its members are format, hash",
        ),
        (
            json!({ "format": "keycloak-pbkdf2", "algorithm": "argon2" }),
            "password.algorithm must be one of pbkdf2, pbkdf2-sha256, pbkdf2-sha512",
        ),
        (json!({ "format": "keycloak-pbkdf2", "algorithm": "pbkdf2" }), "password.iterations is missing"),
        (
            json!({ "format": "keycloak-pbkdf2", "algorithm": "pbkdf2", "iterations": "1" }),
            "password.iterations must be a whole number",
        ),
        (json!({ "format": "firebase-scrypt", "hash": "AAAA" }), "password.signer_key is missing"),
        (
            json!({ "format": "firebase-scrypt", "hash": "AAAA", "signer_key": "AA==" }),
            "password.hash must be as long as signer_key",
        ),
    ] {
        assert_eq!(refused(&hashed), why);
    }
}

/// Any of the vectors, with a part of its hash replaced.
fn damaged() -> impl Strategy<Value = Map<String, Value>> {
    let count = vectors().len();
    (0..count, any::<prop::sample::Index>(), 0..6_usize, "[$=,0-9a-z./\u{e9}-]{0,8}").prop_map(
        |(vector, at, length, piece)| {
            let mut hashed = vectors().swap_remove(vector).hashed;
            let characters: Vec<_> = hashed["hash"].as_str().unwrap().chars().collect();
            let at = at.index(characters.len());
            let rest = characters.iter().skip(at + length);
            let text = characters.iter().take(at).copied().chain(piece.chars()).chain(rest.copied());
            hashed.insert("hash".to_owned(), text.collect::<String>().into());
            hashed
        },
    )
}

proptest! {
    #[test]
    fn no_text_makes_a_format_panic(format in 0..FORMATS.len(), hash in "\\PC{0,100}") {
        let hashed = json!({ "format": FORMATS[format].0, "hash": hash });
        let _ = ImportedPassword::read(&Members(hashed.as_object().unwrap()));
    }

    #[test]
    fn a_damaged_hash_is_refused_without_being_repeated_or_can_be_stored(hashed in damaged()) {
        match ImportedPassword::read(&Members(&hashed)) {
            Ok(_) => prop_assert_eq!(check_stored(&stored(&hashed)), Ok(())),
            Err(reason) => {
                let hash = hashed["hash"].as_str().unwrap();
                let is_repeated = hash.len() > 12 && reason.to_string().contains(hash);
                prop_assert!(!is_repeated, "{}", reason);
            }
        }
    }
}
