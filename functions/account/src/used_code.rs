//! What a mailed code does: `POST /password/reset`, `/email/verify`, `/email/confirm` and `/email/undo`.

use aws::ServiceError;
use aws::account_tables::Progress;
use http::StatusCode;
use shared::api::{ConfirmAddress, Fields, ResetPassword, UseCode};
use shared::caller::Caller;
use shared::code::{CodeToken, Purpose};
use shared::config::MailLimits;
use shared::flow::account_change::{Changed, ENDED_AT_ONCE};
use shared::flow::code_use::{Act, CodeUse, CodeUseError, Confirmation, Step, UndoMails};
use shared::flow::sign_in::Fresh;
use shared::ids::{AttemptId, SessionId, UserId};
use shared::issue::Opened;
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done, asking, log_progress};

/// The outcomes, in logs and metrics.
const RESET: &str = "password_reset";
const VERIFIED: &str = "email_verified";
const MOVED: &str = "email_changed";
const UNDONE: &str = "email_change_undone";

pub(crate) async fn reset_password(
    mut asked: Asked<'_>,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let body = ResetPassword::read(&Fields::read(asked.request)?)?;
    asked.use_code(body.token, Act::Reset, Some(Purpose::PasswordChanged), Some(&body), report).await?;
    Ok(asked.changed(RESET))
}

pub(crate) async fn verify_email(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let token = UseCode::read(&Fields::read(asked.request)?)?.token;
    asked.use_code(token, Act::Verify(asking(caller)), None, None, report).await?;
    Ok(asked.changed(VERIFIED))
}

pub(crate) async fn confirm_address(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let (app, request) = (asked.app, asked.request);
    let browser = app.responder.browser(request.headers());
    let ConfirmAddress { token, transport } = ConfirmAddress::read(&Fields::read(request)?, browser)?;
    let keys = app.keys.current(asked.now).await;
    let confirmation = Confirmation {
        asking: asking(caller),
        opening: app.opener.opening(&keys, runtime::device(request), asked.now),
        fresh: Fresh::random(&mut asked.rng),
        keep: app.sessions_per_user,
    };
    let act = Act::Confirm(Box::new(confirmation));
    let Changed { account, begun } =
        asked.use_code(token, act, Some(Purpose::AddressChanged), None, report).await?;
    let session = &begun.ok_or(CodeUseError::Code)?;
    let opened =
        Opened { session, email: &account.email, ended_version: account.ended_version, known_device: None };
    let tokens = app.opener.tokens(&keys, opened, &mut asked.rng).map_err(ServiceError::from)?;
    let response = app.responder.tokens(StatusCode::OK, tokens, transport);
    Ok(Done { response, ..asked.changed(MOVED) })
}

pub(crate) async fn undo_address(
    mut asked: Asked<'_>,
    limits: MailLimits,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let token = UseCode::read(&Fields::read(asked.request)?)?.token;
    let keys = asked.app.keys.current(asked.now).await;
    let (reset, notice) =
        (asked.mailing(Purpose::Reset, &keys), asked.mailing(Purpose::AddressUndone, &keys));
    let act = Act::Undo(Some(Box::new(UndoMails { reset, notice, limits: limits.lane })));
    asked.use_code(token, act, None, None, report).await?;
    Ok(asked.changed(UNDONE))
}

impl Asked<'_> {
    fn changed(&self, outcome: &'static str) -> Done {
        let response = self.app.responder.no_content();
        Done { response, counted: Some((Metric::AccountChanges, outcome)) }
    }

    /// Drives the use of a code to its end. `mailed` is what is mailed about it, and `reset` the body that has the new password, if
    /// the code replaces it.
    async fn use_code(
        &mut self,
        token: Option<CodeToken>,
        act: Act,
        mailed: Option<Purpose>,
        reset: Option<&ResetPassword>,
        report: &mut Report<'_>,
    ) -> Result<Changed, AccountError> {
        let (app, now) = (self.app, self.now);
        let token = token.ok_or(CodeUseError::Code)?;
        let names = names(&act);
        let keys = app.keys.current(now).await;
        let mailing = mailed.and_then(|purpose| self.notice(purpose, &keys));
        let accounts = app.tables.tables().accounts();
        let mut step = CodeUse { token, act, mailing, room: ENDED_AT_ONCE, now }.start();
        loop {
            step = match step {
                Step::ReadCode(read) => {
                    let row = app.tables.codes().get(read.presented.code_id()).await?;
                    read.then(row, &keys.refresh)
                }
                Step::ReadAccount(read) => {
                    let account = accounts.users().get(read.email());
                    let (account, own) = tokio::join!(account, accounts.sessions().of_user(read.user_id()));
                    read.then(account?, own?)
                }
                Step::Find(find) => {
                    let hint = accounts.users().address_hint(find.user_id()).await?;
                    find.then(hint)
                }
                Step::Hash(hash) => {
                    let body = reset.ok_or(CodeUseError::Code)?;
                    body.check(app.password_rules, hash.account())?;
                    let new_hash = || app.hasher.hash(&body.new_password, &mut self.rng);
                    let new_hash = report.time(Metric::PasswordHashTime, new_hash)?;
                    hash.then(new_hash)
                }
                Step::CountMail(count) => {
                    let reservation = count.reservation(AttemptId::random(&mut self.rng));
                    let reserved = app.tables.reserve_mail(reservation).await?;
                    count.then(reserved)
                }
                Step::Change(change) => {
                    let (user_id, begun) = (change.user_id(), change.begun());
                    let log = |progress: Progress<'_>| {
                        log_progress(names, user_id, progress, report);
                        log_begun(begun, user_id, progress);
                    };
                    let changed = app.tables.change_account(&change.change, &mut self.rng, log).await?;
                    change.then(changed)
                }
                Step::Done(used) => return Ok(*used?),
            }
        }
    }
}

/// The security event of OWASP's logging vocabulary, and the outcome.
fn names(act: &Act) -> (&'static str, &'static str) {
    match act {
        Act::Reset => ("authn_password_change", RESET),
        Act::Verify(_) => ("user_updated", VERIFIED),
        Act::Confirm(_) => ("user_updated", MOVED),
        Act::Undo(_) => ("user_updated", UNDONE),
    }
}

fn log_begun(begun: Option<SessionId>, user_id: UserId, progress: Progress<'_>) {
    if let (Progress::Committed, Some(session_id)) = (progress, begun) {
        tracing::info!(event = "session_created", %session_id, %user_id);
    }
}
