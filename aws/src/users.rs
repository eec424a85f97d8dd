//! The users table: one row per account (partition key `email`, normalised), and temporarily one per address that an account
//! has left, with `moved_to`, the user, and `expires_at`, the TTL attribute, in epoch seconds. Accounts have neither.
//!
//! An index maps a user's id to the address. Its answer is a hint: it lags behind, and lacks the notes of former addresses.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use shared::Timestamp;
use shared::account::{Account, Entry, LeftAddress, Move, Moves, Tombstone};
use shared::email::Email;
use shared::factor::{FactorUse, PendingTotp, Used};
use shared::ids::{AttemptId, UserId};

use crate::TableError;
use crate::account_update::Expression;
use crate::attributes::{Item, Row, claims, millis, number, roles, seconds, text};
use crate::factors::{self, FACTOR_USED_BY};

/// The index by the user's id.
const USER_ID_INDEX: &str = "user_id-index";

/// The condition that an address is free: no account, and no note that still holds.
const IS_FREE: &str = "attribute_not_exists(email) OR expires_at <= :now";

/// A page of accounts. It may be empty and still have a successor, because notes of former addresses count too.
pub struct Page {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The beginning of the next page. `None` on the last one.
    pub next: Option<Email>,
}

/// The table of users.
#[derive(Clone, Debug)]
pub struct Users {
    client: Client,
    table: String,
}

impl Users {
    /// Returns the table with this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Returns the account of this address, read consistently: a sign-in must see a password that was just changed.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer or the row is malformed.
    pub async fn get(&self, email: &Email) -> Result<Option<Account>, TableError> {
        Ok(self.entry(email).await?.and_then(Entry::account))
    }

    /// Returns the row of this address, read consistently.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer or the row is malformed.
    pub async fn entry(&self, email: &Email) -> Result<Option<Entry>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = read.key("email", text(email.as_str())).send().await?;
        answer.item().map(entry).transpose()
    }

    /// Returns the address that the account of this user had a moment ago. The row of the address shows whether it still has it.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn address_hint(&self, user_id: UserId) -> Result<Option<Email>, TableError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(USER_ID_INDEX)
            .key_condition_expression("user_id = :user_id")
            .expression_attribute_values(":user_id", text(user_id));
        let answer = query.send().await?;
        let email = answer.items().first().map(|item| Row(item).text("email")).transpose()?;
        Ok(email.map(Email::from_table))
    }

    /// Returns a page of accounts, in the order of the table. `after` is the [`Page::next`] of the previous page.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer or a row is malformed.
    pub async fn page(&self, limit: u32, after: Option<&Email>) -> Result<Page, TableError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true);
        let start = after.map(|email| HashMap::from([("email".to_owned(), text(email.as_str()))]));
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let answer = scan.limit(limit).set_exclusive_start_key(start).send().await?;
        let next = answer.last_evaluated_key().map(|key| Row(key).text("email")).transpose()?;
        let entries = answer.items().iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let accounts = entries.into_iter().filter_map(Entry::account).collect();
        Ok(Page { accounts, next: next.map(Email::from_table) })
    }

    /// Creates an account if its address is free. Returns whether it was.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer. The account may then exist or not.
    pub async fn create(&self, user: &Account, now: Timestamp) -> Result<bool, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item(user)))
            .condition_expression(IS_FREE)
            .expression_attribute_values(":now", seconds(now));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let is_taken =
                    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception);
                if is_taken { Ok(false) } else { Err(error.into()) }
            }
        }
    }

    /// Returns the part of a transaction that creates an account if its address is free.
    pub(crate) fn creation(&self, user: &Account, now: Timestamp) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(user)))
            .condition_expression(IS_FREE)
            .expression_attribute_values(":now", seconds(now))
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Returns the part of a transaction that moves an account to another address, if that is free or was the account's before.
    pub(crate) fn arrival(&self, moved: &Account, now: Timestamp) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(moved)))
            .condition_expression(format!("{IS_FREE} OR moved_to = :user_id"))
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":user_id", text(moved.user_id))
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that puts a tombstone in place of an account, if that has not changed since it was read, nor a
    /// second factor of it was used: [`Users::arrival`] writes what was read.
    pub(crate) fn burial(
        &self,
        read: &Account,
        tombstone: &Tombstone,
    ) -> Result<TransactWriteItem, TableError> {
        let Expression { condition, values, .. } = Expression::of(read).unless_any_factor_was_used(read);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(buried(&read.email, tombstone)))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Deletes a note, unless the row has been replaced. A failure is logged; the address then becomes free when the
    /// note expires.
    pub(crate) async fn free(&self, LeftAddress { email, tombstone }: &LeftAddress) {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("email", text(email.as_str()))
            .condition_expression("moved_to = :user_id AND expires_at <= :expires_at")
            .expression_attribute_values(":user_id", text(tombstone.moved_to))
            .expression_attribute_values(":expires_at", seconds(tombstone.expires_at));
        let Err(error) = delete.send().await else { return };
        let is_another =
            error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception);
        if !is_another {
            tracing::warn!(error = %TableError::from(error), "an address that was left is kept for seven days");
        }
    }

    /// The part of a transaction that creates a session: it fails if the account has changed since it was read, uses the second
    /// factor, and stores a hash of the same password at the present cost. The version stays: nothing that a sign-in relies on
    /// has changed.
    pub(crate) fn signed_in(
        &self,
        read: &Account,
        rehashed: Option<&str>,
        used: Option<&FactorUse>,
    ) -> Result<TransactWriteItem, TableError> {
        let mut expression = Expression::of(read).using(used);
        if let Some(hash) = rehashed {
            expression.write("password_hash", Some(text(hash)));
        }
        self.part(read, &expression)
    }

    /// Returns the part of a transaction that updates an account if it has not changed since it was read. It writes only what
    /// differs, and fails if the second factor was used meanwhile.
    pub(crate) fn changed(
        &self,
        read: &Account,
        changed: &Account,
        used: Option<&FactorUse>,
    ) -> Result<TransactWriteItem, TableError> {
        let mut expression = Expression::of(read);
        expression.write("version", Some(number(changed.version)));
        expression.write("ended_version", Some(number(changed.ended_version)));
        // What another use takes out of the set meanwhile must not come back.
        let one_taken = used
            .filter(|used| matches!(used, FactorUse::Recovery { .. }))
            .map(|used| read.factors.after(used))
            .filter(|after| after.recovery_codes == changed.factors.recovery_codes);
        let takes_one = one_taken.is_some();
        let before = Account { factors: one_taken.unwrap_or_else(|| read.factors.clone()), ..read.clone() };
        for ((name, before), (_, after)) in changeable(&before).zip(changeable(changed)) {
            if before != after {
                expression.write(name, after);
            }
        }
        let expression = if takes_one { expression.using(used) } else { expression.unless_used(used) };
        self.part(read, &expression)
    }

    /// Uses a second factor, if it was not used meanwhile. Returns whether this use, named by the fresh id `by`, is the one.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. The factor may then be used.
    pub async fn use_factor(
        &self,
        read: &Account,
        used: &FactorUse,
        by: AttemptId,
    ) -> Result<bool, TableError> {
        let expression = Expression::of_user(read).using(Some(used)).by(by);
        Ok(self.write(read, &expression, by).await? == Used::Written)
    }

    /// Stores an authenticator app that is being set up, in place of another one, and uses the second factor. The version stays.
    /// `by` is a fresh id that names the use.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. It may then be stored.
    pub async fn store_pending(
        &self,
        read: &Account,
        pending: &PendingTotp,
        used: Option<&FactorUse>,
        by: AttemptId,
    ) -> Result<Used, TableError> {
        let expression = Expression::of(read).using(used);
        let mut expression = if used.is_some() { expression.by(by) } else { expression };
        let (name, value) = factors::pending_totp(pending);
        expression.write(name, Some(value));
        self.write(read, &expression, by).await
    }

    /// Writes an expression. A write that DynamoDB has done already, before its answer was lost and the SDK sent it again, is
    /// recognised by its id.
    async fn write(
        &self,
        read: &Account,
        expression: &Expression,
        by: AttemptId,
    ) -> Result<Used, TableError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("email", text(read.email.as_str()))
            .update_expression(expression.update())
            .condition_expression(&expression.condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(Some(expression.values.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = update.send().await else { return Ok(Used::Written) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                let is_own =
                    |item: &Item| Row(item).bytes(FACTOR_USED_BY).is_ok_and(|own| own == by.as_bytes());
                Ok(match failed.item() {
                    Some(item) if is_own(item) => Used::Written,
                    Some(item) if is_as_read(item, read) => Used::FactorUsed,
                    Some(_) | None => Used::AccountDiffers,
                })
            }
            Some(_) | None => Err(error.into()),
        }
    }

    /// The part of a transaction that deletes an account, if it has not changed since it was read, and the second factor was not
    /// used meanwhile.
    pub(crate) fn deletion(
        &self,
        read: &Account,
        used: Option<&FactorUse>,
    ) -> Result<TransactWriteItem, TableError> {
        let Expression { condition, values, .. } = Expression::of(read).unless_used(used);
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("email", text(read.email.as_str()))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// The part of a transaction that writes an expression to the row of an account, or only checks it.
    fn part(&self, read: &Account, expression: &Expression) -> Result<TransactWriteItem, TableError> {
        let key = || ("email".to_owned(), text(read.email.as_str()));
        let values = Some(expression.values.clone());
        let part = TransactWriteItem::builder();
        if expression.is_check() {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some([key()].into()))
                .condition_expression(&expression.condition)
                .set_expression_attribute_values(values);
            return Ok(part.condition_check(check.build()?).build());
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some([key()].into()))
            .update_expression(expression.update())
            .condition_expression(&expression.condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(part.update(update.build()?).build())
    }
}

/// Whether a row is still as an account was read: then the other part of a condition has failed.
pub(crate) fn is_as_read(item: &Item, read: &Account) -> bool {
    let row = Row(item);
    row.number("version") == Ok(read.version) && row.parsed("user_id") == Ok(read.user_id)
}

/// Returns the attributes that a change of an account may change, without its versions, in a fixed order. `None` stands
/// for an absent one.
fn changeable(account: &Account) -> impl Iterator<Item = (&'static str, Option<AttributeValue>)> {
    let Moves { count, undoable } = &account.moves;
    [
        ("name", Some(text(&account.name))),
        ("password_hash", account.password_hash.as_ref().map(text)),
        ("roles", Some(roles(&account.roles))),
        ("claims", claims(&account.claims)),
        ("email_verified_at", account.email_verified_at.map(millis)),
        ("disabled_at", account.disabled_at.map(millis)),
        ("address_changes", (*count > 0).then(|| number(*count))),
        ("undoable_changes", (!undoable.is_empty()).then(|| moves(undoable))),
        ("passkeys", (account.passkeys > 0).then(|| number(account.passkeys))),
    ]
    .into_iter()
    .chain(factors::attributes(&account.factors))
}

/// Returns all attributes of an account, which a move writes under the new address.
fn item(account: &Account) -> Item {
    // Absent until a change writes it: see [`user`].
    let ended_version = (account.ended_version != account.version).then(|| number(account.ended_version));
    [
        ("email", Some(text(account.email.as_str()))),
        ("user_id", Some(text(account.user_id))),
        ("version", Some(number(account.version))),
        ("ended_version", ended_version),
        ("created_at", Some(millis(account.created_at))),
    ]
    .into_iter()
    .chain(changeable(account))
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

fn moves(undoable: &[Move]) -> AttributeValue {
    let map = |change: &Move| {
        let members = [("number", number(change.number)), ("at", millis(change.at))];
        let from = change.from.as_ref().map(|from| ("from", text(from.as_str())));
        let members = members.into_iter().chain(from);
        AttributeValue::M(members.map(|(name, value)| (name.to_owned(), value)).collect())
    };
    AttributeValue::L(undoable.iter().map(map).collect())
}

/// Returns a note. It has no `user_id`, so that the index contains only accounts.
fn buried(email: &Email, Tombstone { moved_to, expires_at }: &Tombstone) -> Item {
    HashMap::from([
        ("email".to_owned(), text(email.as_str())),
        ("moved_to".to_owned(), text(moved_to)),
        ("expires_at".to_owned(), seconds(*expires_at)),
    ])
}

fn entry(item: &Item) -> Result<Entry, TableError> {
    let row = Row(item);
    match row.optional("moved_to", Row::parsed)? {
        Some(moved_to) => {
            Ok(Entry::Tombstone(Tombstone { moved_to, expires_at: row.seconds("expires_at")? }))
        }
        None => user(item).map(Box::new).map(Entry::Account),
    }
}

fn user(item: &Item) -> Result<Account, TableError> {
    let row = Row(item);
    let version = row.number("version")?;
    Ok(Account {
        email: Email::from_table(row.text("email")?),
        user_id: row.parsed("user_id")?,
        name: row.text("name")?,
        password_hash: row.optional("password_hash", Row::text)?,
        roles: row.roles(),
        claims: row.claims(),
        version,
        // Absent until a change writes it: then every session of an older version must end.
        ended_version: row.optional_number("ended_version")?.unwrap_or(version),
        created_at: row.millis("created_at")?,
        email_verified_at: row.optional_millis("email_verified_at")?,
        disabled_at: row.optional_millis("disabled_at")?,
        moves: Moves {
            count: row.optional_number("address_changes")?.unwrap_or_default(),
            undoable: row.optional("undoable_changes", undoable)?.unwrap_or_default(),
        },
        passkeys: row.optional_number("passkeys")?.unwrap_or_default(),
        factors: factors::read(&row)?,
    })
}

fn undoable(row: &Row<'_>, name: &'static str) -> Result<Vec<Move>, TableError> {
    let change = |value: &AttributeValue| {
        let row = Row(value.as_m().map_err(|_| TableError::Row(name))?);
        Ok(Move {
            number: row.number("number")?,
            at: row.millis("at")?,
            from: row.optional("from", Row::text)?.map(Email::from_table),
        })
    };
    row.list(name)?.iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::custom_claims::CustomClaims;
    use shared::data_key::{DataKeyId, Sealed};
    use shared::factor::{Factors, PendingTotp, RecoveryCodes, Totp};
    use shared::ids::SessionId;

    fn email(address: &str) -> Email {
        Email::from_table(address.to_owned())
    }

    fn an_account() -> Account {
        Account {
            email: Email::from_table("ada@example.com".to_owned()),
            user_id: UserId::from_bytes([1; 16]),
            name: "Ada".to_owned(),
            password_hash: Some("$argon2id$...".to_owned()),
            roles: vec!["admin".parse().unwrap()],
            claims: CustomClaims::new(serde_json::json!({ "plan": "pro", "seats": 5 })).unwrap(),
            version: 7,
            ended_version: 5,
            created_at: Timestamp::from_millis(8),
            email_verified_at: Some(Timestamp::from_millis(9)),
            disabled_at: Some(Timestamp::from_millis(12)),
            moves: Moves {
                count: 3,
                undoable: vec![
                    Move { number: 2, at: Timestamp::from_millis(10), from: None },
                    Move { number: 3, at: Timestamp::from_millis(11), from: Some(email("ada@example.net")) },
                ],
            },
            passkeys: 2,
            factors: Factors {
                totp: Some(Totp {
                    secret: Sealed { key_id: DataKeyId(2), text: "sealed".to_owned() },
                    confirmed_at: Timestamp::from_millis(13),
                    last_step: 14,
                }),
                pending_totp: Some(PendingTotp {
                    secret: Sealed { key_id: DataKeyId(3), text: "sealed too".to_owned() },
                    created_at: Timestamp::from_millis(15),
                    session_id: Some(SessionId::from_bytes([14; 16])),
                }),
                recovery_codes: Some(RecoveryCodes {
                    key_id: DataKeyId(1),
                    hashes: ["one", "two"].map(str::to_owned).into(),
                }),
            },
        }
    }

    /// A move writes the whole row anew.
    #[test]
    fn an_account_round_trips_through_its_row() {
        let least = Account {
            password_hash: None,
            roles: Vec::new(),
            claims: CustomClaims::default(),
            ended_version: 7,
            email_verified_at: None,
            disabled_at: None,
            moves: Moves::default(),
            passkeys: 0,
            factors: Factors::default(),
            ..an_account()
        };
        let mut unused = an_account();
        unused.factors.totp.as_mut().unwrap().last_step = 0;
        for account in [an_account(), least, unused] {
            let row = item(&account);
            assert!(entry(&row) == Ok(Entry::Account(Box::new(account))));
            assert!(!row.contains_key("expires_at"), "DynamoDB would delete it");
        }
    }

    #[test]
    fn a_tombstone_is_no_account_and_not_in_the_index() {
        let tombstone =
            Tombstone { moved_to: UserId::from_bytes([1; 16]), expires_at: Timestamp::from_seconds(2) };
        let row = buried(&an_account().email, &tombstone);
        assert!(!row.contains_key("user_id"));
        assert!(entry(&row) == Ok(Entry::Tombstone(tombstone)));
        assert!(Entry::Tombstone(tombstone).account().is_none());
    }

    #[test]
    fn a_row_of_another_form_is_an_error_that_names_the_attribute() {
        for name in [
            "email",
            "user_id",
            "name",
            "password_hash",
            "version",
            "created_at",
            "undoable_changes",
            "totp_secret",
            "totp_key_id",
            "totp_last_step",
            "pending_totp",
            "recovery_codes",
            "recovery_key_id",
        ] {
            let mut broken = item(&an_account());
            broken.insert(name.to_owned(), AttributeValue::Bool(true));
            assert!(entry(&broken) == Err(TableError::Row(name)), "{name}");
        }
    }
}
