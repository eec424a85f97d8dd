//! `POST /register/confirm`: verifies the address and opens the account.

use shared::api::{ConfirmRegistration, Fields, Registrant};
use shared::device_token::DeviceToken;
use shared::flow::admission::Attempt;
use shared::flow::registration::{self, Confirmation, ConfirmationError, NewAccount, Step};
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};
use shared::password::{Password, PasswordCheck};

use crate::{Asked, Done, RegisterError};

/// Returns the proof that the caller is the one who registered, as the flow takes it.
struct Shown {
    registrant: registration::Registrant,
    password: Option<Password>,
    known_device: Option<DeviceToken>,
}

pub(crate) async fn confirm(mut asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, RegisterError> {
    let (fields, browser) =
        (Fields::read(asked.request)?, asked.app.responder.browser(asked.request.headers()));
    let ConfirmRegistration { token, registrant, transport } = ConfirmRegistration::read(&fields, browser)?;
    let keys = asked.app.keys.current(asked.now).await;
    let token = token.ok_or(ConfirmationError::Code)?;
    let Shown { registrant, password, known_device } = shown(&asked, registrant, &keys)?;
    let confirmation = Confirmation { token, registrant, beginning: asked.beginning(&keys) };
    let new = run(&mut asked, confirmation, password.as_ref(), &keys, report).await?;
    asked.opened(&keys, &new, known_device, transport)
}

fn shown(asked: &Asked<'_>, registrant: Registrant<'_>, keys: &KeySet) -> Result<Shown, RegisterError> {
    Ok(match registrant {
        Registrant::Browser(token) => Shown {
            registrant: registration::Registrant::Browser(token.ok_or(ConfirmationError::Code)?),
            password: None,
            known_device: None,
        },
        Registrant::Password { email, password, device_token } => {
            let attempt =
                Attempt::new(email, device_token, &keys.refresh, asked.app.attempt_limits, asked.now);
            Shown {
                known_device: attempt.known_device(),
                registrant: registration::Registrant::Password(Box::new(attempt)),
                password: Some(password),
            }
        }
    })
}

/// Drives a confirmation to its end. `password` is the typed one, if it is the proof.
async fn run(
    asked: &mut Asked<'_>,
    confirmation: Confirmation,
    password: Option<&Password>,
    keys: &KeySet,
    report: &mut Report<'_>,
) -> Result<NewAccount, RegisterError> {
    let (app, rng) = (asked.app, &mut asked.rng);
    let mut step = confirmation.start();
    loop {
        step = match step {
            Step::ReadCode(read) => {
                let row = app.tables.codes().get(read.presented.code_id()).await?;
                read.then(row, &keys.refresh)
            }
            Step::Admit(admit) => {
                let admitted = app.tables.tables().admit(&admit.attempt, rng).await?;
                admit.then(admitted)
            }
            Step::Verify(verify) => {
                let password = password.ok_or(ConfirmationError::Password)?;
                let compare = || app.hasher.verify(password, Some(verify.password_hash()));
                let is_right = report.time(Metric::PasswordHashTime, compare)? != PasswordCheck::Wrong;
                verify.then(is_right)
            }
            Step::Open(open) => {
                let opened = app.tables.open_account(&open.new).await?;
                open.then(opened)
            }
            Step::Settle(settle) => {
                app.tables.settle(&settle.counted).await;
                settle.then()
            }
            Step::Done(confirmed) => return Ok(*confirmed?),
        }
    }
}
