//! The function `login` called as Lambda calls it, so that the hashes that it computes can be counted.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use http::{Request, Response};
use serde_json::{Value, json};
use shared::{Invocation, Stopwatch};
use tests::{TestClock, World, project};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Taken by what opens hundreds of connections, each with both ends in this process, and more on the other side of the
/// proxy: two of them at once need more files than some systems let a process open.
pub(crate) static MANY_CONNECTIONS: Mutex<()> = Mutex::const_new(());

/// One more instance of the function, on the tables of a world, with its keys and its clock.
#[derive(Clone)]
pub(crate) struct LoginFunction {
    app: Arc<login::App>,
    clock: TestClock,
}

/// All that a client sees of an answer, in an order to sort by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl LoginFunction {
    pub(crate) fn beside(world: &World) -> Self {
        Self::at(&world.database.url(), world)
    }

    /// The same for very many requests, which are not counted.
    pub(crate) fn uncounted(world: &World) -> Self {
        Self::at(&world.database.direct_url(), world)
    }

    fn at(dynamodb: &str, world: &World) -> Self {
        let functions = project::stack().functions;
        let login = functions.iter().find(|function| function.binary == "login").unwrap();
        let environment = project::environment(login, &world.keys);
        let app = login::App::new(&|name| environment.get(name).cloned(), patient(dynamodb).into());
        Self { app: Arc::new(app.unwrap()), clock: world.clock.clone() }
    }

    /// How many password hashes it has computed.
    pub(crate) fn hashes(&self) -> u64 {
        self.app.base.hasher.computed()
    }

    pub(crate) async fn login(&self, body: &Value) -> Seen {
        let request = Request::post("/login").header("content-type", "application/json");
        let request = request.body(body.to_string().into()).unwrap();
        let invocation =
            Invocation { now: self.clock.now(), rng: tests::rng(), stopwatch: Stopwatch::STOPPED };
        Seen::new(&login::handle(&self.app, request, invocation).await)
    }

    /// So many wrong guesses at once.
    pub(crate) async fn guess(&self, email: &str, times: usize) -> Vec<Seen> {
        self.at_once((0..times).map(|number| guess(email, number))).await
    }

    /// All of these requests at once. The answers are sorted.
    pub(crate) async fn at_once(&self, bodies: impl Iterator<Item = Value>) -> Vec<Seen> {
        let mut guesses = JoinSet::new();
        for body in bodies {
            let function = self.clone();
            guesses.spawn(async move { function.login(&body).await });
        }
        let mut seen = guesses.join_all().await;
        seen.sort();
        seen
    }
}

/// A wrong guess.
pub(crate) fn guess(email: &str, number: usize) -> Value {
    json!({ "email": email, "password": format!("guess {number}") })
}

/// A client that waits as long as a slow machine takes: here it is not lost answers that are tested.
pub(crate) fn patient(url: &str) -> Client {
    let long = Duration::from_secs(600);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(long)
        .read_timeout(long)
        .operation_attempt_timeout(long)
        .operation_timeout(long);
    let config = Builder::from(&aws::config_for(url)).timeout_config(timeouts.build());
    Client::from_conf(config.stalled_stream_protection(StalledStreamProtectionConfig::disabled()).build())
}

impl Seen {
    fn new(response: &Response<String>) -> Self {
        let headers = response.headers().iter();
        let mut headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort();
        Self { status: response.status().as_u16(), headers, body: response.body().clone() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How many answers have this status.
pub(crate) fn with_status(seen: &[Seen], status: u16) -> usize {
    seen.iter().filter(|seen| seen.status == status).count()
}
