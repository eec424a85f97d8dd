//! Changes of an account's address, and which of them can still be undone.
//!
//! # Invariants
//! * A number identifies one change permanently: neither an undone change nor any later one can be undone again.
//! * A change that is older than an undone one can still be undone: of several undos the oldest wins.

use crate::email::Email;
use crate::{Seconds, Timestamp};

/// How long a change can be undone and the old address stays reserved for its user: seven days.
pub const UNDOABLE_FOR: Seconds = Seconds(7 * 24 * 60 * 60);

/// The changes of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// The number of changes so far. It only grows.
    pub count: i64,
    /// The changes that can be undone, the oldest first. Some may have expired.
    pub undoable: Vec<Move>,
}

/// One change of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The [`Moves::count`] after this change.
    pub number: i64,
    /// When the new address was confirmed.
    pub at: Timestamp,
    /// The address before the change. None if the row does not state it; the code that undoes the change states it too.
    pub from: Option<Email>,
}

impl Move {
    /// Whether undoing the change may restore an address.
    fn may_return_to(&self, email: &Email) -> bool {
        self.from.as_ref().is_none_or(|from| from == email)
    }
}

/// Returns when a change made at `now` can no longer be undone: a whole second, as the TTL attribute stores it.
pub(super) fn undoable_until(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds((now + UNDOABLE_FOR).seconds())
}

impl Moves {
    /// Returns the moves after another change at `now` away from this address.
    #[must_use]
    pub fn with_another(&self, from: Email, now: Timestamp) -> Self {
        let number = self.count.saturating_add(1);
        let undoable =
            self.recent(now).cloned().chain([Move { number, at: now, from: Some(from) }]).collect();
        Self { count: number, undoable }
    }

    /// Returns whether the change with this number can be undone.
    #[must_use]
    pub fn can_undo(&self, number: i64) -> bool {
        self.undoable.iter().any(|undoable| undoable.number == number)
    }

    /// Returns since when somebody else may have had the account, if the change with this number is undone: for as long before it as a
    /// change can be undone. What was added since goes. All of it, if there is no such change any more.
    #[must_use]
    pub fn suspicious_since(&self, number: i64) -> Timestamp {
        let change = self.undoable.iter().find(|undoable| undoable.number == number);
        let before = |change: &Move| change.at.millis() - i64::from(UNDOABLE_FOR.0) * 1000;
        Timestamp::from_millis(change.map_or(0, before))
    }

    /// Returns the moves after the undo of a change: those before it.
    #[must_use]
    pub fn before(&self, number: i64, now: Timestamp) -> Self {
        let undoable = self.recent(now).filter(|undoable| undoable.number < number).cloned().collect();
        Self { count: self.count, undoable }
    }

    /// Returns the changes whose codes still work.
    pub fn recent(&self, now: Timestamp) -> impl Iterator<Item = &Move> {
        self.undoable.iter().filter(move |change| now < undoable_until(change.at))
    }

    /// Returns the addresses that can still be restored, each once, the oldest first.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Vec<&Email> {
        let mut left = Vec::new();
        for from in self.recent(now).filter_map(|change| change.from.as_ref()) {
            if !left.contains(&from) {
                left.push(from);
            }
        }
        left
    }

    /// Returns when the newest change was made whose undo may restore an address. None if there is none.
    #[must_use]
    pub fn may_return_to(&self, email: &Email, now: Timestamp) -> Option<Timestamp> {
        self.recent(now).filter(|change| change.may_return_to(email)).map(|change| change.at).max()
    }

    /// Returns the addresses that the undo of a change releases, and when each was left: no other change can
    /// restore them.
    #[must_use]
    pub fn given_up(&self, number: i64, now: Timestamp) -> Vec<(Email, Timestamp)> {
        let before = self.before(number, now);
        let given_up = self.recent(now).filter(|change| change.number >= number);
        given_up
            .filter_map(|change| Some((change.from.clone()?, change.at)))
            .filter(|(from, _)| before.may_return_to(from, now).is_none())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_seconds(2_000_000_000 + days * 86_400)
    }

    fn numbers(moves: &Moves) -> Vec<i64> {
        moves.undoable.iter().map(|undoable| undoable.number).collect()
    }

    fn from(name: &str) -> Email {
        Email::from_table(format!("{name}@example.com"))
    }

    fn three() -> Moves {
        let moves = [("a", at(0)), ("b", at(1)), ("a", at(2))];
        moves.into_iter().fold(Moves::default(), |moves, (name, at)| moves.with_another(from(name), at))
    }

    #[test]
    fn an_undo_gives_up_the_addresses_that_no_older_change_can_bring_back() {
        let given_up = |number| three().given_up(number, at(3));
        assert_eq!(given_up(1), [(from("a"), at(0)), (from("b"), at(1)), (from("a"), at(2))]);
        assert_eq!(given_up(2), [(from("b"), at(1))]);
        assert!(given_up(3).is_empty());
        assert_eq!(three().left(at(3)), [&from("a"), &from("b")]);
    }

    #[test]
    fn an_account_may_return_to_an_address_as_long_as_the_newest_change_from_it_can_be_undone() {
        for (name, after, until) in
            [("a", 3, Some(at(2))), ("b", 3, Some(at(1))), ("b", 8, None), ("d", 3, None)]
        {
            assert_eq!(three().may_return_to(&from(name), at(after)), until, "{name}");
        }
    }

    #[test]
    fn a_change_that_does_not_say_what_it_left_may_return_to_any_address() {
        let mut moves = three();
        moves.undoable[0].from = None;
        assert!(moves.given_up(2, at(3)).is_empty());
        assert_eq!(moves.given_up(1, at(3)), [(from("b"), at(1)), (from("a"), at(2))]);
        assert_eq!(moves.may_return_to(&from("d"), at(3)), Some(at(0)));
        assert_eq!(moves.left(at(3)), [&from("b"), &from("a")]);
    }

    #[test]
    fn an_undo_leaves_the_changes_before_it_and_voids_those_after_it() {
        let left = three().before(2, at(3));
        assert_eq!((left.count, numbers(&left)), (3, vec![1]));
        assert!(left.can_undo(1) && !left.can_undo(2) && !left.can_undo(3));
        assert!(numbers(&three().before(1, at(3))).is_empty());
    }

    #[test]
    fn no_later_change_has_the_number_of_one_that_was_undone() {
        let next = three().before(1, at(3)).with_another(from("d"), at(3));
        assert_eq!((next.count, numbers(&next)), (4, vec![4]));
    }

    #[test]
    fn a_change_of_a_week_ago_is_forgotten_with_the_next_one() {
        assert_eq!(numbers(&three().with_another(from("d"), at(7))), [2, 3, 4]);
        assert_eq!(numbers(&three().before(3, at(8))), [0_i64; 0]);
    }
}
