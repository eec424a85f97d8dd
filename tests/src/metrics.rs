//! The metrics that CloudWatch extracts from the lines of a log in its embedded metric format.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::metrics::{NAMESPACE, STACK};

use crate::log;

/// One metric: its name and its dimensions.
pub type Series = (String, BTreeMap<String, String>);

/// The units of the specification that are used here.
const UNITS: [&str; 2] = ["Count", "Milliseconds"];

/// The lines of metrics that the stack of this name has written so far.
///
/// # Panics
/// If one is no JSON.
#[must_use]
pub fn lines(stack: &str) -> Vec<String> {
    let of_stack = |line: &String| line.contains("\"_aws\"") && line.contains(&format!("{stack:?}"));
    log::lines_with(stack).into_iter().filter(of_stack).collect()
}

/// Returns the metrics in a line, with their numbers.
///
/// # Panics
/// If the line does not keep to the specification of the embedded metric format, whose rules are checked one by one.
#[must_use]
pub fn read(line: &str) -> Vec<(Series, Vec<f64>)> {
    let document: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let root = document.as_object().expect("an object");
    let aws = root["_aws"].as_object().expect("an object");
    assert_eq!(aws.keys().collect::<Vec<_>>(), ["CloudWatchMetrics", "Timestamp"], "{line}");
    assert!(aws["Timestamp"].is_u64(), "{line}");
    let directives = aws["CloudWatchMetrics"].as_array().expect("a list");
    assert!(!directives.is_empty(), "{line}");
    let all: Vec<_> = directives.iter().flat_map(|directive| directive_of(root, directive)).collect();
    let names: BTreeSet<_> = all.iter().map(|((name, _), _)| name.clone()).collect();
    assert!(names.len() == all.len() && names.len() <= 100, "a metric twice, or too many: {line}");
    all
}

fn directive_of(root: &serde_json::Map<String, Value>, directive: &Value) -> Vec<(Series, Vec<f64>)> {
    let mut members: Vec<_> = directive.as_object().expect("an object").keys().collect();
    members.sort_unstable();
    assert_eq!(members, ["Dimensions", "Metrics", "Namespace"]);
    assert_eq!(directive["Namespace"], NAMESPACE);
    let mut read = vec![];
    for set in directive["Dimensions"].as_array().expect("a list of sets") {
        let names = set.as_array().expect("a set");
        assert!((1..=30).contains(&names.len()));
        let dimension = |name: &Value| {
            let value = root[name.as_str().expect("a name")].as_str().expect("a dimension is a text");
            assert!(!value.is_empty() && value.len() <= 1024 && value.is_ascii());
            (name.as_str().expect("a name").to_owned(), value.to_owned())
        };
        let dimensions: BTreeMap<_, _> = names.iter().map(dimension).collect();
        for metric in directive["Metrics"].as_array().expect("a list of metrics") {
            let (name, unit) = (metric["Name"].as_str().expect("a name"), metric["Unit"].as_str());
            assert!(UNITS.contains(&unit.expect("a unit")) && (1..=1024).contains(&name.len()));
            assert_eq!(metric.as_object().expect("an object").len(), 2);
            read.push(((name.to_owned(), dimensions.clone()), numbers(&root[name])));
        }
    }
    read
}

/// The target of a metric: one number, or a list of at most a hundred.
fn numbers(target: &Value) -> Vec<f64> {
    let list = target.as_array().cloned().unwrap_or_else(|| vec![target.clone()]);
    assert!((1..=100).contains(&list.len()));
    list.iter().map(|value| value.as_f64().expect("a number")).collect()
}

/// The metrics of these lines, under another name of their stack.
///
/// # Panics
/// If a line does not keep to the specification.
#[must_use]
pub fn series(lines: &[String], stack: &str) -> BTreeSet<Series> {
    let renamed = |((name, mut dimensions), _): (Series, Vec<f64>)| {
        assert!(dimensions.insert(STACK.to_owned(), stack.to_owned()).is_some(), "{name}");
        (name, dimensions)
    };
    lines.iter().flat_map(|line| read(line)).map(renamed).collect()
}
