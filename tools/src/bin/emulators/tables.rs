//! The embedded DynamoDB, with the rows that the events need.

use std::net::IpAddr;
use std::sync::Arc;

use local::{DynamoDb, Mail, Options, Server};
use serde_json::{Value, json};
use tests::{TestClock, project};

/// The tables of the template.
pub(crate) struct Tables {
    server: Server,
    http: reqwest::Client,
    rows: Value,
}

impl Tables {
    /// Empty tables, which listen on a free port of this address.
    pub(crate) async fn start(address: &str) -> Result<Self, String> {
        let bind: IpAddr = address.parse().map_err(|_| format!("{address} is no address"))?;
        let clock = TestClock::default();
        let options = Options::in_memory(Arc::new(move || clock.now()), Arc::new(tests::rng));
        // The functions' clock is the machine's: a sweep by this one, years ahead, would end every session there is.
        let options = Options {
            dynamodb: DynamoDb::Embedded { bind, port: 0 },
            sweeps: false,
            mail: Mail::Off,
            ..options
        };
        let server = local::start(options).await.map_err(|error| error.to_string())?;
        let http = tests::client(server.dynamodb_url());
        let rows =
            serde_json::from_str(&project::read("events/tables.json")).map_err(|error| error.to_string())?;
        Ok(Self { server, http, rows })
    }

    /// Where functions on this machine find it.
    pub(crate) fn url(&self) -> &str {
        self.server.dynamodb_url()
    }

    /// Where functions in a container find it.
    pub(crate) fn url_in_containers(&self) -> String {
        let port = self.url().rsplit(':').next().unwrap_or_default();
        format!("http://host.docker.internal:{port}")
    }

    /// Puts the rows of `events/tables.json` in place of all that is there.
    pub(crate) async fn seed(&self) -> Result<(), String> {
        for table in self.server.table_names() {
            let description = self.call("DescribeTable", &json!({ "TableName": table })).await?;
            let keys: Vec<_> = description["Table"]["KeySchema"].as_array().into_iter().flatten().collect();
            let held = self.call("Scan", &json!({ "TableName": table })).await?;
            for item in held["Items"].as_array().into_iter().flatten() {
                let key = keys.iter().filter_map(|key| key["AttributeName"].as_str());
                let key: Value = key.map(|name| (name.to_owned(), item[name].clone())).collect();
                self.call("DeleteItem", &json!({ "TableName": table, "Key": key })).await?;
            }
        }
        let answer = self.call("BatchWriteItem", &json!({ "RequestItems": self.rows })).await?;
        if answer["UnprocessedItems"] == json!({}) { Ok(()) } else { Err(format!("not all rows: {answer}")) }
    }

    async fn call(&self, operation: &str, request: &Value) -> Result<Value, String> {
        // The engine verifies no signature, but wants one.
        let authorization = "AWS4-HMAC-SHA256 Credential=local/20500101/local/dynamodb/aws4_request, \
                             SignedHeaders=host;x-amz-date;x-amz-target, Signature=0";
        let sent = self.http.post(self.url());
        let sent =
            sent.header("content-type", "application/x-amz-json-1.0").header("authorization", authorization);
        let sent = sent.header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        let sent = sent.header("x-amz-date", "20500101T000000Z").body(request.to_string());
        let answer = sent.send().await.map_err(|error| format!("{operation}: {error}"))?;
        let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
        if !status.is_success() {
            return Err(format!("{operation}: {status} {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("{operation}: {error}"))
    }
}
