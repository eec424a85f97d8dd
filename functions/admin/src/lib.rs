//! Operations on accounts for operators. The function has no route: anybody who may invoke it may do all of this, and
//! CloudTrail records who did.
//!
//! # Invariants
//! * An event is one command with one log line, which contains no secret, address or name.
//! * A refused command gets an answer. A command that DynamoDB interrupts fails, and may be repeated.
//! * A repeated command completes what a crash has left.

mod answer;
mod audit;
mod change;
pub mod command;
mod data_keys;
mod import_users;
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
use shared::password::{HashError, Hasher};
use shared::{Invocation, Stopwatch, Timestamp};

use answer::{AdminError, Refused};
use audit::Audit;
pub use audit::DONE;
use command::{Command, Event, Limit};

/// The state that the function keeps between events.
pub struct App {
    tables: AccountTables,
    /// `None` without a key set, as with the tables of a local server that keeps its keys in memory.
    keys: Option<KeyCache>,
    is_mail_on: bool,
    app_url: Option<String>,
    metrics: Metrics,
    /// Wraps the password hashes of other systems.
    hasher: Hasher,
}

/// The reason why a command failed. It may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum AdminFailure {
    /// A password can't be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// DynamoDB does not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Somebody else kept changing the account.
    #[error("the account kept changing: repeat the command")]
    AccountChanging,
}

/// One command, with its inputs.
struct Asked<'a, 'r> {
    app: &'a App,
    dry_run: bool,
    now: Timestamp,
    rng: StdRng,
    stopwatch: Stopwatch,
    audit: Audit,
    report: &'r mut Report<'a>,
}

type Answer = Result<Value, AdminError>;

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        let dynamodb = backend.dynamodb.clone();
        Ok(Self {
            tables: AccountTables::with_passkeys(lookup, dynamodb)?,
            keys: backend.optional_keys(lookup)?,
            is_mail_on: config::is_mail_on(lookup)?,
            app_url: config::app_url(lookup)?,
            metrics: config::metrics(lookup)?,
            hasher: config::hasher(lookup)?,
        })
    }
}

/// Answers one event.
///
/// # Errors
/// Returns [`AdminFailure`] if the command may be partly done: repeat it.
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
    let mut asked = Asked { app, dry_run: event.dry_run, now, rng, stopwatch, audit, report: &mut report };
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
        match (command, account) {
            (Command::ListUsers { limit, after }, _) => self.list(limit, after).await,
            (Command::ExportUsers { limit, after, hashes }, _) => self.export(limit, after, hashes).await,
            (Command::ImportUsers { lines }, _) => self.import(&lines.0).await,
            (Command::EndAllSessions { limit, after }, _) => self.end_all_sessions(limit, after).await,
            (
                Command::CreateUser { name, roles, claims, email_verified, invite },
                Some(AccountName::Email(email)),
            ) => {
                let new = people::NewUser { email, name, roles, claims, email_verified, invite };
                self.create(new).await
            }
            (Command::ShowUser {}, Some(account)) => self.show(account).await,
            (Command::ListSessions {}, Some(account)) => self.list_sessions(account).await,
            (Command::ResetLink {}, Some(account)) => self.reset_link(account).await,
            (command, Some(account)) => match edit(command) {
                Some(edit) => self.change(account, edit).await,
                None => Err(Refused::NoSuchUser.into()),
            },
            // No event is read as this command.
            (_, None) => Err(Refused::NoSuchUser.into()),
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

/// Returns the operation of a command on an existing account. `None` for other commands.
fn edit(command: Command) -> Option<Edit> {
    Some(match command {
        Command::DisableUser {} => Edit::Disable,
        Command::EnableUser {} => Edit::Enable,
        Command::DeleteUser {} => Edit::Delete,
        Command::SetRoles { roles } => Edit::Roles(roles),
        Command::AddRole { role } => Edit::AddRole(role),
        Command::RemoveRole { role } => Edit::RemoveRole(role),
        Command::SetClaims { claims } => Edit::Claims(claims),
        Command::SetName { name } => Edit::Name(name.0),
        Command::SetEmail { new_email, email_verified } => {
            Edit::Move { new_email: new_email.0, is_verified: email_verified }
        }
        Command::RemoveFactors {} => Edit::RemoveFactors,
        Command::EndSessions {} => Edit::EndSessions,
        Command::CreateUser { .. }
        | Command::ShowUser {}
        | Command::ListUsers { .. }
        | Command::ListSessions {}
        | Command::ResetLink {}
        | Command::EndAllSessions { .. }
        | Command::ExportUsers { .. }
        | Command::ImportUsers { .. } => return None,
    })
}

/// Returns the answer for a page.
fn page(name: &str, list: Vec<Value>, next: Option<&Email>) -> Value {
    let mut answer = json!({ name: list });
    if let Some(next) = next {
        add(&mut answer, "next", next.as_str());
    }
    answer
}

/// Adds a member to an answer.
fn add(answer: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = answer.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
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
