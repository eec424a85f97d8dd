//! The function `admin` on the tables of `cargo run`: the same code, with the settings of the template.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;

use admin::App;
use serde::Deserialize;
use shared::key_set::KeySet;
use template::Variable;

use crate::error::CliError;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The default target of links, unless `APP_URL` is set: the page of `cargo run` at its default port.
const BASE_URL: &str = "http://127.0.0.1:3000";

/// What `cargo run` says of itself in its data directory.
#[derive(Deserialize)]
struct Service {
    /// The URL of the API.
    api: String,
    /// The URL of DynamoDB.
    dynamodb: String,
    /// The version of the key set.
    key_set: String,
}

/// The relation of a data directory to the tables.
enum Directory {
    /// The directory of the running service with the tables.
    Own(Service),
    /// The directory of another service, or of one that does not run.
    Other,
    /// It says nothing: the service keeps its data in memory, or there is no such directory.
    Silent,
}

/// Makes the function. Without the keys of the service it has none, and refuses commands that need them: a link that is made with
/// other keys is dead.
pub(crate) fn app(endpoint_url: &str, data_directory: &Path) -> Result<App, CliError> {
    let given = |name: &str| runtime::environment(name).filter(|text| !text.is_empty());
    let kept = || std::fs::read_to_string(data_directory.join("key-set.json")).ok();
    let (base_url, keys) = match Directory::read(data_directory, endpoint_url) {
        Directory::Own(service) => {
            let keys = given("KEY_SET").or_else(kept).filter(|keys| service.has(keys));
            (service.api, keys)
        }
        Directory::Other => (BASE_URL.to_owned(), given("KEY_SET")),
        Directory::Silent => (BASE_URL.to_owned(), given("KEY_SET").or_else(kept)),
    };
    let settings = |name: &str| template::with_local_mail(name, &given, &base_url);
    let stack = template::read(TEMPLATE, &settings).map_err(|error| CliError::Template(error.to_string()))?;
    let function = stack.functions.into_iter().find(|function| function.binary == "admin");
    let variables = function.map(|function| function.environment).unwrap_or_default();
    let value = |variable: Variable| match variable {
        Variable::Text(text) | Variable::Table(text) => Some(text),
        Variable::KeySet => keys.clone(),
        Variable::PublicKeys | Variable::Unset { .. } => None,
    };
    let environment: BTreeMap<String, String> =
        variables.into_iter().filter_map(|(name, variable)| Some((name, value(variable)?))).collect();
    let lookup = |name: &str| environment.get(name).cloned();
    Ok(App::new(&lookup, aws::client_for(endpoint_url).into())?)
}

impl Directory {
    fn read(path: &Path, endpoint_url: &str) -> Self {
        let text = std::fs::read_to_string(path.join("service.json")).unwrap_or_default();
        let Ok(service) = serde_json::from_str::<Service>(&text) else { return Self::Silent };
        // An address has several names, such as localhost.
        if is_running(path) && port(&service.dynamodb) == port(endpoint_url) {
            Self::Own(service)
        } else {
            Self::Other
        }
    }
}

impl Service {
    fn has(&self, keys: &str) -> bool {
        KeySet::parse(keys).is_ok_and(|keys| keys.version() == self.key_set)
    }
}

/// Returns whether a service holds the lock of its data directory.
fn is_running(path: &Path) -> bool {
    let lock = File::open(path.join("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn port(url: &str) -> Option<u16> {
    url.trim_end_matches('/').rsplit(':').next()?.parse().ok()
}
