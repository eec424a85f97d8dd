//! The rule of refresh.

use shared::refresh_token::{Nonce, RefreshToken};
use shared::session::{EndReason, Limits, RefreshDecision, decide};
use shared::{Seconds, Timestamp};

use super::Operation;
use crate::count::count;
use crate::material::{EDDSA, NOW, keys, session};

pub(super) const OPERATIONS: &[Operation] = &[
    ("decide rotate", || first(0, 0, RefreshDecision::Rotate)),
    ("decide prompt replay", || first(1, 2, RefreshDecision::PromptReplay)),
    ("decide late replay", || first(1, 60, RefreshDecision::LateReplay { late_replays: 1 })),
    ("decide reuse", || first(1, 3600, RefreshDecision::End(EndReason::Reuse))),
];

const LIMITS: Limits = Limits { retry: Seconds(5), grace: Seconds(600), late_replays: 3 };

/// The session's first token is presented, so many refreshes and then so many seconds later.
fn first(refreshes: u8, later: u32, expected: RefreshDecision) {
    let keys = keys(EDDSA);
    let mut row = session(&keys);
    let presented = row.newest_token();
    for refresh in 0..refreshes {
        let rotated =
            row.rotated(Nonce::from_bytes([refresh; 12]), keys.refresh.current(), Seconds(604_800), NOW);
        row = rotated.expect("a next generation");
    }
    let ask = |(presented, fresh, now): (RefreshToken, Nonce, Timestamp)| {
        decide(Some(&row), &presented, &fresh, now, &LIMITS)
    };
    let asked = || (presented.clone(), Nonce::from_bytes([0xff; 12]), NOW + Seconds(later));
    assert_eq!(ask(asked()), expected, "the example is another case");
    count(asked, ask);
}
