//! `POST /register` where an account is there at once.

use shared::attempts::Lane;
use shared::code::{Code, Purpose};
use shared::config::MailLimits;
use shared::flow::registration::NewAccount;
use shared::flow::{mail_count, mail_reservation};
use shared::ids::AttemptId;
use shared::key_set::KeySet;
use shared::mail_lane::CountAll;
use shared::metrics::Report;

use crate::{Asked, Done, RegisterError};

pub(crate) async fn register(
    mut asked: Asked<'_>,
    mail: Option<MailLimits>,
    report: &mut Report<'_>,
) -> Result<Done, RegisterError> {
    let (email, pending, transport) = asked.registrant(report)?;
    let keys = asked.app.keys.current(asked.now).await;
    let mut new = asked.beginning(&keys).open(email, pending, None);
    if let Some(limits) = mail {
        new.mail = verification(&mut asked, &new, &keys, limits).await?;
    }
    asked.app.tables.open_account(&new).await??;
    asked.opened(&keys, &new, None, transport)
}

/// Returns the row of the mail that proves the address. None if too many people register in this minute, or with this address:
/// the user may ask for the mail later.
async fn verification(
    asked: &mut Asked<'_>,
    new: &NewAccount,
    keys: &KeySet,
    limits: MailLimits,
) -> Result<Option<Box<Code>>, RegisterError> {
    let lane = Lane::of_mail(Purpose::Registration, &new.account.email, &keys.refresh);
    let by = AttemptId::random(&mut asked.rng);
    let reservation = mail_reservation::start(lane.clone(), by, limits.lane, asked.now);
    let reserved = asked.app.tables.reserve_mail(reservation).await?;
    let all = CountAll::new(limits.per_minute, &keys.refresh, asked.now);
    let count = mail_count::start(reserved, lane, Some(all), limits.lane);
    if asked.app.tables.count_mail(count).await?.is_err() {
        return Ok(None);
    }
    Ok(Some(Box::new(asked.mailing(Purpose::Verify, keys).to(&new.account))))
}
