//! `POST /email`: mails a code to another address, which becomes the account's when it is confirmed.

use aws::account_tables::Credentials;
use shared::api::{ChangeAddress, Fields};
use shared::caller::Caller;
use shared::code::Purpose;
use shared::config::MailLimits;
use shared::email::Email;
use shared::flow::address_request::{AddressRequest, Lanes, Step, Using};
use shared::ids::AttemptId;
use shared::metrics::Report;

use crate::mail::accepted;
use crate::{AccountError, Asked, Done};

pub(crate) async fn request(
    mut asked: Asked<'_>,
    limits: MailLimits,
    caller: &Caller,
    report: &mut Report<'_>,
) -> Result<Done, AccountError> {
    let email = Email::from_table(caller.email.clone());
    let fields = Fields::read(asked.request)?;
    let ChangeAddress { new_email, proof: who } = ChangeAddress::read(&fields, &email, caller.amr)?;
    let app = asked.app;
    let keys = app.base.keys.current(asked.now).await;
    let proof = asked.proof(caller, &who, &keys);
    let lanes = Lanes::new(&proof, &new_email, &keys.refresh);
    let mailing = asked.mailing(Purpose::ChangeAddress, &keys);
    let rng = &mut asked.rng;
    let mut step = AddressRequest { proof, mailing, new_email, lanes, limits: limits.lane }.start();
    loop {
        step = match step {
            Step::Prove(prove) => {
                let credentials = Credentials::of(&who, &keys);
                let proven = app.base.prove(prove.proof(), credentials, rng, report).await?;
                prove.then(proven)
            }
            Step::Count(count) => {
                let reservation = count.reservation(AttemptId::random(rng));
                let settled = async {
                    if let Some(counted) = count.counted() {
                        app.base.tables.settle(counted).await;
                    }
                };
                let (reserved, ()) = tokio::join!(app.base.tables.reserve_mail(reservation), settled);
                count.then(reserved?)
            }
            Step::Ask(ask) => {
                let admitted = app.base.tables.admit_mail(ask.request(), rng).await;
                let admitted = app.base.tables.or_take_back(admitted, &[ask.taken_back()]).await?;
                ask.then(admitted)
            }
            Step::Use(using) => {
                let Using { account, used, mail, .. } = &*using;
                let by = AttemptId::random(rng);
                let is_used = app.base.tables.use_factor(account, used, mail.as_ref(), by).await;
                let is_used = app.base.tables.or_take_back(is_used, using.taken_back()).await?;
                using.then(is_used)
            }
            Step::Put(put) => {
                let is_put = app.base.tables.codes().put(&put.code).await;
                app.base.tables.or_take_back(is_put, &put.taken_back).await?;
                put.then()
            }
            Step::TakeBack(take_back) => {
                for write in &take_back.writes {
                    app.base.tables.take_mail_back(write).await;
                }
                take_back.then()
            }
            Step::Done(outcome) => {
                outcome?;
                break;
            }
        };
    }
    Ok(accepted(&asked, Purpose::ChangeAddress))
}
