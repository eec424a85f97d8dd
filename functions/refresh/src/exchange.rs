//! The exchange itself: one conditional write, and what the rule says if its condition fails.
//!
//! The row that comes back with a failed condition says what happened, in the same round trip. Two requests are made
//! only for a late replay, which the budget must remember, and to end a session.

use aws::sessions::{Outcome, Rotation};
use rand::CryptoRng;
use shared::Timestamp;
use shared::refresh_token::{Nonce, RefreshKeyId, RefreshToken};
use shared::session::{Decision, EndReason, Session, decide};

use crate::{App, RefreshError};

/// How often a late replay that lost a race is decided again. A loss means that another one was answered just now, so
/// the next decision is a prompt replay; the third is for a logout in between.
const TRIES: usize = 3;

/// A refresh that succeeded.
pub(crate) struct Exchanged {
    pub(crate) how: How,
    pub(crate) session: Session,
    pub(crate) successor: RefreshToken,
}

/// How a refresh succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Rotated,
    OwnWrite,
    PromptReplay,
    LateReplay,
}

impl How {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::OwnWrite => "own_write",
            Self::PromptReplay => "prompt_replay",
            Self::LateReplay => "late_replay",
        }
    }
}

impl Exchanged {
    fn newest(how: How, session: Session) -> Self {
        Self { how, successor: session.newest_token(), session }
    }
}

pub(crate) async fn exchange(
    app: &App,
    presented: &RefreshToken,
    key_id: RefreshKeyId,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Exchanged, RefreshError> {
    let Some(generation) = presented.generation.next() else {
        return Err(end(app, presented, EndReason::LastGeneration).await);
    };
    let nonce = Nonce::random(rng);
    let to = Rotation { generation, nonce, key_id, idle: app.idle };
    match app.sessions.rotate(presented, &to, now).await? {
        Outcome::Written(session) => Ok(Exchanged::newest(How::Rotated, session)),
        Outcome::Unchanged(row) => settle(app, presented, &to, row, now).await,
    }
}

async fn settle(
    app: &App,
    presented: &RefreshToken,
    to: &Rotation,
    mut row: Option<Session>,
    now: Timestamp,
) -> Result<Exchanged, RefreshError> {
    for _ in 0..TRIES {
        let decision = decide(row.as_ref(), presented, &to.nonce, now, &app.limits);
        tracing::debug!(route = "refresh", ?decision, session_id = %presented.session_id);
        match (decision, row) {
            (Decision::OwnWrite, Some(session)) => return Ok(own_write(presented, to, session)),
            (Decision::PromptReplay, Some(session)) => {
                return Ok(Exchanged::newest(How::PromptReplay, session));
            }
            (Decision::LateReplay { late_replays }, Some(session)) => {
                match app.sessions.record_late_replay(&session, late_replays, now).await? {
                    Outcome::Written(session) => return Ok(Exchanged::newest(How::LateReplay, session)),
                    Outcome::Unchanged(row_now) => row = row_now,
                }
            }
            (Decision::Refuse(refusal), _) => return Err(RefreshError::Refused(refusal)),
            (Decision::End(reason), _) => return Err(end(app, presented, reason).await),
            // A condition that failed on a row that meets it: no engine that keeps its promises does that.
            (Decision::Rotate, _) | (_, None) => return Err(RefreshError::RowChanging),
        }
    }
    Err(RefreshError::RowChanging)
}

/// The answer to this very request was lost and the SDK resent it: its token is the one that was written then, even if
/// the session has been refreshed again since.
fn own_write(presented: &RefreshToken, to: &Rotation, session: Session) -> Exchanged {
    let successor =
        RefreshToken { generation: to.generation, nonce: to.nonce, key_id: to.key_id, ..presented.clone() };
    Exchanged { how: How::OwnWrite, session, successor }
}

/// Ends the session; only then is the refusal given, so that a refused thief is an ended session.
async fn end(app: &App, presented: &RefreshToken, reason: EndReason) -> RefreshError {
    match app.sessions.end(presented.user_id, presented.session_id).await {
        Ok(()) => RefreshError::Ended(reason),
        Err(error) => RefreshError::Table(error),
    }
}
