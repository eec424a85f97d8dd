//! What a refresh costs at least in a Lambda function that uses the AWS SDK: one `UpdateItem` with the expression of a
//! refresh for each event, and nothing else. The client is set up as the SDK's documentation does it, its connection is
//! opened by the first event, and the tokens around the write are missing.
#![expect(clippy::disallowed_methods, reason = "a program of one file reads the environment")]

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue::{self, B, N, S};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where a session is to go.
#[derive(Deserialize)]
struct Rotation {
    user_id: String,
    session_id: String,
    generation: u32,
    nonce: String,
    fresh: String,
    now: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
    let client = Client::new(&config);
    let table = std::env::var("REFRESH_TOKENS_TABLE")?;
    let (client, table) = (&client, table.as_str());
    run(service_fn(|event: LambdaEvent<Rotation>| rotate(client, table, event.payload))).await
}

async fn rotate(client: &Client, table: &str, to: Rotation) -> Result<Value, Error> {
    let update = client
        .update_item()
        .table_name(table)
        .key("user_id", S(to.user_id))
        .key("session_id", S(to.session_id))
        .condition_expression(
            "generation = :presented AND nonce = :presented_nonce AND expires_at > :now_seconds AND ends_at > :now",
        )
        .update_expression(
            "SET generation = :next, nonce = :fresh, previous_nonce = :presented_nonce, key_id = :key, \
             superseded_3 = superseded_2, superseded_2 = superseded_1, superseded_1 = :now, \
             expires_at = :expires_at",
        )
        .expression_attribute_values(":presented", number(to.generation.into()))
        .expression_attribute_values(":presented_nonce", bytes(&to.nonce)?)
        .expression_attribute_values(":now", number(to.now))
        .expression_attribute_values(":now_seconds", number(to.now / 1000))
        .expression_attribute_values(":next", number(i64::from(to.generation) + 1))
        .expression_attribute_values(":fresh", bytes(&to.fresh)?)
        .expression_attribute_values(":key", number(1))
        .expression_attribute_values(":expires_at", number(to.now / 1000 + 604_800))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let updated = update.send().await?;
    let generation = updated.attributes().and_then(|row| row.get("generation"));
    let generation = generation.and_then(|value| value.as_n().ok()).ok_or("no generation came back")?;
    Ok(json!({ "generation": generation.parse::<u32>()? }))
}

fn number(number: i64) -> AttributeValue {
    N(number.to_string())
}

fn bytes(base64: &str) -> Result<AttributeValue, Error> {
    Ok(B(Blob::new(STANDARD.decode(base64)?)))
}
