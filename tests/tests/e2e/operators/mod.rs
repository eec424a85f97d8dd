//! What operators do with accounts, and what becomes of sessions, sign-ins and codes.

mod accounts;
mod claims;
mod commands;
mod crashes;
mod disabled;
mod dry_runs;
mod imports;
mod roles;
