//! Bodies and answers of the routes of second factors.

use serde::Serialize;

use super::{ApiError, BrowserContext, Fields, InvalidRequest, ProofFields, Transport};
use crate::Timestamp;
use crate::account::Account;
use crate::authentication::AuthenticationMethods;
use crate::factor::{RecoveryCode, TotpCode, TotpSecret};

/// The body of `POST /factors/totp` and of `POST /factors/recovery-codes`.
pub struct ProveForFactor<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
}

/// The body of `DELETE /factors/totp`.
pub struct RemoveTotp<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
    /// How the refresh token of the session that begins is to travel.
    pub transport: Transport,
}

/// The body of `POST /factors/totp/confirm`.
pub struct ConfirmTotp<'a> {
    /// The code of the app that is being set up.
    pub code: TotpCode,
    /// As in [`super::Login`].
    pub device_token: Option<&'a str>,
    /// How the refresh token of the session that begins is to travel.
    pub transport: Transport,
}

/// The answer to `GET /factors`.
#[derive(Serialize)]
pub struct FactorList {
    /// The authenticator app, if there is one.
    pub totp: Option<ListedTotp>,
    /// How many recovery codes are left.
    pub recovery_codes_left: usize,
    /// How many passkeys there are.
    pub passkeys: u32,
}

/// An authenticator app in [`FactorList`].
#[derive(Serialize)]
pub struct ListedTotp {
    /// When it was added, in seconds since the Unix epoch.
    pub added_at: i64,
}

/// The answer to `POST /factors/totp`. It has no `Debug`.
#[derive(Serialize)]
pub struct EnrolledTotp {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The address that a QR code holds: `otpauth://totp/...`.
    pub uri: String,
}

/// The answer to `POST /factors/recovery-codes`. It has no `Debug`.
#[derive(Serialize)]
pub struct NewRecoveryCodes {
    /// The codes, shown this once.
    pub recovery_codes: Vec<String>,
}

impl<'a> ProveForFactor<'a> {
    /// Reads the body. `amr` is how the caller has signed in.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, amr: AuthenticationMethods) -> Result<Self, ApiError> {
        Ok(Self { proof: ProofFields::read(fields, amr)? })
    }
}

impl<'a> RemoveTotp<'a> {
    /// Reads the body. `amr` is how the caller has signed in.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(
        fields: &'a Fields,
        browser: BrowserContext<'_>,
        amr: AuthenticationMethods,
    ) -> Result<Self, ApiError> {
        let proof = ProofFields::read(fields, amr)?;
        Ok(Self { proof, transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)? })
    }
}

impl<'a> ConfirmTotp<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        let code = fields.required("code")?.parse();
        let code = code.map_err(|problem| InvalidRequest::refused("code", problem))?;
        let device_token = fields.optional("device_token")?;
        let transport = Transport::requested(fields.optional(Transport::FIELD)?, browser)?;
        Ok(Self { code, device_token, transport })
    }
}

impl From<&Account> for FactorList {
    fn from(Account { factors, passkeys, .. }: &Account) -> Self {
        let added_at = |at: Timestamp| ListedTotp { added_at: at.seconds() };
        Self {
            totp: factors.totp.as_ref().map(|totp| added_at(totp.confirmed_at)),
            recovery_codes_left: factors.recovery_codes_left(),
            passkeys: *passkeys,
        }
    }
}

impl EnrolledTotp {
    /// What a user needs to set an app up. `issuer` is what the app calls the service.
    #[must_use]
    pub fn new(secret: &TotpSecret, issuer: &str, email: &str) -> Self {
        Self { secret: secret.to_base32(), uri: secret.to_uri(issuer, email) }
    }
}

impl From<&[RecoveryCode]> for NewRecoveryCodes {
    fn from(codes: &[RecoveryCode]) -> Self {
        Self { recovery_codes: codes.iter().map(RecoveryCode::to_text).collect() }
    }
}
