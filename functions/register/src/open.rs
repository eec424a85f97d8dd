//! `POST /register` where an account is there at once.

use shared::api::Transport;
use shared::code::{Code, Purpose};
use shared::config::MailLimits;
use shared::flow::mailing::Mailing;
use shared::flow::registration::NewAccount;
use shared::key_set::KeySet;
use shared::mail_lane::CountAll;
use shared::metrics::Report;

use crate::{Asked, Done, RegisterError};

pub(crate) async fn register(
    mut asked: Asked<'_>,
    mail: Option<MailLimits>,
    report: &mut Report<'_>,
) -> Result<Done, RegisterError> {
    let (email, pending, transport): (_, _, Transport) = asked.registrant(report)?;
    let keys = asked.app.keys.current(asked.now).await;
    let mut new = asked.beginning(&keys).open(email, pending, None);
    if let Some(limits) = mail {
        new.mail = verification(&mut asked, &new, &keys, limits).await?;
    }
    asked.app.tables.open_account(&new).await??;
    asked.opened(&keys, &new, None, transport)
}

/// Returns the row of the mail that proves the address. None if too many people register in this minute: the user may ask for
/// the mail later.
async fn verification(
    asked: &mut Asked<'_>,
    new: &NewAccount,
    keys: &KeySet,
    limits: MailLimits,
) -> Result<Option<Box<Code>>, RegisterError> {
    let count = CountAll::new(limits.per_minute, &keys.refresh, asked.now);
    if !asked.app.tables.count_mail(&count).await? {
        return Ok(None);
    }
    let locale = runtime::locale(asked.request);
    let mailing = Mailing::new(Purpose::Verify, keys.refresh.current(), locale, asked.now, &mut asked.rng);
    Ok(Some(Box::new(mailing.to(&new.account))))
}
