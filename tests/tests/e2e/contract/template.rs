//! Facts that are written down in more than one file agree: template, settings in code, `openapi.yaml`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::process::Command;

use serde_json::Value;
use shared::config::{self, ConfigError, Lookup};
use shared::key_set::{Algorithm, KeySet};
use template::{Function, Variable};
use tests::contract::OPENAPI;
use tests::project::{self, TEMPLATE, environment, stack};

#[test]
fn the_routes_of_the_template_are_those_of_openapi() {
    let in_template: BTreeMap<_, _> = stack()
        .routes
        .into_iter()
        .map(|route| ((route.path, route.method), route.authorizer.is_some()))
        .collect();
    let mut in_openapi = BTreeMap::new();
    for (path, operations) in OPENAPI["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_protected = !operation["security"].as_array().unwrap().is_empty();
            in_openapi.insert((path.clone(), method.to_ascii_uppercase()), is_protected);
        }
    }
    assert_eq!(in_template, in_openapi);
    assert!(in_template.values().any(|is_protected| *is_protected));
}

/// Functions as a user of the template adds them.
const OF_A_USER: &str = "
Resources:
  AddedFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: added}}
    Properties:
      Events: {Added: {Type: Api, Properties: {RestApiId: !Ref Api, Method: GET, Path: /added}}}
  AddedOnNodeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Events: {Added: {Type: Api, Properties: {RestApiId: !Ref Api, Method: GET, Path: /added-on-node}}}
";

#[test]
fn routes_that_a_user_adds_are_not_compared() {
    let with_users = TEMPLATE.replacen("\nResources:\n", OF_A_USER, 1);
    let with_users = template::read(&with_users, &project::with_mail).unwrap();
    let added = with_users.routes.len() - project::whole_stack().routes.len();
    assert_eq!((added, project::own(with_users)), (2, stack()));
}

/// A setting as the code reads it, printed.
type Read = fn(Lookup<'_>) -> Result<String, ConfigError>;

fn printed<T: Debug>(read: Result<T, ConfigError>) -> Result<String, ConfigError> {
    read.map(|value| format!("{value:?}"))
}

/// Every setting that has a default, by the variable it is read from.
const SETTINGS: [(&str, Read); 30] = [
    ("ACCESS_TOKEN_SECONDS", |lookup| printed(config::access_tokens(lookup))),
    ("ALLOWED_ORIGIN", |lookup| printed(config::responder(lookup))),
    ("BREACHED_PASSWORDS", |lookup| printed(config::breached_passwords(lookup))),
    ("BREACHED_PASSWORDS_SECONDS", |lookup| printed(config::breached_passwords(lookup))),
    ("CONTEXT_CLAIMS", |lookup| printed(config::context_claims(lookup))),
    ("HTTP_API_SIMPLE_RESPONSES", |lookup| printed(config::http_api_simple_responses(lookup))),
    ("LOG_LEVEL", |lookup| printed(config::log_level(lookup))),
    ("MAILS_PER_DAY", |lookup| printed(config::mail_limits(lookup))),
    ("MAILS_PER_MINUTE", |lookup| printed(config::mail_limits(lookup))),
    ("MAIL_INTERVAL_SECONDS", |lookup| printed(config::mail_limits(lookup))),
    ("NEW_DEVICE_MAIL", |lookup| printed(config::new_device_mail(lookup))),
    ("PASSWORD_ITERATIONS", |lookup| printed(config::hasher(lookup))),
    ("PASSWORD_MEMORY_KIB", |lookup| printed(config::hasher(lookup))),
    ("PASSWORD_MIN_LENGTH", |lookup| printed(config::password_rules(lookup))),
    ("PASSWORD_MIN_SCORE", |lookup| printed(config::password_rules(lookup))),
    ("PASSWORD_PARALLELISM", |lookup| printed(config::hasher(lookup))),
    ("REFRESH_ABSOLUTE_SECONDS", |lookup| printed(config::lifetimes(lookup))),
    ("REFRESH_GRACE_SECONDS", |lookup| printed(config::limits(lookup))),
    ("REFRESH_IDLE_SECONDS", |lookup| printed(config::lifetimes(lookup))),
    ("REFRESH_LATE_REPLAYS", |lookup| printed(config::limits(lookup))),
    ("REFRESH_REQUIRES_ACCESS_TOKEN", |lookup| printed(config::refresh_requires_access_token(lookup))),
    ("REFRESH_RETRY_SECONDS", |lookup| printed(config::limits(lookup))),
    ("REGISTRATION", |lookup| printed(config::registration(lookup))),
    ("ROUTE_ROLES", |lookup| printed(config::route_roles(lookup))),
    ("SESSIONS_PER_USER", |lookup| printed(config::sessions_per_user(lookup))),
    ("SIGN_IN_FIRST_DELAY_SECONDS", |lookup| printed(config::sign_in_limits(lookup))),
    ("SIGN_IN_FREE_ATTEMPTS", |lookup| printed(config::sign_in_limits(lookup))),
    ("SIGN_IN_LONGEST_DELAY_SECONDS", |lookup| printed(config::sign_in_limits(lookup))),
    ("SIGN_IN_REMEMBER_SECONDS", |lookup| printed(config::sign_in_limits(lookup))),
    // The last has no default in the code: a token without an audience is not ours.
    ("CLIENT_ID", |lookup| printed(config::access_tokens(lookup))),
];

/// The setting with nothing set but what has no default, and `settings`.
fn read(setting: Read, settings: &[(&str, &str)]) -> Result<String, ConfigError> {
    let needed = [
        ("ISSUER", "urn:x"),
        ("AUDIENCE", "ratchet"),
        ("CLIENT_ID", "ratchet"),
        ("MAIL_FROM", "noreply@example.com"),
    ];
    let all: BTreeMap<&str, &str> = needed.into_iter().chain(settings.iter().copied()).collect();
    setting(&|name| all.get(name).map(|value| (*value).to_owned()))
}

fn parameter(variable: &str) -> Value {
    let name = variable.split('_').map(|word| format!("{}{}", &word[..1], word[1..].to_ascii_lowercase()));
    let template: Value = yaml_serde::from_str::<yaml_serde::Value>(TEMPLATE)
        .map(|yaml| serde_json::to_value(&yaml["Parameters"][name.collect::<String>().as_str()]).unwrap())
        .unwrap();
    assert!(template.is_object(), "{variable} is no parameter of the template");
    template
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[test]
fn the_defaults_of_the_parameters_are_those_of_the_code() {
    for (variable, setting) in SETTINGS {
        let default = text(&parameter(variable)["Default"]);
        assert_eq!(read(setting, &[]), read(setting, &[(variable, &default)]), "{variable}");
        assert_eq!(read(setting, &[(variable, "\0")]).unwrap_err().variable(), variable);
    }
}

#[test]
fn what_a_parameter_allows_the_code_takes_and_no_number_below_it() {
    for (variable, setting) in SETTINGS {
        let parameter = parameter(variable);
        // A retry window can be as long as the grace period, and must not be longer.
        let grace = if variable == "REFRESH_RETRY_SECONDS" { "86400" } else { "600" };
        let taken =
            |value: &str| read(setting, &[("REFRESH_GRACE_SECONDS", grace), (variable, value)]).is_ok();
        for value in parameter["AllowedValues"].as_array().into_iter().flatten().map(text) {
            assert!(taken(&value), "{variable}={value}");
        }
        let (Some(least), Some(most)) = (parameter["MinValue"].as_i64(), parameter["MaxValue"].as_i64())
        else {
            assert_eq!(parameter["Type"], "String", "{variable}");
            continue;
        };
        let with_retry = |value: i64| {
            let settings = [("REFRESH_RETRY_SECONDS", "0"), ("REFRESH_GRACE_SECONDS", grace)];
            read(setting, &[&settings[..], &[(variable, &value.to_string())]].concat()).is_ok()
        };
        assert!(with_retry(least) && with_retry(most), "{variable}: {least} to {most}");
        assert!(!with_retry(least - 1), "{variable}={}", least - 1);
    }
}

/// Variables that a function has and does not ask for itself: the runtime reads two of them, and the third only makes
/// Lambda start the function anew when the keys have changed.
const BESIDES: [&str; 3] = ["DYNAMODB_ENDPOINT", "KEY_SET_SECRET", "KEY_SET_VERSION"];

/// The variables of its environment that a function asks for itself.
fn given(function: &Function) -> BTreeSet<String> {
    let names = function.environment.keys().filter(|name| !BESIDES.contains(&name.as_str()));
    names.cloned().collect()
}

/// The names that a function asks for at its start, given the values of its environment in the template.
fn names_read(function: &Function, keys: &KeySet) -> BTreeSet<String> {
    let (asked, environment) = (RefCell::new(BTreeSet::new()), environment(function, keys));
    let lookup = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        environment.get(name).cloned()
    };
    let backend = || aws::client_for("http://127.0.0.1:9").into();
    let started = match function.binary.as_str() {
        "account" => account::App::new(&lookup, backend()).map(drop),
        "admin" => admin::App::new(&lookup, backend()).map(drop),
        "authorizer" => authorizer::App::new(&lookup).map(drop),
        "factors" => factors::App::new(&lookup, backend()).map(drop),
        // What it works on comes with each request of CloudFormation.
        "keys" => Ok(()),
        "login" => login::App::new(&lookup, backend()).map(drop),
        "logout" => logout::App::new(&lookup, backend()).map(drop),
        "mailer" => backend()
            .keys(&lookup)
            .and_then(|keys| mailer::App::new(&lookup, &aws::config_for("http://127.0.0.1:9"), keys))
            .map(drop),
        "metadata" => metadata::App::new(&lookup).map(drop),
        "passkeys" => passkeys::App::new(&lookup, backend()).map(drop),
        "password" => password::App::new(&lookup, backend()).map(drop),
        "refresh" => refresh::App::new(&lookup, backend()).map(drop),
        "register" => register::App::new(&lookup, backend()).map(drop),
        "sessions" => sessions::App::new(&lookup, backend()).map(drop),
        "weather" => weather::App::new(&lookup).map(drop),
        other => panic!("the suite does not know the function {other}"),
    };
    started.unwrap_or_else(|error| panic!("{}: {error}", function.id));
    // The runtime starts the log with it.
    config::log_level(&lookup).unwrap();
    asked.into_inner()
}

#[test]
fn a_function_has_the_variables_that_it_reads_and_no_others() {
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap();
    for function in stack().functions {
        assert_eq!(names_read(&function, &keys), given(&function), "{}", function.id);
    }
}

#[test]
fn every_setting_of_a_function_with_a_default_is_compared_above() {
    let compared: BTreeSet<_> = SETTINGS.iter().map(|(variable, _)| (*variable).to_owned()).collect();
    // These have no default in the code, since a service can't do without, or one that is no parameter's.
    let tables =
        ["CODES_TABLE", "PASSKEYS_TABLE", "REFRESH_TOKENS_TABLE", "SIGN_IN_ATTEMPTS_TABLE", "USERS_TABLE"];
    let passkeys = ["PASSKEY_ORIGINS", "RP_ID"];
    let mail = [
        "APP_URL",
        "MAIL_CONFIGURATION_SET",
        "MAIL_FROM",
        "MAIL_FUNCTION_ARN",
        "MAIL_SENDER_NAME",
        "MAIL_SUBJECT",
    ];
    let needed =
        [&["AUDIENCE", "ISSUER", "KEY_SET", "PUBLIC_KEYS", "STACK_NAME"], &tables[..], &mail, &passkeys]
            .concat();
    let all: BTreeSet<_> = stack().functions.iter().flat_map(given).collect();
    let expected = compared.into_iter().chain(needed.into_iter().map(ToOwned::to_owned)).collect();
    assert_eq!(all, expected);
}

#[test]
fn the_functions_that_read_the_keys_are_those_that_security_md_names() {
    let security = project::read("SECURITY.md");
    let rows: Vec<_> =
        security.lines().filter(|line| line.starts_with("| signing keys and refresh-token keys |")).collect();
    let [row] = rows[..] else { panic!("one row about the keys: {rows:?}") };
    let (_, readers) = row.trim_end_matches([' ', '|']).rsplit_once("| ").unwrap();
    let (readers, writer) = readers.split_once(", into memory; ").unwrap();
    assert_eq!(writer, "`keys`, which writes it");
    let named = readers.strip_prefix("the functions ").unwrap().replace(" and ", ", ");
    let named: Vec<_> = named.split(", ").map(|name| name.trim_matches('`').to_owned()).collect();
    let is_given =
        |function: &Function| function.environment.values().any(|value| *value == Variable::KeySet);
    let given = stack().functions.into_iter().filter(is_given);
    let given: BTreeSet<_> = given.map(|function| function.binary).collect();
    assert_eq!((named.len(), BTreeSet::from_iter(named)), (given.len(), given));
}

/// The names of the crates that a function is built of.
fn crates(function: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", function, "--edges", "normal", "--prefix", "none", "--offline"])
        .current_dir(project::path("."))
        .output()
        .unwrap();
    let lines = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.status.success() && lines.contains("jsonwebtoken"), "{tree:?}");
    lines.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect()
}

#[test]
fn a_function_without_tables_needs_no_aws_client_and_authorizer_no_http() {
    // The cryptographic library has the name of its maker, and so have the types of events.
    let beside = ["aws-lc-rs", "aws-lc-sys", "aws_lambda_events"];
    for function in ["authorizer", "metadata", "weather"] {
        let crates = crates(function);
        let aws = crates.iter().filter(|name| name.starts_with("aws") && !beside.contains(&name.as_str()));
        assert_eq!(aws.collect::<Vec<_>>(), Vec::<&String>::new(), "{function}");
        let reads_requests = ["lambda_http", "aws_lambda_events"].map(|name| crates.contains(name));
        assert_eq!(reads_requests, [function != "authorizer"; 2], "{function}");
    }
    assert!(crates("refresh").contains("aws-sdk-dynamodb"));
}

#[test]
fn a_function_may_read_the_table_that_its_start_reads() {
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap();
    let templates = template::resources(TEMPLATE, &|_| None, "AWS::Serverless::Function").unwrap();
    let mut starts = 0;
    for function in stack().functions {
        let environment = environment(&function, &keys);
        let Some((table, _)) = aws::readable_table(&|name| environment.get(name).cloned()) else { continue };
        let policies = templates[&function.id].as_ref().unwrap()["Policies"].as_array().unwrap();
        let mut statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
        let reads = |statement: &Value| {
            statement["Resource"].as_str().is_some_and(|arn| arn.contains(&table))
                && statement["Action"].to_string().contains("\"dynamodb:GetItem\"")
        };
        assert!(statements.any(reads), "{} may not read {table}: {policies:?}", function.id);
        starts += 1;
    }
    assert_eq!(starts, 10);
}

/// Most sweeps have nothing to do, so few other tests would notice a missing permission.
#[test]
fn functions_that_sweep_sessions_may_do_all_that_their_sweeps_do() {
    let templates = template::resources(TEMPLATE, &|_| None, "AWS::Serverless::Function").unwrap();
    let sweeping = ["account", "admin", "factors", "login", "passkeys", "password"];
    let functions = stack().functions.into_iter().filter(|one| sweeping.contains(&one.binary.as_str()));
    let mut checked = 0;
    for function in functions {
        let policies = templates[&function.id].as_ref().unwrap()["Policies"].as_array().unwrap();
        let mut statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
        let of_sessions = |statement: &&Value| {
            statement["Resource"].as_str().is_some_and(|arn| arn.contains("RefreshTokens"))
        };
        let actions = statements.find(of_sessions).unwrap()["Action"].to_string();
        // A change of the password ends all older sessions, so its sweep finds none to update.
        let updates = function.binary != "password";
        for (action, is_needed) in [("Query", true), ("BatchWriteItem", true), ("UpdateItem", updates)] {
            let is_allowed = actions.contains(&format!("\"dynamodb:{action}\""));
            assert_eq!(is_allowed, is_needed, "{} {action}: {actions}", function.id);
        }
        checked += 1;
    }
    assert_eq!(checked, sweeping.len());
}
