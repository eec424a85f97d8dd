//! What the template lets each function do with the tables. Every other test asks for it too: the proxy in front of DynamoDB
//! refuses a function what its policy does not allow.

use serde_json::{Value, json};
use tests::dynamodb::{CODES, Permissions, SESSIONS, USERS};

#[track_caller]
fn assert_denied(function: &str, operation: &str, request: &Value, action: &str, resource: &str) {
    let lacking = Permissions::of_stack(true).lacking(function, operation, request);
    let (denied, arn) = lacking.unwrap_or_else(|| panic!("{function} may {operation} {request}"));
    assert_eq!(denied, format!("dynamodb:{action}"));
    assert!(arn.ends_with(&format!(":table/{resource}")), "{arn}");
}

#[test]
fn a_function_is_denied_what_the_template_does_not_let_it_do() {
    let users = json!({ "TableName": USERS });
    assert_eq!(Permissions::of_stack(true).lacking("LoginFunction", "GetItem", &users), None);
    assert_denied("LoginFunction", "DeleteItem", &users, "DeleteItem", USERS);
    assert_denied("WeatherFunction", "GetItem", &users, "GetItem", USERS);
    let deletes = json!({ "RequestItems": { USERS: [] } });
    assert_denied("SessionsFunction", "BatchWriteItem", &deletes, "BatchWriteItem", USERS);
    let by_user_id = json!({ "TableName": USERS, "IndexName": "user_id-index" });
    assert_eq!(Permissions::of_stack(true).lacking("AccountFunction", "Query", &by_user_id), None);
    assert_denied("LoginFunction", "Query", &by_user_id, "Query", "UsersTable/index/user_id-index");
}

#[test]
fn a_transaction_needs_the_permissions_of_all_its_items() {
    let items = |last: Value| json!({ "TransactItems": [{ "Put": { "TableName": SESSIONS } }, last] });
    let check = items(json!({ "ConditionCheck": { "TableName": USERS } }));
    assert_eq!(Permissions::of_stack(true).lacking("LoginFunction", "TransactWriteItems", &check), None);
    let delete = items(json!({ "Delete": { "TableName": USERS } }));
    assert_denied("LoginFunction", "TransactWriteItems", &delete, "DeleteItem", USERS);
}

#[test]
fn a_sign_in_may_put_its_notices_into_the_outbox_wherever_there_is_mail() {
    let notice = json!({ "TransactItems": [{ "Put": { "TableName": CODES } }] });
    let lacking =
        |has_mail| Permissions::of_stack(has_mail).lacking("LoginFunction", "TransactWriteItems", &notice);
    assert_eq!(lacking(true), None);
    assert!(lacking(false).is_some());
}
