//! The functions that streams of tables call.
//!
//! The stream is DynamoDB's own, read over HTTP as by Lambda, from the embedded engine as from any other.
//!
//! # Invariants
//! * With a data directory, records from before a start that were not delivered are delivered after it. Delivered records are
//!   not delivered again, unless the process is killed in between.
//! * With an external DynamoDB, or without a data directory, records from before the start are ignored: others
//!   may have delivered it.

mod bell;
mod place;
mod reader;
mod record;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::config::retry::RetryConfig;

use crate::data_directory::DataDirectory;
use crate::error::StartError;
use crate::functions::{Handler, StreamFunction};
use crate::options::Clock;
use crate::service::Service;
pub(crate) use bell::Bell;
use place::Place;
use reader::{Reader, State};
use source::{Source, Start};
use template::{Stack, StreamReader, Variable};

/// The readers of all streams.
pub(crate) struct Streams {
    readers: Vec<Service>,
    /// The parts of each reader.
    bells: Vec<TableBell>,
}

/// The bell of a reader.
struct TableBell {
    /// The table whose stream it reads.
    table: String,
    bell: Arc<Bell>,
    /// Whether it is the first reader of its function.
    is_first: bool,
}

/// The DynamoDB with the streams.
pub(crate) struct Origin<'a> {
    /// Its URL.
    pub(crate) endpoint: &'a str,
    /// Whether it is the embedded one, so that nobody else has delivered the records of its streams.
    pub(crate) is_embedded: bool,
    /// The ARNs of the streams by the names of their tables.
    pub(crate) arns: &'a BTreeMap<String, String>,
    /// The location of the positions.
    pub(crate) directory: Option<&'a DataDirectory>,
}

impl Streams {
    /// Starts a reader for each function that a stream calls, and for each of its parts.
    pub(crate) async fn start(
        stack: &Stack,
        handlers: &BTreeMap<String, Handler>,
        origin: &Origin<'_>,
        clock: &Clock,
    ) -> Result<Self, StartError> {
        let mut streams = Self { readers: Vec::new(), bells: Vec::new() };
        let mut opened = Vec::new();
        for StreamReader { function, table } in &stack.stream_readers {
            let Some(Handler::Stream(parts)) = handlers.get(function) else { continue };
            for (number, part) in parts.iter().enumerate() {
                let place = (function.as_str(), number);
                opened.push((
                    table,
                    number,
                    open(place, table, origin, Arc::clone(part), Arc::clone(clock)).await?,
                ));
            }
        }
        for (table, number, reader) in opened {
            let (table, bell) = (table.clone(), Arc::new(Bell::new()));
            streams.bells.push(TableBell { table, bell: Arc::clone(&bell), is_first: number == 0 });
            streams.readers.push(Service::start(|stopped| reader.run(bell, stopped)));
        }
        Ok(streams)
    }

    /// Returns the bells of the first reader of each function.
    pub(crate) fn bells(&self) -> Vec<Arc<Bell>> {
        self.bells.iter().filter(|of| of.is_first).map(|of| Arc::clone(&of.bell)).collect()
    }

    /// Lets every function behind a route that knows such a table ring after its answer.
    pub(crate) fn ring_after(&self, stack: &Stack, handlers: &mut BTreeMap<String, Handler>) {
        for function in &stack.functions {
            let knows =
                |table: &str| function.environment.values().any(|v| *v == Variable::Table(table.to_owned()));
            let known: Vec<_> =
                self.bells.iter().filter(|of| knows(&of.table)).map(|of| Arc::clone(&of.bell)).collect();
            if let Some(handler) = handlers.get_mut(&function.id).filter(|_| !known.is_empty()) {
                *handler = ringing(handler.clone(), known);
            }
        }
    }

    /// Lets running functions finish, and stops.
    pub(crate) async fn stop(self) {
        for reader in self.readers {
            reader.stop().await;
        }
    }
}

fn ringing(handler: Handler, bells: Vec<Arc<Bell>>) -> Handler {
    let Handler::Http(function) = handler else {
        return handler;
    };
    Handler::Http(Arc::new(move |request, invocation| {
        let (answer, bells) = (function(request, invocation), bells.clone());
        Box::pin(async move {
            let answer = answer.await;
            bells.iter().for_each(|bell| bell.ring());
            answer
        })
    }))
}

/// Opens the stream for one part of a function. Each part has its own position; a new part starts at the position of the
/// first one, not with records that the first has processed long ago.
async fn open(
    (function_id, part): (&str, usize),
    table: &str,
    origin: &Origin<'_>,
    function: StreamFunction,
    clock: Clock,
) -> Result<Reader, StartError> {
    let arn = origin
        .arns
        .get(table)
        .ok_or_else(|| StartError::NoStream { function: function_id.to_owned(), table: table.to_owned() })?;
    let path = |name: &str| origin.directory.map(|directory| directory.stream(name));
    let (first, own) = (path(function_id), path(&format!("{function_id}-{part}")));
    let (place, is_known) =
        if part == 0 { Place::open(first, None, arn) } else { Place::open(own, first, arn) };
    let start = if origin.is_embedded || is_known { Start::Oldest } else { Start::Newest };
    let source = Source::open(client(origin.endpoint), arn.clone(), start, &place).await;
    let source = source.map_err(|message| StartError::Stream { table: table.to_owned(), message })?;
    Ok(Reader {
        function_id: function_id.to_owned(),
        function,
        source,
        place,
        clock,
        state: State::default(),
    })
}

/// A client without retries: a stream that cannot be read is read again soon anyway.
fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodbstreams::config::Builder::from(&aws::config_for(endpoint));
    Client::from_conf(config.retry_config(RetryConfig::disabled()).build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use rand::SeedableRng;
    use shared::{Invocation, Stopwatch, Timestamp};

    const TEMPLATE: &str = "Resources:
       Api: {Type: 'AWS::Serverless::Api', Properties: {StageName: s}}
       T:
         Type: AWS::DynamoDB::Table
         Properties:
           AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
           KeySchema: [{AttributeName: id, KeyType: HASH}]
       Writer:
         Type: AWS::Serverless::Function
         Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: writer}}
         Properties: {Environment: {Variables: {TABLE: !Ref T}}}
       Other:
         Type: AWS::Serverless::Function
         Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: other}}
         Properties: {}";

    async fn call(handler: &Handler) {
        let Handler::Http(function) = handler else { panic!("no function for a route") };
        let rng = rand::rngs::StdRng::seed_from_u64(1);
        let invocation = Invocation { now: Timestamp::default(), rng, stopwatch: Stopwatch::STOPPED };
        function(runtime::Request::default(), invocation).await;
    }

    async fn is_rung(bell: &Bell) -> bool {
        tokio::time::timeout(Duration::from_millis(10), bell.rung()).await.is_ok()
    }

    #[tokio::test]
    async fn functions_that_know_the_table_ring_and_others_do_not() {
        let stack = template::read(TEMPLATE, &|_| None).unwrap();
        let function: Handler = Handler::Http(Arc::new(|_, _| Box::pin(async { http::Response::default() })));
        let mut handlers = ["Writer", "Other"].map(|id| (id.to_owned(), function.clone())).into();
        let bell = Arc::new(Bell::new());
        let of = TableBell { table: "T".to_owned(), bell: Arc::clone(&bell), is_first: true };
        let streams = Streams { readers: Vec::new(), bells: vec![of] };
        streams.ring_after(&stack, &mut handlers);
        call(&handlers["Other"]).await;
        assert!(!is_rung(&bell).await);
        call(&handlers["Writer"]).await;
        assert!(is_rung(&bell).await);
    }
}
