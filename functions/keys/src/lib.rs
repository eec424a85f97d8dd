//! The custom resource of the template that makes the key set and rotates it. It has no route. CloudFormation calls it
//! when the stack is created, when one of the resource's properties has changed, when such a change is rolled back
//! (which is an update with the old values), and when the stack is deleted.
//!
//! # Invariants
//! * Every request with a response URL is answered, failure or not, because the stack waits for the answer.
//! * Repeating a request changes nothing.
//! * A stored key set that can't be read is never replaced.
//! * No answer, error or log line contains more of a key than its public half and its id.

mod answer;
mod courier;
mod event;

use aws::secret::{Secret, SecretError, SecretWrite};
use aws_types::SdkConfig;
use rand::CryptoRng;
use serde_json::Value;
use shared::key_set::KeySet;
use shared::key_set::rotation::{Applied, Change, RotationError, apply};
use shared::{Invocation, Timestamp};

use answer::{CustomResourceResponse, Data};
pub use courier::{Courier, DeliveryError};
use event::{Event, Kind, Properties, PropertiesError};

/// The number of times a request is applied again if another invocation has served the same one in between.
const TRIES: usize = 2;

/// The state that the function keeps between requests.
#[derive(Debug)]
pub struct App {
    config: SdkConfig,
    courier: Courier,
}

/// The reason why CloudFormation got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is not a request of CloudFormation, or does not state where the answer goes.
    #[error("the event is no request for a custom resource")]
    Event,
    /// The answer could not be delivered.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

/// The reason why a request failed, which CloudFormation shows to the operator.
#[derive(Debug, thiserror::Error)]
enum CustomResourceError {
    #[error(transparent)]
    Properties(#[from] PropertiesError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Rotation(#[from] RotationError),
    #[error("another request changes the key set at the same time")]
    Contended,
}

impl App {
    /// Returns a function for the account and Region of `config`, which sends its answers with `courier`.
    #[must_use]
    pub fn new(config: SdkConfig, courier: Courier) -> Self {
        Self { config, courier }
    }
}

/// Serves one request, and sends the answer to its response URL.
///
/// # Errors
/// Returns [`AnswerError`] if CloudFormation does not learn the result.
pub async fn handle(app: &App, event: &Value, invocation: Invocation) -> Result<(), AnswerError> {
    let answered = answer(app, event, invocation).await;
    answered.inspect_err(|error| tracing::error!(event = "custom_resource", outcome = "not_answered", %error))
}

async fn answer(app: &App, event: &Value, invocation: Invocation) -> Result<(), AnswerError> {
    let event = Event::read(event).ok_or(AnswerError::Event)?;
    let outcome = match event.kind {
        // The secret outlives the stack, as the sessions do.
        Kind::Delete => Ok(None),
        Kind::CreateOrUpdate => serve(app, &event, invocation).await.map(Some),
    };
    match &outcome {
        Ok(_) => tracing::info!(event = "custom_resource", request = event.request_type, outcome = "done"),
        Err(failure) => {
            tracing::error!(event = "custom_resource", request = event.request_type, outcome = "failed", %failure);
        }
    }
    let body = CustomResourceResponse::to(&event, outcome.map_err(|failure| failure.to_string())).to_json();
    Ok(app.courier.deliver(event.response_url, &body).await?)
}

async fn serve(
    app: &App,
    event: &Event<'_>,
    Invocation { now, mut rng, .. }: Invocation,
) -> Result<Data, CustomResourceError> {
    let properties = Properties::read(event.properties)?;
    let secret = Secret::new(&app.config, properties.secret_id.clone());
    let set = change(&secret, &properties, event.request_id, now, &mut rng).await?;
    Ok(Data {
        public_keys: set.public_jwk_set(),
        signing_key_id: set.signing.key_id().to_owned(),
        version: set.version(),
    })
}

/// Applies the properties to the stored set, and stores the result if it differs.
///
/// The id of the request is the token of the write. If two invocations serve one request, only one of their key sets
/// becomes the secret, and the other invocation adopts it when it reads again.
async fn change(
    secret: &Secret,
    properties: &Properties,
    request_id: &str,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<KeySet, CustomResourceError> {
    let change = Change {
        step: &properties.step,
        revoke: &properties.revoke,
        algorithm: properties.algorithm,
        longest_session: properties.longest_session,
        now,
    };
    for _ in 0..TRIES {
        let stored = secret.read().await?.filter(|text| !is_placeholder(text));
        let Applied { set, differs } = apply(stored.as_deref(), &change, rng)?;
        if !differs || secret.write(&set.to_json(), request_id).await? == SecretWrite::Stored {
            return Ok(set);
        }
    }
    Err(CustomResourceError::Contended)
}

/// Recognises placeholders that a template or a person puts into a secret that must have a value.
fn is_placeholder(text: &str) -> bool {
    matches!(text.trim(), "" | "{}")
}
