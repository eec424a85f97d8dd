//! A change of the password.

pub(crate) mod change;
mod function;
mod races;
