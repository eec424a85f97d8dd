//! The function `admin` on the tables of `cargo run`: the same code, with the settings of the template.

use std::collections::BTreeMap;
use std::path::Path;

use admin::App;
use template::Variable;

use crate::error::CliError;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The default target of links, unless `APP_URL` is set: the page of `cargo run`.
const BASE_URL: &str = "http://127.0.0.1:3000";

/// Makes the function. Without a file of keys it has none, and refuses commands that need them.
pub(crate) fn app(endpoint_url: &str, data_directory: &Path) -> Result<App, CliError> {
    let given = |name: &str| runtime::environment(name).filter(|text| !text.is_empty());
    let settings = |name: &str| template::with_local_mail(name, &given, BASE_URL);
    let stack = template::read(TEMPLATE, &settings).map_err(|error| CliError::Template(error.to_string()))?;
    let function = stack.functions.into_iter().find(|function| function.binary == "admin");
    let variables = function.map(|function| function.environment).unwrap_or_default();
    let keys = given("KEY_SET").or_else(|| std::fs::read_to_string(data_directory.join("key-set.json")).ok());
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
