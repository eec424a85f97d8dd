//! `POST /passkeys/creation-options` and `POST /passkeys`: another passkey for a user who has just proved who they are.

use aws::account_tables::{ChangeLog, Credentials, Progress};
use http::StatusCode;
use serde_json::Value;
use shared::api::{AddPasskey, AddedPasskey, CreatePasskey, Fields, ListedPasskey, PasskeyChallenge};
use shared::caller::Caller;
use shared::code::{CodeId, Purpose};
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::flow::Asking;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::passkey_creation::{Created, PasskeyCreation, PasskeyCreationError, Step};
use shared::flow::passkey_options::{self, PasskeyOptions};
use shared::flow::sign_in::Fresh;
use shared::ids::AttemptId;
use shared::issue::Opened;
use shared::metrics::{Metric, Report};

use crate::{Asked, Done, PasskeysError};

/// The outcome of a creation, in logs and metrics.
const ADDED: &str = "passkey_added";

pub(crate) async fn options(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, PasskeysError> {
    let fields = Fields::read(asked.request)?;
    let AddPasskey { proof: who } = AddPasskey::read(&fields, caller.amr)?;
    let keys = asked.app.base.keys.current(asked.now).await;
    let request = PasskeyOptions { proof: asked.proof(caller, &who, &keys) };
    let (code_id, public_key) = make(&mut asked, request, Credentials::of(&who, &keys), report).await?;
    tracing::info!(route = "passkeys", outcome = "challenged", session_id = %caller.session_id,
        user_id = %caller.user_id);
    let body = PasskeyChallenge::new(code_id, &public_key);
    Ok(Done { response: asked.app.base.responder.json(StatusCode::OK, &body), counted: None })
}

/// Drives a request for options to its end.
async fn make(
    asked: &mut Asked<'_>,
    request: PasskeyOptions,
    credentials: Credentials<'_>,
    report: &mut Report<'_>,
) -> Result<(CodeId, Value), PasskeysError> {
    let (app, rng) = (asked.app, &mut asked.rng);
    let code_id = CodeId::random(rng);
    let mut public_key = Value::Null;
    let mut step = request.start();
    loop {
        step = match step {
            passkey_options::Step::Prove(ask) => {
                let proven = app.base.prove(&ask.proof, credentials, rng, report).await?;
                ask.then(proven)
            }
            passkey_options::Step::Use(using) => {
                let (mail, by) = (using.mail.as_ref(), AttemptId::random(rng));
                let is_used = app.base.tables.use_factor(using.account(), &using.used, mail, by).await?;
                using.then(is_used)
            }
            passkey_options::Step::ReadPasskeys(read) => {
                let passkeys = app.base.tables.passkeys()?.of_user(read.user_id()).await?;
                read.then(&passkeys)
            }
            passkey_options::Step::Make(make) => {
                let made = asked.relying_party.creation(make.account(), &make.known)?;
                public_key = made.public_key;
                make.then(made.state, code_id)
            }
            passkey_options::Step::Put(put) => {
                let settle = async {
                    if let Some(counted) = put.counted() {
                        app.base.tables.settle(counted).await;
                    }
                };
                let (is_put, ()) =
                    tokio::join!(app.base.tables.codes().put_challenge(&put.challenge), settle);
                is_put?;
                put.then()
            }
            passkey_options::Step::Settle(counted) => {
                app.base.tables.settle(&counted).await;
                passkey_options::Step::settled()
            }
            passkey_options::Step::Done(outcome) => {
                outcome?;
                return Ok((code_id, public_key));
            }
        }
    }
}

pub(crate) async fn create(
    mut asked: Asked<'_>,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, PasskeysError> {
    let (app, now) = (asked.app, asked.now);
    let (fields, browser) =
        (Fields::read(asked.request)?, app.base.responder.browser(asked.request.headers()));
    let body = CreatePasskey::read(&fields, browser)?;
    let code_id = body.challenge.ok_or(PasskeyCreationError::Challenge)?;
    let keys = app.base.keys.current(now).await;
    let request = PasskeyCreation {
        asking: Asking { user_id: caller.user_id, session_id: caller.session_id },
        email: Email::from_table(caller.email.clone()),
        code_id,
        opening: app.base.opener.opening(&keys, caller.amr, runtime::device(asked.request), now),
        keep: app.base.sessions_per_user,
        room: ENDED_AT_ONCE,
        notice: asked.notice(Purpose::FactorAdded, &keys),
        now,
    };
    let Created { account, session, passkey } = run(&mut asked, request, &body, report).await?;
    let (email, ended_version) = (&account.email, account.ended_version);
    let parsed = |text| DeviceToken::parse(text, email, &keys.refresh).ok();
    let known_device = body.device_token.and_then(parsed);
    let opened = Opened { session: &session, email, ended_version, known_device };
    let tokens = app.base.opener.tokens(&keys, opened, &mut asked.rng)?;
    let with_passkey = |tokens| AddedPasskey { tokens, passkey: ListedPasskey::of(&passkey) };
    let response = app.base.responder.tokens_with(StatusCode::CREATED, tokens, body.transport, with_passkey);
    Ok(Done { response, counted: Some((Metric::AccountChanges, ADDED)) })
}

/// Drives a creation to its end.
async fn run(
    asked: &mut Asked<'_>,
    request: PasskeyCreation,
    body: &CreatePasskey<'_>,
    report: &mut Report<'_>,
) -> Result<Created, PasskeysError> {
    let (tables, rng, now) = (&asked.app.base.tables, &mut asked.rng, asked.now);
    let accounts = tables.tables().accounts();
    let mut step = request.start();
    loop {
        step = match step {
            Step::Take(take) => {
                let by = AttemptId::random(rng);
                let challenge = tables.codes().take_challenge(take.code_id, take.kind(), by).await?;
                take.then(challenge)
            }
            Step::Verify(verify) => {
                let created = asked.relying_party.created(verify.state(), body.credential, verify.user_id());
                verify.then(created.map(|attested| attested.named(body.name.clone(), now)))
            }
            Step::Read(read) => {
                let account = accounts.users().get(read.email());
                let (account, own) = tokio::join!(account, accounts.sessions().of_user(read.user_id()));
                read.then(account?, &own?, Fresh::random(rng))
            }
            Step::Change(change) => {
                let log = ChangeLog::of(&change.change, "passkeys", ("user_updated", ADDED));
                let log = |progress: Progress<'_>| log.write(progress, report);
                let changed = tables.change_account(&change.change, rng, log).await?;
                change.then(changed)
            }
            Step::Done(created) => return Ok(*created?),
        }
    }
}
