//! Requests about the account: sign-in as `functions/login` makes them, changes of password and roles as design section
//! 7 specifies them.

use shared::session::{Device, Profile, Session};

use super::state::{Known, Password, PasswordChange, RoleChange, SignIn, State, User};
use super::{NOW, World};
use crate::coverage::Branch;
use crate::rule::{KEY, Mutation, Rule};
use crate::token::{Row, USER, nonce, session_id};

/// As in the product: how often an account that changes under a sign-in is read again, in all.
const TRIES: u8 = 3;

impl World {
    /// One request of a sign-in, and the next one if there is one.
    pub(crate) fn sign_in(&self, next: &mut State, password: Password, step: SignIn) -> Option<SignIn> {
        let read = next.user;
        match step {
            SignIn::Read => (read.password == password).then_some(SignIn::Commit(read, TRIES)),
            SignIn::Commit(account, tries) => {
                if account.version == read.version || self.rule.is_broken(Mutation::PlainPut) {
                    create(&self.rule, next, account);
                    return None;
                }
                self.coverage.hit(Branch::AccountChanged);
                Some(SignIn::ReadAgain(tries))
            }
            // The product compares the hash that it verified with the one it reads now.
            SignIn::ReadAgain(tries) => {
                if read.password != password {
                    self.coverage.hit(Branch::PasswordChangedUnderSignIn);
                }
                (read.password == password && tries > 1).then_some(SignIn::Commit(read, tries - 1))
            }
        }
    }

    /// One request of a password change. It starts over when the account has changed under it.
    pub(crate) fn change_password(&self, next: &mut State, step: PasswordChange) -> Option<PasswordChange> {
        let read = next.user;
        match step {
            PasswordChange::Read => (read.password == Password::Old).then_some(PasswordChange::Commit(read)),
            PasswordChange::Commit(account) if account.version == read.version => {
                next.user = User { version: read.version + 1, password: Password::New, roles: read.roles };
                let changed = next.user;
                Some(PasswordChange::Query(create(&self.rule, next, changed)))
            }
            PasswordChange::Commit(_) => {
                self.coverage.hit(Branch::ChangeStartsOver);
                Some(PasswordChange::Read)
            }
            PasswordChange::Query(own) => {
                let others = next.found().into_iter().filter(|session| *session != own).collect();
                delete_or_answer(next, others)
            }
            PasswordChange::Delete(mut targets) => {
                self.coverage.hit(Branch::OldSessionDeleted);
                next.delete(targets.pop()?);
                delete_or_answer(next, targets)
            }
        }
    }

    /// One request of a change of roles.
    pub(crate) fn change_roles(&self, next: &mut State, roles: u8, step: RoleChange) -> Option<RoleChange> {
        let targets = match step {
            RoleChange::Bump => {
                next.user = User { version: next.user.version + 1, roles, ..next.user };
                return Some(RoleChange::Query);
            }
            RoleChange::Query => next.found(),
            RoleChange::Rewrite(mut targets) => {
                self.rewrite(next, targets.pop()?, roles);
                targets
            }
        };
        (!targets.is_empty()).then_some(RoleChange::Rewrite(targets))
    }

    /// The `UpdateItem` of a row's roles, with `attribute_exists(generation)`.
    fn rewrite(&self, next: &mut State, session: u8, roles: u8) {
        let Some(known) = next.sessions.get_mut(usize::from(session)) else { return };
        if known.row.is_none() {
            self.coverage.hit(Branch::RewriteOfNothing);
        }
        let upsert =
            self.rule.is_broken(Mutation::RewriteWithoutExists).then(|| begin(&self.rule, session, roles));
        let row = known.row.as_deref().cloned().or(upsert);
        known.row = row.map(|row| Row::new(Session { profile: profile(roles), ..row }));
    }
}

/// The part of a transaction that creates a session. Says which.
pub(crate) fn create(rule: &Rule, next: &mut State, account: User) -> u8 {
    let session = u8::try_from(next.sessions.len()).unwrap_or(u8::MAX);
    let row = Some(Row::new(begin(rule, session, account.roles)));
    next.sessions.push(Known { row, password: account.password, ended: false });
    session
}

fn begin(rule: &Rule, session: u8, roles: u8) -> Session {
    let who = (profile(roles), Device::default());
    Session::begin((USER, session_id(session)), (KEY, nonce(0)), rule.lifetimes, who, NOW)
}

/// The profile with these roles.
pub(crate) fn profile(roles: u8) -> Profile {
    Profile {
        email: String::new(),
        name: String::new(),
        roles: vec![roles.to_string()],
        // What a later sign-in makes of it is not modelled.
        account_version: None,
    }
}

fn delete_or_answer(next: &mut State, targets: Vec<u8>) -> Option<PasswordChange> {
    if !targets.is_empty() {
        return Some(PasswordChange::Delete(targets));
    }
    next.password_changed = true;
    for known in next.sessions.iter_mut().filter(|known| known.password == Password::Old) {
        known.ended = true;
    }
    None
}
