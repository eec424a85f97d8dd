//! Lambda's Runtime API (version 2018-06-01) for one process.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::Failure;

/// What the process made of an event.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Bytes),
    Error(Bytes),
}

/// Is there when the process has answered.
pub(super) type Asked = oneshot::Receiver<Outcome>;

/// Served until this is dropped.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Bytes>,
    state: Arc<Invocations>,
    _task: JoinSet<()>,
}

struct Invocations {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Bytes>>,
    /// Who waits for the answer to the event that is out.
    waiting: Mutex<Option<oneshot::Sender<Outcome>>>,
    /// Told when the process asks for an event.
    next: Notify,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, handed_out) = mpsc::unbounded_channel();
        let state = Arc::new(Invocations {
            events: tokio::sync::Mutex::new(handed_out),
            waiting: Mutex::default(),
            next: Notify::new(),
        });
        let routes = routes().with_state(Arc::clone(&state));
        let mut task = JoinSet::new();
        task.spawn(async move {
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                // An answer is not to wait for the process to acknowledge the last one.
                let _as_it_is = stream.set_nodelay(true);
            });
            let _ends_with_the_task = axum::serve(listener, routes).await;
        });
        Ok(Self { address, events, state, _task: task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands the event out as soon as the process asks for one.
    pub(super) fn hand_out(&self, event: Bytes) -> Asked {
        let (answered, asked) = oneshot::channel();
        *self.state.waiting() = Some(answered);
        // The receiver lives as long as the state.
        let _received = self.events.send(event);
        asked
    }

    /// Returns as soon as the process has asked for an event.
    pub(super) async fn is_asked(&self) {
        self.state.next.notified().await;
    }
}

fn routes() -> Router<Arc<Invocations>> {
    const EVENTS: &str = "/2018-06-01/runtime/invocation";
    Router::new()
        .route(&format!("{EVENTS}/next"), get(next))
        .route(&format!("{EVENTS}/{{id}}/response"), post(response))
        .route(&format!("{EVENTS}/{{id}}/error"), post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .layer(DefaultBodyLimit::disable())
}

/// Headers as Lambda sends them. Nothing measured here depends on their values.
async fn next(State(state): State<Arc<Invocations>>) -> impl IntoResponse {
    state.next.notify_one();
    let event = state.events.lock().await.recv().await;
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        ),
    ];
    (headers, event.unwrap_or_default())
}

async fn response(State(state): State<Arc<Invocations>>, body: Bytes) -> StatusCode {
    state.done(Outcome::Answer(body))
}

async fn error(State(state): State<Arc<Invocations>>, body: Bytes) -> StatusCode {
    state.done(Outcome::Error(body))
}

impl Invocations {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, outcome: Outcome) -> StatusCode {
        if let Some(waiting) = self.waiting().take() {
            // Nobody may be waiting any more.
            let _heard = waiting.send(outcome);
        }
        StatusCode::ACCEPTED
    }
}
