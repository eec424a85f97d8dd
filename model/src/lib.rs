//! An exhaustive check of Ratchet's rule of refresh and of the races around a sign-in.
//!
//! Three small worlds are explored state by state: [`refreshing`], where two honest clients, a thief and a faulty network
//! share one session, [`signing_in`], where sign-ins race changes of the account, and [`guessing`], where a stranger guesses
//! while the owner signs in. The decisions in all of them are the product's own `shared::session::decide` and
//! `Session::rotated`; the model adds the order in which requests to DynamoDB happen. `model/README.md` states the
//! content of the worlds, their size and the findings.
//!
//! # Invariants
//! Each step of a world is one request to DynamoDB, one network message or one passing of time. Every order of
//! them within the bounds is explored.

pub mod coverage;
pub mod exchange;
pub mod guarantee;
pub mod guessing;
pub mod refreshing;
pub mod rule;
pub mod search;
pub mod signing_in;
mod table;
pub mod token;
