//! The table of passkeys: one row per passkey (partition key `user_id`, sort key `credential_id`).
//!
//! `public_key` is public; the private half never leaves the user's authenticator. Times are in milliseconds.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use shared::Timestamp;
use shared::ids::UserId;
use shared::passkey::{CredentialId, Passkey, PasskeyUse};

use crate::TableError;
use crate::attributes::{Item, Row, millis, number, text};

/// The table of passkeys.
#[derive(Clone, Debug)]
pub struct Passkeys {
    client: Client,
    table: String,
}

impl Passkeys {
    /// The table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads one, consistently: one that was just removed must not sign in.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer or the row is not of our form.
    pub async fn get(
        &self,
        user_id: UserId,
        credential_id: &CredentialId,
    ) -> Result<Option<Passkey>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let read = read.key("user_id", text(user_id)).key("credential_id", text(credential_id));
        read.send().await?.item().map(passkey).transpose()
    }

    /// Reads all of one user, consistently, in no order. There are at most [`shared::passkey::MAX_PASSKEYS`], far below a
    /// megabyte, so they come on one page.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer or a row is not of our form.
    pub async fn of_user(&self, user_id: UserId) -> Result<Vec<Passkey>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("user_id = :user_id")
            .expression_attribute_values(":user_id", text(user_id));
        query.send().await?.items().iter().map(passkey).collect()
    }

    /// Gives one another name. Returns it as it is then; none if there is none.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. It may then have the name or not.
    pub async fn rename(
        &self,
        user_id: UserId,
        credential_id: &CredentialId,
        name: &str,
    ) -> Result<Option<Passkey>, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("user_id", text(user_id))
            .key("credential_id", text(credential_id))
            .condition_expression("attribute_exists(credential_id)")
            // DynamoDB reserves the word.
            .update_expression("SET #name = :name")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":name", text(name))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => answer.attributes().map(passkey).transpose(),
            Err(error) => {
                let is_gone = error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception);
                if is_gone { Ok(None) } else { Err(error.into()) }
            }
        }
    }

    /// The part of a transaction that adds one, and fails if its id is there already.
    pub(crate) fn putting(&self, passkey: &Passkey) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(passkey)))
            .condition_expression("attribute_not_exists(credential_id)")
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that removes one, if it is there.
    pub(crate) fn deleting(
        &self,
        user_id: UserId,
        credential_id: &CredentialId,
    ) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("user_id", text(user_id))
            .key("credential_id", text(credential_id))
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// The part of a transaction that writes what a sign-in has told of one. It fails if the passkey is gone, or has signed in
    /// since with a count that is as high: of two copies of one authenticator, the slower one fails.
    pub(crate) fn using(
        &self,
        passkey: &Passkey,
        used: PasskeyUse,
        now: Timestamp,
    ) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.table)
            .key("user_id", text(passkey.user_id))
            .key("credential_id", text(&passkey.credential_id))
            .condition_expression("sign_count < :sign_count OR (sign_count = :none AND :sign_count = :none)")
            .update_expression("SET sign_count = :sign_count, backed_up = :backed_up, last_used_at = :now")
            .expression_attribute_values(":sign_count", number(used.sign_count))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":backed_up", AttributeValue::Bool(used.is_backed_up))
            .expression_attribute_values(":now", millis(now))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn bytes(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn item(passkey: &Passkey) -> Item {
    let transports = AttributeValue::L(passkey.transports.iter().map(text).collect());
    let last_used_at = passkey.last_used_at.map(|at| ("last_used_at", millis(at)));
    [
        ("user_id", text(passkey.user_id)),
        ("credential_id", text(&passkey.credential_id)),
        ("public_key", bytes(&passkey.public_key)),
        ("sign_count", number(passkey.sign_count)),
        ("backup_eligible", AttributeValue::Bool(passkey.is_backup_eligible)),
        ("backed_up", AttributeValue::Bool(passkey.is_backed_up)),
        ("aaguid", bytes(&passkey.aaguid)),
        ("transports", transports),
        ("rp_id", text(&passkey.rp_id)),
        ("name", text(&passkey.name)),
        ("created_at", millis(passkey.created_at)),
    ]
    .into_iter()
    .chain(last_used_at)
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn passkey(item: &Item) -> Result<Passkey, TableError> {
    let row = Row(item);
    let aaguid = row.bytes("aaguid")?.try_into().map_err(|_| TableError::Row("aaguid"))?;
    let transport = |value: &AttributeValue| value.as_s().cloned().map_err(|_| TableError::Row("transports"));
    Ok(Passkey {
        user_id: row.parsed("user_id")?,
        credential_id: row.parsed("credential_id")?,
        public_key: row.bytes("public_key")?,
        sign_count: row.number("sign_count")?,
        is_backup_eligible: row.flag("backup_eligible")?,
        is_backed_up: row.flag("backed_up")?,
        aaguid,
        transports: row.list("transports")?.iter().map(transport).collect::<Result<_, _>>()?,
        rp_id: row.text("rp_id")?,
        name: row.text("name")?,
        created_at: row.millis("created_at")?,
        last_used_at: row.optional_millis("last_used_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_passkey() -> Passkey {
        Passkey {
            user_id: UserId::from_bytes([1; 16]),
            credential_id: CredentialId::new(vec![2; 20]).unwrap(),
            public_key: vec![3; 77],
            sign_count: 4,
            is_backup_eligible: true,
            is_backed_up: true,
            aaguid: [5; 16],
            transports: vec!["internal".to_owned(), "hybrid".to_owned()],
            rp_id: "example.com".to_owned(),
            name: "Ada's phone".to_owned(),
            created_at: Timestamp::from_millis(6),
            last_used_at: Some(Timestamp::from_millis(7)),
        }
    }

    #[test]
    fn a_passkey_round_trips_through_its_row() {
        let least = Passkey { last_used_at: None, transports: Vec::new(), ..a_passkey() };
        for expected in [a_passkey(), least] {
            let row = item(&expected);
            assert!(!row.contains_key("expires_at"), "DynamoDB would delete it");
            assert_eq!(passkey(&row), Ok(expected));
        }
    }

    #[test]
    fn a_row_of_another_form_is_an_error_that_names_the_attribute() {
        for name in [
            "user_id",
            "credential_id",
            "public_key",
            "sign_count",
            "backed_up",
            "aaguid",
            "transports",
            "rp_id",
            "name",
            "created_at",
            "last_used_at",
        ] {
            let mut broken = item(&a_passkey());
            broken.insert(name.to_owned(), AttributeValue::Null(true));
            assert_eq!(passkey(&broken), Err(TableError::Row(name)), "{name}");
        }
    }
}
