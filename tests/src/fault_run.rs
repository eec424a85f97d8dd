//! Many virtual users who refresh through a DynamoDB that fails in every way, on a seeded schedule.
//!
//! Each user has their own service, as an execution environment of Lambda, with its own clock, and its own proxy
//! in front of the tables that all share. In reading order: `user` is the behaviour of a client, `account`
//! what it knows and must find again, [`Report`] the result.
//!
//! The clock decides whether a session may end, and only the user moves it, and only when no request is in
//! flight. A slow machine therefore makes a run longer and changes nothing else.
//!
//! # What a seed reproduces
//!
//! The n-th request of the k-th user to DynamoDB meets the same fault, and the k-th user does the same things in the same
//! order, with the same clock. How often the SDK resends, which of two tabs is first, and so the number of requests,
//! depends on the machine.

mod account;
mod outage;
mod report;
mod script;
mod user;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::dynamodb::{SESSIONS, Schedule};
use crate::{World, log};
pub use account::{Account, Trouble};
pub use report::Report;
use user::User;

/// The options of a run.
#[derive(Clone, Copy, Debug)]
pub struct FaultRun {
    /// The seed of the schedules and of the users.
    pub seed: u64,
    /// The number of users.
    pub users: u32,
    /// The minimum number of refreshes of each.
    pub rotations: u32,
    /// How long DynamoDB is down for each of them, half way. At least one round of requests meets it.
    pub outage: Duration,
    /// The retry keys that the users send.
    pub keys: Keys,
    /// The product, or a variant that must fail the run.
    pub product: Product,
}

/// The retry keys of users. Users with keys sleep for hours where others are late by minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// None.
    None,
    /// The key that they have stored beside the token.
    Stored,
    /// Another key with each request, which must fail the run.
    MintedAnew,
}

/// The variant under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// As the template has it.
    AsItIs,
    /// A refresh token works strictly once: a lost answer signs the user out.
    StrictSingleUse,
    /// Writes are applied whatever their condition: two tabs get different successors.
    WithoutConditions,
}

/// A virtual user's session must outlive thousands of nights.
const LIFETIME: (&str, &str) = ("REFRESH_ABSOLUTE_SECONDS", "315360000");

impl FaultRun {
    /// Runs it.
    ///
    /// # Panics
    /// If a service answers anything but tokens, a documented refusal, or a 503 with `Retry-After`; or if something
    /// secret was logged.
    pub async fn run(&self) -> Report {
        let first = World::with(&self.settings()).await;
        let mut living = JoinSet::new();
        for number in 0..self.users {
            let user = self.begin(&first, number).await;
            living.spawn(user.live(self.rotations, self.outage));
        }
        let mut report = Report::default();
        for ended in living.join_all().await {
            report.add(&ended);
        }
        report.rows = first.database.rows(SESSIONS).await.len();
        log::assert_clean();
        report
    }

    /// Returns a user who has just registered, without faults, and from now on meets them.
    async fn begin(&self, first: &World, number: u32) -> User {
        let database = Arc::new(first.database.another_way_in());
        let world = first.beside_through(database, &self.settings()).await;
        let browser = world.signed_in().await;
        if self.product == Product::WithoutConditions {
            world.database.drop_conditions();
        }
        world.database.follow(Schedule::new(self.seed, number.into()));
        User::new(world, browser, (self.seed, number), self.keys)
    }

    fn settings(&self) -> Vec<(&'static str, &'static str)> {
        let mut settings = vec![LIFETIME];
        if self.product == Product::StrictSingleUse {
            settings.extend([("REFRESH_GRACE_SECONDS", "0"), ("REFRESH_RETRY_SECONDS", "0")]);
        }
        settings
    }
}
