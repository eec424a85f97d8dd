//! Issuing: the token response for a session, the same for registration, sign-in and refresh.

use rand::{CryptoRng, RngExt};

use crate::access_token::{NewClaims, Policy};
use crate::api::{TokenResponse, User};
use crate::authentication::AuthenticationMethods;
use crate::device_token::DeviceToken;
use crate::email::Email;
use crate::flow::sign_in::Opening;
use crate::ids::TokenId;
use crate::key_set::{KeySet, SigningError};
use crate::refresh_token::{RefreshKeyError, RefreshToken};
use crate::session::{Device, Lifetimes, Session};
use crate::{Seconds, Timestamp};

/// The settings of access tokens.
#[derive(Clone, Debug)]
pub struct AccessTokens {
    /// `iss` and `aud`.
    pub policy: Policy,
    /// `client_id`.
    pub client_id: String,
    /// The lifetime, from `iat` to `exp`, in seconds.
    pub lifetime: Seconds,
}

/// The reason why no response could be made for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The access token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The row names a refresh-token key that the key set lacks.
    #[error(transparent)]
    RefreshKey(#[from] RefreshKeyError),
}

/// Returns the response with `refresh_token` and a new access token for `session`.
///
/// # Errors
/// Returns [`IssueError`] if one of the two tokens cannot be made.
pub fn token_response(
    settings: &AccessTokens,
    keys: &KeySet,
    session: &Session,
    refresh_token: &RefreshToken,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<TokenResponse, IssueError> {
    let profile = &session.profile;
    let iat = now.seconds();
    // No access token outlives its session's absolute end.
    let exp = (iat + i64::from(settings.lifetime.0)).min(session.ends_at.seconds());
    let claims = NewClaims {
        iss: &settings.policy.issuer,
        sub: session.user_id,
        aud: &settings.policy.audience,
        exp,
        iat,
        jti: TokenId::random(rng),
        client_id: &settings.client_id,
        sid: session.session_id,
        auth_time: session.authenticated_at.seconds(),
        amr: session.amr,
        name: &profile.name,
        email: &profile.email,
        email_verified: profile.email_verified,
        roles: &profile.roles,
        claims: &profile.claims,
    };
    let expires_in = (exp - iat).max(0);
    Ok(TokenResponse {
        access_token: claims.sign(&keys.signing)?,
        token_type: "Bearer",
        expires_in,
        refresh_after: refresh_after(expires_in, rng),
        refresh_token: Some(refresh_token.to_text(&keys.refresh)?),
        refresh_expires_in: session.refreshable_until().seconds_since(now),
        server_time: iat,
        session_id: session.session_id,
        device_token: None,
        recovery_codes: None,
        user: User {
            id: session.user_id,
            name: profile.name.clone(),
            email: profile.email.clone(),
            email_verified: profile.email_verified,
            roles: profile.roles.clone(),
            claims: profile.claims.clone(),
        },
    })
}

/// The settings of new sessions.
#[derive(Clone, Debug)]
pub struct SessionOpener {
    /// The settings of access tokens.
    pub access_tokens: AccessTokens,
    /// The lifetimes of sessions.
    pub lifetimes: Lifetimes,
}

/// A new session.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'a> {
    /// The session.
    pub session: &'a Session,
    /// The account's address.
    pub email: &'a Email,
    /// The account's `ended_version`, for the device token.
    pub ended_version: i64,
    /// The device token of the request, if it was made for this address.
    pub known_device: Option<DeviceToken>,
}

impl SessionOpener {
    /// Returns what a session begins with, of a user who signs in by these methods on this device.
    #[must_use]
    pub fn opening(
        &self,
        keys: &KeySet,
        methods: AuthenticationMethods,
        device: Device,
        now: Timestamp,
    ) -> Opening {
        Opening {
            key_id: keys.refresh.current(),
            lifetimes: self.lifetimes,
            methods,
            authenticated_at: now,
            device,
            now,
        }
    }

    /// Returns the response with the first tokens of a session, and the device token of its device.
    ///
    /// # Errors
    /// Returns [`IssueError`] if one of the tokens cannot be made.
    pub fn tokens(
        &self,
        keys: &KeySet,
        opened: Opened<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<TokenResponse, IssueError> {
        let Opened { session, email, ended_version, known_device } = opened;
        let (first, now) = (session.newest_token(), session.created_at);
        let tokens = token_response(&self.access_tokens, keys, session, &first, now, rng)?;
        let device = DeviceToken::after_sign_in(known_device, session.user_id, ended_version, rng);
        Ok(tokens.with_device_token(device.to_text(email, &keys.refresh)))
    }
}

/// Returns when a client should refresh ahead of expiry, in seconds from now: a random point at 70 to 90 % of the
/// token's life, so that clients that signed in together do not refresh together.
fn refresh_after(expires_in: i64, rng: &mut impl CryptoRng) -> i64 {
    expires_in * rng.random_range(70..=90) / 100
}

#[cfg(test)]
mod tests;
