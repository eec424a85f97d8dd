//! `POST /register` if the address must be verified first: a code is mailed, and there is no account yet.

use http::StatusCode;
use serde::Serialize;
use shared::attempts::Lane;
use shared::code::{CodeText, Half, Purpose};
use shared::config::MailLimits;
use shared::flow::mail_request::{MailRequest, Recipient};
use shared::mail_lane::CountAll;
use shared::metrics::Report;

use crate::{Asked, Done, RegisterError};

/// The outcome in logs and metrics, the same for taken and free addresses.
const PENDING: &str = "pending";

/// The answer: the browser's half of the code, which is useless without the mailed one.
#[derive(Serialize)]
struct PendingRegistration {
    registration_token: CodeText,
    expires_in: i64,
}

pub(crate) async fn register(
    mut asked: Asked<'_>,
    limits: MailLimits,
    report: &mut Report<'_>,
) -> Result<Done, RegisterError> {
    let (email, pending, _) = asked.registrant(report).await?;
    let keys = asked.app.keys.current(asked.now).await;
    let (purpose, now) = (Purpose::Registration, asked.now);
    let request = MailRequest {
        common: Lane::of_mail(purpose, &email, &keys.refresh),
        device: None,
        all: Some(CountAll::new(limits.per_minute, &keys.refresh, now)),
        limits: limits.lane,
        recipient: Recipient::Registrant(pending),
        mailing: asked.mailing(purpose, &keys),
        email,
    };
    let requested = asked.app.tables.request_mail(request, &mut asked.rng).await?;
    let code = requested.map_err(RegisterError::Mails)?;
    let registration_token = code.text(Half::Browser, &keys.refresh).ok_or(RegisterError::NoKey)?;
    tracing::info!(event = "mail_requested", route = "register", outcome = PENDING);
    let body =
        PendingRegistration { registration_token, expires_in: purpose.ends_at(now).seconds_since(now) };
    let response = asked.app.responder.json(StatusCode::ACCEPTED, &body);
    Ok(Done { response, outcome: PENDING })
}
