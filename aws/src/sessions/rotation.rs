//! The `UpdateItem` that moves a session to its next generation.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use shared::session::{Rotation, idle_end};

use crate::attributes::{attempt, millis, no_attempt, nonce, number, seconds};

const CONDITION: &str = "generation = :presented AND nonce = :presented_nonce \
                         AND expires_at > :now_seconds AND ends_at > :now";

const UPDATE: &str = "SET generation = :next, nonce = :fresh, previous_nonce = :presented_nonce, key_id = :key, \
                      superseded_3 = superseded_2, superseded_2 = superseded_1, superseded_1 = :now, \
                      attempt_3 = if_not_exists(attempt_2, :none), attempt_2 = if_not_exists(attempt, :none), \
                      expires_at = :expires_at";

/// Adds the condition and the changes of `rotation` to a request for its row.
pub(super) fn update(rotation: &Rotation, request: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    let Rotation { presented, now, .. } = rotation;
    let request = request
        .expression_attribute_values(":presented", number(presented.generation.number()))
        .expression_attribute_values(":presented_nonce", nonce(&presented.nonce))
        .expression_attribute_values(":now", millis(*now))
        .expression_attribute_values(":now_seconds", seconds(*now))
        .expression_attribute_values(":next", number(rotation.generation.number()))
        .expression_attribute_values(":fresh", nonce(&rotation.nonce))
        .expression_attribute_values(":key", number(rotation.key_id.0))
        .expression_attribute_values(":none", no_attempt())
        .expression_attribute_values(":expires_at", seconds(idle_end(*now, rotation.idle)));
    match rotation.attempt().zip(rotation.used()) {
        None => request
            .condition_expression(CONDITION)
            .update_expression(format!("{UPDATE} REMOVE attempt, proven_replays, proven_at")),
        Some((made, used)) => request
            .condition_expression(format!("{CONDITION} AND NOT attempt = :used"))
            .update_expression(format!("{UPDATE}, attempt = :attempt REMOVE proven_replays, proven_at"))
            .expression_attribute_values(":used", attempt(used))
            .expression_attribute_values(":attempt", attempt(made)),
    }
}
