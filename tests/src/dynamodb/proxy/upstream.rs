//! Forwards requests to DynamoDB: now, later, or in part.

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, Response, header};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Close;
use super::fault::json_answer;
use super::meter::Meter;

/// DynamoDB itself, and what is on its way to it.
pub(super) struct Upstream {
    url: String,
    access_key: String,
    /// Meters the requests.
    pub(super) meter: Meter,
    http: reqwest::Client,
    late: Mutex<Vec<Late>>,
}

/// A request, whole.
#[derive(Clone)]
pub(super) struct Parcel {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A request that is passed on right before another one for the same row.
struct Late {
    row: Option<Value>,
    /// The number of further requests for the same row before it: 1 is the next.
    before: u32,
    parcel: Parcel,
}

impl Parcel {
    /// The key of the row it is about; none if it is about several.
    fn row(&self) -> Option<Value> {
        self.json()?.get("Key").cloned()
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A `BatchWriteItem` with its first so many writes, and the others in the form of `UnprocessedItems`.
    fn split_batch(mut self, first: usize) -> Option<(Self, Value)> {
        let (mut request, mut unprocessed) = (self.json()?, json!({}));
        for (table, writes) in request["RequestItems"].as_object_mut()? {
            let writes = writes.as_array_mut()?;
            if writes.len() > first {
                unprocessed[table] = Value::from(writes.split_off(first));
            }
        }
        self.replace(&request);
        Some((self, unprocessed))
    }

    /// The same request with a condition that holds for every row that there is.
    pub(super) fn without_condition(mut self) -> Self {
        let changed = self.json().and_then(|mut request| {
            let condition = request.get("ConditionExpression")?.as_str()?;
            // The values of the condition stay in use, which DynamoDB insists on.
            request["ConditionExpression"] = format!("({condition}) OR attribute_exists(generation)").into();
            Some(request)
        });
        if let Some(request) = changed {
            self.replace(&request);
        }
        self
    }

    /// The same request, whose answer says what it has consumed.
    pub(super) fn asking_for_units(mut self) -> Self {
        if let Some(mut request) = self.json() {
            request["ReturnConsumedCapacity"] = "TOTAL".into();
            self.replace(&request);
        }
        self
    }

    /// Whether it reads a stream: on AWS that is no request of the service, but Lambda's.
    pub(super) fn is_of_stream(&self) -> bool {
        self.target().is_some_and(|target| target.starts_with("DynamoDBStreams_"))
    }

    /// The name of the operation.
    pub(super) fn operation(&self) -> &str {
        self.target().and_then(|target| target.split_once('.')).map_or("?", |(_, name)| name)
    }

    /// The logical id of the function that sends it: the local server gives it to the client as the name of the application.
    pub(super) fn function(&self) -> Option<&str> {
        let agent = self.headers.get("x-amz-user-agent")?.to_str().ok()?;
        agent.split_whitespace().find_map(|part| part.strip_prefix("app/"))
    }

    fn target(&self) -> Option<&str> {
        self.headers.get("x-amz-target").and_then(|value| value.to_str().ok())
    }

    fn replace(&mut self, request: &Value) {
        self.body = request.to_string().into();
        self.headers.insert(header::CONTENT_LENGTH, self.body.len().into());
    }
}

impl Upstream {
    pub(super) fn new(url: String, access_key: String) -> Self {
        let http = crate::client(&url);
        Self { url, access_key, meter: Meter::default(), http, late: Mutex::default() }
    }

    /// Signs a request with the key that keeps this world's tables apart.
    pub(super) fn sign(&self, headers: &mut HeaderMap) -> Result<(), Close> {
        headers.remove(header::HOST);
        let signature = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(signature) = signature {
            let ours = signature.replace("Credential=local/", &format!("Credential={}/", self.access_key));
            headers.insert(header::AUTHORIZATION, ours.try_into().map_err(|_| Close)?);
        }
        Ok(())
    }

    /// Passes a request on, and its answer back.
    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Response<Full<Bytes>>, Close> {
        let request = self.http.post(&self.url).headers(parcel.headers.clone()).body(parcel.body.clone());
        let answer = request.send().await.map_err(|_| Close)?;
        let mut response = Response::new(Full::default());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let body = answer.bytes().await.map_err(|_| Close)?;
        if !parcel.is_of_stream() {
            self.meter.note(parcel.operation(), &parcel.body, &body);
        }
        *response.body_mut() = Full::new(body);
        Ok(response)
    }

    /// Passes the first so many writes of a `BatchWriteItem` on, if any, and answers that the others were left.
    pub(super) async fn send_first(
        &self,
        parcel: Parcel,
        writes: usize,
    ) -> Result<Response<Full<Bytes>>, Close> {
        let (first, unprocessed) = parcel.split_batch(writes).ok_or(Close)?;
        if writes > 0 {
            self.send(&first).await?;
        }
        Ok(json_answer(200, &json!({ "UnprocessedItems": unprocessed })))
    }

    /// Passes half of a request on.
    pub(super) async fn send_half(&self, parcel: &Parcel) -> Result<(), Close> {
        let address = self.url.strip_prefix("http://").ok_or(Close)?;
        let mut head = format!("POST / HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
        for (name, value) in &parcel.headers {
            head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        head.extend(b"\r\n");
        head.extend(&parcel.body[..parcel.body.len() / 2]);
        let mut stream = TcpStream::connect(address).await.map_err(|_| Close)?;
        stream.write_all(&head).await.map_err(|_| Close)?;
        stream.shutdown().await.map_err(|_| Close)
    }

    /// Keeps a request until right before so many further ones for the same row.
    pub(super) fn keep(&self, parcel: Parcel, before: u32) {
        self.late().push(Late { row: parcel.row(), before, parcel });
    }

    /// Passes on what was to arrive before this request. Nobody waits for those answers any more.
    pub(super) async fn deliver_before(&self, parcel: &Parcel) {
        if self.late().is_empty() {
            return;
        }
        let row = parcel.row();
        self.deliver(|late| {
            late.before -= u32::from(late.row == row);
            late.before == 0
        })
        .await;
    }

    /// Passes on all that was to arrive later.
    pub(super) async fn deliver_all(&self) {
        self.deliver(|_| true).await;
    }

    async fn deliver(&self, is_due: impl FnMut(&mut Late) -> bool) {
        let due: Vec<Late> = self.late().extract_if(.., is_due).collect();
        for late in due {
            let _nobody_asks = self.send(&late.parcel).await;
        }
    }

    fn late(&self) -> std::sync::MutexGuard<'_, Vec<Late>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
