use super::*;
use proptest::prelude::*;

/// RustCrypto's implementation, which shares no code with ours.
fn rust_crypto(cost: HashCost, password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let HashCost { memory_kib, iterations, parallelism } = cost;
    let params = argon2::Params::new(memory_kib, iterations, parallelism, None).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut output = vec![0; length];
    argon2.hash_password_into(password, salt, &mut output).unwrap();
    output
}

fn costs() -> impl Strategy<Value = HashCost> {
    (1..=4_u32, 0..=120_u32, 1..=4_u32).prop_map(|(parallelism, more, iterations)| HashCost {
        memory_kib: 8 * parallelism + more,
        iterations,
        parallelism,
    })
}

/// One instance for all random costs, so that each finds the memory of another.
static MEMORY: Memory = Memory::of_one(HashCost { memory_kib: 19_456, iterations: 1, parallelism: 1 });

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn every_hash_is_the_one_that_rust_crypto_computes(
        cost in costs(),
        password in prop::collection::vec(any::<u8>(), 0..=1024),
        salt in prop::collection::vec(any::<u8>(), Salt::MIN_LENGTH..=Salt::MAX_LENGTH),
        length in Output::MIN_LENGTH..=Output::MAX_LENGTH,
    ) {
        let ours = output(&MEMORY, cost, &password, &salt, length).unwrap();
        prop_assert_eq!(ours.as_bytes(), rust_crypto(cost, &password, &salt, length));
    }
}

/// As the template has it, and as one that fills pages of 2 MiB.
#[test]
fn at_real_costs_too_every_hash_is_the_one_that_rust_crypto_computes() {
    for (memory_kib, iterations, parallelism) in
        [(19_456, 2, 1), (47_104, 1, 1), (7_168, 5, 2), (12_289, 3, 3)]
    {
        let cost = HashCost { memory_kib, iterations, parallelism };
        let ours = output(&MEMORY, cost, b"correct horse battery staple", &[7; 16], 32).unwrap();
        assert_eq!(
            ours.as_bytes(),
            rust_crypto(cost, b"correct horse battery staple", &[7; 16], 32),
            "{cost:?}"
        );
    }
}

/// RFC 9106 section 5.3: with a secret and associated data, which this service does not use.
#[test]
fn the_test_vector_of_rfc_9106_comes_out() {
    let cost = HashCost { memory_kib: 32, iterations: 3, parallelism: 4 };
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(cost, 32).unwrap());
    let mut tag = [0; 32];
    argon2.hash_into_with_ad(&[1; 32], &[2; 16], &[3; 8], &[4; 12], &mut tag).unwrap();
    let expected = [
        0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0,
        0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
    ];
    assert_eq!(tag, expected);
}

#[test]
fn the_known_answer_is_rust_cryptos_and_is_computed_here() {
    let cost = HashCost { memory_kib: 64, iterations: 2, parallelism: 2 };
    let theirs = rust_crypto(cost, b"correct horse battery staple", b"known answer    ", 32);
    assert_eq!(theirs, KNOWN_ANSWER);
    assert!(known_answer());
}

#[test]
fn hashes_that_rust_crypto_made_are_recognised_and_the_other_way_round() {
    use argon2::PasswordVerifier as _;
    use argon2::password_hash::PasswordHasher as _;
    let cost = HashCost { memory_kib: 64, iterations: 2, parallelism: 1 };
    let memory = Memory::of_one(cost);
    let theirs = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(64, 2, 1, None).unwrap(),
    );
    let stored = theirs.hash_password_with_salt(b"secret 1", &[9; 16]).unwrap();
    assert_eq!(hash(&memory, cost, b"secret 1", &[9; 16]).unwrap().to_string(), stored.to_string());
    assert_eq!(is_of(&memory, b"secret 1", &PasswordHash::new(&stored.to_string()).unwrap()), Some(true));
    let ours = hash(&memory, cost, b"secret 1", &[8; 16]).unwrap().to_string();
    let ours = argon2::password_hash::phc::PasswordHash::new(&ours).unwrap();
    assert_eq!(theirs.verify_password(b"secret 1", &ours), Ok(()));
    assert!(theirs.verify_password(b"secret 2", &ours).is_err());
}

#[test]
fn only_argon2id_of_version_19_with_its_three_numbers_has_a_cost() {
    let cost = |text: &str| cost_of(&PasswordHash::new(text).unwrap());
    let rest = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let good = HashCost { memory_kib: 64, iterations: 1, parallelism: 2 };
    assert_eq!(cost(&format!("$argon2id$v=19$m=64,t=1,p=2{rest}")), Some(good));
    for other in [
        "$argon2i$v=19$m=64,t=1,p=2",
        "$argon2d$v=19$m=64,t=1,p=2",
        "$scrypt$v=19$m=64,t=1,p=2",
        "$argon2id$v=16$m=64,t=1,p=2",
        "$argon2id$m=64,t=1,p=2",
        "$argon2id$v=19$m=64,t=1",
        "$argon2id$v=19$m=64,t=1,p=2,data=AAAA",
        "$argon2id$v=19$m=64,t=1,keyid=AAAA",
        "$argon2id$v=19$m=524289,t=1,p=1",
        "$argon2id$v=19$m=64,t=101,p=1",
        "$argon2id$v=19$m=1024,t=1,p=65",
    ] {
        assert_eq!(cost(&format!("{other}{rest}")), None, "{other}");
    }
}
