//! Settings of the authorizer only.

use super::reader::Reader;
use super::{ConfigError, Lookup, Problem};
use crate::custom_claims;
use crate::route_roles::{RouteRoles, RouteRolesError};

/// Reads `HTTP_API_SIMPLE_RESPONSES` (true): whether an HTTP API expects `isAuthorized` from its authorizer of format
/// 2.0, or an IAM policy. The event does not state it, and API Gateway answers 500 if it gets the other one.
///
/// # Errors
/// Returns [`ConfigError`] unless it is `true` or `false`.
pub fn http_api_simple_responses(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    Reader(lookup).flag("HTTP_API_SIMPLE_RESPONSES", true)
}

/// Reads `ROUTE_ROLES` (empty): the roles that the authorizer requires per route. Empty means none.
///
/// # Errors
/// Returns [`ConfigError`], which names the invalid rule and the reason.
pub fn route_roles(lookup: Lookup<'_>) -> Result<Option<RouteRoles>, ConfigError> {
    const VARIABLE: &str = "ROUTE_ROLES";
    let rules = Reader(lookup).optional(VARIABLE).map(|text| text.parse());
    rules.transpose().map_err(|problem: RouteRolesError| ConfigError::new(VARIABLE, problem))
}

/// The members of the authorizer's context that are not claims of ours. Their names are reserved too.
const CONTEXT_MEMBERS: [&str; 6] =
    ["claims", "challenge", "error", "error_description", "principalId", "token_expired"];

/// Reads `CONTEXT_CLAIMS` (empty): the names, separated by commas, of custom claims that become members of the authorizer's
/// context.
///
/// # Errors
/// Returns [`ConfigError`] unless each is a name of letters, digits, `_` and `-` without another meaning in a token or
/// the context.
pub fn context_claims(lookup: Lookup<'_>) -> Result<Vec<String>, ConfigError> {
    const VARIABLE: &str = "CONTEXT_CLAIMS";
    let names = Reader(lookup).optional(VARIABLE).unwrap_or_default();
    let is_good = |name: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        (1..=64).contains(&name.len())
            && name.bytes().all(is_plain)
            && !custom_claims::is_reserved(name)
            && !CONTEXT_MEMBERS.contains(&name)
    };
    let names = names.split(',').map(str::trim).filter(|_| !names.is_empty());
    names
        .map(|name| {
            if is_good(name) {
                Ok(name.to_owned())
            } else {
                Err(ConfigError::new(VARIABLE, Problem::NotAContextClaim(name.to_owned())))
            }
        })
        .collect()
}
