//! Passkeys: what is asked for, and what is answered. What the browser makes of the options and makes itself is the business of
//! Web Authentication (level 3, sections 5.4, 5.5 and 5.1); here it is one JSON object.

use serde::Serialize;
use serde_json::Value;

use super::{ApiError, BrowserContext, Fields, InvalidRequest, ProofFields, TokenResponse, Transport};
use crate::authentication::AuthenticationMethods;
use crate::code::CodeId;
use crate::passkey::{ChallengeKind, CredentialId, Passkey};
use crate::{Timestamp, name};

/// The longest name of a passkey, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// What a passkey is called that is given no name.
const DEFAULT_NAME: &str = "Passkey";

/// The body of `POST /passkeys/creation-options`.
pub struct AddPasskey<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
}

/// The body of `POST /passkeys`.
pub struct CreatePasskey<'a> {
    /// The challenge. `None` if the text cannot be one: it is treated as unknown.
    pub challenge: Option<CodeId>,
    /// What the user calls it.
    pub name: String,
    /// The browser's `RegistrationResponseJSON`.
    pub credential: &'a Value,
    /// As in [`super::Login`].
    pub device_token: Option<&'a str>,
    /// How the refresh token of the session that begins is to travel.
    pub transport: Transport,
}

/// The body of `PUT /passkeys/{id}`.
pub struct NamePasskey {
    /// What the user calls it.
    pub name: String,
}

/// The body of `DELETE /passkeys/{id}`.
pub struct RemovePasskey<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
    /// How the refresh token of the session that begins is to travel.
    pub transport: Transport,
}

/// The body of `POST /passkeys/sign-in`.
pub struct SignInWithPasskey<'a> {
    /// As in [`CreatePasskey`].
    pub challenge: Option<CodeId>,
    /// The browser's `AuthenticationResponseJSON`.
    pub credential: &'a Value,
    /// As in [`super::Login`].
    pub device_token: Option<&'a str>,
    /// How the refresh token is to travel.
    pub transport: Transport,
}

/// The answer to `POST /passkeys/options` and `POST /passkeys/creation-options`.
#[derive(Serialize)]
pub struct PasskeyChallenge<'a> {
    /// The challenge, for the answer.
    pub challenge_id: String,
    /// The `PublicKeyCredentialRequestOptionsJSON` or `PublicKeyCredentialCreationOptionsJSON` for the browser.
    pub public_key: &'a Value,
    /// How long the challenge works, in seconds.
    pub expires_in: u32,
}

/// The answer to `GET /passkeys`.
#[derive(Serialize)]
pub struct PasskeyList<'a> {
    /// The user's passkeys, the oldest first.
    pub passkeys: Vec<ListedPasskey<'a>>,
}

/// A passkey in a list. Times are in seconds since the Unix epoch.
#[derive(Serialize)]
pub struct ListedPasskey<'a> {
    /// Its id.
    pub id: &'a CredentialId,
    /// What the user calls it.
    pub name: &'a str,
    /// When it was added.
    pub created_at: i64,
    /// When it last signed in, if it has.
    pub last_used_at: Option<i64>,
    /// Whether it has been copied to other devices of its user.
    pub backed_up: bool,
    /// How its authenticator is reached.
    pub transports: &'a [String],
}

/// The answer to `POST /passkeys`.
#[derive(Serialize)]
pub struct AddedPasskey<'a> {
    /// The tokens of the session that has begun.
    #[serde(flatten)]
    pub tokens: TokenResponse,
    /// The passkey.
    pub passkey: ListedPasskey<'a>,
}

impl Fields {
    /// `null` counts as absent.
    fn object(&self, field: &'static str) -> Result<&Value, ApiError> {
        match self.value(field)? {
            None => Err(InvalidRequest::Missing(field).into()),
            Some(object @ Value::Object(_)) => Ok(object),
            Some(_) => Err(InvalidRequest::refused(field, "must be a JSON object")),
        }
    }

    fn challenge(&self) -> Result<Option<CodeId>, ApiError> {
        Ok(self.required("challenge_id")?.parse().ok())
    }

    fn passkey_name(&self) -> Result<Option<String>, ApiError> {
        const FIELD: &str = "name";
        let Some(text) = self.optional(FIELD)? else { return Ok(None) };
        if text.len() > MAX_NAME_BYTES {
            return Err(InvalidRequest::refused(FIELD, "must be at most 64 bytes long"));
        }
        name::check(text).map_err(|problem| InvalidRequest::refused(FIELD, problem))?;
        Ok(Some(text.to_owned()))
    }
}

impl<'a> AddPasskey<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, amr: AuthenticationMethods) -> Result<Self, ApiError> {
        Ok(Self { proof: ProofFields::read(fields, amr)? })
    }
}

impl<'a> CreatePasskey<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            challenge: fields.challenge()?,
            name: fields.passkey_name()?.unwrap_or_else(|| DEFAULT_NAME.to_owned()),
            credential: fields.object("credential")?,
            device_token: fields.optional("device_token")?,
            transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)?,
        })
    }
}

impl NamePasskey {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] unless it has a name.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self { name: fields.passkey_name()?.ok_or(InvalidRequest::Missing("name"))? })
    }
}

impl<'a> RemovePasskey<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(
        fields: &'a Fields,
        browser: BrowserContext<'_>,
        amr: AuthenticationMethods,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            proof: ProofFields::read(fields, amr)?,
            transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)?,
        })
    }
}

impl<'a> SignInWithPasskey<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            challenge: fields.challenge()?,
            credential: fields.object("credential")?,
            device_token: fields.optional("device_token")?,
            transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)?,
        })
    }
}

impl<'a> PasskeyChallenge<'a> {
    /// The challenge whose row has this key.
    #[must_use]
    pub fn new(code_id: CodeId, public_key: &'a Value) -> Self {
        let expires_in = ChallengeKind::LIFETIME.0;
        Self { challenge_id: code_id.to_string(), public_key, expires_in }
    }
}

impl<'a> PasskeyList<'a> {
    /// What a user is told of these.
    #[must_use]
    pub fn of(passkeys: &'a [Passkey]) -> Self {
        let mut passkeys: Vec<_> = passkeys.iter().map(ListedPasskey::of).collect();
        passkeys.sort_by(|one, other| (one.created_at, one.id).cmp(&(other.created_at, other.id)));
        Self { passkeys }
    }
}

impl<'a> ListedPasskey<'a> {
    /// What a user is told of one.
    #[must_use]
    pub fn of(passkey: &'a Passkey) -> Self {
        Self {
            id: &passkey.credential_id,
            name: &passkey.name,
            created_at: passkey.created_at.seconds(),
            last_used_at: passkey.last_used_at.map(Timestamp::seconds),
            backed_up: passkey.is_backed_up,
            transports: &passkey.transports,
        }
    }
}
