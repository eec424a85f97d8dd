//! Policies for events of REST APIs.

use serde::{Deserialize, Serialize};

use crate::token::{Claims, Verifier};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    headers: Headers<'a>,
    method_arn: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Headers<'a> {
    authorization: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    principal_id: &'a str,
    policy_document: Policy,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

#[derive(Serialize)]
struct Context<'a> {
    sub: &'a str,
    sid: &'a str,
    email: &'a str,
    name: &'a str,
    roles: String,
    exp: String,
}

/// The answer to an event at this second, as JSON.
pub(crate) fn answer(verifier: &Verifier, event: &[u8], now: u64) -> serde_json::Result<Vec<u8>> {
    let event: Event<'_> = serde_json::from_slice(event)?;
    let token = event.headers.authorization.strip_prefix("Bearer ");
    let claims = token.and_then(|token| verifier.verify(token, now));
    serde_json::to_vec(&Answer::of(claims.as_ref(), whole_stage(event.method_arn)))
}

/// The ARN up to its stage, and whatever follows.
fn whole_stage(arn: &str) -> String {
    let end = arn.match_indices('/').nth(1).map_or(arn.len(), |(end, _)| end);
    format!("{}/*", arn.get(..end).unwrap_or_default())
}

impl<'a> Answer<'a> {
    fn of(claims: Option<&'a Claims>, resource: String) -> Self {
        let effect = if claims.is_some() { "Allow" } else { "Deny" };
        let statement = Statement { action: "execute-api:Invoke", effect, resource };
        Self {
            principal_id: claims.map_or("anonymous", |claims| &claims.sub),
            policy_document: Policy { version: "2012-10-17", statement: [statement] },
            context: claims.map(Context::of),
        }
    }
}

impl<'a> Context<'a> {
    fn of(claims: &'a Claims) -> Self {
        Self {
            sub: &claims.sub,
            sid: &claims.sid,
            email: &claims.email,
            name: &claims.name,
            roles: claims.roles.join(" "),
            exp: claims.exp.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_about_the_whole_stage() {
        assert_eq!(
            whole_stage("arn:aws:execute-api:us-east-1:123456789012:a1/prod/GET/weather"),
            "arn:aws:execute-api:us-east-1:123456789012:a1/prod/*"
        );
    }
}
