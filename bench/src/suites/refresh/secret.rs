//! Ratchet as it is deployed, with the keys in Secrets Manager: a stand-in for it answers at once, so what shows is what
//! the function does for one more request over one more connection. It has no budget.

use axum::Router;
use axum::routing::post;
use http::header::CONTENT_TYPE;
use serde_json::json;
use shared::key_set::KeySet;

use super::{SECRET, chain};
use crate::contest::Contender;
use crate::dynamodb::DynamoDb;
use crate::{Arguments, Failure, ratchet};

const NAME: &str = "bench-keys";

pub(super) fn contender(
    arguments: &Arguments,
    keys: &KeySet,
    (dynamodb, url): (&DynamoDb, &str),
) -> Result<Contender, Failure> {
    let secrets = dynamodb.serve_beside(secrets_manager(keys))?;
    let mut program = ratchet::function(arguments, "refresh", keys, (url, dynamodb.bundle()))?;
    SECRET.clone_into(&mut program.name);
    program.environment.remove("KEY_SET");
    program.environment.insert("KEY_SET_SECRET".to_owned(), NAME.to_owned());
    program.environment.insert("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), secrets);
    Ok(Contender::new(program, chain(dynamodb, keys, 2)?))
}

/// Answers every request with the secret.
fn secrets_manager(keys: &KeySet) -> Router {
    let value = json!({
        "ARN": format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{NAME}-AbCdEf"),
        "Name": NAME,
        "VersionId": "4e9d5b1a-9a3f-4f6f-8d0b-1c2d3e4f5a6b",
        "SecretString": keys.to_json(),
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1_793_491_200,
    });
    let answer = value.to_string();
    Router::new().route("/", post(|| async move { ([(CONTENT_TYPE, "application/x-amz-json-1.1")], answer) }))
}
