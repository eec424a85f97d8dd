//! Commands that create an account, or show accounts.

use aws::users::Page;
use serde_json::{Value, json};
use shared::account::Account;
use shared::code::{Half, Purpose};
use shared::custom_claims::CustomClaims;
use shared::email::Email;
use shared::flow::mailing::Mailing;
use shared::flow::operation::{AccountName, MAX_ROLES_BYTES};
use shared::ids::{SessionId, UserId};
use shared::role::{self, Role};
use shared::{name, session::Summary};

use crate::answer::{Refused, UserView};
use crate::command::{Address, DisplayName, Limit};
use crate::data_keys::CommandKeys;
use crate::{AdminError, Answer, Asked, add, limit, page};

/// The default number of accounts on a page.
const A_PAGE: u32 = 100;

/// A new account.
pub(crate) struct NewUser {
    pub(crate) email: Email,
    pub(crate) name: Option<DisplayName>,
    pub(crate) roles: Vec<Role>,
    pub(crate) claims: CustomClaims,
    pub(crate) email_verified: bool,
    pub(crate) invite: bool,
}

impl NewUser {
    fn account(self, user_id: UserId, now: shared::Timestamp) -> Account {
        let Self { email, name, roles, claims, email_verified, .. } = self;
        let name = name.map_or_else(|| name::of_address(&email), |DisplayName(name)| name);
        let email_verified_at = email_verified.then_some(now);
        Account { roles, claims, email_verified_at, ..Account::new(email, user_id, name, now) }
    }
}

impl Asked<'_, '_> {
    /// Creates an account. Only a mailed link, or one of `reset-link`, gives it a password.
    pub(crate) async fn create(&mut self, new: NewUser) -> Answer {
        let new = NewUser { roles: role::distinct(new.roles), ..new };
        if role::joined(&new.roles).len() > MAX_ROLES_BYTES {
            return Err(Refused::TooManyRoles.into());
        }
        let invite = new.invite;
        if invite && !self.app.is_mail_on {
            return Err(Refused::NoMail.into());
        }
        let account = new.account(UserId::random(&mut self.rng), self.now);
        let mail = match invite {
            true => Some(self.mailing(Purpose::Invitation).await?.to(&account)),
            false => None,
        };
        let mut answer = json!({ "user": UserView::from(&account).to_json(), "invited": invite });
        if self.dry_run {
            let entry = self.app.tables.tables().accounts().users().get(&account.email).await?;
            if entry.is_some() {
                return Err(Refused::EmailTaken.into());
            }
            add(&mut answer, "dry_run", true);
            return Ok(answer);
        }
        self.audit.user_id = Some(account.user_id);
        let token = SessionId::random(&mut self.rng);
        if self.app.tables.create_account(&account, mail.as_ref(), token).await? {
            Ok(answer)
        } else {
            Err(Refused::EmailTaken.into())
        }
    }

    pub(crate) async fn show(&mut self, account: AccountName) -> Answer {
        let account = self.find(account).await?;
        let sessions = self.living(&account).await?;
        Ok(json!({ "user": UserView::from(&account).to_json(), "sessions": sessions }))
    }

    pub(crate) async fn list_sessions(&mut self, account: AccountName) -> Answer {
        let account = self.find(account).await?;
        let own = self.app.tables.tables().accounts().sessions().of_user(account.user_id).await?;
        let sessions: Vec<Value> = own.living(self.now).into_iter().map(session).collect();
        Ok(json!({ "user_id": account.user_id.to_string(), "sessions": sessions }))
    }

    /// Makes a link that sets a password, for an operator to hand over. It verifies no address.
    pub(crate) async fn reset_link(&mut self, account: AccountName) -> Answer {
        let account = self.find(account).await?;
        if account.is_disabled() {
            return Err(Refused::Disabled.into());
        }
        let app_url = self.app.app_url.as_ref().ok_or(Refused::NoAppUrl)?;
        let code = self.mailing(Purpose::ResetLink).await?.to(&account);
        let keys = self.app.keys.as_ref().ok_or(Refused::NoKeySet)?.current(self.now).await;
        let text = code.text(Half::Mail, &keys.refresh).ok_or(Refused::NoKeySet)?;
        if !self.dry_run {
            self.app.tables.codes().put(&code).await?;
        }
        let link = if self.dry_run { Value::Null } else { text.link(app_url, code.purpose).into() };
        Ok(json!({
            "user_id": account.user_id.to_string(),
            "link": link,
            "expires_at": code.expires_at.seconds(),
        }))
    }

    pub(crate) async fn list(&mut self, most: Option<Limit>, after: Option<Address>) -> Answer {
        let Page { accounts, next } = self.accounts(most, after).await?;
        let users = accounts.iter().map(|account| UserView::from(account).to_json());
        Ok(page("users", users.collect(), next.as_ref()))
    }

    /// Lists accounts as lines of an import. With hashes it names the users whose authenticator app it can't read.
    pub(crate) async fn export(
        &mut self,
        most: Option<Limit>,
        after: Option<Address>,
        hashes: bool,
    ) -> Answer {
        let Page { accounts, next } = self.accounts(most, after).await?;
        let keys = if hashes { Some(self.keys().await) } else { None };
        let (mut users, mut without_totp) = (Vec::new(), Vec::new());
        for account in &accounts {
            let exported = import::exported(account, keys.as_ref().map(CommandKeys::data));
            users.push(exported.line);
            if let Some(error) = exported.without_totp {
                tracing::error!(event = "data_key_missing", user_id = %account.user_id, %error);
                without_totp.push(Value::from(account.user_id.to_string()));
            }
        }
        let mut answer = page("users", users, next.as_ref());
        if !without_totp.is_empty() {
            add(&mut answer, "without_totp", without_totp);
        }
        Ok(answer)
    }

    async fn accounts(&self, most: Option<Limit>, after: Option<Address>) -> Result<Page, AdminError> {
        let users = self.app.tables.tables().accounts().users();
        Ok(users.page(limit(most, A_PAGE), after.as_ref().map(|Address(email)| email)).await?)
    }

    pub(crate) async fn mailing(&mut self, purpose: Purpose) -> Result<Mailing, AdminError> {
        let keys = self.app.keys.as_ref().ok_or(Refused::NoKeySet)?.current(self.now).await;
        Ok(Mailing::new(purpose, keys.refresh.current(), None, self.now, &mut self.rng))
    }
}

fn session(session: &Summary) -> Value {
    json!({
        "session_id": session.session_id.to_string(),
        "created_at": session.created_at.seconds(),
        "last_used_at": session.last_used_at.seconds(),
        "expires_at": session.refreshable_until().seconds(),
        "user_agent": session.device.user_agent,
        "source_ip": session.device.source_ip,
    })
}
