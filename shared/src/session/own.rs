//! The sessions of one user, as returned by one consistent query.

use std::cmp::Reverse;

use super::{Device, is_over};
use crate::authentication::AuthenticationMethods;
use crate::ids::SessionId;
use crate::{Seconds, Timestamp};

/// How long after its use a passkey is fresh, in seconds: its session then needs neither a password nor a second factor.
pub const FRESH_FOR: Seconds = Seconds(300);

/// A session as its user may see it: a row without the inputs of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The session.
    pub session_id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its newest refresh token was made: by the last refresh that moved it, or by the sign-in.
    pub last_used_at: Timestamp,
    /// The idle end.
    pub expires_at: Timestamp,
    /// The absolute end.
    pub ends_at: Timestamp,
    /// How the user signed in.
    pub amr: AuthenticationMethods,
    /// As in [`super::Session::authenticated_at`].
    pub authenticated_at: Timestamp,
    /// As in [`super::Profile::account_version`].
    pub account_version: Option<i64>,
    /// The device that signed in.
    pub device: Device,
}

/// All rows of one user, including expired ones: DynamoDB deletes them days late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnSessions(Vec<Summary>);

/// The state of the account for a sweep, and the new session that may displace others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweptBy {
    /// [`crate::account::Account::version`].
    pub version: i64,
    /// [`crate::account::Account::ended_version`].
    pub ended_version: i64,
    /// The new session, if there is one.
    pub begun: Option<Begun>,
}

/// A new session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The session.
    pub session_id: SessionId,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// The number of newest sessions that stay.
    pub keep: usize,
}

/// The result of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The sessions to end.
    pub ended: Vec<SessionId>,
    /// The sessions that get the current profile of the account.
    pub updated: Vec<SessionId>,
}

impl Summary {
    /// Returns when the session ends without a refresh: the earlier of its idle and its absolute end.
    #[must_use]
    pub fn refreshable_until(&self) -> Timestamp {
        self.expires_at.min(self.ends_at)
    }

    /// Returns whether its user used a passkey a moment ago, which proves who asks as well as a password and a second factor do.
    /// The age of the session does not count: a change of the account begins a session without the passkey.
    #[must_use]
    pub fn is_fresh_by_passkey(&self, now: Timestamp) -> bool {
        self.amr.has(AuthenticationMethods::PASSKEY) && now < self.authenticated_at + FRESH_FOR
    }

    fn lives(&self, now: Timestamp) -> bool {
        !is_over((self.expires_at, self.ends_at), now)
    }
}

impl OwnSessions {
    /// Takes the rows, in any order.
    #[must_use]
    pub fn new(rows: Vec<Summary>) -> Self {
        Self(rows)
    }

    /// Returns the sessions that live at `now`, the newest first.
    #[must_use]
    pub fn living(&self, now: Timestamp) -> Vec<&Summary> {
        let mut living: Vec<_> = self.0.iter().filter(|session| session.lives(now)).collect();
        living.sort_unstable_by_key(|session| Reverse((session.created_at, session.session_id)));
        living
    }

    /// Returns whether this session is among them.
    #[must_use]
    pub fn has_living(&self, session_id: SessionId, now: Timestamp) -> bool {
        self.find_living(session_id, now).is_some()
    }

    /// Returns this session, if it is among them.
    #[must_use]
    pub fn find_living(&self, session_id: SessionId, now: Timestamp) -> Option<&Summary> {
        self.0.iter().find(|session| session.session_id == session_id && session.lives(now))
    }

    /// Returns all of them, as [`Self::all_but`].
    #[must_use]
    pub fn all(&self) -> Vec<SessionId> {
        self.0.iter().map(|session| session.session_id).collect()
    }

    /// Returns all but this one, including expired ones: a refresh that began before the expiry may be in flight, and would
    /// revive such a session.
    #[must_use]
    pub fn all_but(&self, session_id: SessionId) -> Vec<SessionId> {
        self.0.iter().map(|session| session.session_id).filter(|id| *id != session_id).collect()
    }

    /// Returns the result of the sweep after a sign-in or a change of the account.
    ///
    /// It ends sessions of a version before `ended_version`, dead or alive. It ends living ones beyond the newest `keep`,
    /// unless they are newer than the session that has just begun: a sign-in that stalled behind newer ones ends itself,
    /// because they could not see it. Of concurrent sign-ins exactly `keep` therefore stay, whatever their order. A session of a
    /// newer version of the account is newer, whatever the clocks state. Other sessions of an older version get the
    /// current profile.
    #[must_use]
    pub fn swept(&self, by: &SweptBy) -> Swept {
        let version = |session: &Summary| session.account_version.unwrap_or(by.version);
        let (outdated, present): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|session| version(session) < by.ended_version);
        let beyond = by.begun.map(|begun| beyond(&present, begun, by.version)).unwrap_or_default();
        let is_older = |session: &Summary| session.account_version.is_some_and(|own| own < by.version);
        let older = present.into_iter().filter(|session| is_older(session)).map(|session| session.session_id);
        let updated = older.filter(|id| !beyond.contains(id)).collect();
        let ended = outdated.into_iter().map(|session| session.session_id).chain(beyond).collect();
        Swept { ended, updated }
    }
}

/// Returns the living ones of `sessions` beyond the newest, the newest of them first.
fn beyond(
    sessions: &[&Summary],
    Begun { session_id, created_at, keep }: Begun,
    version: i64,
) -> Vec<SessionId> {
    let age = |session: &&Summary| {
        (session.account_version.unwrap_or(version), session.created_at, session.session_id)
    };
    let mut ages: Vec<_> = sessions.iter().filter(|session| session.lives(created_at)).map(age).collect();
    ages.sort_unstable_by(|a, b| b.cmp(a));
    let own_age = (version, created_at, session_id);
    ages.into_iter().skip(keep).filter(|age| *age <= own_age).map(|(.., id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u8) -> SessionId {
        SessionId::from_bytes([id; 16])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn session(second: i64, number: u8) -> Summary {
        Summary {
            session_id: id(number),
            created_at: at(second),
            last_used_at: at(second),
            expires_at: at(100),
            ends_at: at(200),
            amr: AuthenticationMethods::PASSWORD,
            authenticated_at: at(second),
            account_version: Some(5),
            device: Device::default(),
        }
    }

    fn four() -> Vec<Summary> {
        vec![session(2, 2), session(1, 1), session(3, 9), session(3, 3)]
    }

    /// Returns the sessions of `rows` that the sign-in at this second, with this id and version, ends.
    #[track_caller]
    fn check(rows: Vec<Summary>, own: (i64, u8), keep: usize, ended: &[u8]) {
        let begun = Begun { session_id: id(own.1), created_at: at(own.0), keep };
        let by = SweptBy { version: 5, ended_version: 5, begun: Some(begun) };
        let expected: Vec<_> = ended.iter().copied().map(id).collect();
        assert_eq!(OwnSessions::new(rows).swept(&by).ended, expected, "own {own:?}, keep {keep}");
    }

    #[test]
    fn a_sign_in_ends_no_session_newer_than_its_own() {
        check(four(), (3, 9), 1, &[3, 2, 1]);
        check(four(), (3, 3), 1, &[3, 2, 1]);
        check(four(), (1, 1), 1, &[1]);
    }

    #[test]
    fn a_passkey_is_fresh_for_300_seconds_from_its_use_whenever_the_session_began() {
        for (amr, used_at, expected) in [
            (AuthenticationMethods::PASSKEY, 701, true),
            (AuthenticationMethods::PASSKEY, 700, false),
            (AuthenticationMethods::PASSWORD, 1000, false),
        ] {
            let session = Summary { amr, authenticated_at: at(used_at), ..session(1000, 1) };
            assert_eq!(session.is_fresh_by_passkey(at(1000)), expected, "{amr} {used_at}");
        }
    }

    #[test]
    fn the_newest_are_kept() {
        check(four(), (3, 9), 2, &[2, 1]);
        check(four(), (3, 9), 3, &[1]);
        check(four(), (3, 9), 4, &[]);
        check(four(), (3, 9), 1000, &[]);
    }

    #[test]
    fn sessions_that_are_over_take_no_place_and_are_left_to_the_ttl() {
        let over = Summary { expires_at: at(3), ..session(2, 7) };
        check([four(), vec![over]].concat(), (3, 9), 4, &[]);
    }

    #[test]
    fn sessions_of_an_older_account_version_end_at_any_age_and_lifetime() {
        let outdated = Summary { account_version: Some(4), ..session(9, 7) };
        let over = Summary { account_version: Some(1), expires_at: at(1), ..session(1, 8) };
        check([four(), vec![outdated, over]].concat(), (3, 9), 4, &[7, 8]);
    }

    #[test]
    fn sessions_of_a_newer_version_are_newer_than_any_of_this_one() {
        let newer = Summary { account_version: Some(6), ..session(1, 7) };
        check([four(), vec![newer]].concat(), (3, 9), 1, &[9, 3, 2, 1]);
    }

    #[test]
    fn sessions_that_a_change_left_alone_get_the_present_profile() {
        let of = |number, account_version| Summary { account_version, ..session(1, number) };
        let rows = [1, 2, 3, 4, 5].map(|version| of(version, Some(i64::from(version)))).to_vec();
        let own = OwnSessions::new([rows, vec![of(9, None)]].concat());
        let swept = own.swept(&SweptBy { version: 4, ended_version: 2, begun: None });
        assert_eq!(swept, Swept { ended: vec![id(1)], updated: [2, 3].map(id).to_vec() });
    }

    #[test]
    fn a_session_that_ends_is_not_updated() {
        let rows = vec![Summary { account_version: Some(4), ..session(1, 1) }, session(2, 2)];
        let begun = Begun { session_id: id(2), created_at: at(2), keep: 1 };
        let by = SweptBy { version: 5, ended_version: 3, begun: Some(begun) };
        let swept = OwnSessions::new(rows).swept(&by);
        assert_eq!(swept, Swept { ended: vec![id(1)], updated: vec![] });
    }

    #[test]
    fn sessions_without_a_version_are_of_the_present_one() {
        let unversioned = Summary { account_version: None, ..session(2, 7) };
        check([four(), vec![unversioned]].concat(), (3, 9), 4, &[1]);
    }

    #[test]
    fn living_sessions_come_newest_first_and_end_exclusively() {
        let idle = Summary { expires_at: at(4), ..session(4, 5) };
        let ended = Summary { ends_at: at(4), ..session(4, 6) };
        let own = OwnSessions::new([four(), vec![idle, ended]].concat());
        let ids = |now| own.living(now).iter().map(|session| session.session_id).collect::<Vec<_>>();
        assert_eq!(ids(at(4)), [9, 3, 2, 1].map(id));
        assert_eq!(ids(Timestamp::from_millis(3_999)), [6, 5, 9, 3, 2, 1].map(id));
        assert!(
            own.has_living(id(9), at(4)) && !own.has_living(id(5), at(4)) && !own.has_living(id(8), at(4))
        );
    }

    #[test]
    fn all_others_are_all_others_dead_or_alive() {
        let over = Summary { expires_at: at(1), ..session(1, 7) };
        let own = OwnSessions::new([four(), vec![over]].concat());
        assert_eq!(own.all_but(id(9)), [2, 1, 3, 7].map(id));
        assert_eq!(own.all_but(id(8)), [2, 1, 9, 3, 7].map(id));
    }
}
