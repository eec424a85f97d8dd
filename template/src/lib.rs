//! Reads `template.yaml`: text in, a typed [`Stack`] out, no I/O and no panic on any input.
//!
//! Only the parts that requests need are read and evaluated: routes, the authorizer, CORS, gateway responses, environments
//! and tables. Anything that is read and not understood is an error that names the place: a template with different
//! meanings on AWS and here must not start.
//!
//! The modules build on each other in this order: `error` and `model` are plain values, `long_form` turns YAML into
//! JSON, `scope` knows the meaning of names and evaluates calls, `node` walks through evaluated values, and `api`,
//! `functions` and `tables` read one kind of resource each. `local_mail` has the settings that differ on one machine.

mod api;
mod error;
mod functions;
mod local_mail;
mod long_form;
mod model;
mod node;
mod scope;
mod tables;
mod value;

#[cfg(test)]
mod tests;

pub use error::{Problem, TemplateError};
pub use local_mail::{LOCAL_SENDER, with_local_mail};
pub use model::{
    Api, Authorizer, AuthorizerEvent, Cors, Function, GatewayResponse, HeaderSource, Index, KeyAttribute,
    OtherFunction, Route, Stack, StreamReader, Table, Variable,
};
pub use scope::{ACCOUNT_ID, REGION, Settings};

use std::collections::BTreeMap;

use serde_json::Value;

use scope::Scope;

/// Reads a SAM template and evaluates it with the defaults of its parameters, or the given settings.
///
/// # Errors
/// Returns an error if the text is not a template, an intrinsic function or a reference is unknown, or this reader does
/// not understand a property.
pub fn read(text: &str, settings: Settings<'_>) -> Result<Stack, TemplateError> {
    let document = long_form::parse(text)?;
    let scope = Scope::new(&document, settings)?;
    let api = api::read(&scope)?;
    let functions = functions::read(&scope, &api)?;
    Ok(functions.into_stack(api, tables::read(&scope)?))
}

/// Returns the evaluated properties of the resources of a type, by logical id. Each is evaluated separately: an unknown
/// feature in one does not matter to the others. Resources whose condition is false are left out. Use it for
/// resources that take no part in answering requests, such as alarms.
///
/// # Errors
/// As [`read`].
pub fn resources(
    text: &str,
    settings: Settings<'_>,
    kind: &str,
) -> Result<BTreeMap<String, Result<Value, TemplateError>>, TemplateError> {
    let document = long_form::parse(text)?;
    let scope = Scope::new(&document, settings)?;
    let of_kind = node::resources(&scope, kind).map(|resource| {
        let (id, properties) = resource?;
        Ok((id.to_owned(), properties.value()))
    });
    of_kind.collect()
}
