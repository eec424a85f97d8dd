//! Queries and answers about the user's own sessions. Names and times are those of the token response.

use serde::Serialize;

use super::{ApiError, InvalidRequest, User};
use crate::Timestamp;
use crate::ids::SessionId;
use crate::session::{OwnSessions, Summary};

const EXCEPT: &str = "except";

/// The answer to `GET /me`: the claims of the access token, named as in the token response.
#[derive(Serialize)]
pub struct Me {
    /// The access token's life from now, in seconds.
    pub expires_in: i64,
    /// The server's clock, in seconds since the Unix epoch.
    pub server_time: i64,
    /// The session.
    pub session_id: SessionId,
    /// The user.
    pub user: User,
}

/// The answer to `GET /sessions`.
#[derive(Serialize)]
pub struct SessionList<'a> {
    /// The server's clock, in seconds since the Unix epoch, for comparison with the times of the sessions.
    pub server_time: i64,
    /// The living sessions, the newest first.
    pub sessions: Vec<ListedSession<'a>>,
}

/// A session in a list. Times are in seconds since the Unix epoch.
#[derive(Serialize)]
pub struct ListedSession<'a> {
    /// The session's id.
    pub id: SessionId,
    /// Whether it is the caller's session.
    pub current: bool,
    /// When it began, at a sign-in or with a change of the account.
    pub created_at: i64,
    /// When it was last refreshed, or the sign-in.
    pub last_used_at: i64,
    /// When it ends without a refresh.
    pub expires_at: i64,
    /// The `User-Agent` header of the sign-in: untrusted text of at most 256 bytes.
    pub user_agent: &'a str,
    /// The address of the sign-in.
    pub source_ip: &'a str,
}

/// The query of `DELETE /sessions`: which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSessions {
    /// No query: all sessions, the caller's included.
    All,
    /// `except=current`: all but the caller's.
    Others,
}

impl<'a> SessionList<'a> {
    /// Returns the entry of a session.
    #[must_use]
    pub fn of(own: &'a OwnSessions, current: SessionId, now: Timestamp) -> Self {
        let listed = |session: &'a Summary| ListedSession {
            id: session.session_id,
            current: session.session_id == current,
            created_at: session.created_at.seconds(),
            last_used_at: session.last_used_at.seconds(),
            expires_at: session.refreshable_until().seconds(),
            user_agent: &session.device.user_agent,
            source_ip: &session.device.source_ip,
        };
        let sessions = own.living(now).into_iter().map(listed).collect();
        Self { server_time: now.seconds(), sessions }
    }
}

impl EndSessions {
    /// Reads the whole query. A misspelled one is refused, so that it does not end the session it was meant to keep.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidRequest`] unless it is empty or `except=current`.
    pub fn read<'a>(query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ApiError> {
        let mut read = Self::All;
        for (name, value) in query {
            if name != EXCEPT {
                return Err(InvalidRequest::UnknownParameter(EXCEPT).into());
            }
            if read == Self::Others {
                return Err(InvalidRequest::refused(EXCEPT, "must be given once"));
            }
            if value != "current" {
                return Err(InvalidRequest::refused(EXCEPT, "must be current"));
            }
            read = Self::Others;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authentication::AuthenticationMethods;
    use crate::caller::Caller;
    use crate::custom_claims::CustomClaims;
    use crate::ids::UserId;
    use crate::session::Device;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_millis(100_999);

    #[test]
    fn a_query_spares_the_current_session_or_none() {
        let read = |query: &[(&'static str, &'static str)]| EndSessions::read(query.iter().copied());
        assert_eq!(read(&[]), Ok(EndSessions::All));
        assert_eq!(read(&[("except", "current")]), Ok(EndSessions::Others));
        for (query, complaint) in [
            (&[("except", "")][..], "except must be current."),
            (&[("except", "Current")], "except must be current."),
            (&[("except", "current"), ("except", "current")], "except must be given once."),
            (&[("Except", "current")], "The query can have no other parameter than except."),
            (&[("except", "current"), ("x", "")], "The query can have no other parameter than except."),
        ] {
            let error = read(query).unwrap_err();
            assert_eq!((error.status().as_u16(), error.to_string().as_str()), (400, complaint));
        }
    }

    fn session(id: u8, user_agent: &str) -> Summary {
        Summary {
            session_id: SessionId::from_bytes([id; 16]),
            created_at: Timestamp::from_millis(10_500),
            last_used_at: Timestamp::from_millis(20_500),
            expires_at: Timestamp::from_seconds(300),
            ends_at: Timestamp::from_millis(200_500),
            amr: AuthenticationMethods::PASSWORD,
            authenticated_at: Timestamp::from_millis(10_500),
            account_version: Some(1),
            device: Device { user_agent: user_agent.to_owned(), source_ip: "192.0.2.1".to_owned() },
        }
    }

    #[test]
    fn a_list_says_which_session_asks_and_counts_in_seconds() {
        let own = OwnSessions::new(vec![session(1, "a"), session(2, "b")]);
        let list = SessionList::of(&own, SessionId::from_bytes([1; 16]), NOW);
        let entry = |id: &str, current: bool, user_agent: &str| {
            json!({
                "id": id, "current": current, "user_agent": user_agent, "source_ip": "192.0.2.1",
                "created_at": 10, "last_used_at": 20, "expires_at": 200,
            })
        };
        let expected = json!({ "server_time": 100, "sessions": [
            entry("02020202-0202-0202-0202-020202020202", false, "b"),
            entry("01010101-0101-0101-0101-010101010101", true, "a"),
        ] });
        assert_eq!(serde_json::to_value(list).unwrap(), expected);
    }

    /// Lambda's limit for an answer is 6 MB, with the body escaped once more as a JSON text.
    #[test]
    fn a_list_of_the_largest_sessions_fits_into_an_answer_of_lambda() {
        let rows = (0..1000).map(|_| session(1, &"\u{1}".repeat(256))).collect();
        let own = OwnSessions::new(rows);
        let body =
            serde_json::to_string(&SessionList::of(&own, SessionId::from_bytes([2; 16]), NOW)).unwrap();
        let answer = Value::String(body).to_string();
        assert!(answer.len() < 3_000_000, "{}", answer.len());
    }

    #[test]
    fn a_caller_is_told_what_the_token_says() {
        let caller = Caller {
            user_id: UserId::from_bytes([1; 16]),
            session_id: SessionId::from_bytes([2; 16]),
            email: "ada@example.com".to_owned(),
            email_verified: true,
            claims: CustomClaims::new(json!({ "plan": "gold" })).unwrap(),
            amr: AuthenticationMethods::PASSWORD,
            name: "Ada".to_owned(),
            roles: vec!["admin".parse().unwrap()],
            expires_at: Timestamp::from_seconds(160),
        };
        let expected = json!({
            "expires_in": 60,
            "server_time": 100,
            "session_id": "02020202-0202-0202-0202-020202020202",
            "user": {
                "id": "01010101-0101-0101-0101-010101010101",
                "name": "Ada",
                "email": "ada@example.com",
                "email_verified": true,
                "roles": ["admin"],
                "claims": { "plan": "gold" },
            },
        });
        assert_eq!(serde_json::to_value(Me::of(caller, NOW)).unwrap(), expected);
    }
}
