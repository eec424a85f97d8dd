//! SST OpenAuth on its DynamoDB adapter: how it is set up, and what it is asked.

use std::collections::BTreeMap;

use crate::Failure;
use crate::dynamodb::DynamoDb;
use crate::requests::Tokens;

/// Its table. The adapter expects text keys of these names.
const TABLE: &str = "OpenAuthTable";

/// What the programs of `bench/peers/openauth` read, with a table of its own behind it.
pub(crate) fn environment(dynamodb: &DynamoDb, url: &str) -> Result<BTreeMap<String, String>, Failure> {
    dynamodb.create_table(TABLE, "pk", "sk")?;
    let variables = [("DYNAMODB_ENDPOINT", url), ("OPENAUTH_TABLE", TABLE)];
    Ok(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
}

/// Begins a session of the user with this number.
pub(crate) fn sign_in_form(user: usize) -> String {
    format!("grant_type=client_credentials&provider=bench&client_id=bench{user}&client_secret=bench")
}

/// Exchanges the refresh token.
pub(crate) fn refresh_form(tokens: &Tokens) -> String {
    format!("grant_type=refresh_token&client_id=bench&refresh_token={}", tokens.refresh.replace(':', "%3A"))
}
