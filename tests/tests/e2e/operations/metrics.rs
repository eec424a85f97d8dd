//! Metrics: what a run in which everything happens writes, against what the template's alarms and dashboard ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use template::Route;
use tests::metrics::{self, Series};
use tests::outcomes::{Observed, observed};
use tests::project::{self, resources};
use tests::{TICK, secrets};

/// What `AWS::StackName` is where the template is evaluated without AWS.
const STACK: &str = "local";

/// A metric of a namespace, as an alarm or a widget names it.
type Asked = (String, Series);

/// The metrics that an alarm looks at.
fn asked_by_alarm(alarm: &Value) -> Vec<Asked> {
    let single = alarm.get("MetricName").map(|_| alarm);
    let several = alarm["Metrics"].as_array().into_iter().flatten();
    let metrics = several.filter_map(|entry| entry.pointer("/MetricStat/Metric"));
    single.into_iter().chain(metrics).map(asked).collect()
}

fn asked(metric: &Value) -> Asked {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let dimensions = metric["Dimensions"].as_array().unwrap().iter();
    let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"]))).collect();
    (text(&metric["Namespace"]), (text(&metric["MetricName"]), dimensions))
}

/// The metrics of a widget. A point stands for what the row above has in its place.
fn asked_by_widget(widget: &Value) -> Vec<Asked> {
    let mut above: Vec<String> = vec![];
    let rows = widget["properties"]["metrics"].as_array().into_iter().flatten();
    let rows = rows.map(|row| {
        let texts = row.as_array().unwrap().iter().filter_map(Value::as_str).enumerate();
        above =
            texts.map(|(at, text)| if text == "." { above[at].clone() } else { text.to_owned() }).collect();
        let dimensions = above[2..].chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        (above[0].clone(), (above[1].clone(), dimensions))
    });
    rows.collect()
}

fn alarms() -> BTreeMap<String, Vec<Asked>> {
    let alarms = resources("AWS::CloudWatch::Alarm");
    alarms.into_iter().map(|(id, alarm)| (id, asked_by_alarm(&alarm))).collect()
}

fn widgets() -> BTreeMap<String, Vec<Asked>> {
    let dashboards = resources("AWS::CloudWatch::Dashboard");
    let body: Value =
        serde_json::from_str(dashboards["Dashboard"]["DashboardBody"].as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap().iter();
    widgets
        .map(|widget| (widget["properties"]["title"].as_str().unwrap().to_owned(), asked_by_widget(widget)))
        .collect()
}

fn of_namespace<'a>(asked: impl IntoIterator<Item = &'a Asked>, namespace: &str) -> BTreeSet<Series> {
    let of_namespace = asked.into_iter().filter(|(other, _)| other == namespace);
    of_namespace.map(|(_, series)| series.clone()).collect()
}

#[tokio::test]
async fn the_dashboard_shows_every_metric_that_is_written_and_no_other() {
    let written = metrics::series(&observed().await.metrics, STACK);
    assert!(written.len() > 30, "{written:?}");
    let shown = of_namespace(widgets().values().flatten(), shared::metrics::NAMESPACE);
    let missing = |these: &BTreeSet<Series>, those| these.difference(those).cloned().collect::<Vec<_>>();
    assert_eq!(missing(&written, &shown), [], "written, and not in the dashboard");
    assert_eq!(missing(&shown, &written), [], "in the dashboard, and never written");
}

#[tokio::test]
async fn every_alarm_looks_at_metrics_that_are_written() {
    let written = metrics::series(&observed().await.metrics, STACK);
    let mut ours = 0;
    for (id, asked) in alarms() {
        assert!(!asked.is_empty(), "{id} looks at nothing");
        for series in of_namespace(&asked, shared::metrics::NAMESPACE) {
            assert!(written.contains(&series), "{id} looks at {series:?}, which is never written");
            ours += 1;
        }
    }
    assert!(ours > 4, "{ours}");
}

/// Metrics that AWS documents for these namespaces, and the resources that they can be of.
#[test]
fn alarms_and_widgets_name_metrics_of_aws_and_resources_that_exist() {
    let functions: BTreeSet<_> = project::ids(&project::whole_stack());
    // A queue's name is what the template calls it here.
    let queues: BTreeSet<_> =
        resources("AWS::SQS::Queue").into_keys().map(|id| format!("{id}.QueueName")).collect();
    let tables: BTreeSet<_> = resources("AWS::DynamoDB::Table").into_keys().collect();
    let api = resources("AWS::Serverless::Api")["Api"]["Name"].as_str().unwrap().to_owned();
    let known = [
        ("AWS/Lambda", "FunctionName", &["Duration", "Errors", "IteratorAge", "Throttles"][..], &functions),
        ("AWS/SQS", "QueueName", &["ApproximateNumberOfMessagesVisible"], &queues),
        ("AWS/ApiGateway", "ApiName", &["Count", "4XXError", "5XXError", "Latency"], &[api].into()),
        (
            "AWS/DynamoDB",
            "TableName",
            &[
                "ConsumedReadCapacityUnits",
                "ConsumedWriteCapacityUnits",
                "ReadThrottleEvents",
                "WriteThrottleEvents",
            ],
            &tables,
        ),
    ];
    let (alarms, widgets) = (alarms(), widgets());
    for (place, asked) in alarms.iter().chain(&widgets) {
        for (namespace, (name, dimensions)) in asked.iter().filter(|(ns, _)| ns != shared::metrics::NAMESPACE)
        {
            let (_, dimension, names, resources) = known
                .iter()
                .find(|(known, ..)| known == namespace)
                .unwrap_or_else(|| panic!("{place}: {namespace}"));
            assert!(names.contains(&name.as_str()), "{place}: {name}");
            let values: Vec<_> = dimensions.iter().collect();
            assert!(
                matches!(values[..], [(own, value)] if own == dimension && resources.contains(value)),
                "{place}: {name} of {dimensions:?}"
            );
        }
    }
}

#[test]
fn every_function_has_an_alarm_a_log_group_and_a_place_in_the_dashboard() {
    let groups = resources("AWS::Logs::LogGroup");
    let (alarms, widgets) = (alarms(), widgets());
    let mut used = BTreeSet::new();
    for (id, function) in resources("AWS::Serverless::Function") {
        let group =
            function["LoggingConfig"]["LogGroup"].as_str().unwrap_or_else(|| panic!("{id} has no log group"));
        assert!(groups.contains_key(group) && used.insert(group.to_owned()), "{id}: {group}");
        assert_eq!(function["LoggingConfig"]["LogFormat"], "JSON", "{id}");
        // Lambda drops lines below it, after LOG_LEVEL has.
        assert_eq!(function["LoggingConfig"]["ApplicationLogLevel"], "DEBUG", "{id}");
        // An example, which may be left out of the stack.
        if id == "WeatherFunction" {
            continue;
        }
        let errors = ("Errors".to_owned(), BTreeMap::from([("FunctionName".to_owned(), id.clone())]));
        let errors = ("AWS/Lambda".to_owned(), errors);
        assert!(alarms.values().any(|asked| *asked == [errors.clone()]), "{id} has no alarm of its own");
        assert!(widgets.values().flatten().any(|asked| *asked == errors), "{id} is not in the dashboard");
    }
    let users = !project::users_functions().is_empty();
    for (id, group) in groups.into_iter().filter(|(id, _)| used.contains(id) || !users) {
        assert_eq!(group["RetentionInDays"], 30, "{id}");
        assert!(used.contains(&id), "{id} is of no function");
    }
}

#[tokio::test]
async fn no_metric_has_an_email_a_name_an_id_or_a_secret_in_it() {
    let Observed { metrics: lines, world } = observed().await;
    let text = lines.concat();
    secrets::assert_absent(&secrets::of(world), &text, "a metric");
    secrets::assert_absent(&world.service.secrets(), &text, "a metric");
    assert!(!text.contains('@') && !text.contains("Ada"), "{text}");
    let dimension_values: BTreeSet<_> = metrics::series(lines, STACK)
        .into_iter()
        .flat_map(|(_, dimensions)| dimensions.into_values())
        .collect();
    let is_word = |value: &String| value.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    assert!(dimension_values.iter().all(is_word), "{dimension_values:?}");
}

#[tokio::test]
async fn a_password_hash_is_measured_once_for_each_request_that_hashes() {
    let lines = &observed().await.metrics;
    let hashing = |line: &&String| line.contains("PasswordHashTime");
    for line in lines.iter().filter(hashing) {
        let (_, times) =
            metrics::read(line).into_iter().find(|((name, _), _)| name == "PasswordHashTime").unwrap();
        let tick = TICK.as_secs_f64() * 1000.0;
        // Other tests may read the same stopwatch in between.
        let hashes = if line.contains(r#""Outcome":"changed""#) { 2 } else { 1 };
        assert!(
            times.len() == hashes && times.iter().all(|time| *time >= tick && time % tick == 0.0),
            "{line}"
        );
    }
    let hashed = |outcome: &str| {
        let of_outcome = |line: &&String| line.contains(&format!(r#""Outcome":"{outcome}""#));
        lines.iter().filter(of_outcome).all(|line| line.contains("PasswordHashTime"))
    };
    // A registration that is confirmed was hashed before.
    assert!(
        hashed("signed_in") && hashed("invalid_credentials") && hashed("pending") && hashed("email_taken")
    );
    assert!(!hashed("too_many_attempts") && !hashed("rotated"));
}

/// API Gateway takes any path here, and throttles nothing where there is no such route.
#[test]
fn limits_are_of_existing_routes_and_of_each_that_hashes() {
    let api = resources("AWS::Serverless::Api")["Api"].clone();
    let limit = |setting: &Value| setting["ThrottlingRateLimit"].as_f64().unwrap();
    let (all, single): (Vec<_>, Vec<_>) =
        api["MethodSettings"].as_array().unwrap().iter().partition(|setting| setting["ResourcePath"] == "/*");
    assert_eq!((all.len(), &all[0]["HttpMethod"]), (1, &Value::from("*")));
    let limited: BTreeSet<_> = single
        .iter()
        .map(|setting| {
            assert!(limit(setting) < limit(all[0]), "{setting}");
            let path =
                setting["ResourcePath"].as_str().unwrap().strip_prefix('/').unwrap().replace("~1", "/");
            (setting["HttpMethod"].as_str().unwrap().to_owned(), path)
        })
        .collect();
    let (stack, whole) = (project::stack(), project::whole_stack());
    let places = |routes: &[Route]| -> BTreeSet<_> {
        routes.iter().map(|route| (route.method.clone(), route.path.clone())).collect()
    };
    let everywhere = places(&whole.routes);
    let nowhere: Vec<_> = limited.difference(&everywhere).collect();
    assert!(nowhere.is_empty(), "limits of no route: {nowhere:?}");
    let hashes = |id: &String| {
        let function = stack.functions.iter().find(|function| function.id == *id).unwrap();
        function.environment.contains_key("PASSWORD_MEMORY_KIB")
    };
    let hashing: Vec<_> = stack.routes.iter().filter(|route| hashes(&route.function)).cloned().collect();
    let own: BTreeSet<_> = limited.intersection(&places(&stack.routes)).cloned().collect();
    assert_eq!(own, places(&hashing));
}

/// The list in the dashboard reads the log of each function that writes security events, and asks for real ones.
#[test]
fn the_dashboards_list_of_security_events_reads_every_log_that_has_them() {
    let dashboard = resources("AWS::CloudWatch::Dashboard")["Dashboard"].clone();
    let body: Value = serde_json::from_str(dashboard["DashboardBody"].as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap().iter();
    let queries: Vec<_> = widgets.filter_map(|widget| widget["properties"]["query"].as_str()).collect();
    let [query] = queries[..] else { panic!("{queries:?}") };
    let read: BTreeSet<_> =
        query.split("SOURCE '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    let groups: BTreeSet<_> = resources("AWS::Serverless::Function")
        .into_iter()
        .filter(|(id, _)| {
            !["KeysFunction", "MailerFunction", "MetadataFunction", "WeatherFunction"].contains(&id.as_str())
        })
        .map(|(_, function)| function["LoggingConfig"]["LogGroup"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(read.into_iter().map(ToOwned::to_owned).collect::<BTreeSet<_>>(), groups);
    let page = project::read("docs/operations.md");
    let events = query.split_once("event in [").unwrap().1.split(']').next().unwrap();
    for event in events.split(", ").map(|event| event.trim_matches('\'')) {
        assert!(page.contains(&format!("`{event}`")), "{event} is not in docs/operations.md");
    }
}
