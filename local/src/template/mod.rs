//! Reads `template.yaml`: text in, a typed [`Stack`] out, no I/O and no panic on any input.
//!
//! Only what a request needs is read and evaluated: routes, the authorizer, CORS, gateway responses, environments
//! and tables. Whatever is read and not understood is an error that names the place, because a template that means
//! one thing on AWS and another here is worse than one that does not start.

mod api;
mod conditions;
mod error;
mod functions;
mod intrinsics;
mod long_form;
mod model;
mod node;
mod parameters;
mod scope;
mod tables;

#[cfg(test)]
mod tests;

pub use error::{Problem, TemplateError};
pub use model::{
    Api, Authorizer, AuthorizerEvent, Cors, Function, GatewayResponse, HeaderSource, KeyAttribute, Route,
    Stack, Table, Variable,
};

use std::collections::BTreeMap;

use serde_json::Value;

use scope::Scope;

/// Account id that ARNs carry here.
pub const ACCOUNT_ID: &str = "000000000000";
/// Region that ARNs carry here, and what `AWS::Region` stands for.
pub const REGION: &str = "us-east-1";

/// Looks up a setting that replaces one of the template's.
pub type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a SAM template and evaluates it with the defaults of its parameters, or the settings in their place.
///
/// # Errors
/// Text that is no template, an intrinsic function or a reference that is not known, or a property this reader
/// does not understand.
pub fn read(text: &str, settings: Settings<'_>) -> Result<Stack, TemplateError> {
    let document = long_form::parse(text)?;
    let scope = Scope::new(&document, settings)?;
    let api = api::read(&scope)?;
    let (functions, routes) = functions::read(&scope, &api)?;
    let tables = tables::read(&scope)?;
    Ok(Stack { api, routes, functions, tables })
}

/// The properties of the resources of a type by logical id, evaluated: of those whose condition holds. For what needs no
/// part in answering requests, such as an alarm.
///
/// # Errors
/// As [`read`].
pub fn resources(
    text: &str,
    settings: Settings<'_>,
    kind: &str,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let document = long_form::parse(text)?;
    let scope = Scope::new(&document, settings)?;
    let of_kind = scope.resources(kind).map(|resource| {
        let (id, properties) = resource?;
        Ok((id.to_owned(), properties.value()?))
    });
    of_kind.collect()
}
