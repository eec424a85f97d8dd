//! The table of users: one row per account (partition key `email`, normalised), and for a while one per address that an account
//! has left: `moved_to`, the user, and `expires_at`, the TTL attribute, in epoch seconds. No account has either.
//!
//! An index leads from a user's id to the address. Its answer is a hint: it lags behind, and tombstones are not in it.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use shared::Timestamp;
use shared::account::{Account, Entry, LeftAddress, Move, Moves, Tombstone};
use shared::email::Email;
use shared::ids::UserId;

use crate::TableError;
use crate::attributes::{Item, Row, claims, millis, number, roles, seconds, text};

/// The index by the user's id.
const USER_ID_INDEX: &str = "user_id-index";

/// What holds of an address that nobody else has: no account, and no tombstone whose time is not over.
const IS_FREE: &str = "attribute_not_exists(email) OR expires_at <= :now";

/// The account is as it was read. Its user belongs to that: a version tells only the states of one account apart, and who
/// registers the address of a deleted account begins with the same one.
const IS_AS_READ: &str = "version = :version AND user_id = :user_id";

/// Accounts of a page. There may be none, and a next page all the same: an address that has been left counts too.
pub struct Page {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Where the next page begins. None on the last one.
    pub next: Option<Email>,
}

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
        Ok(self.entry(email).await?.and_then(Entry::account))
    }

    /// What there is under this address, read consistently.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer or the row is not of our form.
    pub async fn entry(&self, email: &Email) -> Result<Option<Entry>, TableError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = read.key("email", text(email.as_str())).send().await?;
        answer.item().map(entry).transpose()
    }

    /// The address that the account of this user had a moment ago: the row under it says whether it still has.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer.
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

    /// A page of accounts, in the order of the table. `after` is the [`Page::next`] of the page before.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer or a row is not of our form.
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

    /// Creates an account, if its address is free. Returns whether it was.
    ///
    /// # Errors
    /// [`TableError`] if DynamoDB does not answer. The account may then exist or not.
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

    /// The part of a transaction that creates an account, if its address is free.
    pub(crate) fn creation(&self, user: &Account, now: Timestamp) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(user)))
            .condition_expression(IS_FREE)
            .expression_attribute_values(":now", seconds(now))
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The part of a transaction that puts an account under another address, if that is free, or the account was there before.
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

    /// The part of a transaction that puts a tombstone in place of an account, if that has not changed since it was read.
    pub(crate) fn burial(
        &self,
        read: &Account,
        tombstone: &Tombstone,
    ) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(buried(&read.email, tombstone)))
            .condition_expression(IS_AS_READ)
            .expression_attribute_values(":version", number(read.version))
            .expression_attribute_values(":user_id", text(read.user_id))
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Deletes a tombstone, unless something else is there by now. If it fails, the log says so, and the address is free in time.
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

    /// The part of a transaction that fails if the account has changed since it was read.
    pub(crate) fn unchanged(&self, user: &Account) -> Result<TransactWriteItem, TableError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("email", text(user.email.as_str()))
            .condition_expression(IS_AS_READ)
            .expression_attribute_values(":version", number(user.version))
            .expression_attribute_values(":user_id", text(user.user_id))
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
        let (mut set, mut remove) = ("SET version = :next, ended_version = :ended".to_owned(), String::new());
        let (before, after) = (changeable(read), changeable(changed));
        let differing = before.into_iter().zip(after).filter(|(before, after)| before != after);
        for (_, (name, value)) in differing {
            // DynamoDB reserves some of the names.
            update = update.expression_attribute_names(format!("#{name}"), name);
            match value {
                Some(value) => {
                    set += &format!(", #{name} = :{name}");
                    update = update.expression_attribute_values(format!(":{name}"), value);
                }
                None => {
                    remove += if remove.is_empty() { " REMOVE " } else { ", " };
                    remove += &format!("#{name}");
                }
            }
        }
        Ok(TransactWriteItem::builder().update(update.update_expression(set + &remove).build()?).build())
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
            .condition_expression(IS_AS_READ)
            .expression_attribute_values(":version", number(read.version))
            .expression_attribute_values(":user_id", text(read.user_id))
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// An update of an account, if it has not changed since it was read.
    fn update(&self, read: &Account) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("email", text(read.email.as_str()))
            .condition_expression(IS_AS_READ)
            .expression_attribute_values(":version", number(read.version))
            .expression_attribute_values(":user_id", text(read.user_id))
    }
}

/// The attributes that a change of an account may change, but for its versions, in a fixed order. None for one that is absent.
fn changeable(account: &Account) -> [(&'static str, Option<AttributeValue>); 8] {
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
    ]
}

/// All of an account: it is also what a move writes under the new address.
fn item(account: &Account) -> Item {
    // Absent as long as no change has written it: see [`user`].
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

/// It has no `user_id`, so that the index leads to accounts alone.
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
            ..an_account()
        };
        for account in [an_account(), least] {
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
        for name in ["email", "user_id", "name", "password_hash", "version", "created_at", "undoable_changes"]
        {
            let mut broken = item(&an_account());
            broken.insert(name.to_owned(), AttributeValue::Bool(true));
            assert!(entry(&broken) == Err(TableError::Row(name)), "{name}");
        }
    }
}
