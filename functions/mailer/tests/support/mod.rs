//! Rows of the codes table as its stream delivers them, a sink that records, and the log of one test.
#![allow(dead_code, reason = "not every test that has it looks at everything")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use aws::secret::KeyCache;
use mailer::{App, BatchResponse, Mail, Sink, SinkError};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::key_set::{Algorithm, KeySet};
use shared::log::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);
pub(crate) const ADDRESS: &str = "ada@example.com";

pub(crate) fn key_set() -> KeySet {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(1)).expect("keys")
}

/// Returns the settings of a function whose page is fixed, with these in addition.
pub(crate) fn settings<'a>(own: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| {
        let all = [("APP_URL", "https://app.example.com/account"), ("MAIL_SENDER_NAME", "Example & Co")];
        all.iter().chain(own).find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }
}

/// Returns the record for the INSERT of a row with this number.
pub(crate) fn record(number: u8, purpose: &str) -> Value {
    // 16 bytes in base64url, of which the first is the number.
    let code_id = shared::code::CodeId::from_bytes([number; 16]).to_string();
    json!({
        "eventID": "1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": { "code_id": { "S": code_id } },
            "NewImage": {
                "code_id": { "S": code_id },
                "purpose": { "S": purpose },
                "email": { "S": ADDRESS },
                "user_id": { "S": "00000000-0000-4000-8000-000000000001" },
                "version": { "N": "3" },
                "locale": { "S": "de-AT" },
                "key_id": { "N": "1" },
                "nonce": { "B": "AAECAwQFBgcICQoL" },
                "created_at": { "N": "2000000000000" },
                "expires_at": { "N": "2000001800" },
            },
            "SequenceNumber": sequence_number(number),
            "StreamViewType": "NEW_IMAGE",
        },
    })
}

pub(crate) fn sequence_number(number: u8) -> String {
    format!("{number:021}")
}

/// Replaces one of the row's values.
pub(crate) fn with(mut record: Value, attribute: &str, value: Value) -> Value {
    record["dynamodb"]["NewImage"][attribute] = value;
    record
}

pub(crate) fn without(mut record: Value, attribute: &str) -> Value {
    record["dynamodb"]["NewImage"].as_object_mut().expect("an image").remove(attribute);
    record
}

pub(crate) fn event(records: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Records": records.into_iter().collect::<Vec<_>>() })
}

/// Returns the first failed record of an answer.
pub(crate) fn failure(answer: &BatchResponse) -> Option<String> {
    let answer = serde_json::to_value(answer).expect("JSON");
    let failures = answer["batchItemFailures"].as_array().expect("a list");
    assert!(failures.len() <= 1, "{answer}");
    failures.first().map(|failure| failure["itemIdentifier"].as_str().expect("a text").to_owned())
}

/// A sink that records mails and its answers.
#[derive(Clone, Default)]
pub(crate) struct Outbox {
    mails: Arc<Mutex<Vec<Mail>>>,
    /// Its answers to the next mails, the last one first. Then it accepts all.
    errors: Arc<Mutex<Vec<SinkError>>>,
}

impl Outbox {
    pub(crate) fn failing_with(errors: impl IntoIterator<Item = SinkError>) -> Self {
        let mut errors: Vec<_> = errors.into_iter().collect();
        errors.reverse();
        Self { errors: Arc::new(Mutex::new(errors)), ..Self::default() }
    }

    pub(crate) fn app(&self) -> App {
        self.app_with(KeyCache::inline(key_set()))
    }

    pub(crate) fn app_with(&self, keys: KeyCache) -> App {
        App::with_sink(&settings(&[]), keys, self.sink()).expect("settings")
    }

    fn sink(&self) -> Sink {
        let outbox = self.clone();
        Arc::new(move |mail| {
            let refused = outbox.errors.lock().expect("not poisoned").pop();
            if refused.is_none() {
                outbox.mails.lock().expect("not poisoned").push(mail);
            }
            Box::pin(async move { refused.map_or(Ok(()), Err) })
        })
    }

    /// Returns the accepted mails, in order.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("not poisoned").clone()
    }
}

/// Captures the log of this thread from now on, at DEBUG.
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<u8>>>,
    _until_dropped: DefaultGuard,
}

impl Log {
    pub(crate) fn start() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = Writer(Arc::clone(&lines));
        let targets = "DEBUG".parse::<Level>().expect("a level").targets();
        let log = shared::log::lines(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(targets).with(log);
        Self { lines, _until_dropped: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.lock().expect("not poisoned").clone()).expect("text")
    }

    /// Returns level, outcome, kind and id of each line that is not a metric.
    pub(crate) fn lines(&self) -> Vec<[String; 4]> {
        let lines: Vec<Value> =
            self.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let member = |line: &Value, name: &str| line[name].as_str().unwrap_or("-").to_owned();
        let ours = lines.iter().filter(|line| line["route"] == "mailer");
        ours.map(|line| ["level", "outcome", "kind", "code_id"].map(|name| member(line, name))).collect()
    }

    /// Returns the counted outcomes.
    pub(crate) fn counted(&self) -> Vec<String> {
        let lines: Vec<Value> =
            self.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let counted = lines.iter().filter(|line| line["Mails"] == 1);
        counted.map(|line| line["Outcome"].as_str().expect("an outcome").to_owned()).collect()
    }
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
