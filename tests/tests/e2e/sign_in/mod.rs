//! Registering and signing in, and the limits on guessing.

mod accounts;
mod attempts_and_table;
mod device_lane;
mod guessing;
mod guessing_at_the_function;
mod imported;
pub(crate) mod login_function;
mod lost_counts;
mod new_passwords;
