//! A state of the world: the account, its sessions, and the requests under way.

use crate::exchange::Exchange;
use crate::guarantee::Violations;
use crate::token::Row;

/// How much may still begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Sign-ins with the password of the beginning.
    pub old_sign_ins: u8,
    /// Sign-ins with the password after the change.
    pub new_sign_ins: u8,
    /// Changes from the one to the other.
    pub password_changes: u8,
    /// Changes of roles.
    pub role_changes: u8,
    /// Revocations of all sessions.
    pub revocations: u8,
    /// Logouts.
    pub logouts: u8,
    /// Refreshes.
    pub refreshes: u8,
    /// Requests that end between two steps.
    pub crashes: u8,
}

impl From<[u8; 8]> for Bounds {
    /// The fields in their order.
    fn from(bounds: [u8; 8]) -> Self {
        let [
            old_sign_ins,
            new_sign_ins,
            password_changes,
            role_changes,
            revocations,
            logouts,
            refreshes,
            crashes,
        ] = bounds;
        Self {
            old_sign_ins,
            new_sign_ins,
            password_changes,
            role_changes,
            revocations,
            logouts,
            refreshes,
            crashes,
        }
    }
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The row of the table of users.
    pub user: User,
    /// Every session that was ever created.
    pub sessions: Vec<Known>,
    /// The requests under way, in no particular order.
    pub processes: Vec<Process>,
    /// Whether a change of the password was answered.
    pub password_changed: bool,
    /// Whether a change of roles was cut short, so that nobody was told that it is done.
    pub roles_unfinished: bool,
    /// How often any session was refreshed: names the next nonce.
    pub rotations: u8,
    /// What was violated on the way here.
    pub violations: Violations,
    /// What may still begin.
    pub left: Bounds,
}

/// The attributes of an account that a race can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User {
    /// Bumped by a change of password or roles.
    pub version: u8,
    /// The password, whose hash a sign-in verifies.
    pub password: Password,
    /// The roles, by number.
    pub roles: u8,
}

/// A password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Password {
    /// Of the beginning.
    Old,
    /// After the change.
    New,
}

/// A session, and what the check must know of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// Its row, while it lives.
    pub row: Option<Row>,
    /// The password that it was begun with.
    pub password: Password,
    /// Whether an operation that ended it was answered.
    pub ended: bool,
}

/// A request, and the request to DynamoDB that it makes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Process {
    /// `POST /login`.
    SignIn(Password, SignIn),
    /// `POST /password`.
    PasswordChange(PasswordChange),
    /// A change to these roles, by an administrator.
    RoleChange(u8, RoleChange),
    /// `DELETE /sessions`.
    RevokeAll(RevokeAll),
    /// `POST /refresh`, and whether it began after an end of its session was answered.
    Refresh(Exchange, bool),
}

/// Steps of a sign-in (`functions/login`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignIn {
    /// Reads the account; then verifies the hash.
    Read,
    /// The transaction, on the account as it was read.
    Commit(User, u8),
    /// Reads the account again, after the transaction failed.
    ReadAgain(u8),
}

/// Steps of a password change (design section 7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PasswordChange {
    /// Reads the account; then verifies the current password.
    Read,
    /// The transaction: the new hash, the version bumped, and the session of the answer, on the account as it was read.
    Commit(User),
    /// Queries the sessions but this one.
    Query(u8),
    /// Deletes them one by one.
    Delete(Vec<u8>),
}

/// Steps of a change of roles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleChange {
    /// Writes the account and bumps its version.
    Bump,
    /// Queries the sessions.
    Query,
    /// Rewrites them one by one.
    Rewrite(Vec<u8>),
}

/// Steps of a revocation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevokeAll {
    /// Queries the sessions.
    Query,
    /// Deletes them one by one: those that are left, and all that it found.
    Delete(Vec<u8>, Vec<u8>),
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A sign-in with this password begins.
    SignIn(Password),
    /// A password change begins.
    ChangePassword,
    /// A change of roles begins.
    ChangeRoles,
    /// A revocation begins.
    RevokeAll,
    /// A logout of this session, which is one request.
    LogOut(u8),
    /// A refresh of this session begins with its newest token.
    Refresh(u8),
    /// A request makes its next request to DynamoDB.
    Next(usize),
    /// A request ends between two steps, and is never answered.
    Crash(usize),
}
