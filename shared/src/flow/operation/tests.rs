use serde_json::json;

use super::*;
use crate::custom_claims::CustomClaims;
use crate::role::Role;

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);
const USER: UserId = UserId::from_bytes([1; 16]);

fn email(name: &str) -> Email {
    Email::from_table(format!("{name}@example.com"))
}

fn role(text: &str) -> Role {
    text.parse().unwrap()
}

fn ada() -> Account {
    let account = Account::new(email("ada"), USER, "Ada".to_owned(), NOW);
    Account {
        roles: vec![role("editor")],
        email_verified_at: Some(NOW),
        version: 4,
        ended_version: 2,
        ..account
    }
}

fn begin(account: AccountName, edit: Edit) -> Step {
    Operation { account, asking: None, edit, room: 9, now: NOW }.start()
}

/// The step after an account is read under its address.
fn read(account: &Account, edit: Edit) -> Step {
    let Step::Read(read) = begin(AccountName::Email(account.email.clone()), edit) else { panic!("no read") };
    read.then(Some(Entry::Account(Box::new(account.clone()))))
}

fn changed(step: Step) -> Box<Changing> {
    match step {
        Step::Query(query) => changed(query.then(&OwnSessions::default())),
        Step::ReadPasskeys(read) => changed(read.then(&[])),
        Step::Change(change) => change,
        Step::Find(_) | Step::Read(_) | Step::Sweep(_) | Step::Done(_) => panic!("no change"),
    }
}

fn error(step: Step) -> OperationError {
    let Step::Done(Err(error)) = step else { panic!("no error") };
    error
}

#[test]
fn roles_claims_and_name_keep_the_sessions_and_disabling_ends_them() {
    let claims = CustomClaims::new(json!({ "plan": "pro" })).unwrap();
    for edit in [
        Edit::Name("Ada King".to_owned()),
        Edit::Roles(vec![]),
        Edit::AddRole(role("admin")),
        Edit::RemoveRole(role("editor")),
        Edit::Claims(claims),
    ] {
        let change = changed(read(&ada(), edit)).change;
        assert!(matches!(change.sessions, SessionPolicy::Update));
    }
    let new_email = email("king");
    for edit in [Edit::Disable, Edit::EndSessions, Edit::Delete, Edit::Move { new_email, is_verified: false }]
    {
        let change = changed(read(&ada(), edit)).change;
        assert!(matches!(change.sessions, SessionPolicy::EndAll(_)));
    }
}

#[test]
fn an_account_that_is_as_asked_is_swept() {
    let disabled = Account { disabled_at: Some(NOW), ..ada() };
    for (account, edit) in [
        (ada(), Edit::AddRole(role("editor"))),
        (ada(), Edit::RemoveRole(role("admin"))),
        (ada(), Edit::Enable),
        (disabled, Edit::Disable),
        (ada(), Edit::Move { new_email: email("ada"), is_verified: true }),
    ] {
        assert!(matches!(read(&account, edit), Step::Sweep(_)));
    }
}

#[test]
fn a_deletion_disables_first_so_that_whoever_repeats_it_finds_the_account() {
    let change = changed(read(&ada(), Edit::Delete));
    assert!(matches!(&change.change.becomes, Becomes::Account(account) if account.is_disabled()));
    let disabled = Account { disabled_at: Some(NOW), ..ada() };
    let next = change.then(Ok(Changed { account: disabled.clone(), begun: None }));
    assert!(matches!(changed(next).change.becomes, Becomes::Nothing));
    let Step::Sweep(sweep) = read(&disabled, Edit::Delete) else { panic!("no sweep before the deletion") };
    assert!(matches!(changed(sweep.then()).change.becomes, Becomes::Nothing));
}

#[test]
fn a_move_that_died_is_found_under_the_new_address() {
    let edit = Edit::Move { new_email: email("king"), is_verified: true };
    let Step::Read(old) = begin(AccountName::Email(email("ada")), edit) else { panic!("no read") };
    let left = Some(Entry::Tombstone(Tombstone::new(USER, NOW)));
    let Step::Read(new) = old.then(left) else { panic!("no second read") };
    assert_eq!(new.email(), &email("king"));
    let moved = Account { email: email("king"), ..ada() };
    assert!(matches!(new.then(Some(Entry::Account(Box::new(moved)))), Step::Sweep(_)));
}

#[test]
fn an_account_that_is_named_by_its_user_is_nobody_elses() {
    let somebody_else = Account { user_id: UserId::from_bytes([2; 16]), ..ada() };
    let mut step = begin(AccountName::User(USER), Edit::Disable);
    for _ in 0..TRIES {
        let Step::Find(find) = step else { panic!("not found by the index") };
        let Step::Read(read) = find.then(Some(email("ada"))) else { panic!("no read") };
        step = read.then(Some(Entry::Account(Box::new(somebody_else.clone()))));
    }
    assert_eq!(error(step), OperationError::AccountChanging);
    let Step::Find(find) = begin(AccountName::User(USER), Edit::Disable) else { panic!("no index") };
    assert_eq!(error(find.then(None)), OperationError::NoAccount);
}

#[test]
fn roles_are_each_once_and_no_more_than_a_token_holds() {
    let roles: Vec<_> = ["b", "a", "b"].map(role).into();
    let edited = Edit::Roles(roles).applied_to(&ada(), NOW);
    assert_eq!(edited.roles, ["b", "a"].map(role));
    let many = (0..8).map(|n| role(&format!("{n}{}", "x".repeat(63)))).collect();
    assert_eq!(error(read(&ada(), Edit::Roles(many))), OperationError::TooManyRoles);
}
