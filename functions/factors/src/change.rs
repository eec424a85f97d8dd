//! `DELETE /factors/totp` and `POST /factors/recovery-codes`.

use std::sync::Arc;

use aws::account_tables::{ChangeLog, Credentials, Progress};
use http::StatusCode;
use shared::api::{ApiError, Fields, NewRecoveryCodes, ProofFields, ProveForFactor, RemoveTotp};
use shared::code::Purpose;
use shared::device_token::DeviceToken;
use shared::factor::RecoveryCodes;
use shared::flow::account_change::{Changed, ENDED_AT_ONCE};
use shared::flow::factor_change::{FactorAct, FactorChange, Step};
use shared::flow::sign_in::Fresh;
use shared::issue::Opened;
use shared::key_set::KeySet;
use shared::metrics::{Metric, Report};

use crate::{Asked, Done, FactorsError};

const REMOVED: &str = "factor_removed";
const REPLACED: &str = "recovery_codes_replaced";

pub(crate) async fn remove(mut asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, FactorsError> {
    let browser = asked.app.base.responder.browser(asked.request.headers());
    let fields = Fields::read(asked.request)?;
    let RemoveTotp { proof: who, transport } = RemoveTotp::read(&fields, browser, asked.caller.amr)?;
    let keys = asked.app.base.keys.current(asked.now).await;
    let Asked { app, request, caller, now, rng } = &mut asked;
    let act = FactorAct::Remove {
        opening: app.base.opener.opening(&keys, caller.amr, runtime::device(request), *now),
        fresh: Fresh::random(rng),
        keep: app.base.sessions_per_user,
    };
    let told = (Purpose::FactorRemoved, REMOVED);
    let (Changed { account, begun }, known_device) = asked.change(act, &who, &keys, told, report).await?;
    let session = &begun.ok_or(ApiError::SessionOver)?;
    let opened =
        Opened { session, email: &account.email, ended_version: account.ended_version, known_device };
    let tokens = asked.app.base.opener.tokens(&keys, opened, &mut asked.rng)?;
    let response = asked.app.base.responder.tokens(StatusCode::OK, tokens, transport);
    Ok(Done { response, counted: Some((Metric::AccountChanges, REMOVED)) })
}

pub(crate) async fn replace_recovery_codes(
    mut asked: Asked<'_>,
    report: &mut Report<'_>,
) -> Result<Done, FactorsError> {
    let fields = Fields::read(asked.request)?;
    let who = ProveForFactor::read(&fields, asked.caller.amr)?.proof;
    let keys = asked.app.base.keys.current(asked.now).await;
    let (codes, drawn) = RecoveryCodes::draw(asked.caller.user_id, &keys.data, &mut asked.rng)?;
    let told = (Purpose::FactorAdded, REPLACED);
    asked.change(FactorAct::Replace(drawn), &who, &keys, told, report).await?;
    let response = asked.app.base.responder.json(StatusCode::OK, &NewRecoveryCodes::from(codes.as_slice()));
    Ok(Done { response, counted: Some((Metric::AccountChanges, REPLACED)) })
}

impl Asked<'_> {
    /// Drives a change to its end. Returns the device token that came along too, if it was made for this address.
    async fn change(
        &mut self,
        act: FactorAct,
        who: &ProofFields<'_>,
        keys: &Arc<KeySet>,
        (purpose, outcome): (Purpose, &'static str),
        report: &mut Report<'_>,
    ) -> Result<(Changed, Option<DeviceToken>), FactorsError> {
        let (proof, notice) = (self.proof(who, keys), self.notice(purpose, keys));
        let known_device = proof.attempt.known_device();
        let (app, rng) = (self.app, &mut self.rng);
        let mut step = FactorChange { proof, act, room: ENDED_AT_ONCE, notice }.start();
        loop {
            step = match step {
                Step::Prove(prove) => {
                    let credentials = Credentials::of(who, keys);
                    let proven = app.base.prove(&prove.proof, credentials, rng, report).await?;
                    prove.then(proven)
                }
                Step::Change(change) => {
                    let log = ChangeLog::of(&change.change, "factors", ("user_updated", outcome));
                    let log = |progress: Progress<'_>| log.write(progress, report);
                    let changed = app.base.tables.change_account(&change.change, rng, log).await?;
                    change.then(changed)
                }
                Step::Settle(counted) => {
                    app.base.tables.settle(&counted).await;
                    Step::settled()
                }
                Step::Done(changed) => return Ok((*changed?, known_device)),
            }
        }
    }
}
