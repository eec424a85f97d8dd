//! The log line of each command.

use runtime::Invoker;
use shared::account::Account;
use shared::flow::operation::AccountName;
use shared::ids::UserId;
use shared::metrics::{FAILED, INVALID_REQUEST};
use shared::role;

use crate::Answer;
use crate::answer::AdminError;
use crate::command::{Command, Event};

/// The outcomes in logs and metrics, in addition to those of refusals.
pub const DONE: &str = "done";
const DRY_RUN: &str = "dry_run";

/// The facts about a command for the log.
pub(crate) struct Audit {
    /// The user, once the account is found.
    pub(crate) user_id: Option<UserId>,
    /// The number of ended sessions.
    pub(crate) ended: usize,
    /// The number of accounts that an import has created.
    pub(crate) created: Option<usize>,
    /// The roles before and after, if the command changes them.
    pub(crate) roles: Option<(String, String)>,
    command: String,
    event: &'static str,
    changes_roles: bool,
    invoker: Invoker,
}

impl Audit {
    pub(crate) fn new(event: &Event, invoker: Invoker) -> Self {
        let user_id = match event.account {
            Some(AccountName::User(user_id)) => Some(user_id),
            Some(AccountName::Email(_)) | None => None,
        };
        Self {
            user_id,
            ended: 0,
            created: None,
            roles: None,
            command: event.command.name(),
            event: security_event(&event.command),
            changes_roles: matches!(
                event.command,
                Command::SetRoles { .. } | Command::AddRole { .. } | Command::RemoveRole { .. }
            ),
            invoker,
        }
    }

    pub(crate) fn changed(&mut self, before: &Account, after: &Account) {
        self.user_id = Some(after.user_id);
        if self.changes_roles {
            self.roles = Some((role::joined(&before.roles), role::joined(&after.roles)));
        }
    }

    /// Writes the line and returns the outcome.
    pub(crate) fn write(&self, answer: &Answer, dry_run: bool) -> &'static str {
        let (outcome, reason) = match answer {
            Ok(_) if dry_run => (DRY_RUN, None),
            Ok(_) => (DONE, None),
            Err(AdminError::Refused(refused)) => (refused.code(), None),
            Err(AdminError::Failed(failure)) => (FAILED, Some(failure.to_string())),
        };
        let Self { user_id, ended, created, roles, command, event, invoker, .. } = self;
        let user_id = user_id.map(tracing::field::display);
        let (from, to) = roles.as_ref().map(|(from, to)| (from.as_str(), to.as_str())).unzip();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    event,
                    route = "admin",
                    outcome,
                    command,
                    user_id,
                    roles_before = from,
                    roles_after = to,
                    sessions_ended = ended,
                    users_created = created,
                    request_id = invoker.request_id,
                    operator = invoker.identity_id,
                    error = reason.as_deref(),
                )
            };
        }
        if outcome == FAILED {
            line!(error)
        } else {
            line!(info)
        }
        outcome
    }
}

/// Returns its name in OWASP's logging vocabulary.
fn security_event(command: &Command) -> &'static str {
    match command {
        Command::CreateUser { .. } | Command::ImportUsers { .. } => "user_created",
        Command::ShowUser {}
        | Command::ListUsers { .. }
        | Command::ListSessions {}
        | Command::ExportUsers { .. } => "sensitive_read",
        Command::DisableUser {} => "user_archived",
        Command::EnableUser {}
        | Command::SetName { .. }
        | Command::SetEmail { .. }
        | Command::RemoveFactors {} => "user_updated",
        Command::DeleteUser {} => "user_deleted",
        Command::SetRoles { .. }
        | Command::AddRole { .. }
        | Command::RemoveRole { .. }
        | Command::SetClaims { .. } => "privilege_permissions_changed",
        Command::EndSessions {} | Command::EndAllSessions { .. } => "authn_token_revoked",
        Command::ResetLink {} => "authn_token_created",
    }
}

/// Writes the line of an event that is not a command.
pub(crate) fn unreadable(invoker: &Invoker) {
    tracing::info!(
        event = "input_validation_fail",
        route = "admin",
        outcome = INVALID_REQUEST,
        request_id = invoker.request_id,
        operator = invoker.identity_id,
    );
}
