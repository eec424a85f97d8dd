//! The AWS account and Region, as Lambda passes them.

use std::fmt;

use super::reader::Reader;
use super::{ConfigError, Lookup};

/// The Region and the credentials of a function's role, which Lambda sets anew for each execution environment. `Debug` shows
/// the Region alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`. Keys of a user, as on a developer's machine, have none.
    pub session_token: Option<String>,
    /// `AWS_USE_FIPS_ENDPOINT` (false).
    pub uses_fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT` (false): endpoints with IPv6 too.
    pub uses_dual_stack: bool,
}

/// Reads the variables that Lambda has set.
///
/// # Errors
/// Returns [`ConfigError`] for a variable that is missing, or neither `true` nor `false`.
pub fn account(lookup: Lookup<'_>) -> Result<Account, ConfigError> {
    let read = Reader(lookup);
    Ok(Account {
        region: read.token("AWS_REGION")?,
        access_key_id: read.required("AWS_ACCESS_KEY_ID")?,
        secret_access_key: read.required("AWS_SECRET_ACCESS_KEY")?,
        session_token: read.optional("AWS_SESSION_TOKEN"),
        uses_fips: read.flag("AWS_USE_FIPS_ENDPOINT", false)?,
        uses_dual_stack: read.flag("AWS_USE_DUALSTACK_ENDPOINT", false)?,
    })
}

/// Reads `AWS_ENDPOINT_URL_SECRETS_MANAGER` and the like, AWS's own names: an endpoint instead of the Region's. Returns
/// `None` if it is empty. `service` is the service's name in AWS's models, such as `Secrets Manager`.
#[must_use]
pub fn endpoint(lookup: Lookup<'_>, service: &str) -> Option<String> {
    let variable = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase().replace(' ', "_"));
    Reader(lookup).optional(&variable)
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-west-1",
            "AWS_ACCESS_KEY_ID" => "an id",
            "AWS_SECRET_ACCESS_KEY" => "a secret",
            "AWS_SESSION_TOKEN" => "a token",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn the_account_is_the_one_that_lambda_names() {
        let expected = Account {
            region: "eu-west-1".to_owned(),
            access_key_id: "an id".to_owned(),
            secret_access_key: "a secret".to_owned(),
            session_token: Some("a token".to_owned()),
            uses_fips: false,
            uses_dual_stack: false,
        };
        assert_eq!(account(&lookup), Ok(expected));
        let with = |variable: &'static str| {
            account(&move |name| if name == variable { Some("true".to_owned()) } else { lookup(name) })
                .unwrap()
        };
        assert!(with("AWS_USE_FIPS_ENDPOINT").uses_fips);
        assert!(with("AWS_USE_DUALSTACK_ENDPOINT").uses_dual_stack);
    }

    #[test]
    fn an_account_needs_a_region_and_keys_but_no_session_token() {
        let without = |gone: &'static str| account(&move |name| lookup(name).filter(|_| name != gone));
        for gone in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert_eq!(without(gone).unwrap_err().to_string(), format!("{gone} is not set"));
        }
        assert_eq!(without("AWS_SESSION_TOKEN").unwrap().session_token, None);
    }

    #[test]
    fn an_endpoint_is_named_as_aws_names_it() {
        let lookup = |name: &str| (name == "AWS_ENDPOINT_URL_SECRETS_MANAGER").then(|| "http://a".to_owned());
        assert_eq!(endpoint(&lookup, "Secrets Manager").as_deref(), Some("http://a"));
        assert_eq!(endpoint(&lookup, "SESv2"), None);
    }

    #[test]
    fn debug_shows_no_credentials() {
        assert_eq!(format!("{:?}", account(&lookup).unwrap()), r#"Account { region: "eu-west-1", .. }"#);
    }
}
