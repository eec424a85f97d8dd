//! `GET /me/data`: all data that is stored about a user (GDPR article 15), without secrets.

use http::StatusCode;
use shared::api::{ApiError, OwnData};
use shared::caller::Caller;
use shared::email::Email;

use crate::{AccountError, Asked, Done};

pub(crate) async fn own(asked: Asked<'_>, caller: &Caller) -> Result<Done, AccountError> {
    let accounts = asked.app.base.tables.tables().accounts();
    let email = Email::from_table(caller.email.clone());
    let (account, own) =
        tokio::join!(accounts.users().get(&email), accounts.sessions().of_user(caller.user_id));
    let (account, own) = (account?, own?);
    if !own.has_living(caller.session_id, asked.now) {
        return Err(ApiError::SessionOver.into());
    }
    let account = account.filter(|account| account.user_id == caller.user_id).ok_or(ApiError::SessionOver)?;
    tracing::info!(route = "account", outcome = "told", user_id = %caller.user_id);
    let passkeys = asked.app.base.tables.passkeys_of(&account).await?;
    let data = OwnData::of(&account, &own, &passkeys, caller.session_id, asked.now);
    let response = asked.app.base.responder.json(StatusCode::OK, &data);
    Ok(Done { response, counted: None })
}
