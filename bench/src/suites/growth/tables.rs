//! Tables of every size.

use shared::key_set::KeySet;
use tests::dynamodb::{SESSIONS, USERS};

use crate::Failure;
use crate::dynamodb::DynamoDb;
use crate::rows::Account;
use crate::suites::login::hash;

/// Rows that are written at once.
const BATCH: u32 = 10_000;

/// Sessions of all who sign in with the same number of them: many for each sign-in, so that none gets many more.
const OF_SIGN_INS: u32 = 2400;

/// Who is in the small tables.
pub(super) struct People {
    /// By the number of their sessions.
    pub(super) with_sessions: Vec<(u32, Users)>,
    /// By the number of their roles.
    pub(super) with_roles: Vec<(usize, Account)>,
    /// One session each.
    pub(super) by_keys: [Account; 2],
}

/// Users with the same number of sessions.
pub(super) struct Users {
    /// One who refreshes, and asks for the list.
    pub(super) refreshes: Account,
    /// Those who sign in, in turn.
    pub(super) sign_in: Vec<Account>,
}

/// So many accounts with a session each.
pub(super) async fn with_sessions(number: u32, keys: &KeySet) -> Result<DynamoDb, Failure> {
    let dynamodb = DynamoDb::start().await?;
    let stored = hash::stored()?;
    for first in (0..number).step_by(BATCH as usize) {
        let accounts = || (first..number.min(first + BATCH)).map(Account::new);
        dynamodb.put(SESSIONS, accounts().map(|account| account.session(0).row(keys, &[])).collect())?;
        dynamodb.put(USERS, accounts().map(|account| account.row(&stored)).collect())?;
    }
    Ok(dynamodb)
}

/// Accounts with so many sessions, or so many roles.
pub(super) async fn with_people(
    sessions: &[u32],
    roles: &[usize],
    keys: &KeySet,
) -> Result<(DynamoDb, People), Failure> {
    let dynamodb = DynamoDb::start().await?;
    let stored = hash::stored()?;
    let mut next = 0;
    let mut account = || {
        next += 1;
        Account::new(next)
    };
    let mut people =
        People { with_sessions: Vec::new(), with_roles: Vec::new(), by_keys: [account(), account()] };
    for account in people.by_keys {
        dynamodb.put(SESSIONS, vec![account.session(0).row(keys, &[])])?;
    }
    for number in sessions {
        let refreshes = account();
        // Beyond a thousand sessions a sign-in ends the oldest, so that one account is enough.
        let sign_in: Vec<_> = (0..(OF_SIGN_INS / number).max(1)).map(|_| account()).collect();
        for account in sign_in.iter().chain([&refreshes]) {
            dynamodb.put(USERS, vec![account.row(&stored)])?;
            let row = |session| account.session(session).row(keys, &[]);
            dynamodb.put(SESSIONS, (0..*number).map(row).collect())?;
        }
        people.with_sessions.push((*number, Users { refreshes, sign_in }));
    }
    for number in roles {
        let roles: Vec<_> = (0..*number).map(|role| format!("department-{role}-editor")).collect();
        let account = account();
        dynamodb.put(SESSIONS, vec![account.session(0).row(keys, &roles)])?;
        people.with_roles.push((*number, account));
    }
    Ok((dynamodb, people))
}
