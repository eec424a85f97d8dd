//! Asks a range API whether a new password has become known: the setting `BREACHED_PASSWORDS`.
//!
//! # Invariants
//! * Five digits of the password's SHA-1 leave ([`RangeQuery`]). Neither they nor the rest are in an error or the log.
//! * Nobody waits for longer than `BREACHED_PASSWORDS_SECONDS`, or is refused for want of an answer.

use std::time::Duration;

use http::header::USER_AGENT;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use shared::api::{ApiError, InvalidRequest};
use shared::config::{self, ConfigError, Lookup};
use shared::metrics::{Metric, Report};
use shared::password::{
    MAX_ANSWER_BYTES, Password, PasswordRuleError, RangeAnswerError, RangeApi, RangeQuery,
};
use tokio::task::{JoinSet, yield_now};

/// Has the API send lines that count for nothing, so that nobody can tell the question by the length of the answer.
const PADDING: (&str, &str) = ("add-padding", "true");

/// What knows the passwords of data breaches, if a setting names it.
#[derive(Debug)]
pub struct BreachedPasswords(Option<Source>);

#[derive(Clone, Debug)]
struct Source {
    api: RangeApi,
    /// None if the system trusts no certificate authority: then nothing is ever answered.
    client: Option<Client<HttpsConnector<HttpConnector>, String>>,
}

/// A question under way. It ends when it is dropped.
#[must_use]
#[derive(Debug)]
pub struct Question(JoinSet<Result<bool, QuestionError>>);

/// Why there is no answer. No message has the URL, whose last segment is part of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum QuestionError {
    #[error("the system trusts no certificate authority")]
    NoCertificates,
    #[error("no connection, or it broke")]
    Connection,
    #[error("no answer in time")]
    Time,
    #[error("the status is {0}")]
    Status(StatusCode),
    #[error("the answer is longer than any")]
    Length,
    #[error(transparent)]
    Form(#[from] RangeAnswerError),
    #[error("the question was not asked to its end")]
    Lost,
}

impl BreachedPasswords {
    /// Reads the setting. An API is reached with the certificate authorities that the system trusts.
    ///
    /// # Errors
    /// [`ConfigError`] if it is none that can be asked.
    pub fn from_settings(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self(config::breached_passwords(lookup)?.map(Source::new)))
    }

    /// Begins to ask. Ask what costs nothing first: whether the password keeps to the other rules.
    pub async fn ask(&self, password: &Password) -> Question {
        let mut question = JoinSet::new();
        if let Some(source) = self.0.clone() {
            let query = password.range_query();
            question.spawn(async move { source.ask_in_time(&query).await });
            // On Lambda's single thread nothing else runs during a hash: the question leaves before it.
            yield_now().await;
        }
        Question(question)
    }
}

impl Question {
    /// Waits for the answer. Without one the password is taken, and `report` and the log have it.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names `field` if the password is known.
    pub async fn refuse_breached(
        mut self,
        field: &'static str,
        report: &mut Report<'_>,
    ) -> Result<(), ApiError> {
        // Nothing is asked where the setting is off.
        let Some(asked) = self.0.join_next().await else { return Ok(()) };
        match asked.unwrap_or(Err(QuestionError::Lost)) {
            Ok(false) => Ok(()),
            Ok(true) => Err(InvalidRequest::refused(field, PasswordRuleError::Breached)),
            Err(error) => {
                report.add(Metric::PasswordsNotLookedUp, 1);
                tracing::warn!(outcome = "not_looked_up", %error, "BREACHED_PASSWORDS does not answer");
                Ok(())
            }
        }
    }
}

impl Source {
    fn new(api: RangeApi) -> Self {
        // Over http the setting takes this machine alone.
        let connector = HttpsConnectorBuilder::new().with_native_roots();
        let connector = connector.map(|connector| connector.https_or_http().enable_http1().build());
        let client = connector.map(|connector| Client::builder(TokioExecutor::new()).build(connector));
        Self { api, client: client.ok() }
    }

    async fn ask_in_time(&self, query: &RangeQuery) -> Result<bool, QuestionError> {
        let patience = Duration::from_secs(self.api.patience.0.into());
        let answer = tokio::time::timeout(patience, self.is_known(query)).await;
        answer.unwrap_or(Err(QuestionError::Time))
    }

    /// Redirects are not followed.
    async fn is_known(&self, query: &RangeQuery) -> Result<bool, QuestionError> {
        let client = self.client.as_ref().ok_or(QuestionError::NoCertificates)?;
        let url = self.api.url(query).ok_or(QuestionError::Connection)?;
        let (padding, on) = PADDING;
        let request = Request::get(url).header(USER_AGENT, "ratchet").header(padding, on).body(String::new());
        let response = client.request(request.map_err(|_| QuestionError::Connection)?).await;
        let response = response.map_err(|_| QuestionError::Connection)?;
        if response.status() != StatusCode::OK {
            return Err(QuestionError::Status(response.status()));
        }
        let answer = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
        let answer = answer.map_err(|error| match error.is::<LengthLimitError>() {
            true => QuestionError::Length,
            false => QuestionError::Connection,
        })?;
        Ok(query.is_known(&answer.to_bytes())?)
    }
}

#[cfg(test)]
mod tests;
