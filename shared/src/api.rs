//! The HTTP contract: request bodies and their limits, token responses, errors. JSON in, JSON out; the
//! routes that OAuth defines take a form.
//!
//! # Invariants
//! * Limits are checked before any work.
//! * An error names the field and never repeats a value.
//! * A 5xx states nothing except that a retry may help.

mod content_type;
mod error;
mod factors;
mod members;
mod oauth_client;
mod origin;
mod own_data;
mod passkeys;
mod request;
mod responder;
mod sessions;
mod transport;

pub use error::{ApiError, InvalidRequest};
pub use factors::{
    ConfirmTotp, EnrolledTotp, FactorList, ListedTotp, NewRecoveryCodes, ProveForFactor, RemoveTotp,
};
pub use oauth_client::OAuthClient;
pub use origin::AllowedOrigin;
pub use own_data::{AccountData, OwnData};
pub use passkeys::{
    AddPasskey, AddedPasskey, CreatePasskey, ListedPasskey, NamePasskey, PasskeyChallenge, PasskeyList,
    RemovePasskey, SignInWithPasskey,
};
pub use request::{
    ChangeAddress, ChangeName, ChangePassword, ConfirmAddress, ConfirmRegistration, DeleteAccount, Fields,
    Login, Logout, LogoutKind, MAX_BODY_BYTES, ProofFields, Refresh, Register, Registrant, RequestReset,
    ResetPassword, UseCode,
};
pub use responder::Responder;
pub use sessions::{EndSessions, ListedSession, Me, SessionList};
pub use transport::{BrowserContext, REFRESH_TOKEN_COOKIE, Transport};

use crate::custom_claims::CustomClaims;
use crate::device_token::DeviceTokenText;
use crate::ids::{SessionId, UserId};
use crate::refresh_token::RefreshTokenText;
use crate::role::Role;

/// The path where OAuth clients refresh (RFC 6749 section 3.2). It may be preceded by the name of a stage.
pub const TOKEN_PATH: &str = "/oauth2/token";

/// The path where OAuth clients end a session (RFC 7009).
pub const REVOCATION_PATH: &str = "/oauth2/revoke";

/// The answer to a registration, sign-in or refresh (RFC 6749 section 5.1), with times relative to the answer, so that a client
/// need not trust its clock. It is serialised once, into the response, and has no `Debug`.
#[derive(serde::Serialize)]
pub struct TokenResponse {
    /// The JWT for the `Authorization` header.
    pub access_token: String,
    /// Always `Bearer` (RFC 6750).
    pub token_type: &'static str,
    /// The access token's life from now, in seconds.
    pub expires_in: i64,
    /// When to refresh ahead of expiry, in seconds from now.
    pub refresh_after: i64,
    /// The next refresh token. None if it travels in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<RefreshTokenText>,
    /// Seconds from now to the nearer of the idle and the absolute end of the session.
    pub refresh_expires_in: i64,
    /// The server's clock, in seconds since the Unix epoch.
    pub server_time: i64,
    /// The session.
    pub session_id: SessionId,
    /// The device token for the next sign-in on this device. None for a refresh, which does not read the account and
    /// therefore cannot know whether an older one is still valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<DeviceTokenText>,
    /// New recovery codes, in the answer that adds an authenticator app: they are shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_codes: Option<Vec<String>>,
    /// The user.
    pub user: User,
}

impl TokenResponse {
    /// Returns the answer to a sign-in, with a device token.
    #[must_use]
    pub fn with_device_token(self, device_token: DeviceTokenText) -> Self {
        Self { device_token: Some(device_token), ..self }
    }
}

/// The user in a token response.
#[derive(serde::Serialize)]
pub struct User {
    /// The `sub` of the access token.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The normalised email address.
    pub email: String,
    /// Whether the user has verified the address.
    pub email_verified: bool,
    /// The roles.
    pub roles: Vec<Role>,
    /// The custom claims of the access token. Left out if there are none.
    #[serde(skip_serializing_if = "CustomClaims::is_empty")]
    pub claims: CustomClaims,
}
