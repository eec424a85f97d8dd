//! Delivers the answer: one HTTP PUT to the URL that CloudFormation has signed, repeated when it fails.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The pauses between tries. With three tries of five seconds, and before them reading and writing the secret twice, the
/// function stays below its timeout.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];
/// The timeout of one try.
const PATIENCE: Duration = Duration::from_secs(5);

/// An HTTP client for this purpose only.
#[derive(Clone, Debug)]
pub struct Courier {
    client: Client<HttpsConnector<HttpConnector>, String>,
    pauses: Vec<Duration>,
    patience: Duration,
}

/// The reason why an answer did not arrive. No message repeats the URL: anybody who has it can answer in our place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The URL is invalid.
    #[error("the answer can't be sent: its URL is not one")]
    Url,
    /// The connection failed.
    #[error("the answer can't be sent: no connection")]
    Connection,
    /// The answer got no response.
    #[error("the answer can't be sent: no response in time")]
    Time,
    /// The answer was refused.
    #[error("the answer is refused with status {0}")]
    Refused(StatusCode),
}

impl Courier {
    /// Trusts the certificate authorities of the system.
    ///
    /// # Errors
    /// Returns the system's error if it has none.
    pub fn new() -> std::io::Result<Self> {
        Self::with(&PAUSES, PATIENCE)
    }

    /// Returns a courier with other times, with one try more than there are pauses.
    ///
    /// # Errors
    /// Returns those of [`Courier::new`].
    pub fn with(pauses: &[Duration], patience: Duration) -> std::io::Result<Self> {
        // Only a test listens without TLS: the URL comes from CloudFormation, through Lambda.
        let connector =
            HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, pauses: pauses.to_vec(), patience })
    }

    /// Delivers `body`.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] for the last try.
    pub(crate) async fn deliver(&self, url: &str, body: &str) -> Result<(), DeliveryError> {
        let url: Uri = url.parse().map_err(|_| DeliveryError::Url)?;
        for pause in &self.pauses {
            match self.put(&url, body).await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(event = "custom_resource", outcome = "delivered_later", %error),
            }
            tokio::time::sleep(*pause).await;
        }
        self.put(&url, body).await
    }

    async fn put(&self, url: &Uri, body: &str) -> Result<(), DeliveryError> {
        // The signature of the URL covers an empty content type.
        let request = Request::builder().method(Method::PUT).uri(url).header(CONTENT_TYPE, "");
        let request = request.body(body.to_owned()).map_err(|_| DeliveryError::Url)?;
        let response = tokio::time::timeout(self.patience, self.client.request(request)).await;
        let status =
            response.map_err(|_| DeliveryError::Time)?.map_err(|_| DeliveryError::Connection)?.status();
        if status.is_success() { Ok(()) } else { Err(DeliveryError::Refused(status)) }
    }
}
