use super::*;
use aws_lc_rs::encoding::AsDer;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

fn document() -> Value {
    let set = KeySet::generate(Algorithm::EdDSA, &mut StdRng::seed_from_u64(1)).unwrap();
    serde_json::from_str(&set.to_json()).unwrap()
}

fn refusal(change: impl Fn(&mut Value)) -> String {
    let mut document = document();
    change(&mut document);
    KeySet::parse(&document.to_string()).unwrap_err().to_string()
}

#[test]
fn a_generated_set_has_a_current_and_a_next_key_of_each_kind() {
    let document = document();
    let states = |kind: &str| {
        document[kind].as_array().unwrap().iter().map(|key| key["state"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states("signing_keys"), ["current", "next"]);
    assert_eq!(states("refresh_token_keys"), ["current", "next"]);
    let set = KeySet::parse(&document.to_string()).unwrap();
    assert_eq!(set.signing.key_id(), document["signing_keys"][0]["kid"]);
    assert_eq!(set.signing.algorithm(), Algorithm::EdDSA);
    assert_eq!(set.refresh.current(), RefreshKeyId(1));
    assert_eq!(serde_json::from_str::<Value>(&set.to_json()).unwrap(), document);
}

#[test]
fn a_set_of_each_algorithm_can_be_made_and_read() {
    for algorithm in Algorithm::ALL {
        let set = KeySet::generate(algorithm, &mut StdRng::seed_from_u64(3)).unwrap();
        let read = KeySet::parse(&set.to_json()).unwrap();
        assert_eq!((read.signing.algorithm(), read.signing.key_id()), (algorithm, set.signing.key_id()));
        assert_eq!(read.verifying.algorithms(), [algorithm]);
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
        assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.name());
    }
    assert_eq!("es256".parse::<Algorithm>(), Err(AlgorithmError));
}

#[test]
fn two_generated_sets_share_no_key() {
    let other = KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(2)).unwrap();
    assert!(!other.to_json().contains(document()["signing_keys"][0]["private_key"].as_str().unwrap()));
}

#[test]
fn the_public_set_names_all_keys_and_holds_no_private_half() {
    let document = document();
    let set = KeySet::parse(&document.to_string()).unwrap();
    let public: Value = serde_json::from_str(&set.public_jwk_set()).unwrap();
    let keys = public["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for (key, entry) in keys.iter().zip(document["signing_keys"].as_array().unwrap()) {
        assert_eq!(key["kid"], entry["kid"]);
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
            (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
        );
        let mut members: Vec<_> = key.as_object().unwrap().keys().collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    assert!(VerifyingKeys::from_jwk_set(&set.public_jwk_set()).is_ok());
}

#[test]
fn the_key_id_is_the_thumbprint_of_rfc_8037_appendix_a_3() {
    // RFC 8037 appendix A.1: the private key; A.3: the thumbprint of its public half.
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let key = SigningKey::from_pkcs8(Algorithm::EdDSA, pair.to_pkcs8v1().unwrap().as_ref()).unwrap();
    assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn es256_and_rs256_keys_work_too() {
    let ec =
        aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING)
            .unwrap();
    let rsa = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let rsa = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&rsa).unwrap();
    for (algorithm, pkcs8) in
        [(Algorithm::ES256, ec.to_pkcs8v1().unwrap().as_ref()), (Algorithm::RS256, rsa.as_ref())]
    {
        let key = SigningKey::from_pkcs8(algorithm, pkcs8).unwrap();
        let mut with_key = document();
        with_key["signing_keys"][0] = json!({ "kid": key.key_id(), "alg": algorithm, "state": "current",
            "private_key": URL_SAFE_NO_PAD.encode(pkcs8) });
        let set = KeySet::parse(&with_key.to_string()).unwrap();
        assert_eq!(set.signing.algorithm(), algorithm);
        assert!(set.verifying.find(key.key_id()).is_some());
        assert_eq!(SigningKey::from_pkcs8(Algorithm::EdDSA, pkcs8).err(), Some(SigningKeyError));
    }
}

#[test]
fn a_retired_key_may_be_its_public_half_alone() {
    let set = KeySet::parse(&document().to_string()).unwrap();
    let public: Value = serde_json::from_str(&set.public_jwk_set()).unwrap();
    let retire = |document: &mut Value, state: &str| {
        let kid = document["signing_keys"][1]["kid"].clone();
        document["signing_keys"][1] =
            json!({ "kid": kid, "alg": "EdDSA", "state": state, "public_key": public["keys"][1] });
    };
    let mut retired = document();
    retire(&mut retired, "retired");
    let kid = retired["signing_keys"][1]["kid"].as_str().unwrap().to_owned();
    assert!(KeySet::parse(&retired.to_string()).unwrap().verifying.find(&kid).is_some());
    assert!(
        refusal(|document| retire(document, "next")).contains("needs its private half unless it is retired")
    );
}

#[test]
fn a_set_that_can_not_be_used_is_refused_with_the_reason() {
    let check = |expected: &str, change: fn(&mut Value)| assert_eq!(refusal(change), expected);
    check("must have exactly one signing key in state \"current\"", |set| {
        set["signing_keys"][1]["state"] = json!("current")
    });
    check("must have exactly one signing key in state \"current\"", |set| {
        set["signing_keys"][0]["state"] = json!("next")
    });
    check("must have exactly one refresh-token key in state \"current\"", |set| {
        set["refresh_token_keys"] = json!([])
    });
    check("has two refresh-token keys with the id 1", |set| set["refresh_token_keys"][1]["id"] = json!(1));
    check(
        "has a refresh-token key, id 0, that is not base64url of 32 bytes with an id from 1 to 255",
        |set| set["refresh_token_keys"][1]["id"] = json!(0),
    );
    check(
        "has a refresh-token key, id 2, that is not base64url of 32 bytes with an id from 1 to 255",
        |set| set["refresh_token_keys"][1]["key"] = json!("c2hvcnQ"),
    );
    check("has a signing key whose kid \"another\" is not the RFC 7638 thumbprint of the key", |set| {
        set["signing_keys"][1]["kid"] = json!("another")
    });
    assert!(
        refusal(|set| set["signing_keys"][0]["private_key"] = json!("AAAA"))
            .ends_with("not base64url of PKCS#8 for its algorithm")
    );
    assert!(
        refusal(|set| set["signing_keys"][1] = set["signing_keys"][0].clone())
            .starts_with("has two keys with the kid")
    );
    assert!(refusal(|set| set["unknown"] = json!(1)).starts_with("is not a key-set document"));
    assert!(
        refusal(|set| set["signing_keys"][0]["alg"] = json!("HS256"))
            .starts_with("is not a key-set document")
    );
}

#[test]
fn a_jwk_set_with_a_key_that_can_not_be_used_is_refused() {
    let check = |keys: Value, expected: &str| {
        let set = json!({ "keys": keys }).to_string();
        assert_eq!(VerifyingKeys::from_jwk_set(&set).unwrap_err().to_string(), expected);
    };
    let key = || -> Value {
        let set = KeySet::generate(Algorithm::EdDSA, &mut StdRng::seed_from_u64(1)).unwrap();
        serde_json::from_str::<Value>(&set.public_jwk_set()).unwrap()["keys"][0].clone()
    };
    let with = |member: &str, value: Value| {
        let mut key = key();
        key["kid"] = json!("k");
        key[member] = value;
        json!([key])
    };
    let unusable = "has a key, kid \"k\", whose \"alg\" is none of EdDSA, ES256 and RS256, or whose type does not go with it";
    check(json!([]), "has no key");
    check(with("kid", json!(null)), "has a key without \"kid\"");
    check(with("alg", json!("ES256")), unusable);
    check(with("alg", json!("HS256")), unusable);
    check(with("alg", json!(null)), unusable);
    check(
        json!([{ "kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "HS256" }]),
        "has a private or secret key",
    );
    check(with("kid", json!("")), "has a key without \"kid\"");
    for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        check(with(secret, json!("c2VjcmV0")), "has a private or secret key");
    }
    check(
        with("key_ops", json!(["sign"])),
        "has a key, kid \"k\", whose \"use\" is not \"sig\", or whose \"key_ops\" have no \"verify\"",
    );
    let verifying = json!({ "keys": with("key_ops", json!(["verify"])) }).to_string();
    assert!(VerifyingKeys::from_jwk_set(&verifying).is_ok());
    check(json!([key(), key()]), &format!("has two keys with the kid {}", key()["kid"]));
    assert_eq!(VerifyingKeys::from_jwk_set("[]").unwrap_err(), JwkSetError::Form);
}

#[test]
fn debug_shows_no_key() {
    let document = document();
    let set = KeySet::parse(&document.to_string()).unwrap();
    let shown = format!("{set:?} {:?}", set.verifying);
    for secret in
        ["signing_keys", "refresh_token_keys"].map(|kind| document[kind].as_array().unwrap().clone()).concat()
    {
        for member in ["private_key", "key"] {
            if let Some(text) = secret[member].as_str() {
                assert!(!shown.contains(text));
            }
        }
    }
}
