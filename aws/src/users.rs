//! The table of users: one row per account (partition key `email`, normalised).

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem, Update};
use shared::Timestamp;
use shared::email::Email;
use shared::ids::UserId;
use shared::session::Profile;

use crate::TableError;
use crate::attributes::{Item, Row, millis, number, text, texts};

/// The table of users.
#[derive(Clone, Debug)]
pub struct Users {
    client: Client,
    table: String,
}

/// An account. It has no `Debug`, since it carries the password's hash.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The account's name.
    pub email: Email,
    /// The `sub` of its tokens.
    pub user_id: UserId,
    /// What the user wants to be called.
    pub name: String,
    /// A PHC string.
    pub password_hash: String,
    /// Roles, for the claim of that name.
    pub roles: Vec<String>,
    /// Bumped by a change of password, role or name: a sign-in that read an older one is not completed.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl User {
    /// The same account of the next version: as it is after a change.
    #[must_use]
    pub fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// What tokens say about the user.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile {
            email: self.email.as_str().to_owned(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            account_version: Some(self.version),
        }
    }
}

impl Users {
    /// The table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The account of this address, read consistently: a sign-in with a password that was just changed must see it.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer or the row is not of our form.
    pub async fn get(&self, email: &Email) -> Result<Option<User>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = read.key("email", text(email.as_str())).send().await?;
        answer.item().map(user).transpose()
    }

    /// The part of a transaction that creates an account, if its address is free.
    pub(crate) fn creation(&self, user: &User) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(user)))
            .condition_expression("attribute_not_exists(email)")
            .build()
            .map_err(|error| TableError::Request(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that fails if the account has changed since it was read.
    pub(crate) fn unchanged(&self, user: &User) -> Result<TransactWriteItem, TableError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("email", text(user.email.as_str()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(user.version))
            .build()
            .map_err(|error| TableError::Request(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// The part of a transaction that sets a new password and with it the next version, if the account has not changed since
    /// it was read.
    pub(crate) fn with_new_password(&self, user: &User, hash: &str) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.table)
            .key("email", text(user.email.as_str()))
            .condition_expression("version = :version")
            .update_expression("SET password_hash = :hash, version = :next")
            .expression_attribute_values(":version", number(user.version))
            .expression_attribute_values(":hash", text(hash))
            .expression_attribute_values(":next", number(user.changed().version))
            .build()
            .map_err(|error| TableError::Request(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The same as [`Users::unchanged`], and stores a hash of the same password at the present cost. The version stays:
    /// nothing that a sign-in relies on has changed.
    pub(crate) fn rehashed(&self, user: &User, hash: &str) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.table)
            .key("email", text(user.email.as_str()))
            .condition_expression("version = :version")
            .update_expression("SET password_hash = :hash")
            .expression_attribute_values(":version", number(user.version))
            .expression_attribute_values(":hash", text(hash))
            .build()
            .map_err(|error| TableError::Request(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn item(user: &User) -> Item {
    [
        ("email", text(user.email.as_str())),
        ("user_id", text(user.user_id)),
        ("name", text(&user.name)),
        ("password_hash", text(&user.password_hash)),
        ("roles", texts(&user.roles)),
        ("version", number(user.version)),
        ("created_at", millis(user.created_at)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn user(item: &Item) -> Result<User, TableError> {
    let row = Row(item);
    Ok(User {
        email: Email::from_table(row.text("email")?),
        user_id: row.parsed("user_id")?,
        name: row.text("name")?,
        password_hash: row.text("password_hash")?,
        roles: row.texts("roles")?,
        version: row.number("version")?,
        created_at: row.millis("created_at")?,
    })
}
