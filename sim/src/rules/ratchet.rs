//! Ratchet: the product's own flow of a refresh and its own writes, on a row in memory.

use shared::Timestamp;
use shared::authentication::AuthenticationMethods;
use shared::conditional_write::ConditionalWrite;
use shared::flow::refresh::{Refresh, Step};
use shared::ids::{SessionId, UserId};
use shared::refresh_token::{Nonce, RefreshKeyId, RefreshToken};
use shared::retry_key::RetryKeyHash;
use shared::session::{Device, Lifetimes, Limits, NewSession, Profile, Session};

use super::{Reply, Server, Token};
use crate::Millis;

const KEY: RefreshKeyId = RefreshKeyId(1);
const LIFETIMES: Lifetimes =
    Lifetimes { idle: shared::Seconds(7 * 86_400), absolute: shared::Seconds(30 * 86_400) };
/// The beginning of virtual time, so that no window reaches back to the epoch, where nothing was superseded.
const START: Millis = 1_000_000_000_000;

/// One session.
pub(super) struct Ratchet {
    row: Option<Session>,
    issued: Vec<RefreshToken>,
    limits: Limits,
    /// The number of requests: each has a nonce of its own.
    requests: u64,
}

impl Ratchet {
    pub(super) fn begin(limits: Limits, now: Millis) -> Self {
        let profile = Profile {
            email: String::new(),
            name: String::new(),
            roles: Vec::new(),
            claims: shared::custom_claims::CustomClaims::default(),
            email_verified: false,
            account_version: None,
        };
        let row = Session::begin(NewSession {
            user_id: UserId::from_bytes([1; 16]),
            session_id: SessionId::from_bytes([1; 16]),
            key_id: KEY,
            nonce: nonce(0),
            lifetimes: LIFETIMES,
            amr: AuthenticationMethods::PASSWORD,
            profile,
            device: Device::default(),
            now: Timestamp::from_millis(START + now),
        });
        Self { issued: vec![row.newest_token()], row: Some(row), limits, requests: 0 }
    }

    fn run(&mut self, mut step: Step) -> Option<RefreshToken> {
        loop {
            step = match step {
                Step::Rotate(rotate) => {
                    let answer = rotate.rotation.apply(self.row.as_ref());
                    rotate.then(self.write(answer))
                }
                Step::CountLateReplay(count) => {
                    let answer = count.write.apply(self.row.as_ref());
                    count.then(self.write(answer))
                }
                Step::CountProvenReplay(count) => {
                    let answer = count.write.apply(self.row.as_ref());
                    count.then(self.write(answer))
                }
                Step::End(end) => {
                    self.row = None;
                    end.then()
                }
                Step::Done(outcome) => return outcome.ok().map(|refreshed| refreshed.successor),
            }
        }
    }

    fn write(&mut self, answer: ConditionalWrite<Session>) -> ConditionalWrite<Session> {
        if let ConditionalWrite::Written(new) = &answer {
            self.row = Some(new.clone());
        }
        answer
    }

    /// Returns the number of the token in an answer. It is always the newest, because no request here is resent with its nonce.
    fn place(&mut self, token: RefreshToken) -> Token {
        if self.issued.last() != Some(&token) {
            self.issued.push(token);
        }
        self.issued.len() - 1
    }
}

impl Server for Ratchet {
    fn refresh(&mut self, token: Token, key: Option<u64>, now: Millis) -> Reply {
        let Some(presented) = self.issued.get(token).cloned() else { return Reply::Refused };
        self.requests += 1;
        let refresh = Refresh {
            presented,
            retry_key: key.map(hash),
            nonce: nonce(self.requests),
            key_id: KEY,
            idle: LIFETIMES.idle,
            limits: self.limits,
            now: Timestamp::from_millis(START + now),
        };
        match self.run(refresh.start()) {
            Some(successor) => Reply::Token(self.place(successor)),
            None => Reply::Refused,
        }
    }

    fn has_ended(&self) -> bool {
        self.row.is_none()
    }

    fn log_out(&mut self) {
        self.row = None;
    }
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    for (byte, of_number) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *byte = of_number;
    }
    Nonce::from_bytes(bytes)
}

fn hash(key: u64) -> RetryKeyHash {
    RetryKeyHash::from_bytes(u128::from(key).to_be_bytes())
}
