//! `PATCH /me`: another display name.

use aws::account_tables::Progress;
use http::StatusCode;
use shared::api::{ChangeName, Fields, User};
use shared::caller::Caller;
use shared::email::Email;
use shared::flow::profile_change::{ProfileChange, Step};
use shared::metrics::{Metric, Report};

use crate::{AccountError, Asked, Done, asking, change_log};

const CHANGED: &str = "name_changed";

pub(crate) async fn change(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let ChangeName { name } = ChangeName::read(&Fields::read(asked.request)?)?;
    let app = asked.app;
    let accounts = app.tables.tables().accounts();
    let mut step = ProfileChange {
        email: Email::from_table(caller.email.clone()),
        asking: Some(asking(caller)),
        name: Some(name),
        roles: None,
        now: asked.now,
    }
    .start();
    let account = loop {
        step = match step {
            Step::Query(query) => {
                let own = accounts.sessions().of_user(query.user_id()).await?;
                query.then(&own)
            }
            Step::Read(read) => {
                let account = accounts.users().get(read.email()).await?;
                read.then(account)
            }
            Step::Change(change) => {
                let log = change_log(("user_updated", CHANGED), caller.user_id);
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.tables.change_account(&change.change, &mut asked.rng, log).await?;
                change.then(changed)
            }
            Step::Sweep(sweep) => {
                accounts.sweep(sweep.sweep(), &mut asked.rng, |_| {}).await?;
                sweep.then()
            }
            Step::Done(changed) => break changed?,
        }
    };
    let response = app.responder.json(StatusCode::OK, &User::of(&account));
    Ok(Done { response, counted: Some((Metric::AccountChanges, CHANGED)) })
}
