//! The table of codes: one row per mail that is asked for (partition key `code_id`). Its stream has the mails sent. Challenges of
//! passkeys, which last as briefly, are rows of it too; the stream's reader leaves them out.
//!
//! No row contains a code. `expires_at` is the TTL attribute, in epoch seconds; `created_at` is in milliseconds.

mod challenge;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use shared::code::{Code, CodeId, OfAccount, Pending};
use shared::email::Email;
use shared::ids::AttemptId;
use shared::passkey::{Challenge, ChallengeKind};
use shared::refresh_token::RefreshKeyId;

use crate::TableError;
use crate::attributes::{Item, Row, millis, nonce, number, seconds, text};
use challenge::TAKEN_BY;

/// The table of codes.
#[derive(Clone, Debug)]
pub struct Codes {
    client: Client,
    table: String,
}

impl Codes {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Reads a row, consistently: a code that was just used must not work again. A challenge is no code.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer or the row is malformed.
    pub async fn get(&self, code_id: CodeId) -> Result<Option<Code>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = read.key("code_id", text(code_id)).send().await?;
        answer.item().filter(|item| !challenge::is_one(item)).map(code).transpose()
    }

    /// Puts a challenge. Nothing is mailed.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer; the challenge may then be there or not.
    pub async fn put_challenge(&self, challenge: &Challenge) -> Result<(), TableError> {
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(challenge::item(challenge))).send().await?;
        Ok(())
    }

    /// Takes a challenge of this kind, and returns it. None if there is none, or it has been taken: of any number at once, one
    /// gets it. The row stays until it expires. It names the request that took it by the fresh id `by`, so that a write which
    /// DynamoDB has done already, before its answer was lost and the SDK sent it again, is recognised.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer, or the row is not of our form. The challenge may then be taken.
    pub async fn take_challenge(
        &self,
        code_id: CodeId,
        kind: ChallengeKind,
        by: AttemptId,
    ) -> Result<Option<Challenge>, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("code_id", text(code_id))
            .condition_expression(format!("purpose = :purpose AND attribute_not_exists({TAKEN_BY})"))
            .update_expression(format!("SET {TAKEN_BY} = :by"))
            .expression_attribute_values(":purpose", text(kind.name()))
            .expression_attribute_values(":by", challenge::taken_by(by))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(answer) => answer.attributes().map(|item| challenge::read(item, kind)).transpose(),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let own =
                        failed.item().filter(|item| item.get(TAKEN_BY) == Some(&challenge::taken_by(by)));
                    own.map(|item| challenge::read(item, kind)).transpose()
                }
                Some(_) | None => Err(error.into()),
            },
        }
    }

    /// Writes a row, which triggers its mail. Its key is new; the SDK's own resend writes the same row again.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer; the mail may then be sent or not.
    pub async fn put(&self, code: &Code) -> Result<(), TableError> {
        self.client.put_item().table_name(&self.table).set_item(Some(item(code))).send().await?;
        Ok(())
    }

    /// Returns the part of a transaction that writes a row.
    pub(crate) fn putting(&self, code: &Code) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item(code))).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Returns the part of a transaction that uses a code up, and fails if it is used already.
    pub(crate) fn using(&self, code_id: CodeId) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("code_id", text(code_id))
            .condition_expression("attribute_exists(code_id)")
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn item(code: &Code) -> Item {
    let pending = code.pending.as_ref().map(|Pending { name, password_hash }| {
        let members = [("name", name), ("password_hash", password_hash)];
        AttributeValue::M(members.map(|(name, value)| (name.to_owned(), text(value))).into())
    });
    let optional = [
        ("new_email", code.new_email.as_ref().map(|email| text(email.as_str()))),
        ("user_id", code.account.map(|account| text(account.user_id))),
        ("version", code.account.map(|account| number(account.version))),
        ("pending", pending),
        ("locale", code.locale.as_ref().map(text)),
    ];
    [
        ("code_id", text(code.code_id)),
        ("purpose", text(code.purpose.name())),
        ("email", text(code.email.as_str())),
        ("key_id", number(code.key_id.0)),
        ("nonce", nonce(&code.nonce)),
        ("created_at", millis(code.created_at)),
        ("expires_at", seconds(code.expires_at)),
    ]
    .into_iter()
    .chain(optional.into_iter().filter_map(|(name, value)| Some((name, value?))))
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Reads a row, from a query or from the table's stream.
///
/// # Errors
/// Returns [`TableError::Row`] for an attribute that is missing or malformed.
pub fn code(item: &HashMap<String, AttributeValue>) -> Result<Code, TableError> {
    let row = Row(item);
    let user_id = row.optional("user_id", Row::parsed)?;
    let version = row.optional("version", Row::number)?;
    Ok(Code {
        code_id: row.parsed("code_id")?,
        purpose: row.parsed("purpose")?,
        email: Email::from_table(row.text("email")?),
        new_email: row.optional("new_email", Row::text)?.map(Email::from_table),
        account: user_id.zip(version).map(|(user_id, version)| OfAccount { user_id, version }),
        pending: row.optional("pending", pending)?,
        locale: row.optional("locale", Row::text)?,
        key_id: RefreshKeyId(row.number("key_id")?),
        nonce: row.nonce("nonce")?,
        created_at: row.millis("created_at")?,
        expires_at: row.seconds("expires_at")?,
    })
}

fn pending(row: &Row<'_>, name: &'static str) -> Result<Pending, TableError> {
    let members = row.map(name)?;
    Ok(Pending { name: Row(members).text("name")?, password_hash: Row(members).text("password_hash")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::code::Purpose;
    use shared::ids::UserId;
    use shared::refresh_token::Nonce;

    fn a_code() -> Code {
        Code {
            code_id: CodeId::from_bytes([1; 16]),
            purpose: Purpose::ChangeAddress,
            email: Email::from_table("ada@example.com".to_owned()),
            new_email: Some(Email::from_table("ada@example.org".to_owned())),
            account: Some(OfAccount { user_id: UserId::from_bytes([2; 16]), version: 3 }),
            pending: Some(Pending { name: "Ada".to_owned(), password_hash: "$argon2id$...".to_owned() }),
            locale: Some("de-AT".to_owned()),
            key_id: RefreshKeyId(4),
            nonce: Nonce::from_bytes([5; 12]),
            created_at: Timestamp::from_millis(6),
            expires_at: Timestamp::from_seconds(7),
        }
    }

    #[test]
    fn a_code_round_trips_through_its_row() {
        assert!(code(&item(&a_code())) == Ok(a_code()));
        let least = Code {
            purpose: Purpose::Nobody,
            new_email: None,
            account: None,
            pending: None,
            locale: None,
            ..a_code()
        };
        assert!(code(&item(&least)) == Ok(least));
    }

    #[test]
    fn a_row_of_another_form_is_an_error_that_names_the_attribute() {
        for name in ["code_id", "purpose", "email", "key_id", "nonce", "created_at", "expires_at", "pending"]
        {
            let mut broken = item(&a_code());
            broken.insert(name.to_owned(), AttributeValue::Bool(true));
            assert!(code(&broken) == Err(TableError::Row(name)), "{name}");
        }
    }
}
