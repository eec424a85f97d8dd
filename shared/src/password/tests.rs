use super::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

fn hasher(iterations: u32) -> Hasher {
    Hasher::new(HashCost { memory_kib: 64, iterations, parallelism: 1 }).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

fn check_new(text: &str, rules: Rules) -> Result<(), PasswordRuleError> {
    let email = crate::email::Email::parse("ada@example.com").unwrap();
    password(text).check_new(rules, &OwnWords::new(&email, "Ada"))
}

fn hash(text: &str) -> String {
    hasher(1).hash(&password(text), &mut StdRng::seed_from_u64(1)).unwrap()
}

#[test]
fn a_hash_is_a_phc_string_with_its_cost_and_a_salt_of_its_own() {
    let mut rng = StdRng::seed_from_u64(1);
    let (one, two) =
        (hasher(1).hash(&password("secret 1"), &mut rng), hasher(1).hash(&password("secret 1"), &mut rng));
    let one = one.unwrap();
    assert!(one.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{one}");
    assert_ne!(one, two.unwrap());
    assert!(!one.contains("secret"));
}

#[test]
fn the_password_is_right_and_another_is_wrong() {
    assert_eq!(hasher(1).verify(&password("secret 1"), Some(&hash("secret 1"))), Ok(PasswordCheck::Right));
    assert_eq!(hasher(1).verify(&password("secret 2"), Some(&hash("secret 1"))), Ok(PasswordCheck::Wrong));
    assert_eq!(hasher(1).verify(&password(""), Some(&hash("secret 1"))), Ok(PasswordCheck::Wrong));
}

#[test]
fn without_an_account_every_password_is_wrong() {
    assert_eq!(hasher(1).verify(&password("secret 1"), None), Ok(PasswordCheck::Wrong));
}

#[test]
fn an_unknown_account_is_compared_at_the_present_cost() {
    let nobodys = hasher(3).nobodys.to_string();
    assert!(nobodys.starts_with("$argon2id$v=19$m=64,t=3,p=1$"), "{nobodys}");
}

#[test]
fn a_hash_of_another_cost_is_right_but_stale() {
    assert_eq!(
        hasher(2).verify(&password("secret 1"), Some(&hash("secret 1"))),
        Ok(PasswordCheck::RightButStale)
    );
    assert_eq!(hasher(2).verify(&password("secret 2"), Some(&hash("secret 1"))), Ok(PasswordCheck::Wrong));
}

#[test]
fn every_spelling_of_a_letter_is_one_password() {
    let composed = hash("caf\u{e9} noir");
    assert_eq!(hasher(1).verify(&password("cafe\u{301} noir"), Some(&composed)), Ok(PasswordCheck::Right));
}

#[test]
fn a_damaged_hash_is_an_error_not_a_wrong_password() {
    for damaged in [
        "",
        "plain",
        "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
    ] {
        assert_eq!(hasher(1).verify(&password("secret 1"), Some(damaged)), Err(HashError), "{damaged}");
    }
}

#[test]
fn length_counts_code_points_after_normalisation() {
    let rules = Rules { min_length: 8, min_score: 0 };
    let check = |text: &str, expected| assert_eq!(check_new(text, rules), expected, "{text:?}");
    check("1234567", Err(PasswordRuleError::TooShort(8)));
    check("12345678", Ok(()));
    check("\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}", Ok(()));
    check("e\u{301}e\u{301}e\u{301}e\u{301}", Err(PasswordRuleError::TooShort(8)));
    check(&"x".repeat(128), Ok(()));
    check(&"x".repeat(129), Err(PasswordRuleError::TooLong));
}

#[test]
fn a_long_enough_password_that_is_soon_guessed_is_refused_with_the_reason() {
    let check = |text: &str, min_score| {
        let rules = Rules { min_length: 8, min_score };
        check_new(text, rules).map_or_else(|why| why.to_string(), |()| "taken".to_owned())
    };
    let why = "is too easy to guess: it is one of the ten most common passwords. Add another word or two";
    assert_eq!(check("password", 1), why);
    assert_eq!(check("password", 0), "taken");
    assert_eq!(check("correct horse battery staple", 4), "taken");
    assert_eq!(check("secret", 4), "must be at least 8 characters long", "the length comes first");
}

#[test]
fn every_hash_is_counted_and_nothing_else() {
    let hasher = hasher(1);
    let stored = hasher.hash(&password("secret 1"), &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!(hasher.computed(), 1);
    hasher.verify(&password("secret 1"), Some(&stored)).unwrap();
    hasher.verify(&password("secret 2"), Some(&stored)).unwrap();
    hasher.verify(&password("secret 2"), None).unwrap();
    assert_eq!(hasher.computed(), 4);
    assert_eq!(hasher.verify(&password("secret 2"), Some("damaged")), Err(HashError));
    assert_eq!(hasher.computed(), 4);
}

#[test]
fn more_bytes_than_any_password_has_are_not_hashed() {
    assert!(Password::parse(&"x".repeat(1024)).is_ok());
    assert_eq!(Password::parse(&"x".repeat(1025)).err(), Some(PasswordRuleError::TooManyBytes));
}

#[test]
fn an_impossible_cost_is_refused() {
    let too_many_lanes = HashCost { memory_kib: 64, iterations: 1, parallelism: 9 };
    assert_eq!(Hasher::new(too_many_lanes).err(), Some(HashCostError::TooLittleMemory));
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", password("secret 1")), "Password(..)");
}
