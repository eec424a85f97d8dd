//! Operators, who run commands of the function `admin`, which has no route.

use std::sync::Arc;

use runtime::Invoker;
use serde_json::{Value, json};
use shared::{Invocation, Stopwatch};

use crate::{Browser, Database, TestClock, World, outside, project};

/// The identity that the invocations of tests have.
pub const IDENTITY: &str = "eu-west-1:operator";

/// An operator of a world.
#[derive(Clone)]
pub struct Operator {
    app: Arc<admin::App>,
    clock: TestClock,
}

impl World {
    /// Returns an operator with the template's settings.
    #[must_use]
    pub fn operator(&self) -> Operator {
        self.operator_with(&self.database, &[])
    }

    /// Returns an operator with other settings (an empty one counts as absent) and another client for the tables.
    ///
    /// # Panics
    /// Panics if a setting is invalid.
    #[must_use]
    pub fn operator_with(&self, database: &Database, settings: &[(&str, &str)]) -> Operator {
        let functions = project::stack().functions;
        let function = functions.iter().find(|function| function.binary == "admin").expect("in the template");
        let mut environment = project::environment(function, &self.keys);
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let lookup = |name: &str| environment.get(name).cloned();
        let client = local::client_of(&aws::client_for(&database.url()), &function.id);
        let app = admin::App::new(&lookup, client.into()).expect("good settings");
        Operator { app: Arc::new(app), clock: self.clock.clone() }
    }
}

impl Operator {
    /// Sends an event. The failure is that which Lambda would report.
    ///
    /// # Errors
    /// The message of a command that failed, and may be repeated.
    pub async fn send(&self, event: &Value) -> Result<Value, String> {
        let invocation = Invocation {
            now: self.clock.now(),
            rng: outside::rng(),
            stopwatch: Stopwatch::of(outside::ticks),
        };
        let request_id = outside_id();
        let invoker = Invoker { request_id, identity_id: Some(IDENTITY.to_owned()) };
        admin::handle(&self.app, event, invoker, invocation).await.map_err(|failure| failure.to_string())
    }

    /// Runs a command about somebody's account.
    ///
    /// # Panics
    /// If it is refused, or fails.
    pub async fn run(&self, command: &str, browser: &Browser, members: Value) -> Value {
        let answer = self.send(&about(command, &browser.email, members)).await.expect("it is done");
        assert_eq!(answer.get("error"), None, "{command}: {answer}");
        answer
    }

    /// Runs a command about somebody's account that is refused with this code.
    ///
    /// # Panics
    /// If it is not.
    pub async fn refused(&self, event: &Value, code: &str) -> String {
        let answer = self.send(event).await.expect("an answer");
        assert_eq!(answer["error"], code, "{event}: {answer}");
        answer["error_description"].as_str().expect("a sentence").to_owned()
    }
}

/// The event of a command about the account of an address.
///
/// # Panics
/// If the members are no object.
#[must_use]
pub fn about(command: &str, email: &str, mut members: Value) -> Value {
    let event = members.as_object_mut().expect("an object");
    event.insert("command".to_owned(), json!(command));
    event.insert("email".to_owned(), json!(email));
    members
}

fn outside_id() -> String {
    let bytes = rand::RngExt::random(&mut outside::rng());
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
