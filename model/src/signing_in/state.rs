//! A state of the world: the account, its sessions, and the requests in flight.

use shared::ids::SessionId;

use crate::exchange::Exchange;
use crate::guarantee::Violations;
use crate::token::Row;

/// The remaining actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Sign-ins with the original password.
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
    /// Resets of the password, all with the one code that was mailed at the beginning.
    pub resets: u8,
    /// Verifications of the address, all with the one code that was mailed at the beginning.
    pub proofs: u8,
    /// Confirmations of another address, all with the one code that was mailed at the beginning.
    pub moves: u8,
    /// Undos of that, all with the one code that the change mails.
    pub undos: u8,
    /// Disablings of the account by an operator.
    pub disables: u8,
}

impl From<[u8; 8]> for Bounds {
    /// Takes the fields in their order, without uses of codes and disabling.
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
            resets: 0,
            proofs: 0,
            moves: 0,
            undos: 0,
            disables: 0,
        }
    }
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The row of the users table.
    pub user: User,
    /// Every session that was ever created.
    pub sessions: Vec<Known>,
    /// The requests in flight, in no particular order.
    pub processes: Vec<Process>,
    /// The used codes, whose rows are gone.
    pub used: Vec<Mailed>,
    /// Whether a change of the password was answered.
    pub password_changed: bool,
    /// Whether an operator was told that the account is disabled.
    pub disabled: bool,
    /// Whether a change of roles was interrupted, so that nobody was told that it is done.
    pub roles_unfinished: bool,
    /// Whether a change of the address was interrupted, as above.
    pub move_unfinished: bool,
    /// The number of refreshes of all sessions: names the next nonce.
    pub rotations: u8,
    /// The violations on the path to this state.
    pub violations: Violations,
    /// The remaining actions.
    pub left: Bounds,
}

/// The attributes of an account that races can involve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User {
    /// Counts the changes of password and roles.
    pub version: u8,
    /// The version of the last change that ended sessions.
    pub ended_version: u8,
    /// The password, whose hash a sign-in verifies.
    pub password: Password,
    /// The roles, by number.
    pub roles: u8,
    /// The address.
    pub home: Home,
    /// The state of its change.
    pub change: Change,
    /// Whether it is disabled.
    pub is_disabled: bool,
    /// Its authenticator app.
    pub app: App,
}

/// An authenticator app of which all requests present the one code of this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum App {
    /// There is none, and a code is passed over.
    None,
    /// No code of it was used.
    Unused,
    /// The code was used.
    Used,
}

/// An address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    /// The original address.
    #[default]
    Old,
    /// The address after the change.
    New,
}

/// The state of the one change of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is not made yet.
    Ahead,
    /// It was made, and its undo was mailed.
    Made,
    /// It was undone.
    Undone,
}

/// A password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Password {
    /// The original password.
    Old,
    /// The password after the change.
    New,
    /// No password: an undo has removed it.
    Void,
}

impl Password {
    /// Returns the text that represents its hash.
    pub(crate) fn hash(self) -> Option<&'static str> {
        match self {
            Self::Old => Some("old"),
            Self::New => Some("new"),
            Self::Void => None,
        }
    }

    /// Returns the password with this hash.
    pub(crate) fn of(hash: Option<&str>) -> Self {
        [Self::New, Self::Void].into_iter().find(|password| password.hash() == hash).unwrap_or(Self::Old)
    }
}

/// A code that was mailed at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mailed {
    /// The code for the new password.
    Reset,
    /// The code for the address. The first session is the caller.
    Proof,
    /// The code for another address. The first session is the caller.
    Move,
    /// The code for the old address. It is mailed at the change.
    Undo,
}

/// A session, and the data that the check needs about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// Its row, while it lives.
    pub row: Option<Row>,
    /// The password that it was begun with.
    pub password: Password,
    /// Whether an operation that ended it was answered.
    pub ended: bool,
}

/// A request in flight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Process {
    /// `POST /login`.
    SignIn(Password, Run),
    /// `POST /password`, by this session.
    PasswordChange(u8, Run),
    /// `POST /password/reset`, `/email/verify`, `/email/confirm` or `/email/undo`, by its code.
    UseCode(Mailed, Run),
    /// A change to these roles, by an operator.
    RoleChange(u8, Run),
    /// Disabling by an operator.
    Disable(Run),
    /// `DELETE /sessions`, by this session.
    RevokeAll(u8, Run),
    /// `POST /refresh`, and whether it began after an end of its session was answered.
    Refresh(Exchange, bool),
}

/// The progress of a flow: its answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// DynamoDB's answers so far.
    pub heard: Vec<Heard>,
    /// The new session.
    pub begun: Option<u8>,
    /// How many rows of a batch of deletes or updates are done.
    pub rows_done: usize,
    /// The account's address when the request began, which it names.
    pub home: Home,
}

impl Run {
    /// Returns a request that names this address.
    pub(crate) fn at(home: Home) -> Self {
        Self { home, ..Self::default() }
    }
}

/// An answer of DynamoDB.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heard {
    /// Whether the row of the code existed.
    Code(bool),
    /// The account as it was read. None at another address.
    Account(Option<User>),
    /// The address that the index names.
    Hint(Home),
    /// The sessions that a query found.
    Sessions(Vec<Found>),
    /// A transaction was written.
    Committed,
    /// A transaction failed: the account had changed since it was read.
    AccountDiffers,
    /// A transaction failed: the caller's session had ended.
    CallerSignedOut,
    /// A transaction failed: the code was used.
    CodeUsed,
    /// A transaction failed: the code of the authenticator app has been used.
    FactorUsed,
    /// Sessions are deleted.
    Deleted,
    /// Profiles are updated, if their sessions existed.
    Updated,
}

/// A session as a query finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// Its number.
    pub session: u8,
    /// The version of the account in its row.
    pub version: Option<i64>,
}

impl Process {
    /// Its progress. None for a refresh.
    pub(crate) fn run(&mut self) -> Option<&mut Run> {
        match self {
            Self::SignIn(_, run)
            | Self::PasswordChange(_, run)
            | Self::UseCode(_, run)
            | Self::RoleChange(_, run)
            | Self::Disable(run)
            | Self::RevokeAll(_, run) => Some(run),
            Self::Refresh(..) => None,
        }
    }
}

/// The number of a session.
pub(crate) fn number(session: SessionId) -> u8 {
    let [number, ..] = *session.as_bytes();
    number
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A sign-in with this password begins.
    SignIn(Password),
    /// A password change by this session, the oldest that lives, begins.
    ChangePassword(u8),
    /// A use of a code begins.
    UseCode(Mailed),
    /// A change of roles begins.
    ChangeRoles,
    /// An operator disables the account.
    Disable,
    /// A revocation by this session, the newest that lives, begins.
    RevokeAll(u8),
    /// A logout of this session, which is one request.
    LogOut(u8),
    /// A refresh of this session begins with its newest token.
    Refresh(u8),
    /// A request makes its next request to DynamoDB.
    Next(usize),
    /// A request ends between two steps, and is never answered.
    Crash(usize),
}
