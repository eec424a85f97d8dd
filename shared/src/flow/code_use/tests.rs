use super::*;
use crate::Seconds;
use crate::account::{LeftAddress, Moves, Tombstone};
use crate::authentication::AuthenticationMethods;
use crate::code::{CodeId, Half};
use crate::code::{OfAccount, Purpose};
use crate::flow::Asking;
use crate::flow::account_change::{Becomes, SessionPolicy};
use crate::flow::reservation::BlockedError;
use crate::flow::sign_in::{Fresh, Opening};
use crate::ids::SessionId;
use crate::mail_lane::{DAY, Mails};
use crate::refresh_token::{Nonce, RefreshKeyId};
use crate::session::{Device, Lifetimes, Summary};

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);
const USER: UserId = UserId::from_bytes([1; 16]);
const LIMITS: Limits = Limits { interval: Seconds(60), per_day: 2 };
const SESSION: SessionId = SessionId::from_bytes([2; 16]);

fn keys() -> RefreshKeys {
    RefreshKeys::new(RefreshKeyId(1), &[7; 32])
}

fn email(name: &str) -> Email {
    Email::from_table(format!("{name}@example.com"))
}

/// An account that has moved from "one" to "two" to "three".
fn moved_twice() -> Account {
    Account {
        password_hash: Some("a hash".to_owned()),
        version: 8,
        ended_version: 6,
        email_verified_at: Some(NOW),
        moves: Moves::default().with_another(email("one"), NOW).with_another(email("two"), NOW),
        ..Account::new(email("three"), USER, "Ada".to_owned(), NOW)
    }
}

fn mailing(purpose: Purpose) -> Mailing {
    Mailing {
        purpose,
        code_id: CodeId::from_bytes([3; 16]),
        nonce: Nonce::from_bytes([4; 12]),
        key_id: RefreshKeyId(1),
        locale: None,
        now: NOW,
    }
}

/// The code that undoes the first change.
fn undo() -> Code {
    Code {
        new_email: Some(email("two")),
        account: Some(OfAccount { user_id: USER, version: 1 }),
        ..mailing(Purpose::AddressChanged).to_address(email("one"))
    }
}

/// A use whose code has been read.
fn used(code: Code, act: Act, mailed: Purpose) -> Step {
    let token = CodeToken::read(code.text(Half::Mail, &keys()).unwrap().expose()).unwrap();
    let code_use = CodeUse { token, act, mailing: Some(mailing(mailed)), room: 94, now: NOW };
    let Step::ReadCode(read) = code_use.start() else { panic!() };
    read.then(Some(code), &keys())
}

fn undone(code: Code) -> Step {
    let (reset, notice) = (mailing(Purpose::Reset), mailing(Purpose::AddressUndone));
    used(code, Act::Undo(Some(Box::new(UndoMails { reset, notice, limits: LIMITS }))), Purpose::Reset)
}

#[track_caller]
fn read(step: Step, at: &str, account: Option<Account>) -> Step {
    read_with(step, at, account, &[living()])
}

fn living() -> Summary {
    Summary {
        session_id: SESSION,
        created_at: NOW,
        last_used_at: NOW,
        expires_at: NOW + Seconds(60),
        ends_at: NOW + Seconds(60),
        amr: AuthenticationMethods::PASSWORD,
        authenticated_at: NOW,
        account_version: Some(8),
        device: Device::default(),
    }
}

#[track_caller]
fn read_with(step: Step, at: &str, account: Option<Account>, own: &[Summary]) -> Step {
    let Step::ReadAccount(read) = step else { panic!() };
    assert_eq!((read.email(), read.user_id()), (&email(at), USER));
    read.then(account, OwnSessions::new(own.to_vec()))
}

#[track_caller]
fn found(step: Step, hint: Option<&str>) -> Step {
    let Step::Find(find) = step else { panic!() };
    assert_eq!(find.user_id(), USER);
    find.then(hint.map(email))
}

#[track_caller]
fn counted(step: Step, reserved: Reserved) -> Step {
    let Step::CountMail(count) = step else { panic!() };
    count.then(reserved)
}

/// The first mail of a day.
fn mails() -> Mails {
    Mails::first(AttemptId::from_bytes([5; 16]), NOW)
}

#[track_caller]
fn change(step: Step) -> AccountChange {
    let Step::Change(changing) = step else { panic!() };
    changing.change
}

fn outcome(step: Step) -> Option<CodeUseError> {
    let Step::Done(Err(error)) = step else { return None };
    Some(error)
}

#[test]
fn an_undo_brings_the_account_back_and_voids_what_came_since() {
    let step = found(read(undone(undo()), "two", None), Some("three"));
    let step = counted(read(step, "three", Some(moved_twice())), Ok(mails()));
    let AccountChange { becomes, sessions, mails, frees, caller, code, .. } = change(step);
    let Becomes::Moved { account, leaves: None } = becomes else { panic!() };
    assert_eq!((&account.email, account.password_hash.as_deref()), (&email("one"), None));
    assert_eq!((account.email_verified_at, account.moves.count), (Some(NOW), 2));
    assert!(account.moves.undoable.is_empty());
    assert!(matches!(sessions, SessionPolicy::EndAll(ended) if ended == [SESSION]));
    assert_eq!((caller, code), (None, Some(undo().code_id)));
    // The code is for the account as the change leaves it.
    assert_eq!((mails[0].purpose, &mails[0].email), (Purpose::Reset, &email("one")));
    assert!(mails[0].is_of(&account) && account.ended_version == 9);
    assert_eq!(mails[0].expires_at, Purpose::Reset.ends_at(NOW));
    assert_eq!((mails[1].purpose, &mails[1].email), (Purpose::AddressUndone, &email("three")));
    assert_eq!(frees, [LeftAddress { email: email("two"), tombstone: Tombstone::new(USER, NOW) }]);
}

#[test]
fn the_code_of_an_undo_lives_until_its_lane_lets_another_one_through() {
    let (first, hour) = (mails(), Seconds(60 * 60));
    let last = first.with_one_more(AttemptId::from_bytes([6; 16]), NOW);
    let blocked = |retry_after| Err(BlockedError { retry_after });
    let half_an_hour = Purpose::Reset.ends_at(NOW);
    for (reserved, ends_at) in [
        (Ok(first), half_an_hour),
        (Ok(last), NOW + DAY),
        (blocked(Seconds(60)), half_an_hour),
        (blocked(hour), NOW + hour),
    ] {
        let account = Account { email: email("two"), ..moved_twice() };
        let step = counted(read(undone(undo()), "two", Some(account)), reserved);
        assert_eq!(change(step).mails[0].expires_at, ends_at);
    }
}

#[test]
fn an_undo_to_the_present_address_moves_nothing_and_does_the_rest() {
    let back = Account { email: email("one"), ..moved_twice() };
    let step = found(read(undone(undo()), "two", None), Some("one"));
    let AccountChange { becomes, mails, .. } = change(counted(read(step, "one", Some(back)), Ok(mails())));
    let Becomes::Account(account) = becomes else { panic!() };
    assert_eq!(
        mails.iter().map(|mail| mail.purpose).collect::<Vec<_>>(),
        [Purpose::Reset],
        "no address is left"
    );
    assert_eq!((&account.email, account.password_hash.as_deref()), (&email("one"), None));
}

#[test]
fn an_undo_works_whatever_version_the_account_has_unless_it_or_an_older_one_was_used() {
    let moves = |number| moved_twice().moves.before(number, NOW);
    for (moves, works) in [(moved_twice().moves, true), (moves(2), true), (moves(1), false)] {
        let account = Account { version: 99, ended_version: 99, email: email("two"), moves, ..moved_twice() };
        let step = read(undone(undo()), "two", Some(account));
        assert_eq!(outcome(step), (!works).then_some(CodeUseError::Code));
    }
}

#[test]
fn an_account_without_sessions_that_the_index_lacks_is_gone() {
    let step = found(read_with(undone(undo()), "two", None, &[]), None);
    assert_eq!(outcome(step), Some(CodeUseError::Code));
    let somebody_elses = Account { user_id: UserId::from_bytes([9; 16]), ..moved_twice() };
    let step = found(read_with(undone(undo()), "two", Some(somebody_elses), &[]), None);
    assert_eq!(outcome(step), Some(CodeUseError::Code));
}

#[test]
fn an_index_that_lags_behind_is_asked_again_and_then_a_failure() {
    for hint in [Some("two"), None] {
        let mut step = read(undone(undo()), "two", None);
        for _ in 0..2 {
            step = read(found(step, hint), "two", None);
        }
        assert_eq!(outcome(found(step, hint)), Some(CodeUseError::AccountChanging));
    }
}

#[test]
fn an_address_that_an_older_undo_needs_stays_behind() {
    let moves =
        Moves::default().with_another(email("one"), NOW).with_another(email("two"), NOW + Seconds(60));
    let back = Account { email: email("one"), moves, ..moved_twice() };
    let newer = Code {
        new_email: Some(email("one")),
        account: Some(OfAccount { user_id: USER, version: 2 }),
        ..mailing(Purpose::AddressChanged).to_address(email("two"))
    };
    let AccountChange { becomes, frees, .. } =
        change(counted(read(undone(newer), "one", Some(back)), Ok(mails())));
    let Becomes::Moved { account, leaves } = becomes else { panic!() };
    assert_eq!((&account.email, leaves), (&email("two"), Some(Tombstone::new(USER, NOW))));
    assert!(account.moves.can_undo(1) && frees.is_empty());
}

fn confirmed(account: &Account, new: &str) -> Step {
    let code = mailing(Purpose::ChangeAddress).to_new_address(account, email(new));
    let opening = Opening {
        key_id: RefreshKeyId(1),
        lifetimes: Lifetimes { idle: Seconds(60), absolute: Seconds(60) },
        methods: AuthenticationMethods::PASSWORD,
        authenticated_at: NOW,
        device: Device::default(),
        now: NOW,
    };
    let confirmation = Confirmation {
        asking: Asking { user_id: USER, session_id: SESSION },
        opening,
        fresh: Fresh { session_id: SessionId::from_bytes([5; 16]), nonce: Nonce::from_bytes([6; 12]) },
        keep: 10,
    };
    used(code, Act::Confirm(Box::new(confirmation)), Purpose::AddressChanged)
}

#[test]
fn an_address_that_nobody_proved_is_left_without_a_way_back() {
    let account = Account { email_verified_at: None, ..moved_twice() };
    let AccountChange { becomes, mails, .. } =
        change(read(confirmed(&account, "four"), "three", Some(account.clone())));
    let Becomes::Moved { account: moved, leaves } = becomes else { panic!() };
    assert!(mails.is_empty() && leaves.is_none() && moved.moves == account.moves);
    assert_eq!((&moved.email, moved.email_verified_at), (&email("four"), Some(NOW)));
}

#[test]
fn a_confirmed_address_replaces_the_old_one_which_is_kept_and_told() {
    let account = moved_twice();
    let AccountChange { becomes, sessions, mails, caller, .. } =
        change(read(confirmed(&account, "four"), "three", Some(account.clone())));
    let Becomes::Moved { account: moved, leaves } = becomes else { panic!() };
    assert_eq!(leaves, Some(Tombstone::new(USER, NOW)));
    assert_eq!((&moved.email, moved.email_verified_at), (&email("four"), Some(NOW)));
    assert!(moved.password_hash == account.password_hash && moved.moves.can_undo(3));
    assert_eq!(caller, Some(SESSION));
    let SessionPolicy::EndAllBut { known, begun, keep: 10 } = sessions else { panic!() };
    assert!(known.is_empty());
    assert_eq!((begun.profile.email.as_str(), begun.profile.account_version), ("four@example.com", Some(9)));
    let mail = &mails[0];
    assert_eq!((mail.recipient(), &mail.new_email), (&email("three"), &Some(email("four"))));
    assert_eq!(mail.account, Some(OfAccount { user_id: USER, version: 3 }));
    assert_eq!(mail.expires_at, leaves.unwrap().expires_at, "the address is kept as long as the code works");
}

#[test]
fn an_address_is_not_confirmed_for_an_account_that_has_changed() {
    let account = moved_twice();
    for other in [
        Account { ended_version: 8, ..account.clone() },
        Account { email: email("two"), ..account.clone() },
        Account { user_id: UserId::from_bytes([9; 16]), ..account.clone() },
    ] {
        assert_eq!(
            outcome(read(confirmed(&account, "four"), "three", Some(other))),
            Some(CodeUseError::Code)
        );
    }
}

/// An account, the addresses reserved for its user, and the mailed undo codes.
#[derive(Clone)]
struct Moving {
    account: Account,
    kept: Vec<Email>,
    undos: Vec<Code>,
}

impl Moving {
    fn apply(&mut self, change: AccountChange) {
        let Becomes::Moved { account, leaves } = change.becomes else { panic!() };
        let left = std::mem::replace(&mut self.account, *account).email;
        self.kept.retain(|kept| *kept != self.account.email);
        self.kept.extend(leaves.map(|_| left));
        self.kept.retain(|kept| change.frees.iter().all(|free| free.email != *kept));
        self.undos.extend(change.mails.into_iter().filter(|mail| mail.purpose == Purpose::AddressChanged));
    }

    /// Returns the state after every possible next move and undo.
    fn next(&self) -> Vec<Self> {
        let mut next = Vec::new();
        for to in ["one", "two", "three"].into_iter().filter(|to| email(to) != self.account.email) {
            let at = self.account.email.as_str().trim_end_matches("@example.com").to_owned();
            let mut moved = self.clone();
            moved.apply(change(read(confirmed(&self.account, to), &at, Some(self.account.clone()))));
            next.push(moved);
        }
        for undo in self.undos.iter().filter(|undo| undo.email != self.account.email) {
            let Step::ReadAccount(read) = undone(undo.clone()) else { panic!() };
            let Step::Find(find) = read.then(None, OwnSessions::new(vec![living()])) else { panic!() };
            let Step::ReadAccount(read) = find.then(Some(self.account.email.clone())) else { panic!() };
            let step = read.then(Some(self.account.clone()), OwnSessions::new(Vec::new()));
            if let Step::CountMail(count) = step {
                let mut back = self.clone();
                back.apply(change(count.then(Ok(mails()))));
                next.push(back);
            } else {
                assert_eq!(outcome(step), Some(CodeUseError::Code));
            }
        }
        next
    }
}

/// Otherwise somebody else could register it, and the account would be lost.
#[test]
fn after_any_moves_and_undos_every_address_that_an_undo_needs_is_kept() {
    let account = Account { email: email("one"), moves: Moves::default(), ..moved_twice() };
    let mut reached = vec![Moving { account, kept: Vec::new(), undos: Vec::new() }];
    for _ in 0..5 {
        reached = reached.iter().flat_map(Moving::next).collect();
        for Moving { account, kept, .. } in &reached {
            for needed in account.moves.left(NOW) {
                assert!(*needed == account.email || kept.contains(needed), "{:?} {kept:?}", account.moves);
            }
        }
    }
}
