//! The roles that a request needs to pass the authorizer: the setting `ROUTE_ROLES`.
//!
//! # Invariants
//! * The first rule that matches a request decides. A request that matches no rule is refused.
//! * A path that two readers could interpret differently is refused ([`Path`]).
//! * No rule is covered by an earlier one, so every rule can match.

mod parse;
mod path;
mod pattern;

use crate::role::Role;
pub use parse::RouteRolesError;
pub use path::Path;
use pattern::Pattern;

/// Rules such as `GET /reports/* auditor,admin; * /admin/** admin; GET /orders/* *`.
///
/// A rule is a method (`GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`) or `*`, a path, and the roles of which one suffices, or `*` for everybody who is
/// signed in. In a path `*` stands for one segment and `**`, at its end, for any number of them, including none. Matching is
/// case-insensitive, as in many routers. `$connect` instead of method and path is the handshake of a
/// WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRoles {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: Pattern,
    roles: Roles,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Roles {
    Any,
    OneOf(Vec<Role>),
}

/// The target of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The handshake of a WebSocket API.
    Connect,
    /// An HTTP request.
    Http {
        /// The method. The rules for GET apply to HEAD too, because it returns the headers of GET (RFC 9110 section 9.3.2).
        method: &'a str,
        /// The path, without the stage.
        path: Path,
    },
}

/// The reason why a request with a valid token is refused, for the log. A client learns `insufficient_scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The event names two targets, or its path is ambiguous ([`Path`]).
    #[error("the path can be read in more than one way")]
    Unclear,
    /// No rule names the route.
    #[error("no rule names the route")]
    Unlisted,
    /// The user lacks the roles of the rule.
    #[error("a role is missing")]
    Role,
}

impl RouteRoles {
    /// Checks whether a user with these roles may make the request.
    ///
    /// # Errors
    /// Returns [`AuthorizationError`], which states the reason.
    pub fn check(&self, route: &Route<'_>, roles: &[Role]) -> Result<(), AuthorizationError> {
        let rule =
            self.rules.iter().find(|rule| rule.pattern.matches(route)).ok_or(AuthorizationError::Unlisted)?;
        match &rule.roles {
            Roles::Any => Ok(()),
            Roles::OneOf(enough) if enough.iter().any(|role| roles.contains(role)) => Ok(()),
            Roles::OneOf(_) => Err(AuthorizationError::Role),
        }
    }
}

#[cfg(test)]
mod tests;
