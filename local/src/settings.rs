//! The environment of each function: what the template says, and what replaces it.

use std::collections::BTreeMap;

use crate::error::StartError;
use crate::keys::Keys;
use template::{Function, Variable};

/// The environments of the functions by logical id, each with exactly the variables of the template, `KEY_SET` taking the
/// place of the name of its secret.
pub(crate) fn environments(
    functions: &[Function],
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, StartError> {
    let of = |function: &Function| Ok((function.id.clone(), environment(function, overrides, keys)?));
    functions.iter().map(of).collect()
}

fn environment(
    function: &Function,
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<BTreeMap<String, String>, StartError> {
    let variables = function.environment.iter();
    variables.map(|(name, variable)| Ok((name.clone(), value(name, variable, overrides, keys)?))).collect()
}

/// An empty variable of the process replaces nothing, as it would be no setting on Lambda either.
fn value(
    name: &str,
    variable: &Variable,
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<String, StartError> {
    // Tables are created under their names in the template, so another name could only be a table that is not there.
    if let Variable::Table(table) = variable {
        return Ok(table.clone());
    }
    if let Some(replacement) = overrides(name).filter(|text| !text.is_empty()) {
        return Ok(replacement);
    }
    match variable {
        Variable::Text(text) | Variable::Table(text) => Ok(text.clone()),
        Variable::KeySet => Ok(keys.secret.clone()),
        Variable::PublicKeys => Ok(keys.public.clone()),
        Variable::Unset { parameter } => {
            Err(StartError::Unset { variable: name.to_owned(), parameter: parameter.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys { secret: "the key set".to_owned(), public: "the public keys".to_owned() }
    }

    fn with(variable: Variable, replacement: Option<&str>) -> Result<String, StartError> {
        let function = Function {
            id: "F".to_owned(),
            binary: "f".to_owned(),
            environment: BTreeMap::from([("NAME".to_owned(), variable)]),
        };
        let overrides = |name: &str| (name == "NAME").then_some(replacement?.to_owned());
        let environments = environments(&[function], &overrides, &keys())?;
        assert_eq!(environments["F"].len(), 1, "exactly the variables of the template");
        Ok(environments["F"]["NAME"].clone())
    }

    #[test]
    fn a_variable_of_the_process_replaces_the_templates() {
        assert_eq!(with(Variable::Text("60".to_owned()), None).unwrap(), "60");
        assert_eq!(with(Variable::Text("60".to_owned()), Some("2")).unwrap(), "2");
        assert_eq!(with(Variable::Text("60".to_owned()), Some("")).unwrap(), "60");
    }

    #[test]
    fn the_name_of_a_table_is_never_replaced() {
        assert_eq!(with(Variable::Table("Users".to_owned()), Some("Other")).unwrap(), "Users");
    }

    #[test]
    fn keys_come_from_the_data_directory_unless_replaced() {
        assert_eq!(with(Variable::KeySet, None).unwrap(), "the key set");
        assert_eq!(with(Variable::PublicKeys, None).unwrap(), "the public keys");
        assert_eq!(with(Variable::PublicKeys, Some("{}")).unwrap(), "{}");
    }

    #[test]
    fn a_parameter_without_a_default_needs_a_variable_of_the_process() {
        let unset = || Variable::Unset { parameter: "Name".to_owned() };
        assert_eq!(with(unset(), Some("x")).unwrap(), "x");
        let error = with(unset(), None).unwrap_err().to_string();
        assert_eq!(error, "NAME must be set: the parameter Name of template.yaml has no default");
    }
}
