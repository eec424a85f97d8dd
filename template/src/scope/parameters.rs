//! The parameters of a template: their defaults and replacements.

use std::collections::BTreeMap;

use serde_json::Value;

/// Looks up a setting that replaces one of the template's.
pub type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The value of each parameter, or `None` for one without a default.
pub(super) type Parameters = BTreeMap<String, Option<Value>>;

/// A parameter that a function has as a variable takes the setting of that variable wherever else it is used: a
/// setting that functions and gateway share must not differ between them. Other parameters are never looked up, because
/// an environment may well contain a `DOMAIN_NAME` with another meaning.
pub(super) fn read(document: &Value, settings: Settings<'_>) -> Parameters {
    let declared = document.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    let mut parameters: Parameters =
        declared.map(|(name, body)| (name.clone(), body.get("Default").cloned())).collect();
    for (variable, parameter) in variables(document) {
        let setting = settings(variable).filter(|text| !text.is_empty());
        if let (Some(setting), Some(value)) = (setting, parameters.get_mut(parameter)) {
            *value = Some(setting.into());
        }
    }
    parameters
}

/// Returns every variable of an environment that is merely a reference, and its target.
fn variables(document: &Value) -> impl Iterator<Item = (&str, &str)> {
    let resources = document.get("Resources").and_then(Value::as_object).into_iter().flatten();
    let own = resources.filter_map(|(_, resource)| resource.pointer("/Properties/Environment/Variables"));
    let global = document.pointer("/Globals/Function/Environment/Variables");
    own.chain(global).filter_map(Value::as_object).flatten().filter_map(|(name, value)| {
        let call = value.as_object().filter(|map| map.len() == 1)?;
        Some((name.as_str(), call.get("Ref")?.as_str()?))
    })
}
