//! The harness of the end-to-end suite: personas and the world they act in.
//!
//! In reading order: [`Browser`] is the actor, [`Service`] receives its requests and [`Answer`] is the result;
//! [`Operator`] runs commands of the function `admin`; [`World`] is a service with a [`TestClock`] to move and a
//! [`Database`] to look into; [`Mail`] is what it mails. Around them: [`fault_run`] for many users at once under faults,
//! [`keys`], [`jwt`], [`forgeries`] and [`vectors`] for tokens that are not genuine, [`log`] for what was logged, [`secrets`] to search for what must not be
//! found, [`contract`] for `openapi.yaml`, [`events`] and [`pattern`] for the files in `events/`, [`example`] for the README's commands,
//! [`range_api`] for breached passwords, [`routes`] for tests of every route, [`fuzz`] for what reads strangers' input.
//!
//! # Where the suite runs
//!
//! By default each test starts a service of its own in this process, on free ports of 127.0.0.1, with an embedded
//! DynamoDB in memory. Three environment variables, read in `outside` and nowhere else, change that:
//!
//! * `RATCHET_URL=http://...`: tests that only send requests send them to that service ([`Service::any`]). Tests that
//!   move the clock, look into tables or count requests start a [`World`] of their own all the same.
//! * `RATCHET_EMULATION=sam`, `ministack` or `localemu` beside it: that service is `sam local start-api`, or a stack on
//!   MiniStack or LocalEmu, which differ from API Gateway in what `emulation` lists.
//! * `RATCHET_DYNAMODB_URL=http://...`: every [`World`] keeps its tables in that DynamoDB. The tables are always named
//!   by the template's logical ids, so each world signs its requests with an access key of its own, by which Amazon's
//!   DynamoDB Local keeps tables apart as long as it runs without `-sharedDb`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a harness fails a test by panicking"
)]

mod account;
mod answer;
mod authenticator;
pub mod authorizer_events;
mod browser;
mod client;
mod clock;
pub mod contract;
pub mod dynamodb;
mod emulation;
pub mod events;
pub mod example;
mod factors;
pub mod fault_run;
pub mod forgeries;
pub mod fuzz;
mod inbox;
pub mod jwt;
pub mod keys;
pub mod log;
pub mod metrics;
mod operator;
pub mod outcomes;
mod outside;
mod passkeys;
pub mod pattern;
pub mod project;
pub mod range_api;
pub mod routes;
pub mod secrets;
mod service;
pub mod smtp;
pub mod vectors;
mod world;

pub use answer::{Answer, Form, Tokens};
pub use authenticator::{Authenticator, Page};
pub use browser::Browser;
pub use client::client;
pub use clock::{START, TestClock};
pub use dynamodb::{Database, Engine, Fault, Held, Row, Schedule, Units};
pub use factors::AuthenticatorApp;
pub use inbox::Mail;
pub use operator::{IDENTITY, Operator, about};
pub use outside::{TICK, rng};
pub use service::Service;
pub use world::World;
