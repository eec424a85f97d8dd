//! Everything that has been minted. Nobody can forge, so anything else that is accepted is a bug.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::Timestamp;
use shared::access_token::Policy;

use crate::events::{FUTURE, Fixture, PAST, Seeded};
use crate::jwt;

/// The time of the checks: some of the access tokens have expired, the others have not.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(PAST + 3600);

/// The keys of `events/`, and the account that they have signed for.
pub(super) static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

/// All access tokens, each with its `exp`: as they are minted, and with the claims that tokens had when the corpus was made.
pub(super) static ACCESS_TOKENS: LazyLock<BTreeMap<String, i64>> = LazyLock::new(|| {
    let tokens = Seeded::ALL
        .into_iter()
        .flat_map(|session| [PAST + 60, FUTURE].map(|exp| (FIXTURE.access_token(session, exp), exp)));
    tokens.flat_map(|(token, exp)| [(as_in_corpus(&token), exp), (token, exp)]).collect()
});

/// Tokens of the corpus have an empty list of roles, and no `amr`.
fn as_in_corpus(token: &str) -> String {
    let (header, rest) = token.split_once('.').expect("a JWT");
    let (payload, _) = rest.split_once('.').expect("a JWT");
    let claims = URL_SAFE_NO_PAD.decode(payload).ok().and_then(|json| String::from_utf8(json).ok());
    let claims = claims.expect("base64url of JSON").replace(r#","amr":["pwd"]"#, "");
    let claims = claims.replace('}', r#","roles":[]}"#);
    let message = format!("{header}.{}", jwt::encode(claims));
    let signature = FIXTURE.keys.signing.sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", jwt::encode(signature))
}

/// All refresh tokens.
pub(super) static REFRESH_TOKENS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let of =
        |session: Seeded| (0..=session.generation()).map(move |back| FIXTURE.refresh_token(session, back));
    Seeded::ALL.into_iter().flat_map(of).collect()
});

/// Issuer and audience of the access tokens.
pub(super) fn policy() -> Policy {
    Policy { issuer: "urn:ratchet:local".to_owned(), audience: "ratchet".to_owned() }
}
