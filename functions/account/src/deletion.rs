//! `DELETE /me`: the end of an account.

use aws::account_tables::Progress;
use shared::api::{DeleteAccount, Fields};
use shared::caller::Caller;
use shared::code::Purpose;
use shared::email::Email;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::account_deletion::{AccountDeletion, NOTICES, Step};
use shared::flow::admission::Attempt;
use shared::flow::proof::Proof;
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done, change_log};

const DELETED: &str = "deleted";

pub(crate) async fn delete(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let fields = Fields::read(asked.request)?;
    let DeleteAccount { current_password, device_token } = DeleteAccount::read(&fields)?;
    let (app, now) = (asked.app, asked.now);
    let keys = app.keys.current(now).await;
    let email = Email::from_table(caller.email.clone());
    let attempt = Attempt::new(email, device_token, &keys.refresh, app.attempt_limits, now);
    let proof = Proof { user_id: caller.user_id, caller: caller.session_id, attempt, now };
    let notices = (0..NOTICES).map_while(|_| asked.notice(Purpose::AccountDeleted, &keys)).collect();
    let rng = &mut asked.rng;
    let mut step = AccountDeletion { proof, room: ENDED_AT_ONCE, notices }.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let proven =
                    app.tables.prove(&prove.proof, &current_password, &app.hasher, rng, report).await?;
                prove.then(proven)
            }
            Step::Change(change) => {
                let log = change_log(("user_deleted", DELETED), caller.user_id);
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(deleted) => {
                deleted?;
                break;
            }
        };
    }
    let response = app.responder.no_content();
    Ok(Done { response, counted: Some((Metric::AccountChanges, DELETED)) })
}
