//! What operators do with accounts. It has no route: whoever may invoke the function may do all of it, and CloudTrail says who did.
//!
//! # Invariants
//! * An event is one command, and so is its line in the log, which holds no secret, address or name.
//! * A command that is refused is answered; one that DynamoDB keeps from its end fails, and may be repeated.
//! * Repeating a command finishes what a crash has left.

mod answer;
mod audit;
mod change;
pub mod command;
mod people;

use aws::account_tables::AccountTables;
use aws::secret::KeyCache;
use aws::{Backend, TableError};
use rand::rngs::StdRng;
use runtime::Invoker;
use serde_json::{Value, json};
use shared::account::Account;
use shared::config::{self, ConfigError, Lookup};
use shared::email::Email;
use shared::flow::operation::{AccountName, Edit, OperationError};
use shared::metrics::{Metric, Metrics, Report};
use shared::{Invocation, Timestamp};

use answer::{AdminError, Refused};
use audit::Audit;
pub use audit::DONE;
use command::{Command, Event, Limit};

/// What the function keeps between events.
pub struct App {
    tables: AccountTables,
    /// None without a key set, as where the tables are those of a local server that keeps its keys in memory.
    keys: Option<KeyCache>,
    is_mail_on: bool,
    app_url: Option<String>,
    metrics: Metrics,
}

/// Why a command failed, which may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum AdminFailure {
    /// DynamoDB does not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Somebody else kept changing the account.
    #[error("the account kept changing: repeat the command")]
    AccountChanging,
}

/// One command, with what it needs.
struct Asked<'a, 'r> {
    app: &'a App,
    dry_run: bool,
    now: Timestamp,
    rng: StdRng,
    audit: Audit,
    report: &'r mut Report<'a>,
}

type Answer = Result<Value, AdminError>;

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        let dynamodb = backend.dynamodb.clone();
        Ok(Self {
            tables: AccountTables::from_settings(lookup, dynamodb)?,
            keys: backend.optional_keys(lookup)?,
            is_mail_on: config::is_mail_on(lookup),
            app_url: config::app_url(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }
}

/// Answers one event.
///
/// # Errors
/// [`AdminFailure`] if the command may be done in part: repeat it.
pub async fn handle(
    app: &App,
    event: &Value,
    invoker: Invoker,
    invocation: Invocation,
) -> Result<Value, AdminFailure> {
    let Invocation { now, rng, stopwatch } = invocation;
    let mut report = app.metrics.report(now, stopwatch);
    let event = match Event::read(event) {
        Ok(event) => event,
        Err(error) => {
            audit::unreadable(&invoker);
            report.write(Metric::OperatorCommands, shared::metrics::INVALID_REQUEST);
            return Ok(Refused::Command(error).to_json());
        }
    };
    let audit = Audit::new(&event, invoker);
    let mut asked = Asked { app, dry_run: event.dry_run, now, rng, audit, report: &mut report };
    let answer = asked.answer(event).await;
    let outcome = asked.audit.write(&answer, asked.dry_run);
    report.write(Metric::OperatorCommands, outcome);
    match answer {
        Ok(answer) => Ok(answer),
        Err(AdminError::Refused(refused)) => Ok(refused.to_json()),
        Err(AdminError::Failed(failure)) => Err(failure),
    }
}

impl Asked<'_, '_> {
    async fn answer(&mut self, Event { command, account, .. }: Event) -> Answer {
        let Some(account) = account else {
            return match command {
                Command::ListUsers { limit, after } => self.list(limit, after).await,
                Command::ExportUsers { limit, after, hashes } => self.export(limit, after, hashes).await,
                Command::EndAllSessions { limit, after } => self.end_all_sessions(limit, after).await,
                _ => Err(Refused::NoSuchUser.into()),
            };
        };
        match command {
            Command::CreateUser { name, roles, claims, email_verified, invite } => {
                let AccountName::Email(email) = account else { return Err(Refused::NoSuchUser.into()) };
                let new = people::NewUser { email, name, roles, claims, email_verified, invite };
                self.create(new).await
            }
            Command::ShowUser {} => self.show(account).await,
            Command::ListSessions {} => self.list_sessions(account).await,
            Command::ResetLink {} => self.reset_link(account).await,
            Command::DisableUser {} => self.change(account, Edit::Disable).await,
            Command::EnableUser {} => self.change(account, Edit::Enable).await,
            Command::DeleteUser {} => self.change(account, Edit::Delete).await,
            Command::SetRoles { roles } => self.change(account, Edit::Roles(roles)).await,
            Command::AddRole { role } => self.change(account, Edit::AddRole(role)).await,
            Command::RemoveRole { role } => self.change(account, Edit::RemoveRole(role)).await,
            Command::SetClaims { claims } => self.change(account, Edit::Claims(claims)).await,
            Command::SetName { name } => self.change(account, Edit::Name(name.0)).await,
            Command::SetEmail { new_email, email_verified } => {
                let edit = Edit::Move { new_email: new_email.0, is_verified: email_verified };
                self.change(account, edit).await
            }
            Command::EndSessions {} => self.change(account, Edit::EndSessions).await,
            Command::ListUsers { .. } | Command::ExportUsers { .. } | Command::EndAllSessions { .. } => {
                Err(Refused::NoSuchUser.into())
            }
        }
    }

    /// Reads an account, consistently.
    async fn find(&mut self, account: AccountName) -> Result<Account, AdminError> {
        let users = self.app.tables.tables().accounts().users();
        let (email, user_id) = match account {
            AccountName::Email(email) => (Some(email), None),
            AccountName::User(user_id) => (users.address_hint(user_id).await?, Some(user_id)),
        };
        let Some(email) = email else { return Err(Refused::NoSuchUser.into()) };
        let found = users.get(&email).await?;
        let found = found.filter(|found| user_id.is_none_or(|user_id| found.user_id == user_id));
        let found = found.ok_or(Refused::NoSuchUser)?;
        self.audit.user_id = Some(found.user_id);
        Ok(found)
    }
}

/// The answer of a page.
fn page(name: &str, list: Vec<Value>, next: Option<&Email>) -> Value {
    let mut answer = json!({ name: list });
    if let Some((answer, next)) = answer.as_object_mut().zip(next) {
        answer.insert("next".to_owned(), next.as_str().into());
    }
    answer
}

fn limit(limit: Option<Limit>, default: u32) -> u32 {
    limit.map_or(default, |Limit(limit)| limit)
}

impl From<OperationError> for AdminError {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::NoAccount | OperationError::SessionOver => Refused::NoSuchUser.into(),
            OperationError::TooManyRoles => Refused::TooManyRoles.into(),
            OperationError::AddressTaken => Refused::EmailTaken.into(),
            OperationError::AccountChanging => Self::Failed(AdminFailure::AccountChanging),
        }
    }
}
