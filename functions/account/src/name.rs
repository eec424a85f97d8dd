//! `PATCH /me`: changes the display name.

use aws::account_tables::Progress;
use http::StatusCode;
use shared::api::{ChangeName, Fields, User};
use shared::caller::Caller;
use shared::email::Email;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::operation::{AccountName, Edit, Operation};
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
    let operation = Operation {
        account: AccountName::Email(Email::from_table(caller.email.clone())),
        asking: Some(asking(caller)),
        edit: Edit::Name(name),
        room: ENDED_AT_ONCE,
        now: asked.now,
    };
    let log = change_log(("user_updated", CHANGED), caller.user_id);
    let log = |_, progress: Progress<'_>| log.write(progress, report);
    let account = app.base.tables.operate(operation, &mut asked.rng, log).await??.after;
    let response = app.base.responder.json(StatusCode::OK, &User::of(&account));
    Ok(Done { response, counted: Some((Metric::AccountChanges, CHANGED)) })
}
