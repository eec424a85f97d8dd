//! Asks a range API whether a new password is known from breaches: the setting `BREACHED_PASSWORDS`.
//!
//! # Invariants
//! * Only five digits of the password's SHA-1 are sent ([`RangeQuery`]). Neither they nor the rest appear in an error or the log.
//! * The query takes at most `BREACHED_PASSWORDS_SECONDS`, and a missing answer never causes a refusal.

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

/// Requests padding lines, so that the length of the answer does not disclose the query.
const PADDING: (&str, &str) = ("add-padding", "true");

/// The source of breached passwords, if a setting names one.
#[derive(Debug)]
pub struct BreachedPasswords(Option<Source>);

#[derive(Clone, Debug)]
struct Source {
    api: RangeApi,
    /// `None` if the system trusts no certificate authority: then every query fails.
    client: Option<Client<HttpsConnector<HttpConnector>, String>>,
}

/// A pending query. Dropping it cancels it.
#[must_use]
#[derive(Debug)]
pub struct Question(JoinSet<Result<bool, QuestionError>>);

/// The reason why there is no answer. No message contains the URL, whose last segment is part of a hash.
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
    /// Reads the setting. The certificate authorities are those that the system trusts.
    ///
    /// # Errors
    /// Returns [`ConfigError`] if the setting is invalid.
    pub fn from_settings(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self(config::breached_passwords(lookup)?.map(Source::new)))
    }

    /// Starts a query. Check cheap rules first: whether the password satisfies the others.
    pub async fn ask(&self, password: &Password) -> Question {
        let mut question = JoinSet::new();
        if let Some(source) = self.0.clone() {
            let query = password.range_query();
            question.spawn(async move { source.ask_in_time(&query).await });
            // On Lambda's single thread nothing else runs during a hash, so the query is sent before it.
            yield_now().await;
        }
        Question(question)
    }
}

impl Question {
    /// Waits for the answer. Without one the password is accepted, which is logged and added to `report`.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidRequest`], which names `field`, if the password is known.
    pub async fn refuse_breached(
        mut self,
        field: &'static str,
        report: &mut Report<'_>,
    ) -> Result<(), ApiError> {
        // There is no query if the setting is off.
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
        // Over http the setting allows only this machine.
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

    /// Sends the request without following redirects.
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
