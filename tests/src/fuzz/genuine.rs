//! Everything that has been minted. Nobody can forge, so whatever else is accepted is a bug.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use shared::Timestamp;
use shared::access_token::Policy;

use crate::events::{FUTURE, Fixture, PAST, Seeded};

/// When the checks take place: some of the access tokens have expired, the others have not.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(PAST + 3600);

/// The keys of `events/`, and the account that they have signed for.
pub(super) static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

/// All access tokens, each with its `exp`.
pub(super) static ACCESS_TOKENS: LazyLock<BTreeMap<String, i64>> = LazyLock::new(|| {
    let tokens = Seeded::ALL
        .into_iter()
        .flat_map(|session| [PAST + 60, FUTURE].map(|exp| (FIXTURE.access_token(session, exp), exp)));
    tokens.collect()
});

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
