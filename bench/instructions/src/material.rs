//! What the operations work on: the committed events, keys for tests, and a session.

use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::Timestamp;
use shared::access_token::Policy;
use shared::api::TokenResponse;
use shared::authentication::AuthenticationMethods;
use shared::ids::{SessionId, UserId};
use shared::issue::{AccessTokens, token_response};
use shared::key_set::KeySet;
use shared::refresh_token::Nonce;
use shared::session::{Device, Lifetimes, NewSession, Profile, Session};
use shared::time::Seconds;

/// The time of every operation: 1 November 2026, when the events were made.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_793_491_200);

/// The keys that signed what is in `events/`.
pub(crate) const EDDSA: &str = include_str!("../../../events/key-set.json");
/// A key set for tests alone.
pub(crate) const ES256: &str = include_str!("../keys/es256.json");
/// A key set for tests alone.
pub(crate) const RS256: &str = include_str!("../keys/rs256.json");
/// The public half of [`EDDSA`].
pub(crate) const PUBLIC_KEYS: &str = include_str!("../../../events/public-keys.json");

pub(crate) fn keys(document: &str) -> KeySet {
    KeySet::parse(document).expect("a key set")
}

/// The same numbers each time.
pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// What the events' tokens say.
pub(crate) fn settings() -> AccessTokens {
    let policy = Policy { issuer: "urn:ratchet:local".to_owned(), audience: "ratchet".to_owned() };
    AccessTokens { policy, client_id: "ratchet".to_owned(), lifetime: Seconds(60) }
}

/// A session that has just begun.
pub(crate) fn session(keys: &KeySet) -> Session {
    let profile = Profile {
        email: "ada@example.com".to_owned(),
        name: "Ada Lovelace".to_owned(),
        roles: ["admin", "editor", "member"].map(|role| role.parse().expect("a role")).to_vec(),
        claims: shared::custom_claims::CustomClaims::default(),
        email_verified: false,
        account_version: Some(1),
    };
    let device = Device::new(b"Mozilla/5.0 (X11; Linux x86_64)", "192.0.2.10".to_owned());
    let lifetimes = Lifetimes { idle: Seconds(604_800), absolute: Seconds(2_592_000) };
    Session::begin(NewSession {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        key_id: keys.refresh.current(),
        nonce: Nonce::from_bytes([3; 12]),
        lifetimes,
        amr: AuthenticationMethods::PASSWORD,
        profile,
        device,
        now: NOW,
    })
}

/// What answers a refresh of that session.
pub(crate) fn tokens(settings: &AccessTokens, keys: &KeySet, session: &Session) -> TokenResponse {
    token_response(settings, keys, session, &session.newest_token(), NOW, &mut rng()).expect("tokens")
}
