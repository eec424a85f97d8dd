//! Parses imports: accounts with the password hashes and authenticator apps of other systems.
//!
//! [`json`] reads a line of JSON Lines, [`Table`] reads CSV with the same members as columns. Both return an account that can
//! be stored as it is, or the number of the line and every error in it.
//!
//! # Invariants
//! * No input causes a panic, or takes more memory than a few times its line.
//! * A reason names the member, and repeats nothing of its value: a hash, a password or the secret of an authenticator app may be
//!   in the wrong place.
//! * A member that is unknown or there twice is refused: an import that silently loses a second factor would be worse than none.

mod account;
mod export;
mod line;
mod members;
mod password;
mod reason;
mod record;
mod records;
mod table;
mod totp;
mod unique;

pub use account::{Added, ImportedAccount};
pub use export::{Exported, exported, rfc3339};
pub use line::{MAX_LINE_BYTES, account, json};
pub use password::ImportedPassword;
pub use reason::{BadLineError, Reason};
pub use record::Record;
pub use records::{JsonLines, Records};
pub use table::{Table, TableError};

#[cfg(test)]
mod tests;
