//! What refreshes consume, counted in front of DynamoDB in a pass of its own that is not timed.

use std::path::Path;

use shared::key_set::KeySet;
use tests::dynamodb::SESSIONS;
use tests::{Database, Row, TestClock};

use crate::contest::Work;
use crate::lambda::Environment;
use crate::requests::refresh::Chain;
use crate::rows::Account;
use crate::{Arguments, Failure, ratchet};

/// How many are counted.
const REFRESHES: u32 = 100;

/// For each refresh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Consumed {
    pub(super) requests: f64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
}

/// Refreshes after the first, by the release binary. The connection that a start opens costs it a read of its own.
pub(super) async fn refreshes(
    arguments: &Arguments,
    keys: &KeySet,
    bundle: &Path,
) -> Result<Consumed, Failure> {
    let database = Database::start(&TestClock::default()).await;
    let session = Account::new(1).session(1);
    let row = serde_json::to_value(session.row(keys, &[])).map_err(|error| error.to_string())?;
    database.put_all(SESSIONS, &[Row(row)]).await;
    let program = ratchet::function(arguments, "refresh", keys, (&database.url(), bundle))?;
    let mut chain = Chain::new(&session, keys)?;
    let (mut environment, first) = Environment::start(&program, &chain.event()).await?;
    chain.check(&first.answer)?;
    database.forget_requests();
    database.begin_metering();
    for _ in 0..REFRESHES {
        let answer = environment.invoke(&chain.event()).await?.answer;
        chain.check(&answer)?;
    }
    let (requests, units) = (database.take_requests(), database.take_units());
    let requests = u32::try_from(requests.len()).unwrap_or(u32::MAX);
    let each = |total: f64| total / f64::from(REFRESHES);
    Ok(Consumed {
        requests: each(requests.into()),
        read_units: each(units.read),
        write_units: each(units.write),
    })
}
