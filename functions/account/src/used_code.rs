//! `POST /password/reset` and `POST /email/verify`: what a mailed code does.

use aws::account_tables::Progress;
use shared::api::{Fields, ResetPassword, VerifyEmail};
use shared::caller::Caller;
use shared::code::Purpose;
use shared::flow::Asking;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::code_use::{Act, CodeUse, CodeUseError, Step};
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done, log_progress};

/// The outcomes, in logs and metrics.
const RESET: &str = "password_reset";
const VERIFIED: &str = "email_verified";

pub(crate) async fn reset_password(
    mut asked: Asked<'_>,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let body = ResetPassword::read(&Fields::read(asked.request)?)?;
    let token = body.token.ok_or(CodeUseError::Code)?;
    let keys = asked.app.keys.current(asked.now).await;
    let notice = asked.notice(Purpose::PasswordChanged, &keys);
    let step = CodeUse { token, act: Act::Reset, notice, room: ENDED_AT_ONCE, now: asked.now }.start();
    run(&mut asked, step, Some(&body), report).await?;
    Ok(done(&asked, RESET))
}

pub(crate) async fn verify_email(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let token = VerifyEmail::read(&Fields::read(asked.request)?)?.token.ok_or(CodeUseError::Code)?;
    let act = Act::Verify(Asking { user_id: caller.user_id, session_id: caller.session_id });
    let step = CodeUse { token, act, notice: None, room: ENDED_AT_ONCE, now: asked.now }.start();
    run(&mut asked, step, None, report).await?;
    Ok(done(&asked, VERIFIED))
}

fn done(asked: &Asked<'_>, outcome: &'static str) -> Done {
    Done { response: asked.app.responder.no_content(), counted: Some((Metric::AccountChanges, outcome)) }
}

/// Drives the use of a code to its end. `reset` is the body that has the new password, if the code replaces it.
async fn run(
    asked: &mut Asked<'_>,
    mut step: Step,
    reset: Option<&ResetPassword>,
    report: &mut Report<'_>,
) -> Result<(), AccountError> {
    let (app, rng) = (asked.app, &mut asked.rng);
    let accounts = app.tables.tables().accounts();
    let keys = app.keys.current(asked.now).await;
    loop {
        step = match step {
            Step::ReadCode(read) => {
                let row = app.tables.codes().get(read.code_id()).await?;
                read.then(row, &keys.refresh)
            }
            Step::ReadAccount(read) => {
                let account = accounts.users().get(read.email());
                let (account, own) = tokio::join!(account, accounts.sessions().of_user(read.user_id()));
                read.then(account?, &own?)
            }
            Step::Hash(hash) => {
                let body = reset.ok_or(CodeUseError::Code)?;
                body.check(app.password_rules, hash.account())?;
                let new_hash = || app.hasher.hash(&body.new_password, rng);
                let new_hash = report.time(Metric::PasswordHashTime, new_hash)?;
                hash.then(new_hash)
            }
            Step::Change(change) => {
                let (user_id, names) = (change.change.read.user_id, names(reset.is_some()));
                let log = |progress: Progress<'_>| log_progress(names, user_id, progress, report);
                let changed = app.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(used) => return Ok(used.map(drop)?),
        }
    }
}

/// The security event of OWASP's logging vocabulary, and the outcome.
fn names(is_reset: bool) -> (&'static str, &'static str) {
    if is_reset { ("authn_password_change", RESET) } else { ("user_updated", VERIFIED) }
}
