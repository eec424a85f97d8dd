//! Settings of the authorizer alone.

use super::reader::Reader;
use super::{ConfigError, Lookup};
use crate::route_roles::{RouteRoles, RouteRolesError};

/// `HTTP_API_SIMPLE_RESPONSES` (true): whether an HTTP API expects `isAuthorized` of its authorizer of format 2.0, or an IAM
/// policy. No event says so; API Gateway answers 500 if it gets the other one.
///
/// # Errors
/// [`ConfigError`] unless it is `true` or `false`.
pub fn http_api_simple_responses(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    Reader(lookup).flag("HTTP_API_SIMPLE_RESPONSES", true)
}

/// `ROUTE_ROLES` (none): the roles that the authorizer asks for, route by route; none if it is empty.
///
/// # Errors
/// [`ConfigError`] names the rule that is none, and why.
pub fn route_roles(lookup: Lookup<'_>) -> Result<Option<RouteRoles>, ConfigError> {
    const VARIABLE: &str = "ROUTE_ROLES";
    let rules = Reader(lookup).optional(VARIABLE).map(|text| text.parse());
    rules.transpose().map_err(|problem: RouteRolesError| ConfigError::new(VARIABLE, problem))
}
