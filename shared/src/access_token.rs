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

/// What a token says (RFC 9068 section 2.2): the claims that are minted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewClaims<'a> {
    /// Who issued it: the setting `ISSUER`.
    pub iss: &'a str,
    /// The user.
    pub sub: UserId,
    /// Whom it is for: the setting `AUDIENCE`.
    pub aud: &'a str,
    /// The second from which on it is refused (exclusive).
    pub exp: i64,
    /// The second in which it was issued.
    pub iat: i64,
    /// Its own id.
    pub jti: TokenId,
    /// The client: the setting `CLIENT_ID`.
    pub client_id: &'a str,
    /// The session it belongs to.
    pub sid: SessionId,
    /// The second of the sign-in.
    pub auth_time: i64,
    /// How the user signed in (RFC 8176).
    pub amr: AuthenticationMethods,
    /// The user's name.
    pub name: &'a str,
    /// The user's normalised email address.
    pub email: &'a str,
    /// Whether the address was shown to be the user's.
    pub email_verified: bool,
    /// The user's roles; a user without any has no such claim, since verifiers take an empty list for a missing one.
    #[serde(skip_serializing_if = "has_no_roles")]
    pub roles: &'a [Role],
    /// Claims of the deployer's own, each a member beside the others.
    #[serde(skip)]
    pub claims: &'a CustomClaims,
}

/// What a genuine token says. A claim that is missing or of another type makes it no token of ours.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user.
    pub sub: String,
    /// The second from which on it is refused (exclusive).
    pub exp: i64,
    /// The second before which it is refused (RFC 7519 section 4.1.5). We set none.
    #[serde(default, deserialize_with = "typed")]
    nbf: Option<i64>,
    /// The session it belongs to.
    pub sid: String,
    /// The user's name.
    pub name: String,
    /// The user's normalised email address.
    pub email: String,
    /// Whether the user has proved that mail to the address reaches them.
    #[serde(default)]
    pub email_verified: bool,
    /// How the user signed in. A token from before that was said says nothing.
    #[serde(default)]
    pub amr: AuthenticationMethods,
    /// The user's roles, none if they are left out.
    #[serde(default, deserialize_with = "role::deserialize")]
    pub roles: Vec<Role>,
    /// Claims of the deployer's own.
    #[serde(flatten, deserialize_with = "custom")]
    pub custom: CustomClaims,
    // Named, so that the others are kept alone.
    #[serde(default, rename = "iat", deserialize_with = "ignored")]
    _iat: (),
    #[serde(default, rename = "jti", deserialize_with = "ignored")]
    _jti: (),
    #[serde(default, rename = "client_id", deserialize_with = "ignored")]
    _client_id: (),
    #[serde(default, rename = "auth_time", deserialize_with = "ignored")]
    _auth_time: (),
}

/// What a token must say to be accepted. There is no default: both are always compared.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The one accepted `iss`.
    pub issuer: String,
    /// The one accepted `aud`.
    pub audience: String,
}

/// A token with a good signature, issuer and audience; whether it has expired is still to be asked.
#[derive(Clone, Debug)]
pub struct GenuineToken(Claims);

/// Why a token is refused. For the log: a client learns no more than [`AccessTokenError::is_expired`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Not three parts of base64url with a JSON header that has a known algorithm and a `kid`.
    #[error("malformed")]
    Malformed,
    /// Of another media type (RFC 9068 section 4: `at+jwt`).
    #[error("of another type than at+jwt")]
    Type,
    /// It names header fields that must be understood (RFC 7515 section 4.1.11); we define none.
    #[error("with critical header fields")]
    Critical,
    /// It names a key that we don't know: one that was dropped, or another issuer's.
    #[error("of an unknown key")]
    UnknownKey,
    /// The signature is not one of that key and its algorithm over this text.
    #[error("with a bad signature")]
    Signature,
    /// A claim is missing or has another type.
    #[error("with missing or mistyped claims")]
    ClaimsForm,
    /// Another issuer's.
    #[error("of another issuer")]
    Issuer,
    /// Meant for another audience.
    #[error("for another audience")]
    Audience,
    /// Genuine, but its time is over.
    #[error("expired")]
    Expired,
    /// Genuine, but its time has not come.
    #[error("not yet good")]
    NotYet,
}

impl NewClaims<'_> {
    /// The signed token (RFC 7515 section 7.1).
    ///
    /// # Errors
    /// [`SigningError`] if the cryptographic library could not sign.
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

/// Verifies everything but the time: form, type, key, signature, then the claims.
///
/// # Errors
/// [`AccessTokenError`] names the first check that failed; never one about the time.
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

/// Whether the token names a key, and `keys` lacks it: the set may be older than the token. Says nothing else of it.
#[must_use]
pub fn names_unknown_key(text: &str, keys: &VerifyingKeys) -> bool {
    matches!(choose_key(text, keys), Err(AccessTokenError::UnknownKey))
}

impl GenuineToken {
    /// The claims, if the token is still good at `now`. `exp` is exclusive, and there is no leeway.
    ///
    /// # Errors
    /// [`AccessTokenError::Expired`] from the second `exp` on, [`AccessTokenError::NotYet`] before the second `nbf`.
    pub fn unexpired_at(self, now: Timestamp) -> Result<Claims, AccessTokenError> {
        let claims = self.even_if_expired(now)?;
        if now.seconds() < claims.exp { Ok(claims) } else { Err(AccessTokenError::Expired) }
    }

    /// The claims of a token that may have expired: proof of a past sign-in, not of a present one.
    ///
    /// # Errors
    /// [`AccessTokenError::NotYet`] before the second `nbf`.
    pub fn even_if_expired(self, now: Timestamp) -> Result<Claims, AccessTokenError> {
        let is_early = self.0.nbf.is_some_and(|nbf| now.seconds() < nbf);
        if is_early { Err(AccessTokenError::NotYet) } else { Ok(self.0) }
    }
}

impl AccessTokenError {
    /// Genuine but expired: the one reason that a client is told, since a refresh mends it.
    #[must_use]
    pub fn is_expired(self) -> bool {
        self == Self::Expired
    }
}

/// A token in its parts (RFC 7515 section 7.1), nothing of which is verified.
struct Parts<'a> {
    header: ReadHeader,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// The members of a header that matter here.
#[derive(Deserialize)]
struct ReadHeader {
    typ: Option<String>,
    alg: jsonwebtoken::Algorithm,
    kid: Option<String>,
    /// Whether it is there, whatever its value, null too.
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

/// A claim that may be left out, and must be of its type where it is there.
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

/// Reads base64url of JSON. Text that is not UTF-8 is no JSON, also where nobody reads it.
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    serde_json::from_str(&json).ok()
}

/// The header is not verified yet: it may say which key to verify with, and what makes us refuse, but nothing else.
fn choose_key<'a, 'k>(
    text: &'a str,
    keys: &'k VerifyingKeys,
) -> Result<(Parts<'a>, &'k VerifyingKey), AccessTokenError> {
    let parts = Parts::read(text).ok_or(AccessTokenError::Malformed)?;
    if parts.header.crit {
        return Err(AccessTokenError::Critical);
    }
    // A media type's name is compared without case, and its "application/" may be left out (RFC 7515 section 4.1.9).
    let typ = parts.header.typ.as_deref().unwrap_or_default();
    if !["at+jwt", "application/at+jwt"].iter().any(|ours| typ.eq_ignore_ascii_case(ours)) {
        return Err(AccessTokenError::Type);
    }
    let kid = parts.header.kid.as_ref().ok_or(AccessTokenError::Malformed)?;
    let key = keys.find(kid).ok_or(AccessTokenError::UnknownKey)?;
    Ok((parts, key))
}

/// The key's own algorithm is used, and must be the one that the header names.
fn check_signature(parts: &Parts<'_>, key: &VerifyingKey) -> Result<(), AccessTokenError> {
    let is_good = parts.header.alg == key.algorithm && key.verifies(parts.signature, parts.message);
    if is_good { Ok(()) } else { Err(AccessTokenError::Signature) }
}

/// Reads the claims, which comes only after the signature is verified.
fn read_claims(parts: &Parts<'_>) -> Result<Claims, AccessTokenError> {
    let claims: Claims = decoded(parts.payload).ok_or(AccessTokenError::ClaimsForm)?;
    // An empty id is nobody's, and gateways take no empty principal.
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
