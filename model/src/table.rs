//! The requests to the refresh tokens table, each atomic. The effect of each on a row is the product's own statement of its
//! `UpdateItem`, which the end-to-end suite compares with real tables.

use shared::conditional_write::ConditionalWrite;
use shared::session::{LateReplay, ProfileUpdate, ProvenReplay, Rotation, Session};

use crate::rule::{Mutation, Rule};
use crate::token::Row;

/// `Sessions::rotate`. A function without keys leaves unknown attributes unchanged.
pub(crate) fn rotate(
    rule: &Rule,
    row: &mut Option<Row>,
    rotation: &Rotation,
    is_keyless_function: bool,
) -> ConditionalWrite<Row> {
    let kept = row
        .as_deref()
        .filter(|_| is_keyless_function)
        .map(|row| (row.attempts, row.proven_replays, row.proven_at));
    let answer = match row.as_deref().map(|row| rotation.update(row)) {
        Some(new) if rule.is_broken(Mutation::UnconditionalWrite) => ConditionalWrite::Written(new),
        Some(_) | None => rotation.apply(row.as_deref()),
    };
    let forgets = rule.is_broken(Mutation::NoPreviousNonce);
    write(row, answer, |new| {
        let new = if forgets { Session { previous_nonce: None, ..new } } else { new };
        match kept {
            Some((attempts, proven_replays, proven_at)) => {
                Session { attempts, proven_replays, proven_at, ..new }
            }
            None => new,
        }
    })
}

/// `Sessions::count_late_replay`.
pub(crate) fn count_late_replay(row: &mut Option<Row>, late_replay: &LateReplay) -> ConditionalWrite<Row> {
    let answer = late_replay.apply(row.as_deref());
    write(row, answer, |new| new)
}

/// `Sessions::count_proven_replay`.
pub(crate) fn count_proven_replay(row: &mut Option<Row>, replay: &ProvenReplay) -> ConditionalWrite<Row> {
    let answer = replay.apply(row.as_deref());
    write(row, answer, |new| new)
}

/// `Sessions::update_profile`.
pub(crate) fn update_profile(row: &mut Option<Row>, update: &ProfileUpdate) {
    if let Some(new) = update.apply(row.as_deref()) {
        *row = Some(Row::new(new));
    }
}

fn write(
    row: &mut Option<Row>,
    answer: ConditionalWrite<Session>,
    stored: impl Fn(Session) -> Session,
) -> ConditionalWrite<Row> {
    match answer {
        ConditionalWrite::Written(new) => {
            let written = Row::new(stored(new));
            *row = Some(written.clone());
            ConditionalWrite::Written(written)
        }
        ConditionalWrite::ConditionFailed(_) => ConditionalWrite::ConditionFailed(row.clone()),
    }
}
