//! `POST /factors/totp/confirm`: from now on a code of the app is asked for.

use aws::account_tables::{ChangeLog, Progress};
use http::StatusCode;
use shared::api::{ApiError, ConfirmTotp, Fields, NewRecoveryCodes};
use shared::code::Purpose;
use shared::factor::RecoveryCodes;
use shared::flow::Asking;
use shared::flow::account_change::{Changed, ENDED_AT_ONCE};
use shared::flow::sign_in::Fresh;
use shared::flow::totp_confirmation::{Step, TotpConfirmation};
use shared::issue::Opened;
use shared::metrics::{Metric, Report};

use crate::{Asked, Done, FactorsError};

const ADDED: &str = "factor_added";

pub(crate) async fn confirm(mut asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, FactorsError> {
    let browser = asked.app.base.responder.browser(asked.request.headers());
    let fields = Fields::read(asked.request)?;
    let ConfirmTotp { code, device_token, transport } = ConfirmTotp::read(&fields, browser)?;
    let keys = asked.app.base.keys.current(asked.now).await;
    let notice = asked.notice(Purpose::FactorAdded, &keys);
    let attempt = asked.attempt(device_token, &keys);
    let known_device = attempt.known_device();
    let Asked { app, request, caller, now, rng } = &mut asked;
    let (codes, recovery_codes) = RecoveryCodes::draw(caller.user_id, &keys.data, rng)?;
    let confirmation = TotpConfirmation {
        asking: Asking { user_id: caller.user_id, session_id: caller.session_id },
        attempt,
        code,
        recovery_codes,
        opening: app.base.opener.opening(&keys, caller.amr, runtime::device(request), *now),
        fresh: Fresh::random(rng),
        keep: app.base.sessions_per_user,
        room: ENDED_AT_ONCE,
        notice,
        now: *now,
    };
    let mut step = confirmation.start();
    let changed = loop {
        step = match step {
            Step::Query(query) => {
                let own = app.base.tables.tables().accounts().sessions().of_user(query.user_id()).await?;
                query.then(&own)
            }
            Step::Admit(admit) => {
                let admitted = app.base.tables.tables().admit(admit.attempt(), rng).await?;
                admit.then(admitted)
            }
            Step::Verify(verify) => verify.then(&keys.data),
            Step::Change(change) => {
                let log = ChangeLog::of(&change.change, "factors", ("user_updated", ADDED));
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.base.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(done) => break *done?,
        };
    };
    let Changed { account, begun } = changed;
    let session = &begun.ok_or(ApiError::SessionOver)?;
    let opened =
        Opened { session, email: &account.email, ended_version: account.ended_version, known_device };
    let mut tokens = app.base.opener.tokens(&keys, opened, rng)?;
    tokens.recovery_codes = Some(NewRecoveryCodes::from(codes.as_slice()).recovery_codes);
    Ok(Done {
        response: app.base.responder.tokens(StatusCode::OK, tokens, transport),
        counted: Some((Metric::AccountChanges, ADDED)),
    })
}
