//! The requests to the table of refresh tokens, each atomic, as `aws/src/sessions.rs` makes them.
//!
//! The conditions are written out here because they are expressions of DynamoDB there. That the first one holds exactly
//! when the rule says "rotate" is a property of its own in both worlds, and a test of the real `UpdateItem`.

use shared::Timestamp;
use shared::refresh_token::Nonce;
use shared::session::Session;

use crate::rule::{Mutation, Rule};
use crate::token::{Row, Token};

/// What a conditional write did.
pub(crate) enum Outcome {
    Written(Row),
    Unchanged(Option<Row>),
}

/// `Sessions::rotate`.
pub(crate) fn rotate(
    rule: &Rule,
    row: &mut Option<Row>,
    presented: Token,
    fresh: Nonce,
    now: Timestamp,
) -> Outcome {
    let holds =
        |row: &Session| meets_condition(row, presented, now) || rule.is_broken(Mutation::UnconditionalWrite);
    let rotated = row.as_deref().filter(|row| holds(row)).and_then(|row| rule.rotated(row, fresh, now));
    write(row, rotated)
}

/// `Sessions::record_late_replay`.
pub(crate) fn record_late_replay(
    row: &mut Option<Row>,
    read: &Session,
    late_replays: u32,
    now: Timestamp,
) -> Outcome {
    let unchanged = |row: &&Session| row.generation == read.generation && row.late_at == read.late_at;
    let recorded =
        row.as_deref().filter(unchanged).map(|row| Session { late_replays, late_at: now, ..row.clone() });
    write(row, recorded)
}

fn write(row: &mut Option<Row>, new: Option<Session>) -> Outcome {
    match new {
        Some(session) => {
            let written = Row::new(session);
            *row = Some(written.clone());
            Outcome::Written(written)
        }
        None => Outcome::Unchanged(row.clone()),
    }
}

/// The condition of the `UpdateItem` of a rotation.
fn meets_condition(row: &Session, presented: Token, now: Timestamp) -> bool {
    let presented = presented.genuine();
    row.generation == presented.generation
        && row.nonce == presented.nonce
        && row.expires_at.seconds() > now.seconds()
        && row.ends_at > now
}
