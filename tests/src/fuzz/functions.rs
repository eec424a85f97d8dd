//! The functions behind routes, with the template's settings and the keys of `events/`, in front of a DynamoDB that
//! can't be reached and counts how often it is asked.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Response;
use rand::SeedableRng;
use rand::rngs::StdRng;
use runtime::Request;
use shared::{Invocation, Stopwatch};
use tokio::runtime::{Builder, Runtime};

use super::genuine::{FIXTURE, NOW};
use crate::project;

/// A function behind a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Login,
    Logout,
    Metadata,
    Password,
    Refresh,
    Register,
    Sessions,
    Weather,
}

/// The answer of a function, and the number of requests to DynamoDB that it tried.
pub(super) struct Answered {
    pub(super) response: Response<String>,
    pub(super) requests: usize,
}

struct Apps {
    login: login::App,
    logout: logout::App,
    metadata: metadata::App,
    password: password::App,
    refresh: refresh::App,
    register: register::App,
    sessions: sessions::App,
    weather: weather::App,
}

static APPS: LazyLock<Apps> = LazyLock::new(Apps::new);

thread_local! {
    // The SDK's timeouts need a runtime with a timer. None of its tasks outlives a request.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
}

/// The origin whose cookies count.
pub(super) const ORIGIN: &str = "https://app.example.com";

/// The environment that the template gives the function of that binary, for that origin. Argon2id costs the least that
/// is allowed.
pub(super) fn environment(binary: &str) -> BTreeMap<String, String> {
    let stack = project::stack();
    let function = stack.functions.iter().find(|function| function.binary == binary).expect("a function");
    let mut environment = project::environment(function, &FIXTURE.keys);
    for (name, own) in [
        ("ALLOWED_ORIGIN", ORIGIN),
        ("BREACHED_PASSWORDS", "off"),
        ("PASSWORD_MEMORY_KIB", "7168"),
        ("PASSWORD_ITERATIONS", "1"),
    ] {
        environment.entry(name.to_owned()).and_modify(|value| own.clone_into(value));
    }
    environment
}

impl Function {
    /// Returns its answer.
    pub(super) fn call(self, request: Request) -> Answered {
        REQUESTS.set(0);
        let invocation =
            Invocation { now: NOW, rng: StdRng::seed_from_u64(1), stopwatch: Stopwatch::STOPPED };
        let response = RUNTIME.with(|runtime| runtime.block_on(self.handle(request, invocation)));
        Answered { response, requests: REQUESTS.get() }
    }

    async fn handle(self, request: Request, invocation: Invocation) -> Response<String> {
        match self {
            Self::Login => login::handle(&APPS.login, request, invocation).await,
            Self::Logout => logout::handle(&APPS.logout, request, invocation).await,
            Self::Metadata => metadata::handle(&APPS.metadata, request, invocation).await,
            Self::Password => password::handle(&APPS.password, request, invocation).await,
            Self::Refresh => refresh::handle(&APPS.refresh, request, invocation).await,
            Self::Register => register::handle(&APPS.register, request, invocation).await,
            Self::Sessions => sessions::handle(&APPS.sessions, request, invocation).await,
            Self::Weather => weather::handle(&APPS.weather, request, invocation).await,
        }
    }
}

impl Apps {
    fn new() -> Self {
        let of = |binary: &str| {
            let environment = environment(binary);
            move |name: &str| environment.get(name).cloned()
        };
        let good = "the template's settings are good";
        Self {
            login: login::App::new(&of("login"), unreachable().into()).expect(good),
            logout: logout::App::new(&of("logout"), unreachable().into()).expect(good),
            metadata: metadata::App::new(&of("metadata")).expect(good),
            password: password::App::new(&of("password"), unreachable().into()).expect(good),
            refresh: refresh::App::new(&of("refresh"), unreachable().into()).expect(good),
            register: register::App::new(&of("register"), unreachable().into()).expect(good),
            sessions: sessions::App::new(&of("sessions"), unreachable().into()).expect(good),
            weather: weather::App::new(&of("weather")).expect(good),
        }
    }
}

/// A client whose every request fails at once, without a socket.
fn unreachable() -> Client {
    let config = aws::config_for("http://dynamodb.invalid");
    let http = http_client_fn(|_, _| SharedHttpConnector::new(Unreachable));
    Client::new(&config.into_builder().http_client(http).build())
}

#[derive(Debug)]
struct Unreachable;

impl HttpConnector for Unreachable {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        REQUESTS.set(REQUESTS.get() + 1);
        // An error of the kind that the SDK does not retry.
        HttpConnectorFuture::ready(Err(ConnectorError::user("unreachable".into())))
    }
}
