//! A refresh, over TLS to an embedded DynamoDB that answers at once: what is left is what the programs do themselves.

mod floor;
mod metered;
mod openauth;
mod promises;
mod secret;

use shared::key_set::KeySet;

use crate::contest::{self, Amount, Contender};
use crate::dynamodb::DynamoDb;
use crate::figures::Measured;
use crate::requests::refresh::Chain;
use crate::rows::{Account, Session};
use crate::{Arguments, Failure, ratchet};

/// Names in tables.
const RATCHET: &str = "Ratchet";
const SECRET: &str = "Ratchet, keys in Secrets Manager";
const FLOOR: &str = "one UpdateItem with the AWS SDK for Rust";
const OPENAUTH: &str = "Node.js, SST OpenAuth";

/// The first account of the other builds.
const BESIDE: u32 = 100;

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let keys = ratchet::keys()?;
    let dynamodb = DynamoDb::start().await?;
    let url = dynamodb.tls_url()?;
    let ratchet = ratchet::function(arguments, "refresh", &keys, (&url, dynamodb.bundle()))?;
    let mut contenders = vec![
        Contender::new(ratchet.clone(), chain(&dynamodb, &keys, 1)?),
        secret::contender(arguments, &keys, (&dynamodb, &url))?,
        floor::contender(arguments, &keys, (&dynamodb, &url))?,
        openauth::contender(arguments, (&dynamodb, &url)).await?,
    ];
    for (build, account) in arguments.beside.iter().zip(BESIDE..) {
        let program = build.replace(&ratchet, "refresh")?;
        contenders.push(Contender::new(program, chain(&dynamodb, &keys, account)?));
    }
    contest::hold(&mut contenders, Amount { rounds: arguments.rounds, events: arguments.events }).await?;
    let programs: Vec<_> = contenders.iter().map(Contender::figures).collect();
    let consumed = metered::refreshes(arguments, &keys, dynamodb.bundle()).await?;
    let budgets = promises::budgets(&programs, consumed);
    Ok(Measured { suite: "refresh", programs, budgets, series: Vec::new() })
}

/// The refreshes of a new session of the account with this number.
fn chain(dynamodb: &DynamoDb, keys: &KeySet, account: u32) -> Result<Chain, Failure> {
    Chain::new(&begun(dynamodb, keys, account)?, keys)
}

/// A new session of the account with this number, in the table.
fn begun(dynamodb: &DynamoDb, keys: &KeySet, account: u32) -> Result<Session, Failure> {
    let session = Account::new(account).session(1);
    dynamodb.put(tests::dynamodb::SESSIONS, vec![session.row(keys, &[])])?;
    Ok(session)
}
