//! `POST /passkeys/options` and `POST /passkeys/sign-in`: a sign-in with a passkey, without a user name.

use http::StatusCode;
use shared::api::{Fields, PasskeyChallenge, SignInWithPasskey, TokenResponse};
use shared::authentication::AuthenticationMethods;
use shared::code::{CodeId, Purpose};
use shared::flow::passkey_sign_in::{PasskeySignIn, PasskeySignInError, SignedIn, Step};
use shared::flow::sign_in::Fresh;
use shared::ids::{AttemptId, SessionId};
use shared::issue::Opened;
use shared::key_set::KeySet;
use shared::log;
use shared::metrics::{Metric, Report};
use shared::passkey::{Challenge, ChallengeKind};
use webauthn_rs::prelude::PublicKeyCredential;

use crate::relying_party;
use crate::{Asked, Done, PasskeysError};

/// The outcome of a sign-in that began a session, in logs and metrics.
const SIGNED_IN: &str = "passkey_signed_in";

pub(crate) async fn options(mut asked: Asked<'_>) -> Result<Done, PasskeysError> {
    let made = asked.relying_party.sign_in()?;
    let code_id = CodeId::random(&mut asked.rng);
    let challenge = Challenge::new(code_id, ChallengeKind::SignIn, None, made.state, asked.now);
    asked.app.base.tables.codes().put_challenge(&challenge).await?;
    tracing::info!(route = "passkeys", outcome = "challenged");
    let body = PasskeyChallenge::new(code_id, &made.public_key);
    Ok(Done { response: asked.app.base.responder.json(StatusCode::OK, &body), counted: None })
}

pub(crate) async fn sign_in(mut asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, PasskeysError> {
    let (app, now) = (asked.app, asked.now);
    let (fields, browser) =
        (Fields::read(asked.request)?, app.base.responder.browser(asked.request.headers()));
    let body = SignInWithPasskey::read(&fields, browser)?;
    let code_id = body.challenge.ok_or(PasskeySignInError::Challenge)?;
    let (answer, user_id, credential_id) =
        relying_party::answer(body.credential).ok_or(PasskeySignInError::Verification("malformed"))?;
    let keys = app.base.keys.current(now).await;
    let request = PasskeySignIn {
        code_id,
        user_id,
        credential_id,
        opening: app.base.opener.opening(
            &keys,
            AuthenticationMethods::PASSKEY,
            runtime::device(asked.request),
            now,
        ),
        keep: app.base.sessions_per_user,
        notice: app.tells_of_new_devices.then(|| asked.mailing(Purpose::NewDevice, &keys)),
        device_token: body.device_token.map(str::to_owned),
        now,
    };
    let signed_in = run(&mut asked, request.start(), &answer, &keys, report).await?;
    let tokens = tokens(&mut asked, &signed_in, &keys)?;
    tracing::info!(event = "authn_login_success", route = "passkeys", outcome = SIGNED_IN,
        session_id = %tokens.session_id, user_id = %tokens.user.id);
    tracing::info!(event = "session_created", session_id = %tokens.session_id, user_id = %tokens.user.id);
    let response = asked.tokens(tokens, body.transport);
    Ok(Done { response, counted: Some((Metric::SignIns, SIGNED_IN)) })
}

fn tokens(
    asked: &mut Asked<'_>,
    SignedIn { account, session, known_device }: &SignedIn,
    keys: &KeySet,
) -> Result<TokenResponse, PasskeysError> {
    let (email, ended_version) = (&account.email, account.ended_version);
    let opened = Opened { session, email, ended_version, known_device: *known_device };
    Ok(asked.app.base.opener.tokens(keys, opened, &mut asked.rng)?)
}

/// Drives a sign-in from its first step to its end.
async fn run(
    asked: &mut Asked<'_>,
    mut step: Step,
    answer: &PublicKeyCredential,
    keys: &KeySet,
    report: &mut Report<'_>,
) -> Result<SignedIn, PasskeysError> {
    let tables = &asked.app.base.tables;
    let users = tables.tables().accounts().users();
    loop {
        step = match step {
            Step::Take(take) => {
                let by = AttemptId::random(&mut asked.rng);
                let challenge = tables.codes().take_challenge(take.code_id, take.kind(), by).await?;
                take.then(challenge)
            }
            Step::Find(find) => {
                let passkey = tables.passkeys()?.get(find.user_id(), find.credential_id());
                let (passkey, hint) = tokio::join!(passkey, users.address_hint(find.user_id()));
                find.then(passkey?, hint?)
            }
            Step::ReadAccount(read) => {
                let account = users.get(read.email()).await?;
                read.then(account)
            }
            Step::Verify(verify) => {
                let verified = asked.relying_party.verify(verify.state(), answer, &verify.passkey);
                verify.then(verified, Fresh::random(&mut asked.rng), &keys.refresh)
            }
            Step::Create(create) => {
                let created = tables.create_passkey_session(&create).await?;
                create.then(created)
            }
            Step::Sweep(sweep) => {
                let user_id = sweep.user_id();
                let log = |ended: &[SessionId]| {
                    log::sessions_ended("passkeys", "newer_sign_in", user_id, ended, report);
                };
                tables.tables().sweep(sweep.sweep(), None, &mut asked.rng, log).await?;
                sweep.then()
            }
            Step::Done(outcome) => return Ok(*outcome?),
        }
    }
}
