//! A proxy in front of DynamoDB that counts requests, and disturbs them where a test or a schedule requires. Requests that read a
//! stream pass undisturbed, because they come at any time.

mod broken_body;
mod door;
mod fault;
mod meter;
mod plan;
mod schedule;
mod upstream;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use broken_body::BrokenBody;
use door::Door;
pub use fault::Fault;
pub use meter::Units;
pub use plan::Held;
use plan::Plan;
pub use schedule::Schedule;
use upstream::{Parcel, Upstream};

use super::{Permissions, Row};

pub(super) struct Proxy {
    url: String,
    state: Arc<State>,
    _task: JoinSet<()>,
}

struct State {
    door: Door,
    upstream: Upstream,
    plan: Mutex<Plan>,
    is_unconditional: AtomicBool,
    permissions: Mutex<Option<&'static Permissions>>,
    denied: Mutex<Vec<String>>,
}

type Answer = Response<Either<Full<Bytes>, BrokenBody>>;

/// The connection must be closed without an answer, or without the rest of it.
#[derive(Debug)]
struct Close;

impl std::fmt::Display for Close {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Close {}

impl Proxy {
    pub(super) fn start(upstream: String, access_key: String) -> Self {
        let (door, entrance) = Door::open().expect("a free port");
        let url = format!("http://{}", entrance.address());
        let state = Arc::new(State {
            door,
            upstream: Upstream::new(upstream, access_key),
            plan: Mutex::default(),
            is_unconditional: AtomicBool::new(false),
            permissions: Mutex::default(),
            denied: Mutex::default(),
        });
        let mut task = JoinSet::new();
        let served = Arc::clone(&state);
        task.spawn(entrance.serve(move |stream| serve(stream, Arc::clone(&served))));
        Self { url, state, _task: task }
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn take_requests(&self) -> Vec<String> {
        self.state.plan().take_requests()
    }

    pub(super) fn disturb(&self, operation: &str, fault: Fault, times: usize) {
        self.state.plan().disturb(operation, fault, times);
    }

    pub(super) fn follow(&self, schedule: Schedule) {
        self.state.plan().follow(schedule);
    }

    pub(super) fn heal(&self) {
        self.state.plan().heal();
    }

    pub(super) fn hold_next(&self, operation: &str) -> Held {
        self.state.plan().hold_next(operation)
    }

    pub(super) fn met(&self) -> (u64, BTreeMap<String, u64>) {
        self.state.plan().met()
    }

    pub(super) fn drop_conditions(&self) {
        self.state.is_unconditional.store(true, Ordering::SeqCst);
    }

    pub(super) fn enforce(&self, permissions: &'static Permissions) {
        *lock(&self.state.permissions) = Some(permissions);
    }

    pub(super) fn begin_metering(&self, knows_transactions: bool) {
        self.state.upstream.meter.begin(knows_transactions);
    }

    pub(super) fn take_units(&self) -> Units {
        self.state.upstream.meter.take()
    }

    pub(super) async fn deliver_all(&self) {
        self.state.upstream.deliver_all().await;
    }

    pub(super) async fn shut(&self) {
        self.state.door.shut().await;
    }

    pub(super) async fn reopen(&self) {
        self.state.door.reopen().await;
    }
}

impl Drop for Proxy {
    /// Fails the test if a function was denied something: it may have carried on without it.
    fn drop(&mut self) {
        let denied = std::mem::take(&mut *lock(&self.state.denied));
        assert!(denied.is_empty() || std::thread::panicking(), "{}", denied.join("\n"));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| state.pass(request));
    // A connection that was closed on purpose ends here with an error.
    let _closed = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl State {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.plan)
    }

    async fn pass(&self, request: Request<Incoming>) -> Result<Answer, Close> {
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Close)?.to_bytes();
        self.upstream.sign(&mut parts.headers)?;
        let mut parcel = Parcel { headers: parts.headers, body };
        if parcel.is_of_stream() {
            return self.upstream.send(&parcel).await.map(whole);
        }
        let operation = parcel.operation().to_owned();
        if let Some(denied) = self.denied(&parcel) {
            return Ok(whole(denied));
        }
        let fault = self.plan().meet(&operation);
        self.wait(&operation).await;
        if self.is_unconditional.load(Ordering::SeqCst) {
            parcel = parcel.without_condition();
        }
        if self.upstream.meter.is_on() {
            parcel = parcel.asking_for_units();
        }
        self.upstream.deliver_before(&parcel).await;
        self.pass_with(fault, parcel).await
    }

    async fn pass_with(&self, fault: Option<Fault>, parcel: Parcel) -> Result<Answer, Close> {
        let upstream = &self.upstream;
        match fault {
            None => upstream.send(&parcel).await.map(whole),
            Some(Fault::Answer { status, body }) => Ok(whole(fault::json_answer(status, &body))),
            Some(Fault::Unprocessed { after }) => upstream.send_first(parcel, after).await.map(whole),
            Some(Fault::LostRequest) => Err(Close),
            Some(Fault::LostAnswer) => upstream.send(&parcel).await.and(Err(Close)),
            Some(Fault::CutRequest) => upstream.send_half(&parcel).await.and(Err(Close)),
            Some(Fault::CutAnswer) => broken(upstream.send(&parcel).await?).await,
            Some(Fault::Delayed(time)) => {
                tokio::time::sleep(time).await;
                upstream.send(&parcel).await.map(whole)
            }
            Some(Fault::Duplicated) => {
                upstream.send(&parcel).await?;
                upstream.send(&parcel).await.map(whole)
            }
            Some(Fault::DuplicatedLater(before)) => {
                upstream.keep(parcel.clone(), before);
                upstream.send(&parcel).await.map(whole)
            }
            Some(Fault::DeliveredLate(before)) => {
                upstream.keep(parcel, before);
                Err(Close)
            }
            Some(Fault::Refused(time)) => {
                self.door.shut_for(time);
                Err(Close)
            }
        }
    }

    /// Returns the answer of DynamoDB to a function whose policy does not allow the request.
    fn denied(&self, parcel: &Parcel) -> Option<Response<Full<Bytes>>> {
        let (permissions, function) = ((*lock(&self.permissions))?, parcel.function()?);
        let request = parcel.json().unwrap_or_default();
        let (action, resource) = permissions.lacking(function, parcel.operation(), &request)?;
        let message = format!("{function} is not authorized to perform: {action} on resource: {resource}");
        let body = json!({
            "__type": "com.amazon.coral.service#AccessDeniedException",
            "Message": message,
        });
        lock(&self.denied).push(message);
        Some(fault::json_answer(400, &body))
    }

    /// Waits as long as the test holds this request back.
    async fn wait(&self, operation: &str) {
        let held = self.plan().hold(operation);
        if let Some(released) = held {
            let _ends_when_dropped = released.await;
        }
    }
}

fn whole(answer: Response<Full<Bytes>>) -> Answer {
    answer.map(Either::Left)
}

async fn broken(answer: Response<Full<Bytes>>) -> Result<Answer, Close> {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Close)?.to_bytes();
    Ok(Response::from_parts(parts, Either::Right(BrokenBody::new(&body))))
}
