//! `POST /password/reset-request` and `POST /email/verify-request`: a mail with a code.

use shared::api::{ApiError, Fields, RequestReset};
use shared::attempts::Lane;
use shared::caller::Caller;
use shared::code::Purpose;
use shared::config::MailLimits;
use shared::email::Email;
use shared::flow::mail_request::{MailRequest, Recipient};
use shared::mail_lane::CountAll;
use shared::metrics::Metric;

use crate::{AccountError, Asked, Done};

/// The outcome, in logs and metrics. It does not disclose whether a mail is sent.
const ACCEPTED: &str = "accepted";

pub(crate) async fn request_reset(mut asked: Asked<'_>, limits: MailLimits) -> Result<Done, AccountError> {
    let fields = Fields::read(asked.request)?;
    let RequestReset { email, device_token } = RequestReset::read(&fields)?;
    let keys = asked.app.base.keys.current(asked.now).await;
    let mailing = asked.mailing(Purpose::Reset, &keys);
    let request = MailRequest {
        common: Lane::of_mail(Purpose::Reset, &email, &keys.refresh),
        device: MailRequest::device_lane(Purpose::Reset, &email, device_token, &keys.refresh),
        all: Some(CountAll::new(limits.per_minute, &keys.refresh, asked.now)),
        limits: limits.lane,
        recipient: Recipient::User,
        mailing,
        email,
    };
    accept(asked, request).await
}

pub(crate) async fn request_verification(
    mut asked: Asked<'_>,
    limits: MailLimits,
    caller: &Caller,
) -> Result<Done, AccountError> {
    // An access token outlives its session.
    let own = asked.app.base.tables.tables().accounts().sessions().of_user(caller.user_id).await?;
    if !own.has_living(caller.session_id, asked.now) {
        return Err(ApiError::SessionOver.into());
    }
    let email = Email::from_table(caller.email.clone());
    let keys = asked.app.base.keys.current(asked.now).await;
    let mailing = asked.mailing(Purpose::Verify, &keys);
    let request = MailRequest {
        common: Lane::of_mail(Purpose::Verify, &email, &keys.refresh),
        device: None,
        all: None,
        limits: limits.lane,
        recipient: Recipient::Unproven(caller.user_id),
        mailing,
        email,
    };
    accept(asked, request).await
}

async fn accept(mut asked: Asked<'_>, request: MailRequest) -> Result<Done, AccountError> {
    let purpose = request.mailing.purpose;
    asked.app.base.tables.request_mail(request, &mut asked.rng).await?.map_err(AccountError::Mails)?;
    Ok(accepted(&asked, purpose))
}

/// Answers a request for a mail, which may or may not be sent.
pub(crate) fn accepted(asked: &Asked<'_>, purpose: Purpose) -> Done {
    tracing::info!(event = "mail_requested", route = "account", outcome = ACCEPTED, kind = purpose.name());
    Done { response: asked.app.base.responder.accepted(), counted: Some((Metric::MailRequests, ACCEPTED)) }
}
