//! `POST /factors/totp`: the secret of an authenticator app, which counts for nothing until a code of it confirms it.

use aws::account_tables::Credentials;
use http::StatusCode;
use shared::api::{EnrolledTotp, Fields, ProveForFactor};
use shared::data_key::SealingNonce;
use shared::factor::{PendingTotp, TotpSecret};
use shared::flow::totp_enrolment::{Step, TotpEnrolment};
use shared::ids::AttemptId;
use shared::metrics::{Metric, Report};

use crate::{Asked, Done, FactorsError};

const BEGUN: &str = "totp_begun";

pub(crate) async fn enrol(mut asked: Asked<'_>, report: &mut Report<'_>) -> Result<Done, FactorsError> {
    let fields = Fields::read(asked.request)?;
    let who = ProveForFactor::read(&fields, asked.caller.amr)?.proof;
    let keys = asked.app.base.keys.current(asked.now).await;
    let proof = asked.proof(&who, &keys);
    let Asked { app, caller, now, rng, .. } = &mut asked;
    let secret = TotpSecret::random(rng);
    let sealed = secret.sealed(caller.user_id, &keys.data, SealingNonce::random(rng))?;
    let session_id = Some(caller.session_id);
    let pending = PendingTotp { secret: sealed, created_at: *now, session_id };
    let mut step = TotpEnrolment { proof, pending }.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let credentials = Credentials::of(&who, &keys);
                let proven = app.base.prove(&prove.proof, credentials, rng, report).await?;
                prove.then(proven)
            }
            Step::Store(store) => {
                let stored = app.base.tables.store_pending(&store, AttemptId::random(rng)).await?;
                store.then(stored)
            }
            Step::Settle(counted) => {
                app.base.tables.settle(&counted).await;
                Step::settled()
            }
            Step::Done(done) => {
                done?;
                break;
            }
        };
    }
    tracing::info!(event = "user_updated", route = "factors", outcome = BEGUN, user_id = %caller.user_id);
    let enrolled = EnrolledTotp::new(&secret, &app.service_name, &caller.email);
    Ok(Done {
        response: app.base.responder.json(StatusCode::OK, &enrolled),
        counted: Some((Metric::AccountChanges, BEGUN)),
    })
}
