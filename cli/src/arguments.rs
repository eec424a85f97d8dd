//! The command line.

use std::path::PathBuf;

use admin::command::{Address, Command, DisplayName, Event};
use clap::{ArgGroup, Args, Parser, Subcommand};
use clap_complete::Shell;
use shared::custom_claims::CustomClaims;
use shared::email::Email;
use shared::flow::operation::AccountName;
use shared::name;
use shared::role::Role;

/// Creates, shows and changes accounts
///
/// Works on the stack that --stack or --function names, or with --endpoint-url on the tables of `cargo run`. Each of these options can be
/// a variable instead, such as RATCHET_STACK; variables count only if there is none of these options.
#[derive(Debug, Parser)]
#[command(name = "ratchet", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) topic: Topic,
}

/// The target of commands.
#[derive(Debug, Args)]
pub(crate) struct TargetOptions {
    /// Name of the stack whose function is invoked, as `aws cloudformation` finds it [env: RATCHET_STACK]
    #[arg(long, global = true, conflicts_with_all = ["function", "endpoint_url"])]
    pub(crate) stack: Option<String>,
    /// Name or ARN of the function to invoke: the output AdminFunctionName of the stack [env: RATCHET_FUNCTION]
    #[arg(long, global = true, conflicts_with = "endpoint_url")]
    pub(crate) function: Option<String>,
    /// The DynamoDB of `cargo run`, such as http://127.0.0.1:8000: the command runs here, on its tables [env:
    /// RATCHET_ENDPOINT_URL]
    #[arg(long, global = true, value_parser = endpoint)]
    pub(crate) endpoint_url: Option<String>,
    /// Data directory of the running `cargo run`: its keys and its address, for invitations and reset links
    #[arg(long, global = true, default_value = ".ratchet", value_name = "DIRECTORY")]
    pub(crate) data_dir: PathBuf,
    /// Profile of the AWS CLI, for credentials and region
    #[arg(long, global = true, env = "AWS_PROFILE")]
    pub(crate) profile: Option<String>,
    /// Region of the stack
    #[arg(long, global = true, env = "AWS_REGION")]
    pub(crate) region: Option<String>,
}

/// The output of answers.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// Print the function's answers as JSON, one per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Report the changes without making them
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Topic {
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// The sessions of a user
    #[command(after_help = "Example:\n  ratchet sessions ada@example.com")]
    Sessions {
        #[command(flatten)]
        user: User,
    },
    /// Print all accounts as JSON Lines
    #[command(
        after_help = "Examples:\n  ratchet export > users.jsonl\n  ratchet export --with-hashes > users.jsonl"
    )]
    Export {
        /// Include password hashes and the secrets of authenticator apps: a reader of them can guess passwords and make codes
        #[arg(long)]
        with_hashes: bool,
    },
    /// Create accounts from a file, with their passwords and authenticator apps from another system
    #[command(
        after_help = "Examples:\n  ratchet import users.jsonl --dry-run\n  ratchet import users.jsonl\n  \
                            ratchet import users.jsonl --resume"
    )]
    Import(ImportOptions),
    /// Print shell completions
    #[command(after_help = "Example:\n  ratchet completions bash > /etc/bash_completion.d/ratchet")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create an account without a password
    #[command(after_help = "Examples:\n  ratchet user create ada@example.com --invite\n  \
                            ratchet user create ada@example.com --name 'Ada Lovelace' --role editor --role admin")]
    Create {
        /// The address
        #[arg(value_parser = address)]
        email: Address,
        /// The display name; the default is the part of the address before the @
        #[arg(long, value_parser = display_name)]
        name: Option<DisplayName>,
        /// A role; may be repeated
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
        /// Custom claims, a JSON object
        #[arg(long, value_parser = claims, value_name = "JSON")]
        claims: Option<CustomClaims>,
        /// Count the address as verified
        #[arg(long)]
        email_verified: bool,
        /// Mail a link that sets a password and works for 7 days
        #[arg(long)]
        invite: bool,
    },
    /// Show an account
    #[command(after_help = "Example:\n  ratchet user show ada@example.com")]
    Show {
        #[command(flatten)]
        user: User,
    },
    /// List all accounts
    #[command(after_help = "Example:\n  ratchet user list --json")]
    List,
    /// End all sessions, and refuse sign-ins and codes from now on
    #[command(after_help = "Example:\n  ratchet user disable ada@example.com")]
    Disable {
        #[command(flatten)]
        user: User,
    },
    /// Let a disabled user sign in again
    #[command(after_help = "Example:\n  ratchet user enable ada@example.com")]
    Enable {
        #[command(flatten)]
        user: User,
    },
    /// Remove all second factors and passkeys, and end all sessions; find out first who is asking
    #[command(after_help = "Example:\n  ratchet user remove-factors ada@example.com")]
    RemoveFactors {
        #[command(flatten)]
        user: User,
    },
    /// Delete an account and its sessions
    #[command(after_help = "Example:\n  ratchet user delete ada@example.com --dry-run")]
    Delete {
        #[command(flatten)]
        user: User,
    },
    /// Replace all roles; without roles, remove all
    #[command(after_help = "Examples:\n  ratchet user set-roles ada@example.com editor admin\n  \
                            ratchet user set-roles ada@example.com")]
    SetRoles {
        #[command(flatten)]
        user: User,
        /// The roles
        roles: Vec<Role>,
    },
    /// Add a role
    #[command(after_help = "Example:\n  ratchet user add-role ada@example.com admin")]
    AddRole {
        #[command(flatten)]
        user: User,
        /// The role
        role: Role,
    },
    /// Remove a role
    #[command(after_help = "Example:\n  ratchet user remove-role ada@example.com admin")]
    RemoveRole {
        #[command(flatten)]
        user: User,
        /// The role
        role: Role,
    },
    /// Replace all custom claims
    #[command(after_help = "Example:\n  ratchet user set-claims ada@example.com '{\"plan\":\"pro\"}'")]
    SetClaims {
        #[command(flatten)]
        user: User,
        /// A JSON object of at most 400 bytes
        #[arg(value_parser = claims, value_name = "JSON")]
        claims: CustomClaims,
    },
    /// Replace the display name
    #[command(after_help = "Example:\n  ratchet user set-name ada@example.com 'Ada King'")]
    SetName {
        #[command(flatten)]
        user: User,
        /// The name
        #[arg(value_parser = display_name)]
        name: DisplayName,
    },
    /// Move an account to another address, and end its sessions
    #[command(
        after_help = "Example:\n  ratchet user set-email ada@example.com ada@example.org --email-verified"
    )]
    SetEmail {
        #[command(flatten)]
        user: User,
        /// The address
        #[arg(value_parser = address)]
        new_email: Address,
        /// Count the new address as verified
        #[arg(long)]
        email_verified: bool,
    },
    /// End the sessions of a user, or of all users
    #[command(group = ArgGroup::new("whose").required(true).args(["user", "all_users"]),
              after_help = "Examples:\n  ratchet user end-sessions ada@example.com\n  \
                            ratchet user end-sessions --all-users")]
    EndSessions {
        /// Address or id of the user
        #[arg(value_parser = account)]
        user: Option<AccountName>,
        /// Of all users
        #[arg(long)]
        all_users: bool,
    },
    /// Print a link that sets a password and works for 30 minutes; it is a secret
    #[command(after_help = "Example:\n  ratchet user reset-link ada@example.com")]
    ResetLink {
        #[command(flatten)]
        user: User,
    },
}

/// The import of a file, with its options.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The file: JSON Lines, or CSV
    pub(crate) file: PathBuf,
    /// Resume the last import of this file, whose state is in FILE.import-state
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) resume: bool,
    /// Start at this line instead of the first one
    #[arg(long, value_name = "NUMBER", conflicts_with = "resume")]
    pub(crate) from_line: Option<u64>,
    /// Format of the file; the default is csv if its name ends so, and jsonl otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Number of batches of 50 accounts that are sent concurrently
    #[arg(long, default_value_t = 4, value_name = "BATCHES", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) parallel: u8,
}

/// The format of a file of accounts.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Format {
    /// JSON Lines
    Jsonl,
    /// CSV
    Csv,
}

/// The account of a command.
#[derive(Debug, Args)]
pub(crate) struct User {
    /// Address or id of the user
    #[arg(value_parser = account)]
    pub(crate) user: AccountName,
}

/// The parsed command line.
pub(crate) enum Asked {
    /// One event.
    One(Event),
    /// The same event page by page, and the noun for what it counts.
    Pages(Command),
    /// An import.
    Import(ImportOptions),
    /// The completions of a shell.
    Completions(Shell),
}

impl Topic {
    pub(crate) fn asked(self) -> Asked {
        let about = |User { user }: User, command| Asked::One(Event::about(user, command));
        match self {
            Self::Completions { shell } => Asked::Completions(shell),
            Self::Import(options) => Asked::Import(options),
            Self::Sessions { user } => about(user, Command::ListSessions {}),
            Self::Export { with_hashes: hashes } => {
                Asked::Pages(Command::ExportUsers { limit: None, after: None, hashes })
            }
            Self::User(command) => match command {
                UserCommand::Create { email, name, roles, claims, email_verified, invite } => {
                    let claims = claims.unwrap_or_default();
                    let command = Command::CreateUser { name, roles, claims, email_verified, invite };
                    Asked::One(Event::about(AccountName::Email(email.0), command))
                }
                UserCommand::Show { user } => about(user, Command::ShowUser {}),
                UserCommand::List => Asked::Pages(Command::ListUsers { limit: None, after: None }),
                UserCommand::Disable { user } => about(user, Command::DisableUser {}),
                UserCommand::Enable { user } => about(user, Command::EnableUser {}),
                UserCommand::RemoveFactors { user } => about(user, Command::RemoveFactors {}),
                UserCommand::Delete { user } => about(user, Command::DeleteUser {}),
                UserCommand::SetRoles { user, roles } => about(user, Command::SetRoles { roles }),
                UserCommand::AddRole { user, role } => about(user, Command::AddRole { role }),
                UserCommand::RemoveRole { user, role } => about(user, Command::RemoveRole { role }),
                UserCommand::SetClaims { user, claims } => about(user, Command::SetClaims { claims }),
                UserCommand::SetName { user, name } => about(user, Command::SetName { name }),
                UserCommand::SetEmail { user, new_email, email_verified } => {
                    about(user, Command::SetEmail { new_email, email_verified })
                }
                UserCommand::EndSessions { user: Some(user), .. } => {
                    about(User { user }, Command::EndSessions {})
                }
                UserCommand::EndSessions { user: None, .. } => {
                    Asked::Pages(Command::EndAllSessions { limit: None, after: None })
                }
                UserCommand::ResetLink { user } => about(user, Command::ResetLink {}),
            },
        }
    }
}

/// Reads a URL as the setting `DYNAMODB_ENDPOINT` is read.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    let given = |_: &str| Some(text.to_owned());
    let read = shared::config::dynamodb_endpoint(&given).ok().flatten();
    read.ok_or_else(|| "must be a URL such as http://127.0.0.1:8000".to_owned())
}

fn address(text: &str) -> Result<Address, String> {
    Email::parse(text).map(Address).map_err(|error| error.to_string())
}

/// Reads an address, which contains an `@`, or else a user's id.
fn account(text: &str) -> Result<AccountName, String> {
    if text.contains('@') {
        return address(text).map(|Address(email)| AccountName::Email(email));
    }
    text.parse().map(AccountName::User).map_err(|_| "must be an address or the id of a user".to_owned())
}

fn display_name(text: &str) -> Result<DisplayName, String> {
    name::check(text).map(|()| DisplayName(text.to_owned())).map_err(|error| error.to_string())
}

fn claims(text: &str) -> Result<CustomClaims, String> {
    let value = serde_json::from_str(text).map_err(|error| format!("must be JSON: {error}"))?;
    CustomClaims::new(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Returns the event of a command line.
    fn event(line: &str) -> String {
        let line = ["ratchet", "--function", "f"].into_iter().chain(line.split(' '));
        match Arguments::try_parse_from(line).unwrap().topic.asked() {
            Asked::One(event) => event.to_json().to_string(),
            Asked::Pages(command) => Event::about_none(command).to_json().to_string(),
            Asked::Completions(shell) => shell.to_string(),
            Asked::Import(options) => options.file.display().to_string(),
        }
    }

    #[test]
    fn the_command_line_is_well_formed_and_each_command_has_an_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        let mut left: Vec<_> = command.get_subcommands().cloned().collect();
        while let Some(command) = left.pop() {
            let (name, nested) = (command.get_name().to_owned(), command.get_subcommands().count());
            if nested == 0 && name != "help" {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("  ratchet ") && help.contains(&name), "{name} has no example");
            } else if name != "help" {
                left.extend(command.get_subcommands().cloned());
            }
        }
    }

    #[test]
    fn a_command_line_becomes_the_event_of_its_command() {
        for (line, expected) in [
            (
                "user add-role Ada@Example.com admin",
                r#"{"command":"add-role","email":"ada@example.com","role":"admin"}"#,
            ),
            ("user list", r#"{"command":"list-users"}"#),
            ("user end-sessions --all-users", r#"{"command":"end-all-sessions"}"#),
            ("export --with-hashes", r#"{"command":"export-users","hashes":true}"#),
            (
                r#"user set-claims ada@example.com {"plan":"pro"}"#,
                r#"{"claims":{"plan":"pro"},"command":"set-claims","email":"ada@example.com"}"#,
            ),
            (
                "user show 01010101-0101-0101-0101-010101010101",
                r#"{"command":"show-user","user_id":"01010101-0101-0101-0101-010101010101"}"#,
            ),
        ] {
            // Compared as values: the order of members depends on features of other crates in the build.
            let [event, expected] =
                [event(line).as_str(), expected].map(serde_json::from_str::<serde_json::Value>);
            assert_eq!(event.unwrap(), expected.unwrap(), "{line}");
        }
    }

    #[test]
    fn a_usage_error_has_exit_code_2_and_names_the_argument() {
        for (line, expected) in [
            ("user add-role ada@example.com a,b", "'a,b'"),
            ("user add-role ada admin", "must be an address or the id of a user"),
            (r#"user set-claims ada@example.com {"sub":"x"}"#, "the name is reserved"),
            ("user end-sessions", "<USER|--all-users>"),
            ("user grant ada@example.com", "unrecognized subcommand"),
        ] {
            let line = ["ratchet"].into_iter().chain(line.split(' '));
            let error = Arguments::try_parse_from(line).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let text = error.to_string();
            assert!(text.contains(expected), "{text}");
        }
    }
}
