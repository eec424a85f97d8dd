//! The rule of refresh.

use shared::refresh_token::{Nonce, RefreshToken};
use shared::retry_key::RetryKeyHash;
use shared::session::{EndReason, Limits, RefreshDecision, Rotation, decide};
use shared::{Seconds, Timestamp};

use super::Operation;
use crate::count::count;
use crate::material::{EDDSA, NOW, keys, session};

pub(super) const OPERATIONS: &[Operation] = &[
    ("decide rotate", || first(0, 0, RefreshDecision::Rotate)),
    ("decide prompt replay", || first(1, 2, RefreshDecision::PromptReplay)),
    ("decide late replay", || first(1, 60, RefreshDecision::LateReplay { late_replays: 1 })),
    ("decide proven replay", || keyed(1, 3600, RefreshDecision::ProvenReplay { counted: Some(1) })),
    ("decide reuse", || first(1, 3600, RefreshDecision::End(EndReason::Reuse))),
];

const LIMITS: Limits = Limits { retry: Seconds(5), grace: Seconds(600), late_replays: 3 };

/// The session's first token is presented, so many refreshes and then so many seconds later.
fn first(refreshes: u8, later: u32, expected: RefreshDecision) {
    decided(None, refreshes, later, expected);
}

/// The same by a client that sends a retry key.
fn keyed(refreshes: u8, later: u32, expected: RefreshDecision) {
    let key = RetryKeyHash::of("0123456789abcdefghijkl").expect("a retry key");
    decided(Some(key), refreshes, later, expected);
}

fn decided(retry_key: Option<RetryKeyHash>, refreshes: u8, later: u32, expected: RefreshDecision) {
    let keys = keys(EDDSA);
    let mut row = session(&keys);
    let presented = row.newest_token();
    for refresh in 0..refreshes {
        let rotation = Rotation {
            presented: row.newest_token(),
            retry_key,
            generation: row.generation.next().expect("a next generation"),
            nonce: Nonce::from_bytes([refresh; 12]),
            key_id: keys.refresh.current(),
            idle: Seconds(604_800),
            now: NOW,
        };
        row = rotation.update(&row);
    }
    let ask = |(presented, fresh, now): (RefreshToken, Nonce, Timestamp)| {
        decide(Some(&row), &presented, retry_key, &fresh, now, &LIMITS)
    };
    let asked = || (presented.clone(), Nonce::from_bytes([0xff; 12]), NOW + Seconds(later));
    assert_eq!(ask(asked()), expected, "the example is another case");
    count(asked, ask);
}
