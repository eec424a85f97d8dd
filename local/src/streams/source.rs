//! Reads a stream: its shards in order, each from the function's position.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::error::DisplayErrorContext;
use aws_sdk_dynamodbstreams::operation::get_records::GetRecordsError;
use aws_sdk_dynamodbstreams::types::{Shard as Description, ShardIteratorType};

use super::place::Place;
use super::record::Record;

/// Returns the SDK's error in one line.
type Message = String;

/// Where to begin in a shard without a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the oldest record.
    Oldest,
    /// After the current end.
    Newest,
}

/// One stream.
pub(super) struct Source {
    client: Client,
    arn: String,
    shards: Vec<Shard>,
    /// Whether a shard has ended since the last search for shards.
    has_one_ended: bool,
}

struct Shard {
    id: String,
    start: Start,
    /// `None` before the first read, and after DynamoDB has refused it.
    iterator: Option<String>,
    /// It has been read to its end, and gets no more records.
    is_over: bool,
}

impl Source {
    /// Finds the shards. Records that are written after this has returned are read.
    pub(super) async fn open(
        client: Client,
        arn: String,
        start: Start,
        place: &Place,
    ) -> Result<Self, Message> {
        let mut source = Self { client, arn, shards: Vec::new(), has_one_ended: false };
        source.look_for_shards(start).await?;
        let Self { client, arn, shards, .. } = &mut source;
        for shard in shards {
            shard.iterator = shard.begin(client, arn, place).await?;
        }
        Ok(source)
    }

    /// Returns a stream without shards, which sends no requests.
    #[cfg(test)]
    pub(super) fn empty() -> Self {
        let client = super::client("http://127.0.0.1:1");
        Self { client, arn: "arn:stream".to_owned(), shards: Vec::new(), has_one_ended: false }
    }

    /// Returns the next records, at most this many, or none if all have been read.
    pub(super) async fn next(&mut self, limit: i32, place: &mut Place) -> Result<Vec<Record>, Message> {
        loop {
            for shard in self.shards.iter_mut().filter(|shard| !shard.is_over) {
                let records = shard.next(&self.client, &self.arn, limit, place).await?;
                self.has_one_ended |= shard.is_over;
                if !records.is_empty() {
                    return Ok(records);
                }
            }
            if !self.has_one_ended {
                return Ok(Vec::new());
            }
            // New shards continue it.
            self.look_for_shards(Start::Oldest).await?;
            self.has_one_ended = false;
        }
    }

    async fn look_for_shards(&mut self, start: Start) -> Result<(), Message> {
        let mut last = None;
        loop {
            let request = self.client.describe_stream().stream_arn(&self.arn);
            let answer = request.set_exclusive_start_shard_id(last).send().await.map_err(spell)?;
            let description = answer.stream_description().ok_or("no description of the stream")?;
            for id in description.shards().iter().filter_map(Description::shard_id) {
                if self.shards.iter().all(|known| known.id != id) {
                    self.shards.push(Shard { id: id.to_owned(), start, iterator: None, is_over: false });
                }
            }
            last = description.last_evaluated_shard_id().map(ToOwned::to_owned);
            if last.is_none() {
                return Ok(());
            }
        }
    }
}

impl Shard {
    /// Returns an iterator at the first unprocessed record.
    async fn begin(&self, client: &Client, arn: &str, place: &Place) -> Result<Option<String>, Message> {
        let after = place.after(&self.id);
        let kind = match (after, self.start) {
            (Some(_), _) => ShardIteratorType::AfterSequenceNumber,
            (None, Start::Oldest) => ShardIteratorType::TrimHorizon,
            (None, Start::Newest) => ShardIteratorType::Latest,
        };
        let request =
            client.get_shard_iterator().stream_arn(arn).shard_id(&self.id).shard_iterator_type(kind);
        let answer = request.set_sequence_number(after.map(ToOwned::to_owned)).send().await;
        answer.map(|answer| answer.shard_iterator).map_err(spell)
    }

    async fn next(
        &mut self,
        client: &Client,
        arn: &str,
        limit: i32,
        place: &mut Place,
    ) -> Result<Vec<Record>, Message> {
        if self.iterator.is_none() {
            self.iterator = self.begin(client, arn, place).await?;
        }
        let request = client.get_records().set_shard_iterator(self.iterator.clone()).limit(limit);
        match request.send().await {
            Ok(answer) => {
                self.is_over = answer.next_shard_iterator.is_none();
                self.iterator = answer.next_shard_iterator;
                let records = answer.records.unwrap_or_default();
                Ok(records.iter().filter_map(|record| Record::of(record, &self.id, arn)).collect())
            }
            Err(error) => {
                match error.as_service_error() {
                    Some(GetRecordsError::TrimmedDataAccessException(_)) => {
                        self.start = Start::Oldest;
                        place.forget(&self.id);
                        self.iterator = None;
                    }
                    // Such as an expired iterator.
                    Some(_) => self.iterator = None,
                    None => {}
                }
                Err(spell(error))
            }
        }
    }
}

fn spell(error: impl std::error::Error) -> Message {
    DisplayErrorContext(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Bytes;
    use http::HeaderMap;
    use serde_json::{Value, json};

    /// Returns a stream whose first shard ends with a record and is continued by a second one. Its iterators are the
    /// names of shards.
    fn answer(target: &str, request: &Value, has_split: bool) -> Value {
        let record =
            |number: &str| json!({ "eventName": "INSERT", "dynamodb": { "SequenceNumber": number } });
        match target {
            "DynamoDBStreams_20120810.DescribeStream" => {
                let shards = if has_split { &["first", "second"][..] } else { &["first"][..] };
                let shards: Vec<_> = shards.iter().map(|id| json!({ "ShardId": id })).collect();
                json!({ "StreamDescription": { "Shards": shards } })
            }
            "DynamoDBStreams_20120810.GetShardIterator" => {
                let kind = request["ShardIteratorType"].as_str().unwrap();
                let shard = request["ShardId"].as_str().unwrap();
                assert_eq!(kind, if shard == "first" { "LATEST" } else { "TRIM_HORIZON" });
                json!({ "ShardIterator": shard })
            }
            _ => match request["ShardIterator"].as_str().unwrap() {
                "first" => json!({ "Records": [record("1")] }),
                "second" => json!({ "Records": [record("2")], "NextShardIterator": "end" }),
                _ => json!({ "Records": [], "NextShardIterator": "end" }),
            },
        }
    }

    #[tokio::test]
    async fn a_stream_is_followed_into_the_shard_that_takes_the_place_of_one_that_ended() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let described = std::sync::atomic::AtomicBool::new(false);
        let described = std::sync::Arc::new(described);
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
            let target = headers["x-amz-target"].to_str().unwrap().to_owned();
            let request = serde_json::from_slice(&body).unwrap();
            let is_description = target.ends_with("DescribeStream");
            let has_split = is_description && described.swap(true, std::sync::atomic::Ordering::SeqCst);
            let answer = answer(&target, &request, has_split).to_string();
            async move { answer }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut place = Place::open(None, None, "arn").0;
        let client = super::super::client(&endpoint);
        let mut source = Source::open(client, "arn".to_owned(), Start::Newest, &place).await.unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let records = source.next(10, &mut place).await.unwrap();
            seen.push(records.into_iter().map(|record| record.sequence_number).collect::<Vec<_>>().join(" "));
        }
        assert_eq!(seen, ["1", "2", ""]);
        server.abort();
    }
}
