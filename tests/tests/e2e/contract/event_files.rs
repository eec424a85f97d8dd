//! The files in `events/`: they are what the generator makes, they are complete, and each event gets its answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws::secret::KeyCache;
use rand::SeedableRng;
use rand::rngs::StdRng;
use runtime::Invoker;
use serde_json::{Value, json};
use shared::config;
use shared::key_set::KeySet;
use shared::{Invocation, Stopwatch, Timestamp};
use template::Function;
use tests::{Database, START, TestClock, events, pattern, project};

/// Every JSON file under `events/`, by its path there.
fn committed() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut directories = vec![project::path("events")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.strip_prefix(project::path("events")).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

fn json_of(name: &str) -> Value {
    serde_json::from_str(&committed()[name]).unwrap_or_else(|error| panic!("events/{name}: {error}"))
}

/// The events by function and case.
fn cases() -> BTreeSet<(String, String)> {
    let is_event = |name: &String| !name.ends_with(".expected.json") && !name.ends_with(".settings.json");
    let names = committed().into_keys().filter(is_event);
    let parts = |name: String| {
        let (function, case) = name.split_once('/')?;
        Some((function.to_owned(), case.strip_suffix(".json")?.to_owned()))
    };
    names.filter_map(parts).collect()
}

#[test]
fn the_files_are_what_the_generator_makes() {
    let parse = |(name, text): (String, String)| {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, value)
    };
    let (made, committed): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (events::files().into_iter().map(parse).collect(), committed().into_iter().map(parse).collect());
    let names = |files: &BTreeMap<String, Value>| files.keys().cloned().collect::<Vec<_>>();
    let how = "run `cargo run -p tools --bin events`, and delete what it no longer makes";
    assert_eq!(names(&made), names(&committed), "{how}");
    for (name, value) in made {
        assert_eq!(value, committed[&name], "events/{name}: {how}");
    }
}

#[test]
fn every_function_has_events_and_every_event_an_expected_answer() {
    let files = committed();
    for (function, case) in cases() {
        let expected = format!("{function}/{case}.expected.json");
        assert!(files.contains_key(&expected), "events/{expected} is missing");
    }
    for name in files.keys() {
        let beside = name.strip_suffix(".expected.json").or_else(|| name.strip_suffix(".settings.json"));
        if let Some(event) = beside {
            assert!(files.contains_key(&format!("{event}.json")), "events/{event}.json is missing");
        }
    }
    let mut in_template: BTreeSet<_> =
        project::stack().functions.into_iter().map(|function| function.binary).collect();
    // CloudFormation calls it, and it needs Secrets Manager and a place for its answer: functions/keys/tests.
    in_template.remove("keys");
    let with_events: BTreeSet<_> = cases().into_iter().map(|(function, _)| function).collect();
    assert_eq!(in_template, with_events);
}

#[tokio::test]
async fn every_event_gets_its_expected_answer() {
    let keys = KeySet::parse(&committed()["key-set.json"]).unwrap();
    let functions: BTreeMap<_, _> =
        project::stack().functions.into_iter().map(|function| (function.binary.clone(), function)).collect();
    assert!(cases().len() > 30);
    for (function, case) in cases() {
        let place = format!("events/{function}/{case}.json");
        let event = json_of(&format!("{function}/{case}.json"));
        let expected = json_of(&format!("{function}/{case}.expected.json"));
        let mut environment = project::environment(&functions[&function], &keys);
        environment.extend(settings(&function, &case));
        let answer = invoke(&functions[&function], &environment, &event).await;
        pattern::assert_matches(&expected, &events::with_headers_of_note(answer, &expected), &place);
    }
}

/// What a case sets in place of the template.
fn settings(function: &str, case: &str) -> BTreeMap<String, String> {
    let text = committed().remove(&format!("{function}/{case}.settings.json"));
    text.map(|text| serde_json::from_str(&text).unwrap()).unwrap_or_default()
}

/// What the function answers, in this environment and with tables as `tables.json` has them.
async fn invoke(function: &Function, environment: &BTreeMap<String, String>, event: &Value) -> Value {
    let lookup = |name: &str| environment.get(name).cloned();
    let request = || runtime::request(&event.to_string()).unwrap();
    let invocation = Invocation { now: START, rng: StdRng::seed_from_u64(1), stopwatch: Stopwatch::STOPPED };
    let database = match environment.keys().any(|name| name.ends_with("_TABLE")) {
        true => Some(seeded_tables().await),
        false => None,
    };
    let backend = || aws::client_for(&database.as_ref().expect("a function with tables").url()).into();
    let response = match function.binary.as_str() {
        "account" => {
            account::handle(&account::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "factors" => {
            factors::handle(&factors::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "mailer" => {
            let is_mailed = Arc::new(AtomicBool::new(false));
            let taken = Arc::clone(&is_mailed);
            let sink: mailer::Sink = Arc::new(move |_| {
                assert!(!taken.swap(true, Ordering::SeqCst), "one mail");
                Box::pin(async { Ok(()) })
            });
            let keys = KeyCache::inline(config::key_set(&lookup).unwrap());
            let app = mailer::App::with_sink(&lookup, keys, sink).unwrap();
            let answer = mailer::handle(&app, event, START).await;
            // The case says who takes its mail: a place that runs it may have nobody.
            let expected = environment.values().any(|value| value == events::SES_STUB);
            assert_eq!(is_mailed.load(Ordering::SeqCst), expected, "{event}");
            return serde_json::to_value(answer).unwrap();
        }
        "admin" => {
            let app = admin::App::new(&lookup, backend()).unwrap();
            return admin::handle(&app, event, Invoker::default(), invocation).await.unwrap();
        }
        "authorizer" => return authorize(&authorizer::App::new(&lookup).unwrap(), event, START),
        "login" => login::handle(&login::App::new(&lookup, backend()).unwrap(), request(), invocation).await,
        "logout" => {
            logout::handle(&logout::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "metadata" => metadata::handle(&metadata::App::new(&lookup).unwrap(), request(), invocation).await,
        "passkeys" => {
            passkeys::handle(&passkeys::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "password" => {
            password::handle(&password::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "refresh" => {
            refresh::handle(&refresh::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "register" => {
            register::handle(&register::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "sessions" => {
            sessions::handle(&sessions::App::new(&lookup, backend()).unwrap(), request(), invocation).await
        }
        "weather" => weather::handle(&weather::App::new(&lookup).unwrap(), request(), invocation).await,
        other => panic!("the suite does not know the function {other}"),
    };
    events::answer(&response)
}

fn authorize(app: &authorizer::App, event: &Value, now: Timestamp) -> Value {
    serde_json::to_value(authorizer::handle(app, event, now).unwrap()).unwrap()
}

async fn seeded_tables() -> Database {
    let database = Database::start(&TestClock::default()).await;
    let answer = database.call("BatchWriteItem", &json!({ "RequestItems": json_of("tables.json") })).await;
    assert_eq!(answer["UnprocessedItems"], json!({}));
    database
}

#[test]
fn the_public_keys_are_those_of_the_key_set() {
    let keys = KeySet::parse(&committed()["key-set.json"]).unwrap();
    assert_eq!(json_of("public-keys.json"), serde_json::from_str::<Value>(&keys.public_jwk_set()).unwrap());
    assert!(!committed()["public-keys.json"].contains("private"));
}
