//! A change of the password.

mod change;
mod function;
mod races;
