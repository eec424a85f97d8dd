//! All sessions of one user, found by one consistent query and ended in batches.

use rand::Rng;
use shared::ids::{SessionId, UserId};
use shared::session::OwnSessions;

use super::{Sessions, batch, key, row};
use crate::TableError;
use crate::attributes::{Item, text};

/// The attributes without nonce and key id, which are not needed to list or end sessions.
const SUMMARY: &str = "session_id, created_at, superseded_1, expires_at, ends_at, amr, authenticated_at, \
     account_version, user_agent, source_ip";

impl Sessions {
    /// Returns all rows of the user, read page by page. It is a consistent query: an index would miss the newest.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer.
    pub async fn of_user(&self, user_id: UserId) -> Result<OwnSessions, TableError> {
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("user_id = :user_id")
            .projection_expression(SUMMARY)
            .expression_attribute_values(":user_id", text(user_id))
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages.try_collect().await?;
        items.iter().map(row::summary).collect::<Result<_, _>>().map(OwnSessions::new)
    }

    /// Ends these sessions of the user, in this order except within a batch. A session that is gone is not an error,
    /// so repeating the call completes what failed midway.
    ///
    /// # Errors
    /// Returns [`TableError`] if DynamoDB does not answer, or leaves some of them; those may then live on.
    pub async fn end_all(
        &self,
        user_id: UserId,
        ended: &[SessionId],
        rng: &mut impl Rng,
    ) -> Result<(), TableError> {
        let keys = ended.iter().map(|session_id| key(user_id, *session_id));
        batch::delete(&self.client, &self.table, keys.collect(), rng).await
    }
}
