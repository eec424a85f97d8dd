//! The stream of a table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};

use super::{Message, spell};

/// Returns the definition of a stream with this view for the creation of a table.
pub(super) fn specification(view: &str) -> Result<StreamSpecification, Message> {
    let specification = StreamSpecification::builder().stream_enabled(true);
    specification.stream_view_type(StreamViewType::from(view)).build().map_err(|error| error.to_string())
}

/// Returns the ARN of the table's stream, after switching it on if there is none: the table may have been created before the
/// template had the stream. Returns `None` if its stream has another view, which cannot be changed.
pub(super) async fn keep(client: &Client, table: &str, view: &str) -> Result<Option<String>, Message> {
    let described = client.describe_table().table_name(table).send().await.map_err(spell)?;
    let description = described.table().ok_or("no description of the table")?;
    let wanted = specification(view)?;
    match description.stream_specification().filter(|there| there.stream_enabled()) {
        Some(there) if *there != wanted => Ok(None),
        Some(_) => arn(description.latest_stream_arn()).map(Some),
        None => {
            let request = client.update_table().table_name(table).stream_specification(wanted);
            let updated = request.send().await.map_err(spell)?;
            let description = updated.table_description().ok_or("no description of the table")?;
            arn(description.latest_stream_arn()).map(Some)
        }
    }
}

fn arn(latest: Option<&str>) -> Result<String, Message> {
    latest.map(ToOwned::to_owned).ok_or_else(|| "the stream has no ARN".to_owned())
}
