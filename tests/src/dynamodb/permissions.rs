//! What the template lets each function do with the tables. No local engine has IAM, so the proxy asks this in its place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::project::{TEMPLATE, with_mail};

static WITH_MAIL: LazyLock<Permissions> = LazyLock::new(|| Permissions::of_template(&with_mail));
static WITHOUT_MAIL: LazyLock<Permissions> = LazyLock::new(|| Permissions::of_template(&|_| None));

/// The policies of the functions, by logical id.
pub struct Permissions(BTreeMap<String, Vec<Statement>>);

struct Statement {
    actions: Vec<String>,
    resource: String,
}

impl Permissions {
    /// Returns the policies of a stack with the defaults of the parameters, and with a sender of mail or without one.
    #[must_use]
    pub fn of_stack(has_mail: bool) -> &'static Self {
        if has_mail { &WITH_MAIL } else { &WITHOUT_MAIL }
    }

    fn of_template(settings: template::Settings<'_>) -> Self {
        let functions = template::resources(TEMPLATE, settings, "AWS::Serverless::Function");
        let functions = functions.unwrap_or_else(|error| panic!("{error}"));
        Self(functions.into_iter().filter_map(|(id, read)| Some((id, statements(&read.ok()?)))).collect())
    }

    /// Returns what a function needs for a request and does not have, as the action and the ARN of the resource.
    #[must_use]
    pub fn lacking(&self, function: &str, operation: &str, request: &Value) -> Option<(String, String)> {
        let allowed = self.0.get(function).map_or(&[][..], Vec::as_slice);
        needed(operation, request).into_iter().find(|(action, resource)| {
            !allowed.iter().any(|statement| {
                statement.resource == *resource && statement.actions.iter().any(|allowed| allowed == action)
            })
        })
    }
}

fn statements(function: &Value) -> Vec<Statement> {
    let policies = function["Policies"].as_array().into_iter().flatten();
    let statements = policies.flat_map(|policy| policy["Statement"].as_array().into_iter().flatten());
    let of_tables = statements.filter_map(|statement| {
        let actions = match &statement["Action"] {
            Value::String(action) => vec![action.clone()],
            Value::Array(actions) => actions.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
        };
        Some(Statement { actions, resource: statement["Resource"].as_str()?.to_owned() })
    });
    of_tables.collect()
}

/// The actions that IAM checks for a request, each with its resource. A transaction needs those of its items.
fn needed(operation: &str, request: &Value) -> Vec<(String, String)> {
    let of = |action: &str, table: &Value| {
        let table = table.as_str().unwrap_or_default();
        let arn = format!("arn:aws:dynamodb:{}:{}:table/{table}", template::REGION, template::ACCOUNT_ID);
        (format!("dynamodb:{action}"), arn)
    };
    let items = |key: &str| request[key].as_array().cloned().unwrap_or_default();
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let parts = items("TransactItems").into_iter().filter_map(|item| {
                let (kind, part) = item.as_object()?.iter().next()?;
                let action =
                    if kind == "ConditionCheck" { "ConditionCheckItem" } else { &format!("{kind}Item") };
                Some(of(action, &part["TableName"]))
            });
            parts.collect()
        }
        "BatchWriteItem" | "BatchGetItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| of(operation, &Value::from(table.as_str()))).collect()
        }
        _ => {
            let (action, mut arn) = of(operation, &request["TableName"]);
            if let Some(index) = request["IndexName"].as_str() {
                arn = format!("{arn}/index/{index}");
            }
            vec![(action, arn)]
        }
    }
}
