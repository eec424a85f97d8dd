//! Which roles a request needs to pass the authorizer: the setting `ROUTE_ROLES`.
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
/// A rule is a method in capital letters or `*`, a path, and the roles of which one is enough, or `*` for everybody who is
/// signed in. In a path `*` stands for one segment and `**`, at its end, for any number of them, also none; letters match
/// without regard to case, since many a router does so too. `$connect` in place of method and path is the handshake of a
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

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The handshake of a WebSocket API.
    Connect,
    /// An HTTP request.
    Http {
        /// The method. HEAD goes by the rules of GET, whose headers it gets (RFC 9110 section 9.3.2).
        method: &'a str,
        /// The path, without the stage.
        path: Path,
    },
}

/// Why a request may not pass although its token is good. For the log: a client learns `insufficient_scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The event says two things about where it goes, or its path is none for [`Path`].
    #[error("the path can be read in more than one way")]
    Unclear,
    /// Routes are refused unless a rule names them.
    #[error("no rule names the route")]
    Unlisted,
    /// The rule asks for a role that the user has not.
    #[error("a role is missing")]
    Role,
}

impl RouteRoles {
    /// Whether somebody with these roles may ask for that.
    ///
    /// # Errors
    /// [`AuthorizationError`] says why not.
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
