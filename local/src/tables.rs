//! Creates the missing tables of the template.

mod index;
mod stream;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification, TimeToLiveStatus,
};

use crate::error::StartError;
use template::{KeyAttribute, Table};

/// Returns the SDK's error in one line.
type Message = String;

/// Creates every missing table, and switches on the indexes, the time to live and the stream. Returns the ARNs of the streams by
/// the names of their tables.
pub(crate) async fn create(
    client: &Client,
    endpoint: &str,
    tables: &[Table],
) -> Result<BTreeMap<String, String>, StartError> {
    let mut streams = BTreeMap::new();
    for table in tables {
        let fail =
            |message| StartError::Table { table: table.name.clone(), endpoint: endpoint.to_owned(), message };
        if !create_one(client, table).await.map_err(fail)? && !has_key(client, table).await.map_err(fail)? {
            return Err(StartError::OtherKey(table.name.clone()));
        }
        index::keep(client, table).await.map_err(fail)?;
        if let Some(attribute) = &table.time_to_live {
            keep_time(client, &table.name, attribute).await.map_err(fail)?;
        }
        if let Some(view) = &table.stream {
            let arn = stream::keep(client, &table.name, view).await.map_err(fail)?;
            streams
                .insert(table.name.clone(), arn.ok_or_else(|| StartError::OtherStream(table.name.clone()))?);
        }
    }
    Ok(streams)
}

/// Creates a table. Returns whether it was missing.
async fn create_one(client: &Client, table: &Table) -> Result<bool, Message> {
    let schema = table.key.iter().map(element).collect::<Result<_, _>>()?;
    let indexes = table.indexes.iter().map(index::description).collect::<Result<Vec<_>, _>>()?;
    let request = client
        .create_table()
        .table_name(&table.name)
        .set_attribute_definitions(Some(definitions(table)?))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .set_key_schema(Some(schema))
        .set_stream_specification(table.stream.as_deref().map(stream::specification).transpose()?)
        .billing_mode(BillingMode::PayPerRequest);
    match request.send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => Ok(false),
        Err(error) => Err(spell(error)),
    }
}

/// Returns the attributes of all keys, each once.
fn definitions(table: &Table) -> Result<Vec<AttributeDefinition>, Message> {
    let of_indexes = table.indexes.iter().flat_map(|index| &index.key);
    let attributes: BTreeMap<_, _> =
        table.key.iter().chain(of_indexes).map(|attribute| (&attribute.name, attribute)).collect();
    attributes.into_values().map(definition).collect()
}

fn definition(attribute: &KeyAttribute) -> Result<AttributeDefinition, Message> {
    AttributeDefinition::builder()
        .attribute_name(&attribute.name)
        .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
        .build()
        .map_err(|error| error.to_string())
}

fn element(attribute: &KeyAttribute) -> Result<KeySchemaElement, Message> {
    KeySchemaElement::builder()
        .attribute_name(&attribute.name)
        .key_type(KeyType::from(attribute.key_type.as_str()))
        .build()
        .map_err(|error| error.to_string())
}

async fn has_key(client: &Client, table: &Table) -> Result<bool, Message> {
    let described = client.describe_table().table_name(&table.name).send().await.map_err(spell)?;
    let wanted = table.key.iter().map(element).collect::<Result<Vec<_>, _>>()?;
    Ok(described.table().is_some_and(|description| description.key_schema() == wanted))
}

async fn keep_time(client: &Client, table: &str, attribute: &str) -> Result<(), Message> {
    let described = client.describe_time_to_live().table_name(table).send().await.map_err(spell)?;
    let status =
        described.time_to_live_description().and_then(|description| description.time_to_live_status());
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true);
    let specification = specification.build().map_err(|error| error.to_string())?;
    let request = client.update_time_to_live().table_name(table).time_to_live_specification(specification);
    request.send().await.map(drop).map_err(spell)
}

fn spell(error: impl std::error::Error) -> Message {
    DisplayErrorContext(error).to_string()
}
