use super::*;
use crate::access_token::{self, AccessTokenError, Policy};
use crate::authentication::AuthenticationMethods;
use crate::data_key::{DataKeyError, DataKeyId, SealingNonce};
use crate::issue::{AccessTokens, token_response};
use crate::key_set::Algorithm;
use crate::refresh_token::{Nonce, RefreshToken};
use crate::session::{Device, Lifetimes, NewSession, Profile, Session};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60;
const LONGEST: Seconds = Seconds(30 * 24 * 60 * 60);

/// A stored set that changes are applied to, one a second.
struct Stored {
    json: Option<String>,
    now: i64,
    rng: StdRng,
    algorithm: Algorithm,
}

impl Stored {
    fn nothing() -> Self {
        Self { json: None, now: 2_000_000_000, rng: StdRng::seed_from_u64(1), algorithm: Algorithm::ES256 }
    }

    fn created() -> Self {
        let mut stored = Self::nothing();
        stored.apply("1");
        stored
    }

    fn try_change(&mut self, step: &str, revoke: &str) -> Result<Applied, RotationError> {
        self.now += 1;
        let revoke = key_names(revoke).expect("names of keys");
        let now = Timestamp::from_seconds(self.now);
        let change =
            Change { step, revoke: &revoke, algorithm: self.algorithm, longest_session: LONGEST, now };
        let applied = apply(self.json.as_deref(), &change, &mut self.rng)?;
        self.json = Some(applied.set.to_json());
        Ok(applied)
    }

    fn change(&mut self, step: &str, revoke: &str) -> Applied {
        self.try_change(step, revoke).expect("a change that can be made")
    }

    fn apply(&mut self, step: &str) -> Applied {
        self.change(step, "")
    }

    fn document(&self) -> Value {
        serde_json::from_str(self.json.as_ref().expect("a set")).expect("JSON")
    }

    /// Returns the states by key, in the document's order.
    fn states(&self, kind: &str) -> Vec<Value> {
        self.document()[kind].as_array().expect("keys").iter().map(|key| key["state"].clone()).collect()
    }

    /// Returns the kids of the signing keys, in the document's order.
    fn kids(&self) -> Vec<String> {
        let document = self.document();
        let keys = document["signing_keys"].as_array().expect("keys").iter();
        keys.map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
    }
}

fn published(set: &KeySet) -> Vec<String> {
    let keys: Value = serde_json::from_str(&set.public_jwk_set()).expect("a JWK set");
    keys["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid").into())
        .collect()
}

fn session(keys: &KeySet) -> Session {
    let profile = Profile {
        email: "ada@example.com".into(),
        name: "Ada".into(),
        roles: vec![],
        claims: crate::custom_claims::CustomClaims::default(),
        email_verified: false,
        account_version: Some(1),
    };
    Session::begin(NewSession {
        user_id: crate::ids::UserId::from_bytes([1; 16]),
        session_id: crate::ids::SessionId::from_bytes([2; 16]),
        key_id: keys.refresh.current(),
        nonce: Nonce::from_bytes([3; 12]),
        lifetimes: Lifetimes { idle: Seconds(600), absolute: LONGEST },
        amr: AuthenticationMethods::PASSWORD,
        profile,
        device: Device::default(),
        now: Timestamp::from_seconds(2_000_000_000),
    })
}

fn policy() -> Policy {
    Policy { issuer: "urn:x".into(), audience: "api".into() }
}

fn access_token(keys: &KeySet) -> String {
    let settings = AccessTokens { policy: policy(), client_id: "web".into(), lifetime: Seconds(60) };
    let (session, now) = (session(keys), Timestamp::from_seconds(2_000_000_000));
    let mut rng = StdRng::seed_from_u64(2);
    let response = token_response(&settings, keys, &session, &session.newest_token(), now, &mut rng);
    response.expect("a token response").access_token
}

#[test]
fn a_first_set_has_a_current_and_a_next_key_of_each_kind() {
    let mut stored = Stored::nothing();
    assert!(stored.apply("1").differs);
    assert_eq!(stored.states("signing_keys"), ["current", "next"]);
    assert_eq!(stored.states("refresh_token_keys"), ["current", "next"]);
    assert_eq!(stored.states("data_keys"), ["current", "next"]);
    let step =
        json!({ "value": "1", "signing_key": stored.kids()[0], "refresh_token_key": 1, "data_key": 1 });
    assert_eq!(stored.document()["rotations"], json!([step]));
}

#[test]
fn a_new_value_makes_the_published_next_key_current_and_publishes_another() {
    let mut stored = Stored::created();
    let before = stored.kids();
    let rotated = stored.apply("2");
    assert_eq!(stored.states("signing_keys"), ["retired", "current", "next"]);
    assert_eq!(stored.states("refresh_token_keys"), ["retired", "current", "next"]);
    assert_eq!(rotated.set.signing.key_id(), before[1]);
    assert_eq!(rotated.set.refresh.current().0, 2);
    assert_eq!(published(&rotated.set), stored.kids());
    assert_eq!(stored.document()["signing_keys"][0]["used_until"], json!(stored.now));
}

#[test]
fn a_value_repeated_adds_nothing() {
    let mut stored = Stored::created();
    for value in ["1", "2", "3"] {
        stored.apply(value);
        let before = stored.document();
        assert!(!stored.apply(value).differs, "{value}");
        assert_eq!(stored.document(), before, "{value}");
    }
}

#[test]
fn the_version_of_a_set_changes_with_its_keys_and_their_states() {
    let mut stored = Stored::created();
    let versions = ["1", "2", "1", "2"].map(|value| stored.apply(value).set.version());
    assert_eq!((versions[1] == versions[3], versions[1] == versions[2]), (true, false));
    assert_ne!(versions[0], versions[1]);
    assert_ne!(stored.change("2", "1").set.version(), versions[3], "a refresh-token key alone");
}

#[test]
fn a_value_rolled_back_selects_the_old_signer_and_leads_to_the_same_next() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    stored.apply("2");
    let back = stored.apply("1");
    assert_eq!(back.set.signing.key_id(), kids[0]);
    assert_eq!(back.set.refresh.current().0, 1);
    assert_eq!(stored.states("signing_keys"), ["current", "next", "next"]);
    assert_eq!(stored.apply("2").set.signing.key_id(), kids[1]);
    stored.apply("1");
    assert_eq!(stored.apply("another").set.signing.key_id(), kids[1], "the one that is published as next");
    assert_eq!(stored.kids().len(), 3, "nothing was made but the next of the second step");
}

#[test]
fn rotating_twice_publishes_three_keys_and_keeps_the_first_for_refreshes() {
    let mut stored = Stored::created();
    let old = stored.apply("1").set;
    stored.apply("2");
    let twice = stored.apply("3");
    assert_eq!(published(&twice.set), stored.kids()[1..]);
    let token = access_token(&old);
    access_token::verify(&token, &twice.set.verifying, &policy()).expect("known to who holds the secret");
}

#[test]
fn what_is_signed_before_a_rotation_verifies_during_and_after_it() {
    let mut stored = Stored::created();
    let before = stored.apply("1").set;
    let after = stored.apply("2").set;
    for (signer, verifier) in [(&before, &after), (&after, &before)] {
        let public = crate::key_set::VerifyingKeys::from_jwk_set(&verifier.public_jwk_set()).expect("keys");
        access_token::verify(&access_token(signer), &public, &policy()).expect("a genuine token");
    }
}

#[test]
fn a_replay_across_a_rotation_returns_the_same_refresh_token() {
    let mut stored = Stored::created();
    let (before, after) = (stored.apply("1").set, stored.apply("2").set);
    let newest = session(&before).newest_token();
    let text = newest.to_text(&before.refresh).expect("a known key");
    assert_eq!(newest.to_text(&after.refresh), Ok(text.clone()));
    assert_eq!(RefreshToken::parse(text.expose(), &after.refresh), Ok(newest));
}

#[test]
fn the_next_key_replaces_a_revoked_one_whose_tokens_do_not_verify() {
    let mut stored = Stored::created();
    let before = stored.apply("1").set;
    let kids = stored.kids();
    let after = stored.change("1", &format!("{},1", kids[0])).set;
    assert_eq!((after.signing.key_id(), after.refresh.current().0), (kids[1].as_str(), 2));
    assert_eq!(stored.states("signing_keys"), ["current", "next"]);
    let refused = access_token::verify(&access_token(&before), &after.verifying, &policy()).unwrap_err();
    assert_eq!(refused, AccessTokenError::UnknownKey);
    let text = session(&before).newest_token().to_text(&before.refresh).expect("a known key");
    assert!(RefreshToken::parse(text.expose(), &after.refresh).is_err());
    assert!(!stored.change("1", &format!("{},1", kids[0])).differs, "revoked once is revoked");
}

#[test]
fn a_step_whose_key_was_revoked_stands_for_the_one_after_it() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    stored.apply("2");
    stored.change("2", &kids[0]);
    assert_eq!(stored.apply("1").set.signing.key_id(), kids[1]);
}

#[test]
fn a_deployment_can_rotate_a_key_away_and_revoke_it() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    let after = stored.change("2", &kids[0]).set;
    assert_eq!(after.signing.key_id(), kids[1], "the one that was published, not the one after it");
}

#[test]
fn revoking_everything_leaves_a_set_that_works() {
    let mut stored = Stored::created();
    let all = format!("{},1,2", stored.kids().join(","));
    let after = stored.change("1", &all).set;
    assert_eq!(stored.states("signing_keys"), ["current", "next"]);
    assert_eq!(after.refresh.current().0, 3, "a revoked id is not given away again");
}

#[test]
fn a_next_key_can_be_revoked_and_its_id_is_not_given_away_again() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    let after = stored.change("1", &format!("{},2", kids[1])).set;
    assert_eq!(after.signing.key_id(), kids[0]);
    assert!(!published(&after).contains(&kids[1]));
    let ids: Vec<_> = stored.document()["refresh_token_keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["id"].clone())
        .collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(stored.apply("2").set.refresh.current().0, 3);
    stored.change("2", "4");
    assert_eq!(stored.apply("3").set.refresh.current().0, 5, "the newest key was revoked");
}

#[test]
fn a_key_that_never_was_there_can_not_be_revoked() {
    let mut stored = Stored::created();
    let before = stored.document();
    let error = stored.try_change("1", "77").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no key 77 to revoke: neither in the key set nor among those revoked before"
    );
    assert_eq!(stored.document(), before);
}

#[test]
fn a_retired_key_is_kept_for_the_longest_session_and_a_day() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    stored.apply("2");
    stored.now += 31 * DAY - 2;
    stored.apply("2");
    assert_eq!(stored.kids()[0], kids[0]);
    stored.apply("2");
    assert_eq!(stored.kids()[0], kids[1]);
    assert_eq!(stored.states("refresh_token_keys"), ["current", "next"]);
    assert_eq!(stored.document()["rotations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_shorter_lifetime_does_not_shorten_what_sessions_were_promised() {
    let mut stored = Stored::created();
    stored.apply("2");
    stored.now += 10 * DAY;
    let now = Timestamp::from_seconds(stored.now);
    let change =
        Change { step: "2", revoke: &[], algorithm: Algorithm::ES256, longest_session: Seconds(3600), now };
    let applied = apply(stored.json.as_deref(), &change, &mut stored.rng).expect("a change");
    assert!(!applied.differs, "sessions of thirty days still have tokens of the retired key");
}

#[test]
fn a_set_made_by_hand_is_taken_over_as_it_is() {
    let generated = KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(9)).expect("keys");
    let mut document: Value = serde_json::from_str(&generated.to_json()).expect("JSON");
    for kind in ["signing_keys", "refresh_token_keys"] {
        document[kind].as_array_mut().expect("keys").swap(0, 1);
    }
    let mut stored = Stored { json: Some(document.to_string()), ..Stored::nothing() };
    assert_eq!(stored.apply("7").set.signing.key_id(), generated.signing.key_id());
    assert_eq!(stored.states("signing_keys"), ["current", "next"]);
    assert!(!stored.apply("7").differs);
}

fn algorithms(set: &KeySet) -> Vec<Algorithm> {
    set.document.signing_keys.iter().map(|key| key.alg).collect()
}

#[test]
fn another_algorithm_is_published_before_it_signs_and_the_old_tokens_stay_good() {
    for algorithm in [Algorithm::EdDSA, Algorithm::RS256] {
        let mut stored = Stored::created();
        let kids = stored.kids();
        let first = access_token(&stored.apply("1").set);
        stored.algorithm = algorithm;
        let before = stored.apply("1");
        assert_eq!(algorithms(&before.set), [Algorithm::ES256, algorithm]);
        assert_eq!(before.set.signing.key_id(), kids[0], "the old key goes on signing");
        assert!(!stored.apply("1").differs, "the same again changes nothing");
        let next = stored.kids()[1].clone();
        assert_eq!(published(&before.set), [kids[0].as_str(), &next]);
        let after = stored.apply("2").set;
        assert_eq!((after.signing.key_id(), after.signing.algorithm()), (next.as_str(), algorithm));
        assert_eq!(algorithms(&after), [Algorithm::ES256, algorithm, algorithm]);
        for token in [first, access_token(&after)] {
            let verified = access_token::verify(&token, &after.verifying, &policy());
            assert!(verified.is_ok(), "{verified:?}");
        }
    }
}

#[test]
fn a_rotation_beside_another_algorithm_takes_the_key_that_was_published() {
    let mut stored = Stored::created();
    let kids = stored.kids();
    stored.algorithm = Algorithm::EdDSA;
    let set = stored.apply("2").set;
    assert_eq!(set.signing.key_id(), kids[1]);
    assert_eq!(algorithms(&set), [Algorithm::ES256, Algorithm::ES256, Algorithm::EdDSA]);
}

#[test]
fn a_key_that_has_signed_stays_whatever_its_algorithm_is() {
    let mut stored = Stored::created();
    stored.apply("2");
    let kids = stored.kids();
    stored.algorithm = Algorithm::EdDSA;
    // Back to the first key: the second has signed, the third never has.
    let set = stored.apply("1").set;
    assert_eq!(stored.kids(), kids[..2]);
    assert_eq!((set.signing.key_id(), algorithms(&set)), (kids[0].as_str(), vec![Algorithm::ES256; 2]));
    assert_eq!(stored.apply("2").set.signing.key_id(), kids[1]);
    assert_eq!(algorithms(&stored.apply("2").set).last(), Some(&Algorithm::EdDSA));
}

#[test]
fn keys_of_three_rsa_pairs_fit_where_public_keys_go() {
    let mut stored = Stored { algorithm: Algorithm::RS256, ..Stored::nothing() };
    stored.apply("1");
    let set = stored.apply("2").set;
    assert_eq!(set.public.keys.len(), 3);
    // 4 KB are for all variables of a function.
    assert!(set.public_jwk_set().len() < 2_000, "{}", set.public_jwk_set().len());
}

#[test]
fn a_stored_set_that_can_not_be_read_is_left_alone() {
    let mut stored = Stored { json: Some("{\"signing_keys\":[]".into()), ..Stored::nothing() };
    let error = stored.try_change("1", "").unwrap_err();
    assert!(matches!(error, RotationError::Stored(_)), "{error}");
}

#[test]
fn ids_of_refresh_token_keys_wrap_around_and_run_out_with_a_reason() {
    let mut stored = Stored::created();
    for step in 2..=254 {
        stored.apply(&step.to_string());
    }
    assert_eq!(stored.try_change("255", "").unwrap_err(), RotationError::NoFreeId);
    stored.now += 32 * DAY;
    stored.apply("254");
    assert_eq!(stored.apply("255").set.refresh.current().0, 255);
    assert_eq!(stored.document()["refresh_token_keys"][2]["id"], json!(1), "free again");
}

#[test]
fn a_revoked_id_is_passed_over_when_the_circle_closes() {
    let mut stored = Stored::created();
    stored.change("1", "1");
    let mut seen = Vec::new();
    for step in 2..=256 {
        stored.now += 40 * DAY;
        seen.push(stored.apply(&step.to_string()).set.refresh.current().0);
    }
    assert_eq!(seen[252..], [255, 2, 3]);
}

#[test]
fn data_keys_are_rotated_with_the_others_and_kept_until_they_are_revoked() {
    let mut stored = Stored::created();
    let nonce = SealingNonce::random(&mut StdRng::seed_from_u64(3));
    let sealed = stored.apply("1").set.data.seal(b"secret", b"ada", nonce).unwrap();
    let rotated = stored.apply("2").set;
    assert_eq!((stored.states("data_keys"), rotated.data.current()), (line(1), Ok(DataKeyId(2))));
    stored.now += 1000 * DAY;
    for step in ["3", "4"] {
        let set = stored.apply(step).set;
        assert_eq!(set.data.open(&sealed, b"ada"), Ok(b"secret".to_vec().into()), "{step}");
    }
    assert_eq!(stored.states("data_keys"), line(3));
    let revoked = stored.change("4", "data-1").set;
    assert_eq!(revoked.data.open(&sealed, b"ada"), Err(DataKeyError::Unknown(DataKeyId(1))));
    assert_eq!(revoked.data.current(), Ok(DataKeyId(4)));
    let current = stored.change("4", "data-4").set;
    assert_eq!(current.data.current(), Ok(DataKeyId(5)), "the next one takes over");
    assert!(!stored.change("4", "data-1,data-4").differs, "revoked once is revoked");
    assert!(stored.try_change("4", "data-77").is_err());
}

fn line(retired: usize) -> Vec<Value> {
    let states = std::iter::repeat_n("retired", retired).chain(["current", "next"]);
    states.map(Value::from).collect()
}

#[test]
fn a_set_from_before_there_were_data_keys_gets_them_and_goes_back_to_the_first() {
    let mut stored = Stored::created();
    stored.apply("2");
    let mut document = stored.document();
    document.as_object_mut().unwrap().remove("data_keys");
    for step in document["rotations"].as_array_mut().unwrap() {
        step.as_object_mut().unwrap().remove("data_key");
    }
    stored.json = Some(document.to_string());
    let added = stored.apply("2");
    assert!(added.differs);
    assert_eq!((stored.states("data_keys"), added.set.data.current()), (line(0), Ok(DataKeyId(1))));
    assert_eq!(stored.apply("3").set.data.current(), Ok(DataKeyId(2)));
    for step in ["1", "2"] {
        assert_eq!(stored.apply(step).set.data.current(), Ok(DataKeyId(1)), "{step}");
    }
}

#[test]
fn a_process_of_its_own_adds_data_keys_too() {
    let stored = Stored::created();
    let mut document: Value = serde_json::from_str(stored.json.as_ref().unwrap()).unwrap();
    let whole = KeySet::parse(&document.to_string()).unwrap();
    assert!(with_data_keys(&whole, &mut StdRng::seed_from_u64(4)).unwrap().is_none(), "it has them");
    document.as_object_mut().unwrap().remove("data_keys");
    let old = KeySet::parse(&document.to_string()).unwrap();
    assert_eq!(old.data.current(), Err(DataKeyError::None));
    let added = with_data_keys(&old, &mut StdRng::seed_from_u64(4)).unwrap().unwrap();
    assert_eq!((added.data.current(), added.signing.key_id()), (Ok(DataKeyId(1)), old.signing.key_id()));
}

#[test]
fn names_of_keys_are_read_and_a_slip_is_named() {
    assert_eq!(key_names(""), Ok(vec![]));
    let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    let names = vec![KeyName::Signing(kid.into()), KeyName::RefreshToken(255), KeyName::Data(65535)];
    assert_eq!(key_names(&format!(" {kid}, 255,data-65535,")), Ok(names.clone()));
    for name in names {
        assert_eq!(name.to_string().parse(), Ok(name));
    }
    for bad in [
        "0",
        "256",
        "-1",
        "1.0",
        "one",
        "data-0",
        "data-65536",
        "data-",
        "data-+",
        "Data-1",
        &kid[1..],
        &format!("{kid}="),
        "{\"signing_keys\"",
    ] {
        assert!(key_names(bad).is_err(), "{bad}");
    }
    assert!(key_names(&"x".repeat(5000)).unwrap_err().to_string().len() < 200);
}
