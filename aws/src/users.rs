//! The table of users: one row per account (partition key `email`, normalised).

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use shared::account::Account;
use shared::email::Email;

use crate::TableError;
use crate::attributes::{Item, Row, millis, number, roles, text};

/// The table of users.
#[derive(Clone, Debug)]
pub struct Users {
    client: Client,
    table: String,
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
    pub async fn get(&self, email: &Email) -> Result<Option<Account>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = read.key("email", text(email.as_str())).send().await?;
        answer.item().map(user).transpose()
    }

    /// The part of a transaction that creates an account, if its address is free.
    pub(crate) fn creation(&self, user: &Account) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(user)))
            .condition_expression("attribute_not_exists(email)")
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that fails if the account has changed since it was read.
    pub(crate) fn unchanged(&self, user: &Account) -> Result<TransactWriteItem, TableError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("email", text(user.email.as_str()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(user.version))
            .build()?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// The part of a transaction that changes an account, if it has not changed since it was read. It writes what differs
    /// and nothing else.
    pub(crate) fn changed(&self, read: &Account, changed: &Account) -> Result<TransactWriteItem, TableError> {
        let mut update = self
            .update(read)
            .expression_attribute_values(":next", number(changed.version))
            .expression_attribute_values(":ended", number(changed.ended_version));
        let mut set = "SET version = :next, ended_version = :ended".to_owned();
        let attributes = [
            ("password_hash", changed.password_hash != read.password_hash, text(&changed.password_hash)),
            ("name", changed.name != read.name, text(&changed.name)),
            ("roles", changed.roles != read.roles, roles(&changed.roles)),
        ];
        if let Some(verified_at) = changed.email_verified_at.filter(|_| read.email_verified_at.is_none()) {
            set += ", email_verified_at = :verified_at";
            update = update.expression_attribute_values(":verified_at", millis(verified_at));
        }
        for (name, _, value) in attributes.into_iter().filter(|(_, differs, _)| *differs) {
            // DynamoDB reserves some of the names.
            set += &format!(", #{name} = :{name}");
            update = update.expression_attribute_names(format!("#{name}"), name);
            update = update.expression_attribute_values(format!(":{name}"), value);
        }
        Ok(TransactWriteItem::builder().update(update.update_expression(set).build()?).build())
    }

    /// The same as [`Users::unchanged`], and stores a hash of the same password at the present cost. The version stays:
    /// nothing that a sign-in relies on has changed.
    pub(crate) fn rehashed(&self, read: &Account, hash: &str) -> Result<TransactWriteItem, TableError> {
        let update = self
            .update(read)
            .update_expression("SET password_hash = :hash")
            .expression_attribute_values(":hash", text(hash))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The part of a transaction that deletes an account, if it has not changed since it was read.
    pub(crate) fn deletion(&self, read: &Account) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("email", text(read.email.as_str()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(read.version))
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// An update of an account, if it has not changed since it was read.
    fn update(&self, read: &Account) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("email", text(read.email.as_str()))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(read.version))
    }
}

fn item(user: &Account) -> Item {
    [
        ("email", text(user.email.as_str())),
        ("user_id", text(user.user_id)),
        ("name", text(&user.name)),
        ("password_hash", text(&user.password_hash)),
        ("roles", roles(&user.roles)),
        ("version", number(user.version)),
        ("created_at", millis(user.created_at)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .chain(user.email_verified_at.map(|at| ("email_verified_at".to_owned(), millis(at))))
    .collect()
}

fn user(item: &Item) -> Result<Account, TableError> {
    let row = Row(item);
    let version = row.number("version")?;
    Ok(Account {
        email: Email::from_table(row.text("email")?),
        user_id: row.parsed("user_id")?,
        name: row.text("name")?,
        password_hash: row.text("password_hash")?,
        roles: row.roles(),
        version,
        // Absent until a change writes it: then every session of an older version must end.
        ended_version: row.optional_number("ended_version")?.unwrap_or(version),
        created_at: row.millis("created_at")?,
        email_verified_at: row.optional_millis("email_verified_at")?,
    })
}
