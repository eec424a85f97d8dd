//! The global secondary indexes of a table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, GlobalSecondaryIndexUpdate, Projection,
    ProjectionType,
};
use template::{Index, Table};

use super::{Message, definitions, element, spell};

/// Returns the definition of the index for the creation of a table.
pub(super) fn description(index: &Index) -> Result<GlobalSecondaryIndex, Message> {
    let schema = index.key.iter().map(element).collect::<Result<_, _>>()?;
    let described = GlobalSecondaryIndex::builder().index_name(&index.name).set_key_schema(Some(schema));
    described.projection(projection(index)).build().map_err(|error| error.to_string())
}

/// Adds missing indexes: the table may have been created before the template had them.
pub(super) async fn keep(client: &Client, table: &Table) -> Result<(), Message> {
    if table.indexes.is_empty() {
        return Ok(());
    }
    let described = client.describe_table().table_name(&table.name).send().await.map_err(spell)?;
    let description = described.table().ok_or("no description of the table")?;
    let there: Vec<_> =
        description.global_secondary_indexes().iter().filter_map(|index| index.index_name()).collect();
    for index in table.indexes.iter().filter(|index| !there.contains(&index.name.as_str())) {
        let update = GlobalSecondaryIndexUpdate::builder().create(creation(index)?).build();
        let request = client.update_table().table_name(&table.name);
        let request = request.set_attribute_definitions(Some(definitions(table)?));
        request.global_secondary_index_updates(update).send().await.map_err(spell)?;
    }
    Ok(())
}

fn creation(index: &Index) -> Result<CreateGlobalSecondaryIndexAction, Message> {
    let schema = index.key.iter().map(element).collect::<Result<_, _>>()?;
    let created = CreateGlobalSecondaryIndexAction::builder().index_name(&index.name);
    let created = created.set_key_schema(Some(schema)).projection(projection(index));
    created.build().map_err(|error| error.to_string())
}

fn projection(index: &Index) -> Projection {
    Projection::builder().projection_type(ProjectionType::from(index.projection.as_str())).build()
}
