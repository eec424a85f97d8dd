//! Where the token is read.

use serde_json::Value;

use super::Format;

/// The authorization in a request.
#[derive(PartialEq, Eq)]
pub(crate) enum Bearer<'a> {
    /// It has none.
    Missing,
    /// It has several, or one of another scheme.
    Unusable,
    /// The text after the scheme.
    Token(&'a str),
}

/// The marker with which a page sends its token among the subprotocols of a WebSocket, because it cannot set a header:
/// this and the token. A JWT contains no character that RFC 6455 section 4.1 forbids there.
const SUBPROTOCOL: &str = "ratchet.bearer.";

/// RFC 6750 section 2.1.
const SCHEME: &str = "Bearer";

/// Another scheme, only in AppSync: with a further mode for JWTs, AppSync verifies `Bearer` itself and does not call the
/// authorizer.
const APP_SYNC_SCHEME: &str = "Ratchet";

impl<'a> Bearer<'a> {
    /// Reads the token, never from the query or a cookie.
    pub(super) fn read(format: Format, event: &'a Value) -> Self {
        match format {
            Format::RestToken => Self::of_member(event, &[SCHEME]),
            Format::AppSync => Self::of_member(event, &[SCHEME, APP_SYNC_SCHEME]),
            Format::RestRequest | Format::HttpApi1 | Format::HttpApi2 => Self::one(Self::of_headers(event)),
            Format::WebSocket => {
                let offered =
                    values(event, "sec-websocket-protocol").into_iter().flat_map(|list| list.split(','));
                let tokens =
                    offered.filter_map(|name| name.trim().strip_prefix(SUBPROTOCOL)).map(Self::Token);
                Self::one(Self::of_headers(event).chain(tokens))
            }
        }
    }

    fn one(mut all: impl Iterator<Item = Self>) -> Self {
        match (all.next(), all.next()) {
            (None, _) => Self::Missing,
            (Some(only), None) => only,
            (Some(_), Some(_)) => Self::Unusable,
        }
    }

    /// Returns the single value that the service has taken from the request.
    fn of_member(event: &'a Value, schemes: &[&str]) -> Self {
        let value = event.get("authorizationToken").and_then(Value::as_str);
        value.map_or(Self::Missing, |value| Self::of_value(value, schemes))
    }

    fn of_headers(event: &'a Value) -> impl Iterator<Item = Self> {
        values(event, "authorization").into_iter().map(|value| Self::of_value(value, &[SCHEME]))
    }

    /// Splits the scheme, which is case-insensitive (RFC 9110 section 11.1), from the token.
    fn of_value(value: &'a str, schemes: &[&str]) -> Self {
        let is_ours = |name: &str| schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case(name));
        match value.trim().split_once(' ') {
            Some((scheme, token)) if is_ours(scheme) => Self::Token(token.trim_start()),
            Some(_) | None if value.trim().is_empty() => Self::Missing,
            Some(_) | None => Self::Unusable,
        }
    }
}

/// Returns all distinct values of the header in both header maps, whatever the case of its name. API Gateway repeats a header in
/// both, and keeps only the last of several in `headers`; format 2.0 has no second map, and joins them with commas.
fn values<'a>(event: &'a Value, header: &str) -> Vec<&'a str> {
    let of = |map: &str| event.get(map).and_then(Value::as_object).into_iter().flatten();
    let named = |(name, value): (&'a String, _)| name.eq_ignore_ascii_case(header).then_some(value);
    let mut values: Vec<&str> = of("multiValueHeaders")
        .filter_map(named)
        .flat_map(|value| value.as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for single in of("headers").filter_map(named).filter_map(Value::as_str) {
        if !values.contains(&single) {
            values.push(single);
        }
    }
    values
}

impl std::fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Unusable => "Unusable",
            Self::Token(_) => "Token(..)",
        })
    }
}
