//! The service under test.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use http::Method;
use http::header::CONTENT_TYPE;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::answer::{Answer, Form};
use crate::emulation::Emulated;
use crate::{Database, World, contract, log, outside, routes, secrets};

/// A running Ratchet, seen from outside: a base URL. Clones are the same service.
#[derive(Clone)]
pub struct Service {
    base_url: String,
    http: reqwest::Client,
    /// The texts that no error may repeat: all tokens and passwords that were sent or received.
    secrets: Arc<Mutex<Vec<String>>>,
    /// The routes of the requests so far.
    tried: Arc<Mutex<BTreeSet<String>>>,
    /// Stops the service when the last clone is gone; none if the service is external.
    parts: Option<Arc<Parts>>,
}

/// The parts of an embedded service.
pub(crate) struct Parts {
    pub(crate) server: local::Server,
    pub(crate) _database: Arc<Database>,
}

impl Service {
    /// Returns the service that `RATCHET_URL` names, or an embedded one. For tests that only send requests.
    pub async fn any() -> Self {
        match outside::service_url() {
            Some(base_url) => Self::at(base_url, None),
            None => World::start().await.service,
        }
    }

    pub(crate) fn own(parts: Parts) -> Self {
        Self::at(parts.server.base_url().to_owned(), Some(Arc::new(parts)))
    }

    fn at(base_url: String, parts: Option<Arc<Parts>>) -> Self {
        // A client of its own: pooled connections live on the runtime of the test that opened them.
        let http = crate::client(&base_url);
        Self { base_url, http, secrets: Arc::default(), tried: Arc::default(), parts }
    }

    /// Returns its URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns a request to it, to be completed and given to [`Service::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base_url))
    }

    /// Sends a request. Checks that the answer is documented, that no error repeats a secret, and that nothing
    /// secret was logged.
    ///
    /// # Panics
    /// Panics if there is no answer, or one that violates these rules.
    #[track_caller]
    pub fn send(&self, request: RequestBuilder, form: Form) -> impl Future<Output = Answer> + use<> {
        let (secrets, tried) = (Arc::clone(&self.secrets), Arc::clone(&self.tried));
        let caller = std::panic::Location::caller();
        let (client, request) = request.build_split();
        let emulation = if self.parts.is_none() { outside::emulation() } else { None };
        let base_url = self.base_url.clone();
        async move {
            let mut request = request.unwrap_or_else(|error| panic!("{caller}: {error:?}"));
            let emulated = emulation.map(|differences| Emulated::new(differences, &mut request));
            let (method, path) = (request.method().clone(), contract_path(&base_url, request.url()));
            tried.lock().expect("no test panics with it").extend(routes::of(method.as_str(), &path));
            let response =
                client.execute(request).await.unwrap_or_else(|error| panic!("{caller}: {error:?}"));
            let mut answer = Answer::receive(response, form).await;
            if let Some(emulated) = emulated {
                emulated.correct(&mut answer);
            }
            let Answer { status, headers, text, .. } = &answer;
            contract::assert_documented(method.as_str(), &path, *status, headers, text);
            if answer.status >= 400 {
                let known = secrets.lock().expect("no test panics with it").clone();
                secrets::assert_absent(&known, &answer.whole(), "an error");
            }
            log::assert_clean();
            answer
        }
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value, form: Form) -> Answer {
        self.send(self.request(Method::POST, path).json(body), form).await
    }

    /// Posts a form, as OAuth clients do.
    pub async fn post_form(&self, path: &str, parameters: &[(&str, &str)], form: Form) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request =
            self.request(Method::POST, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(body), form).await
    }

    /// Gets a document.
    pub async fn get(&self, path: &str, form: Form) -> Answer {
        self.send(self.request(Method::GET, path), form).await
    }

    /// Returns the routes of the template that were requested since the last call.
    ///
    /// # Panics
    /// Panics if another test panicked with the list.
    #[must_use]
    pub fn take_routes(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.tried.lock().expect("no test panics with it"))
    }

    /// Remembers a text that no error may repeat.
    ///
    /// # Panics
    /// Panics if another test panicked with the list.
    pub fn keep_secret(&self, secret: &str) {
        self.secrets.lock().expect("no test panics with it").push(secret.to_owned());
    }

    /// Returns everything that was remembered.
    ///
    /// # Panics
    /// Panics if another test panicked with the list.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.secrets.lock().expect("no test panics with it").clone()
    }
}

/// Returns the path as in the contract: without the path of the base URL, such as the name of a stage.
fn contract_path(base_url: &str, url: &reqwest::Url) -> String {
    let prefix = reqwest::Url::parse(base_url).expect("the base URL is one").path().to_owned();
    let path = url.path();
    path.strip_prefix(prefix.trim_end_matches('/')).unwrap_or(path).to_owned()
}
