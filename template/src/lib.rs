//! Reads `template.yaml`: text in, a typed [`Stack`] out, no I/O and no panic on any input.
//!
//! Only what a request needs is read and evaluated: routes, the authorizer, CORS, gateway responses, environments
//! and tables. Anything that is read and not understood is an error that names the place: a template that means
//! one thing on AWS and another here must not start.
//!
//! The modules build on each other in this order: `error` and `model` are plain values, `long_form` turns YAML into
//! JSON, `scope` knows what names stand for and evaluates calls, `node` walks through evaluated values, and `api`,
//! `functions` and `tables` read one kind of resource each. `local_mail` has what is set otherwise where a stack runs on one machine.

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

/// Reads a SAM template and evaluates it with the defaults of its parameters, or the settings in their place.
///
/// # Errors
/// The text is not a template, an intrinsic function or a reference is not known, or this reader does not understand a
/// property.
pub fn read(text: &str, settings: Settings<'_>) -> Result<Stack, TemplateError> {
    let document = long_form::parse(text)?;
    let scope = Scope::new(&document, settings)?;
    let api = api::read(&scope)?;
    let functions = functions::read(&scope, &api)?;
    Ok(functions.into_stack(api, tables::read(&scope)?))
}

/// Returns the evaluated properties of the resources of a type, by logical id, each on its own: what one of them has that
/// is not known here does not matter to the others. Resources whose condition does not hold are left out. It is for
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
