//! A refresh, over TLS to an embedded DynamoDB that answers at once: what is left is what the programs do themselves.

mod floor;
mod metered;
mod openauth;
mod secret;

use shared::key_set::KeySet;

use crate::budget::Budget;
use crate::contest::{self, Amount, Contender};
use crate::dynamodb::DynamoDb;
use crate::figures::{Figures, Measured};
use crate::requests::refresh::Chain;
use crate::rows::{Account, Session};
use crate::{Arguments, Failure, ratchet};
use metered::Consumed;

/// The most memory that a refresh may take.
const MEMORY_MIB: f64 = 14.0;

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let keys = ratchet::keys()?;
    let dynamodb = DynamoDb::start().await?;
    let url = dynamodb.tls_url()?;
    let mut contenders = [
        own(arguments, &keys, (&dynamodb, &url))?,
        secret::contender(arguments, &keys, (&dynamodb, &url))?,
        floor::contender(arguments, &keys, (&dynamodb, &url))?,
        openauth::contender(arguments, (&dynamodb, &url)).await?,
    ];
    contest::hold(&mut contenders, Amount { rounds: arguments.rounds, events: arguments.events }).await?;
    let [own, secret, floor, openauth] = contenders.map(|contender| contender.figures());
    let consumed = metered::refreshes(arguments, &keys, dynamodb.bundle()).await?;
    let budgets = budgets(&own, &floor, &openauth, consumed);
    Ok(Measured { suite: "refresh", programs: vec![own, secret, floor, openauth], budgets })
}

fn own(
    arguments: &Arguments,
    keys: &KeySet,
    (dynamodb, url): (&DynamoDb, &str),
) -> Result<Contender, Failure> {
    let program = ratchet::function(arguments, "refresh", keys, (url, dynamodb.bundle()))?;
    Ok(Contender::new(program, Chain::new(&begun(dynamodb, keys, 1)?, keys)?))
}

/// A new session of the account with this number, in the table.
fn begun(dynamodb: &DynamoDb, keys: &KeySet, account: u32) -> Result<Session, Failure> {
    let session = Account::new(account).session(1);
    dynamodb.put(tests::dynamodb::SESSIONS, vec![session.row(keys, &[])])?;
    Ok(session)
}

fn budgets(own: &Figures, floor: &Figures, openauth: &Figures, consumed: Consumed) -> Vec<Budget> {
    let to_floor = |promise, bound, own, floor: f64| {
        Budget::at_most(format!("{promise}, to one UpdateItem"), bound, "x", own / floor)
    };
    let to_ours = |promise, bound, theirs: f64, own| {
        Budget::at_least(format!("{promise}, OpenAuth to Ratchet"), bound, "x", theirs / own)
    };
    vec![
        to_floor("cold", 1.3, own.cold_ms, floor.cold_ms),
        to_ours("cold", 25.0, openauth.cold_ms, own.cold_ms),
        to_floor("warm", 1.2, own.warm_ms, floor.warm_ms),
        to_ours("warm", 15.0, openauth.warm_ms, own.warm_ms),
        // None can't be, since every answer is checked.
        Budget::at_most("requests to DynamoDB for each refresh", 1.0, "requests", consumed.requests),
        Budget::at_most("write units for each refresh", 1.0, "units", consumed.write_units),
        Budget::at_most("read units for each refresh", 0.0, "units", consumed.read_units),
        Budget::memory("refresh", MEMORY_MIB, own.peak_bytes),
    ]
}
