//! An HTTP proxy in front of DynamoDB that counts what passes, and disturbs it where a test says so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// What is done to a request instead of passing it on and passing its answer back.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is not passed on, and this is the answer.
    Answer {
        /// The status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// It is passed on, and the connection is closed in place of the answer: the write happened, the client can't
    /// know.
    LostAnswer,
    /// The connection is closed without passing it on.
    LostRequest,
    /// Of a `BatchWriteItem` only the first so many writes are passed on, and the answer says that the others were left
    /// unprocessed.
    Unprocessed {
        /// How many are passed on.
        after: usize,
    },
}

/// A request that is held back. Dropping this lets it pass.
pub struct Held {
    arrived: oneshot::Receiver<()>,
    _release: oneshot::Sender<()>,
}

pub(super) struct Proxy {
    url: String,
    state: Arc<State>,
    _task: JoinSet<()>,
}

struct State {
    upstream: String,
    access_key: String,
    http: reqwest::Client,
    plan: Mutex<Plan>,
}

#[derive(Default)]
struct Plan {
    requests: Vec<String>,
    faults: Vec<(String, Fault, usize)>,
    holds: Vec<(String, oneshot::Sender<()>, oneshot::Receiver<()>)>,
}

impl Fault {
    /// DynamoDB has failed.
    #[must_use]
    pub fn internal_error() -> Self {
        Self::error(
            500,
            json!({ "__type": type_of("InternalServerError"), "message": "Internal server error" }),
        )
    }

    /// Another transaction was writing one of the rows.
    #[must_use]
    pub fn transaction_conflict() -> Self {
        let body = json!({
            "__type": type_of("TransactionCanceledException"),
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons \
                        [TransactionConflict, None]",
            "CancellationReasons": [
                { "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" },
                { "Code": "None" },
            ],
        });
        Self::error(400, body)
    }

    fn error(status: u16, body: Value) -> Self {
        Self::Answer { status, body }
    }
}

fn type_of(name: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{name}")
}

impl Held {
    /// Waits until the request is there. From then on it has been sent, and has had no effect.
    ///
    /// # Panics
    /// If the proxy is gone.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the proxy holds a request");
    }
}

impl Proxy {
    pub(super) async fn start(upstream: String, access_key: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let state = Arc::new(State { upstream, access_key, http, plan: Mutex::default() });
        let mut task = JoinSet::new();
        task.spawn(accept(listener, Arc::clone(&state)));
        Self { url, state, _task: task }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.plan().requests)
    }

    pub(super) fn disturb(&self, operation: &str, fault: Fault, times: usize) {
        self.state.plan().faults.push((operation.to_owned(), fault, times));
    }

    pub(super) fn heal(&self) {
        self.state.plan().faults.clear();
    }

    pub(super) fn hold_next(&self, operation: &str) -> Held {
        let ((arrive, arrived), (release, released)) = (oneshot::channel(), oneshot::channel());
        self.state.plan().holds.push((operation.to_owned(), arrive, released));
        Held { arrived, _release: release }
    }
}

/// Serves until the proxy is dropped, and its connections with it.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| state.pass(request));
    // A connection that was closed on purpose ends here with an error.
    let _closed = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Close;

impl std::fmt::Display for Close {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Close {}

impl State {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Close> {
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Close)?.to_bytes();
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation =
            target.and_then(|target| target.split_once('.')).map_or("?", |(_, name)| name).to_owned();
        let fault = self.plan().meet(&operation);
        self.wait(&operation).await;
        let (body, unprocessed) = match &fault {
            Some(Fault::Unprocessed { after }) => split_batch(&body, *after),
            _ => (body, json!({})),
        };
        match fault {
            Some(Fault::Answer { status, body }) => return Ok(json_answer(status, &body)),
            Some(Fault::LostRequest) => return Err(Close),
            Some(Fault::Unprocessed { after: 0 }) => return Ok(left_over(&unprocessed)),
            Some(Fault::LostAnswer | Fault::Unprocessed { .. }) | None => {}
        }
        parts.headers.remove(header::HOST);
        parts.headers.remove(header::CONTENT_LENGTH);
        if let Some(signature) =
            parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
        {
            let ours = signature.replace("Credential=local/", &format!("Credential={}/", self.access_key));
            parts.headers.insert(header::AUTHORIZATION, ours.try_into().map_err(|_| Close)?);
        }
        let passed = self.http.post(&self.upstream).headers(parts.headers).body(body).send().await;
        let answer = passed.map_err(|_| Close)?;
        if unprocessed != json!({}) {
            return Ok(left_over(&unprocessed));
        }
        let mut response = Response::new(Full::default());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        *response.body_mut() = Full::new(answer.bytes().await.map_err(|_| Close)?);
        if matches!(fault, Some(Fault::LostAnswer)) { Err(Close) } else { Ok(response) }
    }

    /// Waits as long as the test holds this request back.
    async fn wait(&self, operation: &str) {
        let held = {
            let mut plan = self.plan();
            let position = plan.holds.iter().position(|(held, ..)| held == operation);
            position.map(|position| plan.holds.remove(position))
        };
        if let Some((_, arrive, released)) = held {
            let _test_is_over = arrive.send(());
            let _ends_when_dropped = released.await;
        }
    }
}

impl Plan {
    /// Counts a request, and says what is to be done to it.
    fn meet(&mut self, operation: &str) -> Option<Fault> {
        self.requests.push(operation.to_owned());
        let (_, fault, left) =
            self.faults.iter_mut().find(|(name, _, left)| name == operation && *left > 0)?;
        *left -= 1;
        Some(fault.clone())
    }
}

/// A `BatchWriteItem` with its first so many writes, and the others in the form of `UnprocessedItems`.
fn split_batch(body: &Bytes, first: usize) -> (Bytes, Value) {
    let mut request: Value = serde_json::from_slice(body).expect("a request is JSON");
    let mut unprocessed = json!({});
    for (table, writes) in request["RequestItems"].as_object_mut().into_iter().flatten() {
        let writes = writes.as_array_mut().expect("a list of writes");
        if writes.len() > first {
            unprocessed[table] = Value::from(writes.split_off(first));
        }
    }
    (request.to_string().into(), unprocessed)
}

fn left_over(unprocessed: &Value) -> Response<Full<Bytes>> {
    json_answer(200, &json!({ "UnprocessedItems": unprocessed }))
}

fn json_answer(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let text = body.to_string();
    let answer = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    answer.body(Full::new(text.into())).unwrap_or_default()
}
