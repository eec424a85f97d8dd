//! The use of a mailed code: `POST /password/reset`, `/email/verify`, `/email/confirm` and `/email/undo`.

use std::sync::Arc;

use aws::account_tables::{ChangeLog, Progress};
use http::StatusCode;
use shared::api::{ConfirmAddress, Fields, ResetPassword, UseCode};
use shared::caller::Caller;
use shared::code::{CodeToken, Purpose};
use shared::config::MailLimits;
use shared::flow::account_change::{Changed, ENDED_AT_ONCE};
use shared::flow::code_use::{Act, CodeUse, CodeUseError, Confirmation, Step, UndoMails};
use shared::flow::mailing::Mailing;
use shared::flow::sign_in::Fresh;
use shared::ids::AttemptId;
use shared::issue::Opened;
use shared::key_set::KeySet;
use shared::mail_lane::TakeBack;
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done, asking};

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
    let (token, keys) = asked.presented(body.token).await?;
    let notice = asked.notice(Purpose::PasswordChanged, &keys);
    let code_use = asked.code_use(token, Act::Reset, notice);
    asked.use_code(code_use, Some(&body), &keys, report).await?;
    Ok(asked.changed(RESET))
}

pub(crate) async fn verify_email(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let (token, keys) = asked.presented(UseCode::read(&Fields::read(asked.request)?)?.token).await?;
    let code_use = asked.code_use(token, Act::Verify(asking(caller)), None);
    asked.use_code(code_use, None, &keys, report).await?;
    Ok(asked.changed(VERIFIED))
}

pub(crate) async fn confirm_address(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let (app, request) = (asked.app, asked.request);
    let browser = app.base.responder.browser(request.headers());
    let ConfirmAddress { token, transport } = ConfirmAddress::read(&Fields::read(request)?, browser)?;
    let (token, keys) = asked.presented(token).await?;
    let confirmation = Confirmation {
        asking: asking(caller),
        opening: app.base.opener.opening(&keys, caller.amr, runtime::device(request), asked.now),
        fresh: Fresh::random(&mut asked.rng),
        keep: app.base.sessions_per_user,
    };
    let act = Act::Confirm(Box::new(confirmation));
    let undo = asked.notice(Purpose::AddressChanged, &keys);
    let code_use = asked.code_use(token, act, undo);
    let Changed { account, begun } = asked.use_code(code_use, None, &keys, report).await?;
    let session = &begun.ok_or(CodeUseError::Code)?;
    let opened =
        Opened { session, email: &account.email, ended_version: account.ended_version, known_device: None };
    let tokens = app.base.opener.tokens(&keys, opened, &mut asked.rng)?;
    let response = app.base.responder.tokens(StatusCode::OK, tokens, transport);
    Ok(Done { response, ..asked.changed(MOVED) })
}

pub(crate) async fn undo_address(
    mut asked: Asked<'_>,
    limits: MailLimits,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let (token, keys) = asked.presented(UseCode::read(&Fields::read(asked.request)?)?.token).await?;
    let (reset, notice) =
        (asked.mailing(Purpose::Reset, &keys), asked.mailing(Purpose::AddressUndone, &keys));
    let act = Act::Undo(Some(Box::new(UndoMails { reset, notice, limits: limits.lane })));
    let code_use = asked.code_use(token, act, None);
    asked.use_code(code_use, None, &keys, report).await?;
    Ok(asked.changed(UNDONE))
}

impl Asked<'_> {
    fn changed(&self, outcome: &'static str) -> Done {
        let response = self.app.base.responder.no_content();
        Done { response, counted: Some((Metric::AccountChanges, outcome)) }
    }

    /// Returns the presented code and the keys that it may belong to. A text of another form costs nothing.
    async fn presented(&self, token: Option<CodeToken>) -> Result<(CodeToken, Arc<KeySet>), AccountError> {
        let token = token.ok_or(CodeUseError::Code)?;
        Ok((token, self.app.base.keys.current(self.now).await))
    }

    fn code_use(&self, token: CodeToken, act: Act, mailing: Option<Mailing>) -> CodeUse {
        CodeUse { token, act, mailing, room: ENDED_AT_ONCE, now: self.now }
    }

    /// Uses a code. `reset` is the body with the new password, if the code replaces it.
    async fn use_code(
        &mut self,
        code_use: CodeUse,
        reset: Option<&ResetPassword>,
        keys: &KeySet,
        report: &mut Report<'_>,
    ) -> Result<Changed, AccountError> {
        let mut unsent = None;
        let used = self.drive(code_use, reset, keys, (report, &mut unsent)).await;
        if let (Err(_), Some(taken_back)) = (&used, &unsent) {
            self.app.base.tables.take_mail_back(taken_back).await;
        }
        used
    }

    /// Drives the use of a code to its end. `unsent` is the write that subtracts the counted mail, until it is sent.
    async fn drive(
        &mut self,
        code_use: CodeUse,
        reset: Option<&ResetPassword>,
        keys: &KeySet,
        (report, unsent): (&mut Report<'_>, &mut Option<TakeBack>),
    ) -> Result<Changed, AccountError> {
        let app = self.app;
        let names = names(&code_use.act);
        let accounts = app.base.tables.tables().accounts();
        let mut step = code_use.start();
        loop {
            step = match step {
                Step::ReadCode(read) => {
                    let row = app.base.tables.codes().get(read.presented.code_id()).await?;
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
                Step::ReadPasskeys(read) => {
                    let passkeys = app.base.tables.passkeys()?.of_user(read.user_id()).await?;
                    read.then(passkeys)
                }
                Step::Hash(hash) => {
                    let body = reset.ok_or(CodeUseError::Code)?;
                    body.check(app.password_rules, hash.account())?;
                    let question = app.breached_passwords.ask(&body.new_password).await;
                    let new_hash = || app.base.hasher.hash(&body.new_password, &mut self.rng);
                    let new_hash = report.time(Metric::PasswordHashTime, new_hash)?;
                    question.refuse_breached(ResetPassword::NEW_PASSWORD, report).await?;
                    hash.then(new_hash)
                }
                Step::CountMail(count) => {
                    let reservation = count.reservation(AttemptId::random(&mut self.rng));
                    let reserved = app.base.tables.reserve_mail(reservation).await?;
                    *unsent = reserved.is_ok().then(|| count.taken_back());
                    count.then(reserved)
                }
                Step::Change(change) => {
                    let log = ChangeLog::of(&change.change, "account", names);
                    let progressed = |progress: Progress<'_>| {
                        if matches!(progress, Progress::Committed) {
                            *unsent = None;
                        }
                        log.write(progress, report);
                    };
                    let changed =
                        app.base.tables.change_account(&change.change, &mut self.rng, progressed).await?;
                    change.then(changed)
                }
                Step::Done(used) => return Ok(*used?),
            }
        }
    }
}

/// Returns the security event of OWASP's logging vocabulary, and the outcome.
fn names(act: &Act) -> (&'static str, &'static str) {
    match act {
        Act::Reset => ("authn_password_change", RESET),
        Act::Verify(_) => ("user_updated", VERIFIED),
        Act::Confirm(_) => ("user_updated", MOVED),
        Act::Undo(_) => ("user_updated", UNDONE),
    }
}
