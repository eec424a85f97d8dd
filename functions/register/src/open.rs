//! `POST /register` if the account is created at once.

use shared::attempts::Lane;
use shared::code::Purpose;
use shared::config::MailLimits;
use shared::flow::registration::NewAccount;
use shared::flow::{mail_count, mail_reservation};
use shared::ids::AttemptId;
use shared::key_set::KeySet;
use shared::mail_lane::{CountAll, TakeBack};
use shared::metrics::Report;

use crate::{Asked, Done, RegisterError};

pub(crate) async fn register(
    mut asked: Asked<'_>,
    mail: Option<MailLimits>,
    report: &mut Report<'_>,
) -> Result<Done, RegisterError> {
    let (email, pending, transport) = asked.registrant(report).await?;
    let keys = asked.app.keys.current(asked.now).await;
    let mut new = asked.beginning(&keys).open(email, pending, None);
    let taken_back = match mail {
        Some(limits) => count(&mut asked, &new, &keys, limits).await?,
        None => None,
    };
    if taken_back.is_some() {
        new.mail = Some(Box::new(asked.mailing(Purpose::Verify, &keys).to(&new.account)));
    }
    let opened = open(&asked, &new).await;
    if let (Err(_), Some(taken_back)) = (&opened, &taken_back) {
        asked.app.tables.take_mail_back(taken_back).await;
    }
    opened?;
    asked.opened(&keys, &new, None, transport)
}

async fn open(asked: &Asked<'_>, new: &NewAccount) -> Result<(), RegisterError> {
    Ok(asked.app.tables.open_account(new).await??)
}

/// Counts the verification mail, and returns the write that subtracts it if no account is created. `None` if too many
/// people register in this minute, or with this address: the user may request the mail later.
async fn count(
    asked: &mut Asked<'_>,
    new: &NewAccount,
    keys: &KeySet,
    limits: MailLimits,
) -> Result<Option<TakeBack>, RegisterError> {
    let lane = Lane::of_mail(Purpose::Registration, &new.account.email, &keys.refresh);
    let by = AttemptId::random(&mut asked.rng);
    let reservation = mail_reservation::start(lane.clone(), by, limits.lane, asked.now);
    let reserved = asked.app.tables.reserve_mail(reservation).await?;
    let all = CountAll::new(limits.per_minute, &keys.refresh, asked.now);
    let count = mail_count::start(reserved, lane, Some(all), limits.lane);
    let counted = asked.app.tables.count_mail(count).await?;
    Ok(counted.ok().map(|counted| counted.taken_back))
}
