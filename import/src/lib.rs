//! What is imported into Ratchet: accounts, with the password hashes of other systems.
//!
//! [`json`] reads a line of JSON Lines, [`Table`] reads CSV with the same members as columns. Both hand over an account that can
//! be stored as it is, or the number of the line and every reason why not.
//!
//! # Invariants
//! * No input makes it panic, or take more memory than a few times the line that it reads.
//! * A reason names the member, and repeats nothing of what it says: a hash or a password may be in the wrong place.
//! * A member that has no meaning here is refused: an import that loses a second factor in silence would be worse than none.

mod account;
mod export;
mod line;
mod members;
mod password;
mod reason;
mod record;
mod records;
mod table;

pub use account::ImportedAccount;
pub use export::exported;
pub use line::{MAX_LINE_BYTES, account, json};
pub use password::ImportedPassword;
pub use reason::{BadLineError, Reason};
pub use record::Record;
pub use records::{JsonLines, Records};
pub use table::{Table, TableError};

#[cfg(test)]
mod tests;
