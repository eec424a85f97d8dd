//! `GET /passkeys`, `PUT /passkeys/{id}` and `DELETE /passkeys/{id}`: the user's own passkeys.

use aws::account_tables::{ChangeLog, Credentials, Progress};
use http::StatusCode;
use runtime::path_id;
use shared::api::{ApiError, Fields, ListedPasskey, NamePasskey, PasskeyList, RemovePasskey};
use shared::authentication::AuthenticationMethods;
use shared::caller::Caller;
use shared::code::Purpose;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::passkey_removal::{PasskeyRemoval, Removed, Step};
use shared::flow::sign_in::Fresh;
use shared::issue::Opened;
use shared::metrics::{Metric, Report};

use crate::{Asked, Done, PasskeysError};

/// What the ids in paths are of.
const PASSKEY: &str = "passkey";

/// The outcomes, in logs and metrics.
const NAMED: &str = "passkey_named";
const REMOVED: &str = "passkey_removed";

pub(crate) async fn list(asked: Asked<'_>, caller: &Caller) -> Result<Done, PasskeysError> {
    let tables = &asked.app.base.tables;
    let sessions = tables.tables().accounts().sessions().of_user(caller.user_id);
    let (passkeys, own) = tokio::join!(tables.passkeys()?.of_user(caller.user_id), sessions);
    if !own?.has_living(caller.session_id, asked.now) {
        return Err(ApiError::SessionOver.into());
    }
    tracing::info!(route = "passkeys", outcome = "listed", user_id = %caller.user_id);
    let response = asked.app.base.responder.json(StatusCode::OK, &PasskeyList::of(&passkeys?));
    Ok(Done { response, counted: None })
}

pub(crate) async fn name(asked: Asked<'_>, caller: &Caller) -> Result<Done, PasskeysError> {
    let id = path_id(asked.request, PASSKEY)?;
    let NamePasskey { name } = NamePasskey::read(&Fields::read(asked.request)?)?;
    let tables = &asked.app.base.tables;
    let own = tables.tables().accounts().sessions().of_user(caller.user_id).await?;
    if !own.has_living(caller.session_id, asked.now) {
        return Err(ApiError::SessionOver.into());
    }
    let named = tables.passkeys()?.rename(caller.user_id, &id, &name).await?;
    let passkey = named.ok_or(ApiError::NotFound(PASSKEY))?;
    tracing::info!(event = "user_updated", route = "passkeys", outcome = NAMED,
        session_id = %caller.session_id, user_id = %caller.user_id);
    let response = asked.app.base.responder.json(StatusCode::OK, &ListedPasskey::of(&passkey));
    Ok(Done { response, counted: Some((Metric::AccountChanges, NAMED)) })
}

pub(crate) async fn remove(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, PasskeysError> {
    let (app, now) = (asked.app, asked.now);
    let credential_id = path_id(asked.request, PASSKEY)?;
    let (fields, browser) =
        (Fields::read(asked.request)?, app.base.responder.browser(asked.request.headers()));
    let RemovePasskey { proof: who, transport } = RemovePasskey::read(&fields, browser, caller.amr)?;
    let keys = app.base.keys.current(now).await;
    let proof = asked.proof(caller, &who, &keys);
    let known_device = proof.attempt.known_device();
    let request = PasskeyRemoval {
        proof,
        credential_id,
        opening: app.base.opener.opening(
            &keys,
            AuthenticationMethods::NONE,
            runtime::device(asked.request),
            now,
        ),
        keep: app.base.sessions_per_user,
        room: ENDED_AT_ONCE,
        notice: asked.notice(Purpose::FactorRemoved, &keys),
    };
    let Removed { account, session } = run(&mut asked, request, Credentials::of(&who, &keys), report).await?;
    let (email, ended_version) = (&account.email, account.ended_version);
    let opened = Opened { session: &session, email, ended_version, known_device };
    let tokens = app.base.opener.tokens(&keys, opened, &mut asked.rng)?;
    let response = asked.tokens(tokens, transport);
    Ok(Done { response, counted: Some((Metric::AccountChanges, REMOVED)) })
}

/// Drives a removal to its end.
async fn run(
    asked: &mut Asked<'_>,
    request: PasskeyRemoval,
    credentials: Credentials<'_>,
    report: &mut Report<'_>,
) -> Result<Removed, PasskeysError> {
    let (app, rng) = (asked.app, &mut asked.rng);
    let mut step = request.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let proven = app.base.prove(&prove.proof, credentials, rng, report).await?;
                prove.then(proven)
            }
            Step::ReadPasskey(read) => {
                let passkey = app.base.tables.passkeys()?.get(read.user_id(), read.credential_id()).await?;
                read.then(passkey, Fresh::random(rng))
            }
            Step::Change(change) => {
                let log = ChangeLog::of(&change.change, "passkeys", ("user_updated", REMOVED));
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = app.base.tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Settle(settle) => {
                app.base.tables.settle(&settle.counted).await;
                settle.then()
            }
            Step::Done(removed) => return Ok(*removed?),
        }
    }
}
