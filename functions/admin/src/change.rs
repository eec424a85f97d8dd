//! Commands that change an existing account.

use aws::account_tables::Progress;
use serde_json::{Value, json};
use shared::account::Account;
use shared::code::Purpose;
use shared::flow::account_change::ENDED_AT_ONCE;
use shared::flow::operation::{AccountName, Edit, Operated, Operation};
use shared::log;

use crate::answer::UserView;
use crate::command::{Address, Limit};
use crate::{AdminError, Answer, Asked, add, limit, page};

/// The number of accounts on a page of `end-all-sessions`. Each takes a transaction, and the function must finish before
/// its timeout.
const ENDED_A_PAGE: u32 = 100;

impl Asked<'_, '_> {
    /// Changes an account, or reports the changes that it would make.
    pub(crate) async fn change(&mut self, account: AccountName, edit: Edit) -> Answer {
        let is_deletion = edit == Edit::Delete;
        let (before, after, ended) = if self.dry_run {
            let before = self.find(account).await?;
            let after = edit.applied_to(&before, self.now);
            let ended = if edit.ends_sessions(&before, &after) { self.living(&before).await? } else { 0 };
            (before, after, ended)
        } else {
            let Operated { before, after } = self.operate(account, edit).await?;
            self.tell_of_removed_factors(&before, &after).await?;
            (before, after, self.audit.ended)
        };
        self.audit.changed(&before, &after);
        Ok(self.changed(&before, &after, ended, is_deletion))
    }

    /// Returns the number of living sessions.
    pub(crate) async fn living(&self, account: &Account) -> Result<usize, AdminError> {
        let own = self.app.tables.tables().accounts().sessions().of_user(account.user_id).await?;
        Ok(own.living(self.now).len())
    }

    /// Has the user mailed that second factors or passkeys are gone, if mail is on. Without the key set nothing can be mailed.
    async fn tell_of_removed_factors(&mut self, before: &Account, after: &Account) -> Result<(), AdminError> {
        let has_any = |account: &Account| account.factors.are_set() || account.passkeys > 0;
        let is_gone = has_any(before) && !has_any(after) && !after.is_disabled();
        if is_gone && self.app.is_mail_on && self.app.keys.is_some() {
            let mailing = self.mailing(Purpose::FactorRemoved).await?;
            if let Some(notice) = mailing.notice_to(after) {
                self.app.tables.codes().put(&notice).await?;
            }
        }
        Ok(())
    }

    fn changed(&self, before: &Account, after: &Account, ended: usize, is_deletion: bool) -> Value {
        let is_same = before.version == after.version && !self.dry_run;
        let has_changed =
            is_deletion || ended > 0 || !is_same && without_version(before) != without_version(after);
        let mut answer = json!({
            "user": UserView::from(after).to_json(),
            "changed": has_changed,
            "sessions_ended": ended,
        });
        let marks = [("deleted", is_deletion && !self.dry_run), ("dry_run", self.dry_run)];
        for (mark, _) in marks.into_iter().filter(|(_, is_so)| *is_so) {
            add(&mut answer, mark, true);
        }
        answer
    }

    /// Ends the sessions of a page of accounts, one account after the other.
    pub(crate) async fn end_all_sessions(&mut self, most: Option<Limit>, after: Option<Address>) -> Answer {
        let users = self.app.tables.tables().accounts().users();
        let found = users
            .page(limit(most, ENDED_A_PAGE).min(ENDED_A_PAGE), after.as_ref().map(|Address(email)| email))
            .await?;
        let (mut ended, mut would_end) = (Vec::new(), 0);
        for account in found.accounts {
            let user_id = account.user_id;
            if self.dry_run {
                would_end += self.living(&account).await?;
            } else {
                match self.operate(AccountName::Email(account.email), Edit::EndSessions).await {
                    // The account was deleted or moved since the page was read. A move ends the sessions too.
                    Ok(_) | Err(AdminError::Refused(_)) => {}
                    Err(failure) => return Err(failure),
                }
            }
            ended.push(user_id.to_string().into());
        }
        let mut answer = page("users", ended, found.next.as_ref());
        add(&mut answer, "sessions_ended", self.audit.ended + would_end);
        Ok(answer)
    }

    async fn operate(&mut self, account: AccountName, edit: Edit) -> Result<Operated, AdminError> {
        let operation = Operation { account, asking: None, edit, room: ENDED_AT_ONCE, now: self.now };
        let Self { audit, report, .. } = self;
        let progress = |user_id, progress: Progress<'_>| {
            if let Progress::Ended(ended) = progress {
                audit.ended += ended.len();
                log::sessions_ended("admin", "operator", user_id, ended, report);
            }
        };
        Ok(self.app.tables.operate(operation, &mut self.rng, progress).await??)
    }
}

fn without_version(account: &Account) -> Account {
    Account { version: 0, ended_version: 0, ..account.clone() }
}
