//! The `AWS::DynamoDB::Table`s.

use crate::error::{Problem, TemplateError};
use crate::model::{Index, KeyAttribute, Table};
use crate::node::{self, Node};
use crate::scope::Scope;

/// The properties that are read, and those that only matter where data is billed, backed up and encrypted. Any other,
/// such as a local index, would be silently missing here.
const PROPERTIES: [&str; 13] = [
    "AttributeDefinitions",
    "BillingMode",
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "OnDemandThroughput",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "Tags",
    "TimeToLiveSpecification",
];

pub(crate) fn read(scope: &Scope) -> Result<Vec<Table>, TemplateError> {
    let tables = node::resources(scope, "AWS::DynamoDB::Table");
    tables.map(|table| table.and_then(|(id, properties)| read_table(id, &properties))).collect()
}

fn read_table(id: &str, properties: &Node) -> Result<Table, TemplateError> {
    properties.allow(&PROPERTIES)?;
    let definitions = properties.need("AttributeDefinitions")?.items()?;
    let types = definitions
        .iter()
        .map(|node| Ok((node.need("AttributeName")?.text()?, node.need("AttributeType")?.text()?)))
        .collect::<Result<Vec<_>, TemplateError>>()?;
    let indexes = match properties.get("GlobalSecondaryIndexes")? {
        Some(indexes) => {
            indexes.items()?.iter().map(|node| read_index(node, &types)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    let time_to_live = properties.get("TimeToLiveSpecification")?;
    Ok(Table {
        name: id.to_owned(),
        key: read_schema(properties, &types)?,
        indexes,
        time_to_live: time_to_live.map(|node| read_time_to_live(&node)).transpose()?.flatten(),
        stream: properties.get("StreamSpecification")?.map(|node| read_stream(&node)).transpose()?,
    })
}

fn read_index(node: &Node, types: &[(String, String)]) -> Result<Index, TemplateError> {
    node.allow(&["IndexName", "KeySchema", "Projection"])?;
    let projection = node.need("Projection")?;
    projection.allow(&["ProjectionType"])?;
    let projection = projection.need("ProjectionType")?;
    let text = projection.text()?;
    expect(&projection, &text, &["KEYS_ONLY", "ALL"], "KEYS_ONLY or ALL")?;
    let name = node.need("IndexName")?.text()?;
    Ok(Index { name, key: read_schema(node, types)?, projection: text })
}

fn read_schema(node: &Node, types: &[(String, String)]) -> Result<Vec<KeyAttribute>, TemplateError> {
    node.need("KeySchema")?.items()?.iter().map(|node| read_key(node, types)).collect()
}

fn read_key(node: &Node, types: &[(String, String)]) -> Result<KeyAttribute, TemplateError> {
    let name = node.need("AttributeName")?.text()?;
    let defined = types.iter().find(|(defined, _)| *defined == name);
    let (_, attribute_type) =
        defined.ok_or_else(|| node.error(Problem::UnknownName(format!("the definition of {name}"))))?;
    let key_type = node.need("KeyType")?.text()?;
    expect(node, &key_type, &["HASH", "RANGE"], "HASH or RANGE")?;
    expect(node, attribute_type, &["S", "N", "B"], "S, N or B")?;
    Ok(KeyAttribute { name, attribute_type: attribute_type.clone(), key_type })
}

fn expect(node: &Node, value: &str, allowed: &[&str], expected: &'static str) -> Result<(), TemplateError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let value = value.to_owned();
    Err(node.error(Problem::Invalid { value, expected }))
}

fn read_stream(node: &Node) -> Result<String, TemplateError> {
    let view = node.need("StreamViewType")?;
    let text = view.text()?;
    expect(
        &view,
        &text,
        &["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"],
        "a view of a stream",
    )?;
    Ok(text)
}

fn read_time_to_live(node: &Node) -> Result<Option<String>, TemplateError> {
    let attribute = node.need("AttributeName")?.text()?;
    Ok(node.flag_at("Enabled", false)?.then_some(attribute))
}
