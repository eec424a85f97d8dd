//! The runtime of every Lambda function. A function is a constructor of its `App`, which reads the settings, and a
//! `handle`, which answers one event:
//!
//! ```text
//! fn main() -> Result<(), runtime::Error> {
//!     runtime::run(weather::App::new, weather::handle)
//! }
//! ```
//!
//! [`run`] is for a function behind a route, [`run_with_backend`] for one that has tables too, [`run_on_events`] for one
//! that is not behind a route, and [`run_on_events_with_keys`] and [`run_on_events_with_backend`] for those of these that have
//! the keys, or tables. [`request`] makes an HTTP request of an event of API Gateway, on Lambda, in the local
//! gateway and in tests. [`Base`] is what functions keep that ask for passwords, and [`BreachedPasswords`] what functions that
//! set passwords ask about them. [`RouteTable`] finds what a function does at a path, [`caller`], [`device`] and [`source_ip`]
//! say where a request comes from, [`proof`] is by what its caller proves who they are, and [`Done`] is how it ends.
//!
//! # Invariants
//! The clock, the environment and randomness of a function are read here, in `world.rs`, and nowhere else. Without the
//! features `backend` and `keys` this crate does not depend on the AWS SDK, and without `http` not on API Gateway.

#[cfg(feature = "http")]
mod answer;
#[cfg(feature = "backend")]
mod base;
#[cfg(feature = "backend")]
mod breached;
#[cfg(feature = "http")]
mod done;
#[cfg(feature = "http")]
mod event;
#[cfg(feature = "http")]
mod proof;
#[cfg(feature = "http")]
mod route_table;
#[cfg(feature = "http")]
mod routes;
#[cfg(feature = "http")]
mod sender;
mod start;
mod world;

pub use lambda_runtime::Error;
pub use start::{Invoker, run_on_events};
#[cfg(feature = "keys")]
pub use start::{run_on_events_with_backend, run_on_events_with_keys};
pub use world::{Moment, environment};

#[cfg(feature = "http")]
pub use {
    done::Done,
    event::{EventError, request},
    lambda_http::{Body, Request, RequestExt, request::RequestContext},
    proof::{attempt, proof},
    route_table::{RouteTable, path_id},
    routes::run,
    sender::{caller, device, locale, source_ip},
};

#[cfg(feature = "backend")]
pub use {base::Base, routes::run_with_backend};

#[cfg(feature = "backend")]
pub use breached::{BreachedPasswords, Question};
