//! Commands: the events of this function.
//!
//! An event is one JSON object: `command`, its arguments, `email` or `user_id` if it is about one account, and `dry_run`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use shared::custom_claims::CustomClaims;
use shared::email::Email;
use shared::flow::operation::AccountName;
use shared::ids::UserId;
use shared::name;
use shared::role::Role;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// The action.
    pub command: Command,
    /// The account. `None` for commands about no account, or about all.
    pub account: Option<AccountName>,
    /// Whether to report the changes without making them.
    pub dry_run: bool,
}

/// An action of an operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Creates an account without a password, under the `email` of the event.
    CreateUser {
        /// The display name. The default is the part of the address before the `@`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<DisplayName>,
        /// The roles.
        #[serde(default)]
        roles: Vec<Role>,
        /// The custom claims.
        #[serde(default)]
        claims: CustomClaims,
        /// Whether the address counts as verified.
        #[serde(default)]
        email_verified: bool,
        /// Whether to mail a link that sets a password.
        #[serde(default)]
        invite: bool,
    },
    /// Shows an account.
    ShowUser {},
    /// Lists accounts, page by page.
    ListUsers {
        /// The maximum number of accounts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
        /// The `next` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Address>,
    },
    /// Ends all sessions, and refuses sign-ins from now on.
    DisableUser {},
    /// Lets the user sign in again.
    EnableUser {},
    /// Deletes the account and its sessions.
    DeleteUser {},
    /// Replaces all roles.
    SetRoles {
        /// The roles.
        roles: Vec<Role>,
    },
    /// Adds a role.
    AddRole {
        /// The role.
        role: Role,
    },
    /// Removes a role.
    RemoveRole {
        /// The role.
        role: Role,
    },
    /// Replaces all custom claims.
    SetClaims {
        /// The claims.
        claims: CustomClaims,
    },
    /// Replaces the display name.
    SetName {
        /// The name.
        name: DisplayName,
    },
    /// Moves the account to another address, and ends all sessions.
    SetEmail {
        /// The address.
        new_email: Address,
        /// Whether it counts as verified.
        #[serde(default)]
        email_verified: bool,
    },
    /// Removes all second factors and passkeys, and ends all sessions. Find out first who is asking.
    RemoveFactors {},
    /// Ends the sessions of one account.
    EndSessions {},
    /// Ends the sessions of all accounts, page by page.
    EndAllSessions {
        /// The maximum number of accounts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
        /// The `next` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Address>,
    },
    /// Makes a link that sets a password. It is a secret.
    ResetLink {},
    /// Lists the sessions of an account.
    ListSessions {},
    /// Lists accounts in the form of an import, page by page.
    ExportUsers {
        /// The maximum number of accounts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
        /// The `next` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Address>,
        /// Whether to include password hashes and the secrets of authenticator apps.
        #[serde(default)]
        hashes: bool,
    },
    /// Creates accounts with the passwords and authenticator apps from another system. Existing accounts stay unchanged.
    ImportUsers {
        /// The accounts, as the objects of the lines of an import.
        lines: Lines,
    },
}

/// Accounts to import. Its `Debug` shows only their number, because it contains password hashes and secrets.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Lines(pub Vec<Map<String, Value>>);

/// An address in a command.
#[derive(Clone, Debug)]
pub struct Address(pub Email);

/// A display name in a command.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct DisplayName(pub String);

/// The maximum number of accounts on a page.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct Limit(pub u32);

/// The reason why an event is not a command. The message names the member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CommandError(String);

impl Event {
    /// A command about one account.
    #[must_use]
    pub fn about(account: AccountName, command: Command) -> Self {
        Self { command, account: Some(account), dry_run: false }
    }

    /// A command about no account, or about all.
    #[must_use]
    pub fn about_none(command: Command) -> Self {
        Self { command, account: None, dry_run: false }
    }

    /// Reads an event.
    ///
    /// # Errors
    /// Returns [`CommandError`] for a member that is missing, unknown or malformed.
    pub fn read(event: &Value) -> Result<Self, CommandError> {
        let Value::Object(members) = event else { return Err(wrong("the event must be a JSON object")) };
        let mut members = members.clone();
        let account = account(&mut members)?;
        let dry_run = taken(&mut members, "dry_run")?.unwrap_or(false);
        let name: String = taken(&mut members, "command")?.ok_or_else(|| wrong("command is missing"))?;
        let tagged = Value::Object(Map::from_iter([(name.clone(), Value::Object(members))]));
        let command: Command = serde_path_to_error::deserialize(tagged).map_err(|error| {
            // The first part of the path is the command itself.
            let path = error.path().to_string();
            let member = path.strip_prefix(&name).unwrap_or(&path).trim_start_matches('.').to_owned();
            let error = error.into_inner();
            match member.as_str() {
                "" | "?" => CommandError(format!("{name}: {error}")),
                member => CommandError(format!("{member}: {error}")),
            }
        })?;
        match (command.is_about_one(), &account) {
            (true, None) => Err(CommandError(format!("{name} needs email or user_id"))),
            (false, Some(_)) => Err(CommandError(format!("{name} takes neither email nor user_id"))),
            (true, Some(AccountName::User(_))) if matches!(command, Command::CreateUser { .. }) => {
                Err(wrong("create-user needs email: the user's id is drawn"))
            }
            (true, Some(_)) | (false, None) => Ok(Self { command, account, dry_run }),
        }
    }

    /// Returns the event as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut event = Map::from_iter([("command".to_owned(), self.command.name().into())]);
        match &self.account {
            Some(AccountName::Email(email)) => _ = event.insert("email".to_owned(), email.as_str().into()),
            Some(AccountName::User(user_id)) => {
                _ = event.insert("user_id".to_owned(), user_id.to_string().into());
            }
            None => {}
        }
        if self.dry_run {
            event.insert("dry_run".to_owned(), true.into());
        }
        event.extend(self.command.tagged().map(|(_, members)| members).unwrap_or_default());
        Value::Object(event)
    }
}

impl Command {
    /// Returns its name in events.
    #[must_use]
    pub fn name(&self) -> String {
        self.tagged().map(|(name, _)| name).unwrap_or_default()
    }

    /// A command as serde tags it: its name, and its members.
    fn tagged(&self) -> Option<(String, Map<String, Value>)> {
        let Ok(Value::Object(tagged)) = serde_json::to_value(self) else { return None };
        let (name, members) = tagged.into_iter().next()?;
        Some((name, members.as_object().cloned().unwrap_or_default()))
    }

    /// Returns whether it is about one account.
    fn is_about_one(&self) -> bool {
        !matches!(
            self,
            Self::ListUsers { .. }
                | Self::EndAllSessions { .. }
                | Self::ExportUsers { .. }
                | Self::ImportUsers { .. }
        )
    }
}

fn account(members: &mut Map<String, Value>) -> Result<Option<AccountName>, CommandError> {
    let email: Option<Address> = taken(members, "email")?;
    let user_id: Option<String> = taken(members, "user_id")?;
    match (email, user_id) {
        (Some(_), Some(_)) => Err(wrong("email and user_id name one account: send one of them")),
        (Some(Address(email)), None) => Ok(Some(AccountName::Email(email))),
        (None, Some(text)) => {
            let user_id: UserId = text.parse().map_err(|_| wrong("user_id: must be the id of a user"))?;
            Ok(Some(AccountName::User(user_id)))
        }
        (None, None) => Ok(None),
    }
}

/// Takes a member that all commands share.
fn taken<T: for<'de> Deserialize<'de>>(
    members: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, CommandError> {
    let read = members.remove(name).map(serde_json::from_value).transpose();
    read.map_err(|error| CommandError(format!("{name}: {error}")))
}

fn wrong(text: &str) -> CommandError {
    CommandError(text.to_owned())
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Email::parse(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DisplayName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        name::check(&text).map_err(serde::de::Error::custom)?;
        Ok(Self(text))
    }
}

impl Limit {
    /// A limit that leaves room within Lambda's maximum for an answer.
    const MOST: u32 = 1000;
}

impl Lines {
    /// Lambda's maximum for an event.
    pub const MOST: usize = 100;
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lines = Vec::deserialize(deserializer)?;
        if (1..=Self::MOST).contains(&lines.len()) {
            Ok(Self(lines))
        } else {
            Err(serde::de::Error::custom(format!("must be 1 to {} objects", Self::MOST)))
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        if (1..=Self::MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(serde::de::Error::custom(format!("must be from 1 to {}", Self::MOST)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(event: &Value) -> String {
        Event::read(event).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_command_round_trips_through_its_event() {
        for event in [
            json!({ "command": "add-role", "email": "ada@example.com", "role": "admin" }),
            json!({ "command": "set-email", "user_id": "01010101-0101-0101-0101-010101010101",
                    "new_email": "king@example.com", "email_verified": true, "dry_run": true }),
            json!({ "command": "disable-user", "email": "ada@example.com" }),
            json!({ "command": "end-all-sessions", "limit": 5, "after": "ada@example.com" }),
            json!({ "command": "export-users", "hashes": false }),
            json!({ "command": "import-users", "lines": [{ "email": "ada@example.com" }, {}] }),
        ] {
            assert_eq!(Event::read(&event).unwrap().to_json(), event);
        }
    }

    #[test]
    fn an_event_that_is_no_command_is_told_which_member_is_wrong() {
        let ada = "ada@example.com";
        for (event, expected) in [
            (json!([]), "the event must be a JSON object"),
            (json!({}), "command is missing"),
            (json!({ "command": 5 }), "command: invalid type: integer `5`, expected a string"),
            (json!({ "command": "add-role", "email": ada }), "add-role: missing field `role`"),
            (json!({ "command": "add-role", "role": "admin" }), "add-role needs email or user_id"),
            (
                json!({ "command": "add-role", "email": ada, "role": "a b" }),
                "role: must be 1 to 64 characters of visible ASCII but no \" * , \\",
            ),
            (
                json!({ "command": "set-roles", "email": ada, "roles": ["a", 5] }),
                "roles[1]: invalid type: integer `5`, expected a string",
            ),
            (
                json!({ "command": "set-claims", "email": ada, "claims": { "sub": "x" } }),
                "claims: must not have \"sub\": the name is reserved",
            ),
            (json!({ "command": "set-name", "email": ada, "name": " " }), "name: must not be empty"),
            (json!({ "command": "show-user", "email": "ada" }), "email: must have the form name@domain"),
            (json!({ "command": "show-user", "user_id": "ada" }), "user_id: must be the id of a user"),
            (
                json!({ "command": "show-user", "email": ada, "user_id": "x" }),
                "email and user_id name one account: send one of them",
            ),
            (json!({ "command": "list-users", "email": ada }), "list-users takes neither email nor user_id"),
            (json!({ "command": "list-users", "limit": 0 }), "limit: must be from 1 to 1000"),
            (json!({ "command": "import-users", "lines": [] }), "lines: must be 1 to 100 objects"),
            (
                json!({ "command": "import-users", "lines": vec![json!({}); 101] }),
                "lines: must be 1 to 100 objects",
            ),
            (
                json!({ "command": "show-user", "email": ada, "dry_run": 1 }),
                "dry_run: invalid type: integer `1`, expected a boolean",
            ),
        ] {
            assert_eq!(error(&event), expected, "{event}");
        }
        let unknown = error(&json!({ "command": "show-user", "email": ada, "rolle": "x" }));
        assert!(unknown.contains("unknown field `rolle`"), "{unknown}");
        let unknown = error(&json!({ "command": "grant", "email": ada }));
        assert!(unknown.contains("unknown variant `grant`") && unknown.contains("`add-role`"), "{unknown}");
    }
}
