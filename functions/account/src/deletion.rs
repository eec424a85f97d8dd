//! `DELETE /me`: deletes an account.

use aws::account_tables::{ChangeLog, Credentials, Progress};
use shared::api::{DeleteAccount, Fields};
use shared::caller::Caller;
use shared::code::Purpose;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::account_deletion::{AccountDeletion, NOTICES, Step};
use shared::flow::proof::Proof;
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done};

const DELETED: &str = "deleted";

pub(crate) async fn delete(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let fields = Fields::read(asked.request)?;
    let DeleteAccount { proof: who } = DeleteAccount::read(&fields, caller.amr)?;
    let app = asked.app;
    let keys = app.base.keys.current(asked.now).await;
    // Nobody needs to be told of recovery codes of an account that goes.
    let proof = Proof { used_up: None, ..asked.proof(caller, &who, &keys) };
    let notices = (0..NOTICES).map_while(|_| asked.notice(Purpose::AccountDeleted, &keys)).collect();
    let (rng, credentials) = (&mut asked.rng, Credentials::of(&who, &keys));
    let mut step = AccountDeletion { proof, room: ENDED_AT_ONCE, notices }.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let proven = app.base.prove(&prove.proof, credentials, rng, report).await?;
                prove.then(proven)
            }
            Step::ReadPasskeys(read) => {
                let passkeys = app.base.tables.passkeys()?.of_user(read.user_id()).await?;
                read.then(&passkeys)
            }
            Step::Change(change) => {
                let log = ChangeLog::of(&change.change, "account", ("user_deleted", DELETED));
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.base.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(deleted) => {
                deleted?;
                break;
            }
        };
    }
    let response = app.base.responder.no_content();
    Ok(Done { response, counted: Some((Metric::AccountChanges, DELETED)) })
}
