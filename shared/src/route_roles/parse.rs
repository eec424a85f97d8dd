//! Parses the text of the setting into rules.

use std::str::FromStr;

use super::path::is_clear;
use super::pattern::{Method, PathPattern, Pattern, Segment};
use super::{Roles, RouteRoles, Rule};

/// The maximum length in characters: the environment of a function is limited to 4 KB, and keys take most of it.
const MOST: usize = 1024;

/// The reason why a text is not a set of rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be rules such as `GET /reports/* auditor,admin` with `;` between them, up to {MOST} characters in all; {0}"
)]
pub struct RouteRolesError(Problem);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("it has {0}")]
    TooLong(usize),
    #[error("it has no rule")]
    NoRule,
    #[error("rule {number}, {rule:?}, {problem}")]
    Rule { number: usize, rule: String, problem: RouteRuleError },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum RouteRuleError {
    #[error("has neither method, path and roles, nor $connect and roles")]
    Parts,
    #[error("needs GET, POST, PUT, PATCH, DELETE, OPTIONS or *; HEAD goes by GET")]
    Method,
    #[error(
        "needs a path of / and segments of letters, digits and -._~@:+= but no dot at the end, with * for any one segment and ** only at its end"
    )]
    Path,
    #[error(
        "needs * or names of roles with commas between them, 1 to 64 characters of ASCII each but no \" * , \\"
    )]
    Roles,
    #[error("never decides, since rule {0} names all that it names")]
    Covered(usize),
}

impl FromStr for RouteRoles {
    type Err = RouteRolesError;

    fn from_str(text: &str) -> Result<Self, RouteRolesError> {
        if text.len() > MOST {
            return Err(RouteRolesError(Problem::TooLong(text.len())));
        }
        let mut rules = Vec::new();
        for text in text.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            let rule = rule(text).and_then(|rule| decides(rule, &rules));
            rules.push(rule.map_err(|problem| {
                RouteRolesError(Problem::Rule { number: rules.len() + 1, rule: text.to_owned(), problem })
            })?);
        }
        if rules.is_empty() { Err(RouteRolesError(Problem::NoRule)) } else { Ok(Self { rules }) }
    }
}

/// Adds the rule, unless an earlier one covers it: then the order is probably a mistake.
fn decides(rule: Rule, before: &[Rule]) -> Result<Rule, RouteRuleError> {
    match before.iter().position(|earlier| earlier.pattern.covers(&rule.pattern)) {
        Some(index) => Err(RouteRuleError::Covered(index + 1)),
        None => Ok(rule),
    }
}

fn rule(text: &str) -> Result<Rule, RouteRuleError> {
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        ["$connect", list] => Ok(Rule { pattern: Pattern::Connect, roles: roles(list)? }),
        [verb, at, list] => {
            let pattern = Pattern::Http { method: method(verb)?, path: path(at)? };
            Ok(Rule { pattern, roles: roles(list)? })
        }
        _ => Err(RouteRuleError::Parts),
    }
}

fn method(text: &str) -> Result<Method, RouteRuleError> {
    match text {
        "*" => Ok(Method::Any),
        // What API Gateway has methods for. A rule of HEAD would never apply.
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => Ok(Method::One(text.to_owned())),
        _ => Err(RouteRuleError::Method),
    }
}

fn path(text: &str) -> Result<PathPattern, RouteRuleError> {
    let inner = text.strip_prefix('/').ok_or(RouteRuleError::Path)?;
    let (inner, open) = match inner.strip_suffix("**") {
        Some("") => (None, true),
        Some(before) => (Some(before.strip_suffix('/').ok_or(RouteRuleError::Path)?), true),
        None => ((!inner.is_empty()).then_some(inner), false),
    };
    let segments = inner.into_iter().flat_map(|inner| inner.split('/')).map(segment);
    Ok(PathPattern { segments: segments.collect::<Result<_, _>>()?, open })
}

fn segment(text: &str) -> Result<Segment, RouteRuleError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@:+=".contains(&byte);
    match text {
        "*" => Ok(Segment::Any),
        // No request has an ambiguous path, so the rule would never apply.
        _ if text.bytes().all(is_plain) && is_clear(text) => Ok(Segment::One(text.to_owned())),
        _ => Err(RouteRuleError::Path),
    }
}

fn roles(text: &str) -> Result<Roles, RouteRuleError> {
    if text == "*" {
        return Ok(Roles::Any);
    }
    let names = text.split(',').map(str::parse);
    names.collect::<Result<_, _>>().map(Roles::OneOf).map_err(|_| RouteRuleError::Roles)
}
