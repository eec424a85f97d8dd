//! Challenges as rows.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use shared::authentication::AuthenticationMethods;
use shared::ids::AttemptId;
use shared::passkey::{Challenge, ChallengeKind, Creator};

use crate::TableError;
use crate::attributes::{Item, Row, millis, number, seconds, text};

/// Which request has taken a challenge. Absent until one has.
pub(super) const TAKEN_BY: &str = "taken_by";

pub(super) fn taken_by(by: AttemptId) -> AttributeValue {
    AttributeValue::B(Blob::new(*by.as_bytes()))
}

/// Whether a row is that of a challenge, of any kind.
pub(super) fn is_one(item: &Item) -> bool {
    let purpose = item.get("purpose").and_then(|value| value.as_s().ok());
    purpose.is_some_and(|purpose| ChallengeKind::ALL.iter().any(|kind| kind.name() == purpose))
}

pub(super) fn item(challenge: &Challenge) -> Item {
    let creator = challenge.creator.map(|creator| {
        [
            ("user_id", text(creator.user_id)),
            ("version", number(creator.ended_version)),
            ("session_id", text(creator.session_id)),
            ("amr", text(creator.methods)),
        ]
    });
    [
        ("code_id", text(challenge.code_id)),
        ("purpose", text(challenge.kind.name())),
        ("state", text(&challenge.state)),
        ("created_at", millis(challenge.created_at)),
        ("expires_at", seconds(challenge.expires_at)),
    ]
    .into_iter()
    .chain(creator.into_iter().flatten())
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// `kind` is what the condition of the request has compared.
pub(super) fn read(item: &Item, kind: ChallengeKind) -> Result<Challenge, TableError> {
    let row = Row(item);
    Ok(Challenge {
        code_id: row.parsed("code_id")?,
        kind,
        creator: row.optional("user_id", |row, name| {
            Ok(Creator {
                user_id: row.parsed(name)?,
                ended_version: row.number("version")?,
                session_id: row.parsed("session_id")?,
                methods: AuthenticationMethods::read(row.text("amr")?.split(' ')),
            })
        })?,
        state: row.text("state")?,
        created_at: row.millis("created_at")?,
        expires_at: row.seconds("expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::code::CodeId;
    use shared::ids::{SessionId, UserId};

    #[test]
    fn a_challenge_round_trips_through_its_row_and_is_no_code() {
        let creator = Creator {
            user_id: UserId::from_bytes([1; 16]),
            ended_version: 2,
            session_id: SessionId::from_bytes([3; 16]),
            methods: AuthenticationMethods::PASSWORD,
        };
        for (kind, creator) in [(ChallengeKind::Creation, Some(creator)), (ChallengeKind::SignIn, None)] {
            let now = Timestamp::from_millis(5_500);
            let challenge = Challenge::new(CodeId::from_bytes([4; 16]), kind, creator, "{}".to_owned(), now);
            assert!(read(&item(&challenge), kind) == Ok(challenge.clone()));
            assert!(is_one(&item(&challenge)));
            assert!(!challenge.is_over(Timestamp::from_millis(304_999)));
            assert!(challenge.is_over(Timestamp::from_millis(305_000)));
        }
        assert!(!is_one(&Item::from([("purpose".to_owned(), text("reset"))])));
    }
}
