//! A session as a row.

use aws_sdk_dynamodb::types::AttributeValue;
use shared::Timestamp;
use shared::authentication::AuthenticationMethods;
use shared::refresh_token::{Generation, RefreshKeyId};
use shared::session::{Attempt, Device, Profile, Session, Summary};

use crate::TableError;
use crate::attributes::{Item, Row, attempt, claims, millis, nonce, number, roles, seconds, text};

/// The attributes of the last three rotations with a retry key, the newest first.
const ATTEMPTS: [&str; 3] = ["attempt", "attempt_2", "attempt_3"];

pub(super) fn item(session: &Session) -> Item {
    let [one, two, three] = session.superseded;
    let mut item: Item = [
        ("user_id", text(session.user_id)),
        ("session_id", text(session.session_id)),
        ("generation", number(session.generation.number())),
        ("nonce", nonce(&session.nonce)),
        ("key_id", number(session.key_id.0)),
        ("superseded_1", millis(one)),
        ("superseded_2", millis(two)),
        ("superseded_3", millis(three)),
        ("late_replays", number(session.late_replays)),
        ("late_at", millis(session.late_at)),
        ("created_at", millis(session.created_at)),
        ("ends_at", millis(session.ends_at)),
        ("expires_at", seconds(session.expires_at)),
        ("email", text(&session.profile.email)),
        ("name", text(&session.profile.name)),
        ("roles", roles(&session.profile.roles)),
        ("user_agent", text(&session.device.user_agent)),
        ("source_ip", text(&session.device.source_ip)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if let Some(previous) = &session.previous_nonce {
        item.insert("previous_nonce".to_owned(), nonce(previous));
    }
    for (name, value) in ATTEMPTS.into_iter().zip(session.attempts) {
        if let Some(value) = value {
            item.insert(name.to_owned(), attempt(value));
        }
    }
    if session.proven_replays > 0 {
        item.insert("proven_replays".to_owned(), number(session.proven_replays));
        item.insert("proven_at".to_owned(), millis(session.proven_at));
    }
    if let Some(claims) = claims(&session.profile.claims) {
        item.insert("claims".to_owned(), claims);
    }
    if session.profile.email_verified {
        item.insert("email_verified".to_owned(), AttributeValue::Bool(true));
    }
    if session.amr != AuthenticationMethods::PASSWORD {
        item.insert("amr".to_owned(), text(session.amr));
    }
    if session.authenticated_at != session.created_at {
        item.insert("authenticated_at".to_owned(), millis(session.authenticated_at));
    }
    if let Some(version) = session.profile.account_version {
        item.insert("account_version".to_owned(), number(version));
    }
    item
}

pub(super) fn session(item: &Item) -> Result<Session, TableError> {
    let row = Row(item);
    Ok(Session {
        user_id: row.parsed("user_id")?,
        session_id: row.parsed("session_id")?,
        generation: Generation::new(row.number("generation")?).ok_or(TableError::Row("generation"))?,
        nonce: row.nonce("nonce")?,
        previous_nonce: row.optional_nonce("previous_nonce")?,
        key_id: RefreshKeyId(row.number("key_id")?),
        superseded: [row.millis("superseded_1")?, row.millis("superseded_2")?, row.millis("superseded_3")?],
        late_replays: row.number("late_replays")?,
        late_at: row.millis("late_at")?,
        attempts: attempts(&row)?,
        proven_replays: row.optional_number("proven_replays")?.unwrap_or(0),
        proven_at: row.optional_number("proven_at")?.map(Timestamp::from_millis).unwrap_or_default(),
        created_at: row.millis("created_at")?,
        ends_at: row.millis("ends_at")?,
        expires_at: row.seconds("expires_at")?,
        amr: amr(&row)?,
        authenticated_at: authenticated_at(&row)?,
        profile: Profile {
            email: row.text("email")?,
            name: row.text("name")?,
            roles: row.roles(),
            claims: row.claims(),
            email_verified: row.flag("email_verified")?,
            account_version: row.optional_number("account_version")?,
        },
        device: Device { user_agent: row.text("user_agent")?, source_ip: row.text("source_ip")? },
    })
}

fn attempts(row: &Row<'_>) -> Result<[Option<Attempt>; 3], TableError> {
    let [newest, second, third] = ATTEMPTS;
    Ok([row.attempt(newest)?, row.attempt(second)?, row.attempt(third)?])
}

/// Rows from before this was recorded began with a password, and what did is not said since either.
fn amr(row: &Row<'_>) -> Result<AuthenticationMethods, TableError> {
    let said = row.optional("amr", Row::text)?;
    Ok(said.map_or(AuthenticationMethods::PASSWORD, |amr| AuthenticationMethods::read(amr.split(' '))))
}

/// Returns when the user proved their identity. A session that a sign-in begins doesn't store it: that is when it began.
fn authenticated_at(row: &Row<'_>) -> Result<Timestamp, TableError> {
    row.optional_millis("authenticated_at")?.map_or_else(|| row.millis("created_at"), Ok)
}

/// Reads a row with only these attributes.
pub(super) fn summary(item: &Item) -> Result<Summary, TableError> {
    let row = Row(item);
    let created_at = row.millis("created_at")?;
    Ok(Summary {
        session_id: row.parsed("session_id")?,
        created_at,
        last_used_at: row.millis("superseded_1")?.max(created_at),
        expires_at: row.seconds("expires_at")?,
        ends_at: row.millis("ends_at")?,
        amr: amr(&row)?,
        authenticated_at: authenticated_at(&row)?,
        account_version: row.optional_number("account_version")?,
        device: Device { user_agent: row.text("user_agent")?, source_ip: row.text("source_ip")? },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::no_attempt;
    use shared::custom_claims::CustomClaims;
    use shared::ids::{SessionId, UserId};
    use shared::refresh_token::Nonce;
    use shared::retry_key::RetryKeyHash;

    fn a_session() -> Session {
        Session {
            user_id: UserId::from_bytes([1; 16]),
            session_id: SessionId::from_bytes([2; 16]),
            generation: Generation::new(7).unwrap(),
            nonce: Nonce::from_bytes([3; 12]),
            previous_nonce: Some(Nonce::from_bytes([4; 12])),
            key_id: RefreshKeyId(5),
            superseded: [30, 20, 10].map(Timestamp::from_millis),
            late_replays: 2,
            late_at: Timestamp::from_millis(25),
            attempts: [Some(an_attempt(7)), None, Some(an_attempt(5))],
            proven_replays: 4,
            proven_at: Timestamp::from_millis(28),
            created_at: Timestamp::from_millis(1),
            ends_at: Timestamp::from_millis(99_999),
            expires_at: Timestamp::from_seconds(60),
            amr: AuthenticationMethods::PASSWORD.with(AuthenticationMethods::ONE_TIME_PASSWORD),
            authenticated_at: Timestamp::default(),
            profile: Profile {
                email: "a@b.example".into(),
                name: "A".into(),
                roles: vec!["admin".parse().unwrap()],
                claims: CustomClaims::new(serde_json::json!({ "plan": "pro" })).unwrap(),
                email_verified: true,
                account_version: Some(6),
            },
            device: Device { user_agent: "curl".into(), source_ip: "192.0.2.1".into() },
        }
    }

    fn an_attempt(generation: u32) -> Attempt {
        let generation = Generation::new(generation).unwrap();
        Attempt { key: RetryKeyHash::from_bytes([6; 16]), generation }
    }

    #[test]
    fn a_session_round_trips_through_its_row() {
        assert_eq!(session(&item(&a_session())), Ok(a_session()));
        let keyless = Session {
            attempts: [None; 3],
            proven_replays: 0,
            proven_at: Timestamp::default(),
            ..a_session()
        };
        assert_eq!(session(&item(&keyless)), Ok(keyless));
        let unrefreshed = Session { previous_nonce: None, ..a_session() };
        assert_eq!(session(&item(&unrefreshed)), Ok(unrefreshed));
        let mut unversioned = a_session();
        unversioned.profile.account_version = None;
        unversioned.profile.email_verified = false;
        unversioned.profile.claims = CustomClaims::default();
        assert_eq!(session(&item(&unversioned)), Ok(unversioned));
    }

    /// Rows of before, and those of a sign-in with a password alone, don't say.
    #[test]
    fn a_row_that_does_not_say_how_its_user_signed_in_is_of_a_password() {
        let by_password = Session { amr: AuthenticationMethods::PASSWORD, ..a_session() };
        assert_eq!(item(&by_password).get("amr"), None);
        assert_eq!(session(&item(&by_password)), Ok(by_password));
        let by_passkey = Session { amr: AuthenticationMethods::PASSKEY, ..a_session() };
        assert_eq!(item(&by_passkey)["amr"], AttributeValue::S("hwk user".into()));
        assert_eq!(session(&item(&by_passkey)), Ok(by_passkey));
    }

    #[test]
    fn a_row_that_does_not_say_when_its_user_signed_in_is_of_a_sign_in_at_its_beginning() {
        let signed_in = Session { authenticated_at: a_session().created_at, ..a_session() };
        assert_eq!(item(&signed_in).get("authenticated_at"), None);
        assert_eq!(session(&item(&signed_in)), Ok(signed_in));
        assert_eq!(item(&a_session())["authenticated_at"], AttributeValue::N("0".into()));
    }

    #[test]
    fn an_attempt_that_is_none_is_read_as_none() {
        let mut item = item(&a_session());
        item.insert("attempt_3".to_owned(), no_attempt());
        assert_eq!(session(&item).unwrap().attempts, [Some(an_attempt(7)), None, None]);
        item.insert("attempt_3".to_owned(), AttributeValue::N("0".into()));
        assert_eq!(session(&item), Err(TableError::Row("attempt_3")));
    }

    #[test]
    fn a_summary_says_when_the_session_was_last_used() {
        let session = Session { created_at: Timestamp::from_millis(29), ..a_session() };
        let expected = Summary {
            session_id: session.session_id,
            created_at: session.created_at,
            last_used_at: Timestamp::from_millis(30),
            expires_at: session.expires_at,
            ends_at: session.ends_at,
            amr: session.amr,
            authenticated_at: session.authenticated_at,
            account_version: Some(6),
            device: session.device.clone(),
        };
        assert_eq!(summary(&item(&session)), Ok(expected));
        let unrefreshed = Session { superseded: [Timestamp::default(); 3], ..session };
        assert_eq!(summary(&item(&unrefreshed)).unwrap().last_used_at, unrefreshed.created_at);
    }

    #[test]
    fn the_ttl_attribute_is_in_seconds_and_other_times_in_milliseconds() {
        let item = item(&a_session());
        assert_eq!(item["expires_at"], AttributeValue::N("60".into()));
        assert_eq!(item["ends_at"], AttributeValue::N("99999".into()));
    }

    #[test]
    fn a_row_of_another_form_is_an_error_that_names_the_attribute() {
        for name in ["nonce", "generation", "expires_at", "user_id"] {
            let mut broken = item(&a_session());
            broken.insert(name.to_owned(), AttributeValue::Bool(true));
            assert_eq!(session(&broken), Err(TableError::Row(name)));
            broken.remove(name);
            assert_eq!(session(&broken), Err(TableError::Row(name)));
        }
    }
}
