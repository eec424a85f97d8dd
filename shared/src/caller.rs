//! The caller of a protected route, as the authorizer reports it to the function.
//!
//! The gateway passes the authorizer's context in the request's own context, with every value as a text. It has verified
//! the access token. A function that finds no valid context was deployed without the authorizer, and refuses the request.
//!
//! In REST and HTTP APIs `runtime::caller` finds it, whatever the format. A WebSocket API has it in
//! `requestContext.authorizer` of each message, AppSync in `identity.resolverContext`.

use std::collections::HashMap;

use serde_json::Value;

use crate::Timestamp;
use crate::api::{ApiError, Me, User};
use crate::authentication::AuthenticationMethods;
use crate::custom_claims::CustomClaims;
use crate::ids::{SessionId, UserId};
use crate::role::{self, Role};

/// The claims of the access token of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `sub`: the user.
    pub user_id: UserId,
    /// `sid`: the session.
    pub session_id: SessionId,
    /// `email`: the normalised address.
    pub email: String,
    /// `email_verified`: whether the user has verified the address.
    pub email_verified: bool,
    /// `amr`: how the user signed in. An authorizer from before that was said says nothing.
    pub amr: AuthenticationMethods,
    /// `name`: the display name.
    pub name: String,
    /// `roles`: separated by spaces in the context; empty if the member is missing.
    pub roles: Vec<Role>,
    /// `claims`: the custom claims, as one JSON text in the context. Older authorizers do not send it.
    pub claims: CustomClaims,
    /// `exp`: the second from which on the token is refused.
    pub expires_at: Timestamp,
}

/// The reason why a request has no caller, for the log. A client learns only whether the token has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerError {
    /// No authorizer ran for this route, or one of another service.
    #[error("the authorizer's context has no good {0}")]
    Context(&'static str),
    /// The gateway caches the authorizer's answers (`ReauthorizeEvery`), and this one has outlived its token.
    #[error("the access token has expired since the authorizer allowed it")]
    Expired,
}

impl Caller {
    /// Reads the context of a request.
    ///
    /// # Errors
    /// Returns [`CallerError`] for a member that is missing or malformed.
    pub fn read(context: Option<&HashMap<String, Value>>, now: Timestamp) -> Result<Self, CallerError> {
        let text = |name: &'static str| {
            let value = context.and_then(|context| context.get(name)).and_then(Value::as_str);
            value.ok_or(CallerError::Context(name))
        };
        // A missing member means no roles. A member of another type does not come from our authorizer.
        let has_roles = context.is_some_and(|context| context.contains_key("roles"));
        let roles = if has_roles { text("roles")? } else { "" };
        let caller = Self {
            user_id: text("sub")?.parse().map_err(|_| CallerError::Context("sub"))?,
            session_id: text("sid")?.parse().map_err(|_| CallerError::Context("sid"))?,
            email: text("email")?.to_owned(),
            // Older authorizers do not state it.
            email_verified: text("email_verified").is_ok_and(|text| text == "true"),
            amr: text("amr")
                .map_or(AuthenticationMethods::NONE, |text| AuthenticationMethods::read(text.split(' '))),
            name: text("name")?.to_owned(),
            roles: role::read(roles.split(' ').filter(|role| !role.is_empty()), "context"),
            claims: context
                .and_then(|context| context.get("claims"))
                .map_or(Ok(CustomClaims::default()), claims)?,
            expires_at: Timestamp::from_seconds(
                text("exp")?.parse().map_err(|_| CallerError::Context("exp"))?,
            ),
        };
        if now < caller.expires_at { Ok(caller) } else { Err(CallerError::Expired) }
    }

    /// Checks that the user has a role. The gateway answers a failed authentication with 401; the function answers a
    /// missing role with 403 and the challenge `insufficient_scope` (RFC 6750 section 3.1), which
    /// [`crate::api::Responder`] makes of the error. Roles are case-sensitive.
    ///
    /// # Errors
    /// Returns [`ApiError::InsufficientScope`] if the user lacks the role.
    pub fn require(&self, role: &str) -> Result<(), ApiError> {
        if self.roles.iter().any(|own| own.as_str() == role) {
            Ok(())
        } else {
            Err(ApiError::InsufficientScope)
        }
    }

    /// Checks that the user has signed in with two factors, for routes that ask for that: with a one-time password, or with
    /// a passkey. Who has not is answered with 401 and the challenge `insufficient_user_authentication` (RFC 9470
    /// section 3), upon which the client has the user sign in anew, with a second factor.
    ///
    /// # Errors
    /// [`ApiError::InsufficientUserAuthentication`] without it.
    pub fn require_factor(&self) -> Result<(), ApiError> {
        if self.amr.are_two_factors() { Ok(()) } else { Err(ApiError::InsufficientUserAuthentication) }
    }
}

fn claims(value: &Value) -> Result<CustomClaims, CallerError> {
    let read = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    read.ok_or(CallerError::Context("claims"))
}

impl Me {
    /// Returns the answer for the caller.
    #[must_use]
    pub fn of(caller: Caller, now: Timestamp) -> Self {
        Self {
            expires_in: caller.expires_at.seconds() - now.seconds(),
            server_time: now.seconds(),
            session_id: caller.session_id,
            user: User {
                id: caller.user_id,
                name: caller.name,
                email: caller.email,
                email_verified: caller.email_verified,
                roles: caller.roles,
                claims: caller.claims,
            },
        }
    }
}

impl From<CallerError> for ApiError {
    fn from(reason: CallerError) -> Self {
        Self::InvalidToken { expired: reason == CallerError::Expired }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AllowedOrigin, Responder};
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(99_999);

    fn context() -> HashMap<String, Value> {
        [
            ("principalId", "p"),
            ("sub", "01010101-0101-0101-0101-010101010101"),
            ("sid", "02020202-0202-0202-0202-020202020202"),
            ("email", "ada@example.com"),
            ("email_verified", "true"),
            ("amr", "pwd otp"),
            ("name", "Ada Lovelace"),
            ("roles", "admin editor"),
            ("claims", r#"{"plan":"pro"}"#),
            ("exp", "100"),
        ]
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into()
    }

    #[test]
    fn a_context_says_who_is_calling() {
        let caller = Caller {
            user_id: UserId::from_bytes([1; 16]),
            session_id: SessionId::from_bytes([2; 16]),
            email: "ada@example.com".to_owned(),
            email_verified: true,
            amr: AuthenticationMethods::PASSWORD.with(AuthenticationMethods::ONE_TIME_PASSWORD),
            name: "Ada Lovelace".to_owned(),
            roles: ["admin", "editor"].map(|role| role.parse().unwrap()).to_vec(),
            claims: CustomClaims::new(json!({ "plan": "pro" })).unwrap(),
            expires_at: Timestamp::from_seconds(100),
        };
        assert_eq!(Caller::read(Some(&context()), NOW), Ok(caller));
    }

    #[test]
    fn an_address_is_verified_if_the_context_says_so_in_one_word() {
        for (value, expected) in [
            (json!("true"), true),
            (json!("false"), false),
            (json!("True"), false),
            (json!(true), false),
            (json!(null), false),
        ] {
            let mut context = context();
            context.insert("email_verified".to_owned(), value);
            assert_eq!(Caller::read(Some(&context), NOW).unwrap().email_verified, expected);
        }
        let mut context = context();
        context.remove("email_verified");
        assert!(!Caller::read(Some(&context), NOW).unwrap().email_verified);
    }

    #[test]
    fn a_sign_in_with_two_factors_is_required_or_refused_with_the_challenge_of_rfc_9470() {
        for (amr, expected) in [
            (json!("pwd otp"), true),
            (json!("hwk user"), true),
            (json!("pwd"), false),
            (json!("pwd hwk"), false),
            (json!("user"), false),
            (json!("pwdotp"), false),
            (json!(""), false),
            (json!(["otp"]), false),
            (json!(null), false),
        ] {
            let mut context = context();
            context.insert("amr".to_owned(), amr.clone());
            let required = Caller::read(Some(&context), NOW).unwrap().require_factor();
            assert_eq!(required.is_ok(), expected, "{amr}");
        }
        let mut context = context();
        context.remove("amr");
        let refused = Caller::read(Some(&context), NOW).unwrap().require_factor().unwrap_err();
        let response = Responder::new(AllowedOrigin::parse("*").unwrap()).error(&refused);
        assert_eq!(response.status(), 401);
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer error="insufficient_user_authentication", error_description="This needs a sign-in with a second factor.""#
        );
        assert_eq!(response.headers().get("is-token-expired"), None, "no refresh helps");
        let body: Value = serde_json::from_str(response.body()).unwrap();
        assert_eq!(body["error"], "insufficient_user_authentication");
    }

    #[test]
    fn claims_are_one_json_text_or_none_at_all() {
        let mut context = context();
        context.remove("claims");
        assert_eq!(Caller::read(Some(&context), NOW).unwrap().claims, CustomClaims::default());
        for bad in [json!({ "plan": "pro" }), json!("plan"), json!("[]"), json!(r#"{"sub":"x"}"#)] {
            context.insert("claims".to_owned(), bad);
            assert_eq!(Caller::read(Some(&context), NOW), Err(CallerError::Context("claims")));
        }
    }

    #[test]
    fn no_roles_are_an_empty_text_or_none() {
        let mut context = context();
        context.insert("roles".to_owned(), json!(""));
        assert_eq!(Caller::read(Some(&context), NOW).unwrap().roles, Vec::<Role>::new());
        context.remove("roles");
        assert_eq!(Caller::read(Some(&context), NOW).unwrap().roles, Vec::<Role>::new());
    }

    #[test]
    fn white_space_but_a_space_makes_no_two_roles_of_one() {
        let mut context = context();
        context.insert("roles".to_owned(), json!("editor not\u{a0}admin x\tadmin"));
        let caller = Caller::read(Some(&context), NOW).unwrap();
        assert_eq!(
            (caller.require("editor"), caller.require("admin")),
            (Ok(()), Err(ApiError::InsufficientScope))
        );
    }

    #[test]
    fn a_context_that_lacks_something_is_nobodys() {
        assert_eq!(Caller::read(None, NOW), Err(CallerError::Context("sub")));
        for name in ["sub", "sid", "email", "name", "roles", "exp"] {
            let mut context = context();
            context.remove(name);
            if name != "roles" {
                assert_eq!(Caller::read(Some(&context), NOW), Err(CallerError::Context(name)));
            }
            for value in [json!(null), json!(100), json!(["x"])] {
                context.insert(name.to_owned(), value);
                assert_eq!(Caller::read(Some(&context), NOW), Err(CallerError::Context(name)));
            }
        }
    }

    #[test]
    fn ids_and_times_of_another_form_are_nobodys() {
        for (name, value) in [("sub", "ada"), ("sub", ""), ("sid", "0202"), ("exp", "soon"), ("exp", "1e9")] {
            let mut context = context();
            context.insert(name.to_owned(), json!(value));
            assert_eq!(Caller::read(Some(&context), NOW), Err(CallerError::Context(name)), "{value}");
        }
    }

    #[test]
    fn an_allow_that_outlived_its_token_is_expired() {
        let expired = Caller::read(Some(&context()), Timestamp::from_seconds(100));
        assert_eq!(expired, Err(CallerError::Expired));
        assert_eq!(ApiError::from(CallerError::Expired), ApiError::InvalidToken { expired: true });
        assert_eq!(ApiError::from(CallerError::Context("sub")), ApiError::InvalidToken { expired: false });
    }

    #[test]
    fn a_role_is_had_as_it_is_spelled_or_not_at_all() {
        let caller = Caller::read(Some(&context()), NOW).unwrap();
        assert_eq!((caller.require("admin"), caller.require("editor")), (Ok(()), Ok(())));
        for role in ["", "Admin", "adm", "admin editor", "owner"] {
            assert_eq!(caller.require(role), Err(ApiError::InsufficientScope), "{role}");
        }
    }

    #[test]
    fn a_missing_role_is_a_403_with_its_challenge() {
        let refused = Caller::read(Some(&context()), NOW).unwrap().require("owner").unwrap_err();
        let response = Responder::new(AllowedOrigin::parse("*").unwrap()).error(&refused);
        assert_eq!(response.status(), 403);
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer error="insufficient_scope", error_description="The user lacks a role that this needs.""#
        );
        assert_eq!(response.headers().get("is-token-expired"), None, "no refresh helps");
        let body: Value = serde_json::from_str(response.body()).unwrap();
        assert_eq!(body["error"], "insufficient_scope");
    }
}
