//! The runbook, `docs/operations.md`, against the template and the log: what it tells to type and to search for exists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tests::log;
use tests::outcomes::observed;
use tests::project::{self, TEMPLATE};

fn page() -> String {
    project::read("docs/operations.md")
}

/// The fenced blocks of this language.
fn blocks(language: &str) -> Vec<String> {
    let (page, fence) = (page(), format!("```{language}\n"));
    let blocks = page.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

fn section(name: &str) -> BTreeSet<String> {
    let template: yaml_serde::Value = yaml_serde::from_str(TEMPLATE).unwrap();
    template[name].as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

fn alarms() -> BTreeMap<String, Value> {
    project::resources("AWS::CloudWatch::Alarm")
}

/// A heading as the address of its section.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-").replace([':', ','], "")
}

fn headings() -> Vec<String> {
    page().lines().filter_map(|line| line.strip_prefix("## ").map(ToOwned::to_owned)).collect()
}

#[test]
fn every_alarm_leads_to_a_page_and_the_table_of_alarms_to_the_same() {
    let (page, headings) = (page(), headings());
    for (id, alarm) in alarms() {
        let description = alarm["AlarmDescription"].as_str().unwrap();
        let named =
            description.split('"').nth(1).unwrap_or_else(|| panic!("{id} names no page: {description}"));
        assert!(description.contains("docs/operations.md"), "{id}: {description}");
        assert!(headings.iter().any(|heading| heading == named), "{id}: there is no page {named:?}");
        let row = page.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{id}`")));
        let row = row.unwrap_or_else(|| panic!("{id} is not in the table of alarms"));
        assert!(row.contains(&format!("[{named}](#{})", anchor(named))), "{row}");
    }
}

#[test]
fn the_table_of_alarms_has_no_others_and_links_lead_somewhere() {
    let (alarms, headings) = (alarms(), headings());
    let page = page();
    let rows = page.lines().filter(|line| line.starts_with("| `") && line.contains("Alarm`"));
    let named: BTreeSet<_> =
        rows.flat_map(|row| row.split('`').filter(|word| word.ends_with("Alarm"))).collect();
    assert_eq!(named, alarms.keys().map(String::as_str).collect());
    let anchors: BTreeSet<_> = headings.iter().map(|heading| anchor(heading)).collect();
    for link in page.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(anchors.contains(link), "{link}");
    }
}

#[test]
fn the_commands_name_parameters_and_outputs_of_the_template() {
    let (parameters, outputs) = (section("Parameters"), section("Outputs"));
    let (mut deployed, mut shown) = (0, 0);
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        for given in line.split("set-parameters ").skip(1).flat_map(str::split_whitespace) {
            let (name, _) = given.split_once('=').unwrap_or_else(|| panic!("{line}"));
            assert!(parameters.contains(name), "{name} is no parameter: {line}");
            deployed += 1;
        }
        let called = line.split(|c: char| !(c.is_alphanumeric() || c == '-')).collect::<Vec<_>>();
        let is_name = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
        for call in called.windows(2).filter(|call| call[0] == "output" && is_name(call[1])) {
            assert!(outputs.contains(call[1]), "{} is no output: {line}", call[1]);
            shown += 1;
        }
    }
    assert!(deployed > 10 && shown > 5, "{deployed} {shown}");
}

#[test]
fn what_looks_like_a_parameter_in_the_text_is_in_the_template() {
    let mut known = section("Parameters");
    known.extend(section("Outputs"));
    known.extend(section("Resources"));
    // Properties of functions, dimensions, and metrics: ours, and one of DynamoDB.
    known.extend(["MemorySize", "Stack", "Outcome", "SuccessfulRequestLatency"].map(ToOwned::to_owned));
    // Alarms by the end of their names, and a service's namespace.
    known.extend(["ErrorsAlarm", "DurationAlarm", "Ratchet"].map(ToOwned::to_owned));
    let page = page();
    let prose = page.split("```").step_by(2).collect::<String>();
    let words = prose.split('`').skip(1).step_by(2);
    let is_name = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(char::is_alphanumeric)
            && word.chars().any(char::is_lowercase)
    };
    let table =
        prose.split_once("| metric | of | outcomes |").unwrap().1.split("\n\n").next().unwrap().to_owned();
    for word in words.filter(is_name).filter(|word| !table.contains(*word)) {
        assert!(known.contains(word), "{word} is nothing of the template");
    }
}

/// Words of CloudWatch Logs Insights itself. What begins with @ is its own too.
const LANGUAGE: [&str; 16] = [
    "fields",
    "filter",
    "stats",
    "sort",
    "limit",
    "count",
    "by",
    "as",
    "in",
    "bin",
    "asc",
    "desc",
    "and",
    "or",
    "ispresent",
    "m",
];

/// The names and the quoted values in a query.
fn words(query: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut names, mut values) = (BTreeSet::new(), BTreeSet::new());
    for (at, part) in query.split('\'').enumerate() {
        if at % 2 == 1 {
            values.insert(part.to_owned());
            continue;
        }
        let words = part.split(|c: char| !(c.is_ascii_alphanumeric() || "_@.".contains(c)));
        let names_here = words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
        names.extend(names_here.filter(|word| !LANGUAGE.contains(word)).map(ToOwned::to_owned));
    }
    // What a query names itself.
    for name in query.split(" as ").skip(1).filter_map(|rest| rest.split_whitespace().next()) {
        names.remove(name);
    }
    (names, values)
}

/// The members that lines of the log have, with their values as texts.
fn members() -> BTreeMap<String, BTreeSet<String>> {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let lines = log::lines_with("").into_iter();
    for line in lines.filter_map(|line| serde_json::from_str::<BTreeMap<String, Value>>(&line).ok()) {
        for (name, value) in line {
            members.entry(name).or_default().extend(value.as_str().map(ToOwned::to_owned));
        }
    }
    members
}

#[tokio::test]
async fn the_queries_name_fields_and_values_that_the_log_has() {
    observed().await;
    // What every main.rs writes when it can't start.
    let refused = shared::config::log_level(&|_| Some("TRACE".to_owned())).unwrap_err();
    shared::log::bad_setting(&refused);
    let members = members();
    let is_value = |value: &String| members.values().any(|values| values.contains(value));
    let in_commands = blocks("sh").concat();
    let in_commands =
        in_commands.split("--query-string '").skip(1).map(|rest| rest.split("' --").next().unwrap());
    let queries: Vec<_> = blocks("logs").into_iter().chain(in_commands.map(ToOwned::to_owned)).collect();
    assert!(queries.len() > 6, "{queries:?}");
    for query in queries {
        let (names, values) = words(&query);
        let unknown: Vec<_> = names.iter().filter(|name| !members.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "no line has {unknown:?}: {query}");
        // An id is anybody's.
        let unknown: Vec<_> = values.iter().filter(|value| value.len() < 36 && !is_value(value)).collect();
        assert!(unknown.is_empty(), "no line has {unknown:?}: {query}");
    }
}

#[tokio::test]
async fn the_tables_of_events_and_outcomes_name_what_is_written() {
    let written = &observed().await.metrics;
    let members = members();
    let page = page();
    let cells = |header: &str, cell: usize| -> BTreeSet<String> {
        let (_, table) = page.split_once(header).unwrap_or_else(|| panic!("{header}"));
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells = rows.map(|row| row.split('|').nth(cell).unwrap());
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(ToOwned::to_owned).collect()
    };
    let events = cells("| event | when | beside it |", 1);
    let missing: Vec<_> = events.iter().filter(|event| !members["event"].contains(*event)).collect();
    assert!(missing.is_empty(), "never written: {missing:?}");
    let beside = cells("| event | when | beside it |", 3);
    assert!(beside.iter().all(|field| members.contains_key(field)), "{beside:?}");

    let series = tests::metrics::series(written, "any");
    let names: BTreeSet<_> = series.iter().map(|(name, _)| name.clone()).collect();
    let outcomes: BTreeSet<_> =
        series.iter().filter_map(|(_, dimensions)| dimensions.get("Outcome").cloned()).collect();
    assert_eq!(cells("| metric | of | outcomes |", 1), names);
    assert_eq!(cells("| metric | of | outcomes |", 3), outcomes);
}

/// Runs `scripts/set-parameters` for a stack that has these parameters, with an AWS CLI that writes down what it is asked.
/// Its status, what it says, and what the CLI was asked.
fn set_parameters(arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let (aws, asked) = (directory.path().join("aws"), directory.path().join("asked"));
    let script = "#!/bin/sh\ncase $2 in describe-stacks) printf 'AlarmTopic\\tLogLevel\\tWebAclArn\\n';; \
                  *) printf '%s\\n' \"$*\" >> \"$ASKED\";; esac\n";
    std::fs::write(&aws, script).unwrap();
    std::fs::set_permissions(&aws, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let mut command = std::process::Command::new("bash");
    command.arg(project::path("scripts/set-parameters")).args(arguments);
    let output = command.env("PATH", path).env("ASKED", &asked).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said, std::fs::read_to_string(asked).unwrap_or_default())
}

#[test]
fn setting_parameters_changes_those_that_are_named_and_keeps_all_else() {
    let (status, said, asked) = set_parameters(&["AlarmTopic=arn", "WebAclArn=a=b,c"]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    let update = "cloudformation update-stack --stack-name ratchet --use-previous-template --parameters \
                  [{\"ParameterKey\":\"AlarmTopic\",\"ParameterValue\":\"arn\"},\
                  {\"ParameterKey\":\"LogLevel\",\"UsePreviousValue\":true},\
                  {\"ParameterKey\":\"WebAclArn\",\"ParameterValue\":\"a=b,c\"}] \
                  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --query StackId --output text";
    let wait = "cloudformation wait stack-update-complete --stack-name ratchet";
    assert_eq!(asked.lines().collect::<Vec<_>>(), [update, wait]);
}

#[test]
fn setting_a_parameter_that_the_stack_lacks_changes_nothing_and_names_it() {
    for (arguments, complaint) in [
        (&["Traces=Active"][..], "the stack ratchet has no parameter Traces"),
        (&["LogLevel=DEBUG", "Web=x"], "the stack ratchet has no parameter Web"),
        (&["LogLevel"], "LogLevel is not of the form Name=Value"),
        (&["LogLevel=\"x"], "LogLevel=\"x has a quotation mark or a backslash in it"),
        (&[], "give at least one Name=Value"),
    ] {
        let (status, said, asked) = set_parameters(arguments);
        assert_eq!((status, said, asked), (Some(2), format!("set-parameters: {complaint}\n"), String::new()));
    }
}

/// CloudFormation would keep what SAM has made of their old values.
#[test]
fn setting_a_parameter_that_sam_must_see_changes_nothing_and_names_the_command_that_does() {
    for refused in ["Tracing=Active", "AllowedOrigin=https://a.example", "WithExample=false"] {
        let (name, _) = refused.split_once('=').unwrap();
        let (status, said, asked) = set_parameters(&["LogLevel=DEBUG", refused]);
        let command = format!("sam deploy --stack-name ratchet --parameter-overrides {refused}");
        let of_release = format!(
            "aws cloudformation deploy --template-file template.yaml --s3-bucket your-bucket --stack-name ratchet \
             --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides {refused}"
        );
        assert_eq!((status, asked), (Some(2), String::new()));
        assert_eq!(
            said,
            format!(
                "set-parameters: {name} takes: {command}\nor, in the folder of a release: {of_release}\n"
            )
        );
    }
}
