//! `GET /factors`: which second factors the user has.

use http::StatusCode;
use shared::api::{ApiError, FactorList};
use shared::email::Email;

use crate::{Asked, Done, FactorsError};

pub(crate) async fn list(asked: Asked<'_>) -> Result<Done, FactorsError> {
    let Asked { app, caller, now, .. } = asked;
    let accounts = app.base.tables.tables().accounts();
    let email = Email::from_table(caller.email.clone());
    let own = accounts.sessions().of_user(caller.user_id);
    let (own, account) = tokio::join!(own, accounts.users().get(&email));
    let is_own = own?.has_living(caller.session_id, now);
    let account = account?.filter(|account| is_own && account.user_id == caller.user_id);
    let account = account.ok_or(ApiError::SessionOver)?;
    tracing::info!(route = "factors", outcome = "listed", user_id = %caller.user_id);
    let response = app.base.responder.json(StatusCode::OK, &FactorList::from(&account));
    Ok(Done { response, counted: None })
}
