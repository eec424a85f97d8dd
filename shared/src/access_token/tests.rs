use super::*;
use crate::key_set::{Algorithm, KeySet};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

const EXP: i64 = 2_000_000_060;

fn keys() -> KeySet {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(1)).unwrap()
}

fn policy() -> Policy {
    Policy { issuer: "urn:ratchet:test".to_owned(), audience: "api".to_owned() }
}

fn claims() -> Value {
    json!({ "iss": "urn:ratchet:test", "sub": "u", "aud": "api", "exp": EXP, "iat": EXP - 60, "jti": "j", "client_id": "web",
            "sid": "s", "auth_time": EXP - 60, "amr": ["pwd"], "name": "Ada", "email": "ada@example.com", "email_verified": false, "roles": ["admin"] })
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "ES256", "kid": keys().signing.key_id() })
}

/// Signed with the current key, whatever the header says.
fn signed(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header).unwrap(), part(claims).unwrap());
    let signature = keys().signing.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn verified(text: &str) -> Result<Claims, AccessTokenError> {
    verify(text, &keys().verifying, &policy())?.unexpired_at(Timestamp::from_seconds(EXP - 1))
}

#[test]
fn a_minted_token_verifies_and_says_what_was_minted() {
    let keys = keys();
    let roles = ["admin", "user"].map(|role| role.parse().unwrap());
    let new = NewClaims {
        iss: "urn:ratchet:test",
        sub: UserId::from_bytes([1; 16]),
        aud: "api",
        exp: EXP,
        iat: EXP - 60,
        jti: TokenId::from_bytes([3; 16]),
        client_id: "web",
        sid: SessionId::from_bytes([2; 16]),
        auth_time: EXP - 60,
        amr: AuthenticationMethods::PASSWORD,
        name: "Ada",
        email: "ada@example.com",
        email_verified: false,
        roles: &roles,
        claims: &crate::custom_claims::CustomClaims::default(),
    };
    let text = new.sign(&keys.signing).unwrap();
    let claims = verified(&text).unwrap();
    assert_eq!(claims.sub, UserId::from_bytes([1; 16]).to_string());
    assert_eq!(claims.sid, SessionId::from_bytes([2; 16]).to_string());
    assert_eq!((claims.exp, claims.name.as_str(), claims.roles.as_slice()), (EXP, "Ada", &roles[..]));

    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(header, json!({ "typ": "at+jwt", "alg": "ES256", "kid": keys.signing.key_id() }));
    let without = NewClaims { roles: &[], ..new }.sign(&keys.signing).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(without.split('.').nth(1).unwrap()).unwrap();
    assert!(serde_json::from_slice::<Value>(&payload).unwrap().get("roles").is_none(), "left out");
    assert_eq!(verified(&without).unwrap().roles, vec![]);
}

#[test]
fn the_full_media_type_is_accepted_and_others_are_not() {
    let with = |typ: Value| {
        let mut header = header();
        header["typ"] = typ;
        verified(&signed(&header, &claims())).map(|_| ())
    };
    assert_eq!(with(json!("application/at+jwt")), Ok(()));
    assert_eq!(with(json!("AT+JWT")), Ok(()));
    for typ in [json!("JWT"), json!(""), json!(null), json!("at+jwt+x")] {
        assert_eq!(with(typ.clone()), Err(AccessTokenError::Type), "{typ}");
    }
}

#[test]
fn headers_that_must_be_refused_are() {
    let with = |member: &str, value: Value| {
        let mut header = header();
        header[member] = value;
        verified(&signed(&header, &claims())).unwrap_err()
    };
    assert_eq!(with("crit", json!(["exp"])), AccessTokenError::Critical);
    assert_eq!(with("crit", json!([])), AccessTokenError::Critical);
    assert_eq!(with("crit", json!("exp")), AccessTokenError::Critical);
    assert_eq!(with("crit", json!(null)), AccessTokenError::Critical);
    assert_eq!(with("kid", json!("unknown")), AccessTokenError::UnknownKey);
    assert_eq!(with("kid", json!(null)), AccessTokenError::Malformed);
    assert_eq!(with("alg", json!("none")), AccessTokenError::Malformed);
    assert_eq!(with("alg", json!("HS256")), AccessTokenError::Signature);
    assert_eq!(with("alg", json!("EdDSA")), AccessTokenError::Signature);
}

#[test]
fn an_hmac_with_the_public_key_as_its_secret_is_refused() {
    let public: Value = serde_json::from_str(&keys().public_jwk_set()).unwrap();
    let x = URL_SAFE_NO_PAD.decode(public["keys"][0]["x"].as_str().unwrap()).unwrap();
    for secret in [x, keys().public_jwk_set().into_bytes()] {
        let mut header = header();
        header["alg"] = json!("HS256");
        let message = format!("{}.{}", part(&header).unwrap(), part(&claims()).unwrap());
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()));
        assert_eq!(verified(&format!("{message}.{tag}")), Err(AccessTokenError::Signature));
    }
}

#[test]
fn claims_that_are_missing_or_of_another_type_are_refused() {
    for member in ["iss", "aud", "exp", "sub", "sid", "name", "email", "roles"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(member);
        let read = verified(&signed(&header(), &without)).map(|claims| claims.roles);
        let expected = if member == "roles" { Ok(vec![]) } else { Err(AccessTokenError::ClaimsForm) };
        assert_eq!(read, expected, "without {member}");
        for value in [json!(null), json!({}), json!(true), json!(1.5), json!([1])] {
            let mut mistyped = claims();
            mistyped[member] = value;
            assert_eq!(
                verified(&signed(&header(), &mistyped)),
                Err(AccessTokenError::ClaimsForm),
                "{member}"
            );
        }
    }
    let mut list = claims();
    list["aud"] = json!(["api"]);
    assert_eq!(verified(&signed(&header(), &list)), Err(AccessTokenError::ClaimsForm));
    let mut text = claims();
    text["exp"] = json!(EXP.to_string());
    assert_eq!(verified(&signed(&header(), &text)), Err(AccessTokenError::ClaimsForm));
    assert_eq!(verified(&signed(&header(), &json!("claims"))), Err(AccessTokenError::ClaimsForm));
}

#[test]
fn an_empty_user_or_session_is_nobodys() {
    for member in ["sub", "sid"] {
        let mut empty = claims();
        empty[member] = json!("");
        assert_eq!(verified(&signed(&header(), &empty)), Err(AccessTokenError::ClaimsForm), "{member}");
    }
}

#[test]
fn a_token_is_refused_before_its_nbf_and_with_one_of_another_type() {
    let at = |nbf: Value, now: i64| {
        let mut claims = claims();
        claims["nbf"] = nbf;
        let genuine = verify(&signed(&header(), &claims), &keys().verifying, &policy())?;
        genuine.unexpired_at(Timestamp::from_seconds(now)).map(drop)
    };
    assert_eq!(at(json!(EXP - 10), EXP - 11), Err(AccessTokenError::NotYet));
    assert_eq!(at(json!(EXP - 10), EXP - 10), Ok(()));
    assert_eq!(at(json!(EXP + 10), EXP), Err(AccessTokenError::NotYet), "not called expired");
    for other in [json!(null), json!((EXP - 10).to_string()), json!(1.5), json!([EXP]), json!(true)] {
        assert_eq!(at(other.clone(), EXP - 1), Err(AccessTokenError::ClaimsForm), "{other}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused_also_where_nobody_reads_it() {
    let spoilt =
        |json: &Value, member: &[u8]| [&b"{"[..], member, b",", &json.to_string().into_bytes()[1..]].concat();
    let token = |header: &[u8], claims: &[u8]| {
        let message = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = URL_SAFE_NO_PAD.encode(keys().signing.sign(message.as_bytes()).unwrap());
        verified(&format!("{message}.{signature}")).map(drop)
    };
    let (good_header, good_claims) = (header().to_string(), claims().to_string());
    assert_eq!(token(good_header.as_bytes(), good_claims.as_bytes()), Ok(()));
    for member in [&b"\"x\":\"\xff\""[..], b"\"\xff\":1"] {
        let spoilt_claims = spoilt(&claims(), member);
        assert_eq!(token(good_header.as_bytes(), &spoilt_claims), Err(AccessTokenError::ClaimsForm));
        assert_eq!(
            token(&spoilt(&header(), member), good_claims.as_bytes()),
            Err(AccessTokenError::Malformed)
        );
    }
}

#[test]
fn a_claim_given_twice_is_refused() {
    let twice = claims().to_string().replacen('{', r#"{"sub":"somebody-else","#, 1);
    let message = format!("{}.{}", part(&header()).unwrap(), URL_SAFE_NO_PAD.encode(twice));
    let signature = URL_SAFE_NO_PAD.encode(keys().signing.sign(message.as_bytes()).unwrap());
    assert_eq!(verified(&format!("{message}.{signature}")), Err(AccessTokenError::ClaimsForm));
}

#[test]
fn another_issuers_or_another_apis_token_is_refused() {
    let mut other = claims();
    other["iss"] = json!("urn:ratchet:other");
    assert_eq!(verified(&signed(&header(), &other)), Err(AccessTokenError::Issuer));
    let mut other = claims();
    other["aud"] = json!("other-api");
    assert_eq!(verified(&signed(&header(), &other)), Err(AccessTokenError::Audience));
}

#[test]
fn expiry_is_exclusive_and_has_no_leeway() {
    let genuine = || verify(&signed(&header(), &claims()), &keys().verifying, &policy()).unwrap();
    assert!(genuine().unexpired_at(Timestamp::from_millis(EXP * 1000 - 1)).is_ok());
    assert_eq!(genuine().unexpired_at(Timestamp::from_seconds(EXP)), Err(AccessTokenError::Expired));
    let later = Timestamp::from_seconds(EXP + 1);
    assert_eq!(genuine().even_if_expired(later).unwrap().exp, EXP);
}

#[test]
fn a_damaged_expired_token_is_not_called_expired() {
    let mut text = signed(&header(), &claims());
    text.truncate(text.len() - 1);
    assert_eq!(verify(&text, &keys().verifying, &policy()).unwrap_err(), AccessTokenError::Signature);
}

#[test]
fn a_token_of_another_key_set_is_refused() {
    let other = KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(2)).unwrap();
    let text = signed(&header(), &claims());
    assert_eq!(verify(&text, &other.verifying, &policy()).unwrap_err(), AccessTokenError::UnknownKey);
}

#[test]
fn one_flipped_bit_of_the_signature_never_passes() {
    let text = signed(&header(), &claims());
    let (message, signature) = text.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = format!("{message}.{}", URL_SAFE_NO_PAD.encode(&bytes));
        assert_eq!(verified(&flipped), Err(AccessTokenError::Signature), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn another_spelling_of_the_same_signature_is_refused() {
    let text = signed(&header(), &claims());
    for spelling in [format!("{text}="), format!("{text}=="), format!("{text}\n"), format!(" {text}")] {
        assert!(verified(&spelling).is_err(), "{spelling:?}");
    }
}

proptest! {
    #[test]
    fn verifying_never_panics(text in ".{0,300}") {
        prop_assert!(verified(&text).is_err());
    }

    #[test]
    fn three_parts_of_anything_never_panic(header in "\\{.{0,80}\\}", claims in ".{0,80}", signature in proptest::collection::vec(any::<u8>(), 0..80)) {
        let text = [header.as_bytes(), claims.as_bytes(), &signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(verified(&text).is_err());
    }

    #[test]
    fn a_changed_character_never_passes(position in 0usize..400, to in "[A-Za-z0-9_.-]") {
        let text = signed(&header(), &claims());
        let position = position % text.len();
        let mut changed = text.clone();
        changed.replace_range(position..=position, &to);
        prop_assert!(changed == text || verified(&changed).is_err());
    }
}
