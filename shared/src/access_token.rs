//! Access tokens: JWTs of the profile of RFC 9068, signed by the current key and verified without a database.
//!
//! # Invariants
//! * A [`GenuineToken`] has a valid signature of a trusted key, by the algorithm of that key, and our issuer and
//!   audience.
//! * [`Claims`] are only returned with a decision about expiry, so "expired" always means genuine but expired.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Timestamp;
use crate::authentication::AuthenticationMethods;
use crate::custom_claims::CustomClaims;
use crate::ids::{SessionId, TokenId, UserId};
use crate::key_set::{SigningError, SigningKey, VerifyingKey, VerifyingKeys};
use crate::role::{self, Role};

/// The claims of an access token that we issue (RFC 9068 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewClaims<'a> {
    /// The issuer: the setting `ISSUER`.
    pub iss: &'a str,
    /// The user.
    pub sub: UserId,
    /// The audience: the setting `AUDIENCE`.
    pub aud: &'a str,
    /// The expiry in seconds; the token is refused from this second on.
    pub exp: i64,
    /// The second in which the token was issued.
    pub iat: i64,
    /// The id of the token.
    pub jti: TokenId,
    /// The client: the setting `CLIENT_ID`.
    pub client_id: &'a str,
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// The second in which the user last proved their identity: at the sign-in, or at a change with the password since.
    pub auth_time: i64,
    /// How the user signed in (RFC 8176).
    pub amr: AuthenticationMethods,
    /// The user's name.
    pub name: &'a str,
    /// The user's normalised email address.
    pub email: &'a str,
    /// Whether the user has verified the address.
    pub email_verified: bool,
    /// The user's roles. The claim is left out if there are none, because verifiers treat an empty list as missing.
    #[serde(skip_serializing_if = "has_no_roles")]
    pub roles: &'a [Role],
    /// Custom claims of the deployer, added as further members.
    #[serde(skip)]
    pub claims: &'a CustomClaims,
}

/// The claims of a genuine token. If a claim is missing or has another type, the token is refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: String,
    /// The expiry in seconds; the token is refused from this second on.
    pub exp: i64,
    /// The second before which the token is refused (RFC 7519 section 4.1.5). We set none.
    #[serde(default, deserialize_with = "typed")]
    nbf: Option<i64>,
    /// The session that the token belongs to.
    pub sid: String,
    /// The user's name.
    pub name: String,
    /// The user's normalised email address.
    pub email: String,
    /// Whether the user has verified the address.
    #[serde(default)]
    pub email_verified: bool,
    /// How the user signed in. A token from before that was said says nothing.
    #[serde(default)]
    pub amr: AuthenticationMethods,
    /// The user's roles, empty if the claim is left out.
    #[serde(default, deserialize_with = "role::deserialize")]
    pub roles: Vec<Role>,
    /// Custom claims of the deployer.
    #[serde(flatten, deserialize_with = "custom")]
    pub custom: CustomClaims,
    // These fields are named so that `custom` does not collect them.
    #[serde(default, rename = "iat", deserialize_with = "ignored")]
    _iat: (),
    #[serde(default, rename = "jti", deserialize_with = "ignored")]
    _jti: (),
    #[serde(default, rename = "client_id", deserialize_with = "ignored")]
    _client_id: (),
    #[serde(default, rename = "auth_time", deserialize_with = "ignored")]
    _auth_time: (),
}

/// The issuer and audience that a token must have. There is no default: both are always compared.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The one accepted `iss`.
    pub issuer: String,
    /// The one accepted `aud`.
    pub audience: String,
}

/// A token with a valid signature, issuer and audience. Its expiry has not been checked yet.
#[derive(Clone, Debug)]
pub struct GenuineToken(Claims);

/// The reason why a token is refused, for the log. A client learns only [`AccessTokenError::is_expired`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Not three parts of base64url with a JSON header that has a known algorithm and a `kid`.
    #[error("malformed")]
    Malformed,
    /// It has another media type than `at+jwt` (RFC 9068 section 4).
    #[error("of another type than at+jwt")]
    Type,
    /// It names header fields that must be understood (RFC 7515 section 4.1.11). We define none.
    #[error("with critical header fields")]
    Critical,
    /// It names an unknown key: one that was dropped, or another issuer's.
    #[error("of an unknown key")]
    UnknownKey,
    /// The signature is not valid for this text, key and algorithm.
    #[error("with a bad signature")]
    Signature,
    /// A claim is missing or has another type.
    #[error("with missing or mistyped claims")]
    ClaimsForm,
    /// It was issued by another issuer.
    #[error("of another issuer")]
    Issuer,
    /// It is meant for another audience.
    #[error("for another audience")]
    Audience,
    /// It is genuine but expired.
    #[error("expired")]
    Expired,
    /// It is genuine but not valid yet.
    #[error("not yet good")]
    NotYet,
}

impl NewClaims<'_> {
    /// Signs the claims and returns the token (RFC 7515 section 7.1).
    ///
    /// # Errors
    /// Returns [`SigningError`] if the cryptographic library fails to sign.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SigningError> {
        let header = Header { typ: "at+jwt", alg: key.algorithm(), kid: key.key_id() };
        let mut payload = json(self)?;
        self.claims.add_to(&mut payload);
        let message = format!("{}.{}", part(&header)?, URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())?);
        Ok(format!("{message}.{signature}"))
    }
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: crate::key_set::Algorithm,
    kid: &'a str,
}

fn has_no_roles(roles: &&[Role]) -> bool {
    roles.is_empty()
}

fn part(value: &impl Serialize) -> Result<String, SigningError> {
    json(value).map(|json| URL_SAFE_NO_PAD.encode(json))
}

fn json(value: &impl Serialize) -> Result<String, SigningError> {
    serde_json::to_string(value).map_err(|_| SigningError)
}

/// Verifies the form, type, key, signature and claims of a token, in this order, but not its expiry.
///
/// # Errors
/// Returns [`AccessTokenError`] for the first check that fails, never one about the time.
pub fn verify(text: &str, keys: &VerifyingKeys, policy: &Policy) -> Result<GenuineToken, AccessTokenError> {
    let (parts, key) = choose_key(text, keys)?;
    check_signature(&parts, key)?;
    let claims = read_claims(&parts)?;
    if claims.iss != policy.issuer {
        return Err(AccessTokenError::Issuer);
    }
    if claims.aud != policy.audience {
        return Err(AccessTokenError::Audience);
    }
    Ok(GenuineToken(claims))
}

/// Returns whether the token names a key that `keys` lacks: the set may be older than the token. Nothing else is checked.
#[must_use]
pub fn names_unknown_key(text: &str, keys: &VerifyingKeys) -> bool {
    matches!(choose_key(text, keys), Err(AccessTokenError::UnknownKey))
}

impl GenuineToken {
    /// Returns the claims if the token is valid at `now`. `exp` is exclusive, and there is no leeway.
    ///
    /// # Errors
    /// Returns [`AccessTokenError::Expired`] from the second `exp` on, and [`AccessTokenError::NotYet`] before the second `nbf`.
    pub fn unexpired_at(self, now: Timestamp) -> Result<Claims, AccessTokenError> {
        let claims = self.even_if_expired(now)?;
        if now.seconds() < claims.exp { Ok(claims) } else { Err(AccessTokenError::Expired) }
    }

    /// Returns the claims of a token that may have expired. They prove a past sign-in, not a current one.
    ///
    /// # Errors
    /// Returns [`AccessTokenError::NotYet`] before the second `nbf`.
    pub fn even_if_expired(self, now: Timestamp) -> Result<Claims, AccessTokenError> {
        let is_early = self.0.nbf.is_some_and(|nbf| now.seconds() < nbf);
        if is_early { Err(AccessTokenError::NotYet) } else { Ok(self.0) }
    }
}

impl AccessTokenError {
    /// Returns whether the token is genuine but expired. A client is told only this reason, because a refresh solves it.
    #[must_use]
    pub fn is_expired(self) -> bool {
        self == Self::Expired
    }
}

/// The parts of a token (RFC 7515 section 7.1). Nothing is verified yet.
struct Parts<'a> {
    header: ReadHeader,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The relevant members of a header.
#[derive(Deserialize)]
struct ReadHeader {
    typ: Option<String>,
    alg: jsonwebtoken::Algorithm,
    kid: Option<String>,
    /// Whether the member exists, whatever its value, null included.
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn ignored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(deserializer).map(drop)
}

fn custom<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CustomClaims, D::Error> {
    serde_json::Map::deserialize(deserializer).map(CustomClaims::of_token)
}

/// A claim that may be left out but otherwise must have its type.
fn typed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(deserializer).map(Some)
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, payload) = message.rsplit_once('.')?;
        Some(Self { header: decoded(header)?, message, payload, signature })
    }
}

/// Reads base64url-encoded JSON. Text that is not UTF-8 is refused, even in members that are not read.
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    serde_json::from_str(&json).ok()
}

/// Reads the header, which is not verified yet: it may select the key and cause a refusal, but nothing else.
fn choose_key<'a, 'k>(
    text: &'a str,
    keys: &'k VerifyingKeys,
) -> Result<(Parts<'a>, &'k VerifyingKey), AccessTokenError> {
    let parts = Parts::read(text).ok_or(AccessTokenError::Malformed)?;
    if parts.header.crit {
        return Err(AccessTokenError::Critical);
    }
    // Media types are case-insensitive, and "application/" may be left out (RFC 7515 section 4.1.9).
    let typ = parts.header.typ.as_deref().unwrap_or_default();
    if !["at+jwt", "application/at+jwt"].iter().any(|ours| typ.eq_ignore_ascii_case(ours)) {
        return Err(AccessTokenError::Type);
    }
    let kid = parts.header.kid.as_ref().ok_or(AccessTokenError::Malformed)?;
    let key = keys.find(kid).ok_or(AccessTokenError::UnknownKey)?;
    Ok((parts, key))
}

/// Verifies the signature with the key's own algorithm, which the header must name.
fn check_signature(parts: &Parts<'_>, key: &VerifyingKey) -> Result<(), AccessTokenError> {
    let is_good = parts.header.alg == key.algorithm && key.verifies(parts.signature, parts.message);
    if is_good { Ok(()) } else { Err(AccessTokenError::Signature) }
}

/// Reads the claims. Call this only after the signature is verified.
fn read_claims(parts: &Parts<'_>) -> Result<Claims, AccessTokenError> {
    let claims: Claims = decoded(parts.payload).ok_or(AccessTokenError::ClaimsForm)?;
    // An empty id names no user, and gateways refuse an empty principal.
    if claims.sub.is_empty() || claims.sid.is_empty() {
        Err(AccessTokenError::ClaimsForm)
    } else {
        Ok(claims)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
