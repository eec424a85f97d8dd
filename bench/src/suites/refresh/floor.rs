//! The bare SDK program: one `UpdateItem` for each event.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::key_set::KeySet;
use shared::refresh_token::Nonce;
use tests::dynamodb::SESSIONS;

use super::{FLOOR, begun};
use crate::contest::{Contender, Work};
use crate::dynamodb::DynamoDb;
use crate::program::Program;
use crate::rows::Session;
use crate::{Arguments, Failure, ratchet};

pub(super) fn contender(
    arguments: &Arguments,
    keys: &KeySet,
    (dynamodb, url): (&DynamoDb, &str),
) -> Result<Contender, Failure> {
    let mut environment = ratchet::lambda(dynamodb.bundle());
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), url.to_owned());
    environment.insert("REFRESH_TOKENS_TABLE".to_owned(), SESSIONS.to_owned());
    let program = Program {
        name: FLOOR.to_owned(),
        executable: std::path::absolute(arguments.binaries.join("floor-update-item"))?,
        arguments: Vec::new(),
        environment,
    };
    Ok(Contender::new(program, Rotations::new(begun(dynamodb, keys, 3)?)))
}

/// Moves one session on and on.
struct Rotations {
    session: Session,
    generation: u32,
    fresh: Nonce,
    rng: StdRng,
}

impl Rotations {
    fn new(session: Session) -> Self {
        Self { session, generation: 0, fresh: session.nonce, rng: StdRng::seed_from_u64(3) }
    }
}

impl Work for Rotations {
    fn event(&mut self) -> Bytes {
        let nonce = std::mem::replace(&mut self.fresh, Nonce::random(&mut self.rng));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let event = json!({
            "user_id": self.session.account.user_id,
            "session_id": self.session.session_id,
            "generation": self.generation,
            "nonce": text(&nonce),
            "fresh": text(&self.fresh),
            "now": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        });
        event.to_string().into()
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        self.generation += 1;
        let read: Value = serde_json::from_slice(answer).unwrap_or_default();
        if read == json!({ "generation": self.generation }) {
            return Ok(());
        }
        Err(format!("not generation {}: {}", self.generation, String::from_utf8_lossy(answer)).into())
    }
}

fn text(nonce: &Nonce) -> String {
    STANDARD.encode(nonce.as_bytes())
}
