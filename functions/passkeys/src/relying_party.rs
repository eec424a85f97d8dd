//! A relying party of Web Authentication: makes challenges and verifies the answers of browsers. The library does the work; this
//! module gives it our rules and rows.
//!
//! # Invariants
//! A passkey is discoverable, and its authenticator verifies its user, when it is made and each time it signs.

mod attested;

use std::time::Duration;

use serde_json::Value;
use shared::account::Account;
use shared::config;
use shared::flow::passkey_sign_in::Verified;
use shared::ids::UserId;
use shared::passkey::{ChallengeKind, CredentialId, Passkey, PasskeyUse};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AttestationFormat, AttestationMetadata, COSEKey, Credential, DiscoverableAuthentication,
    ParsedAttestation, ParsedAttestationData, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_core::proto::{
    AuthenticatorTransport, RegisteredExtensions, ResidentKeyRequirement, UserVerificationPolicy,
};

use attested::Attested;

/// A relying party.
pub(crate) struct RelyingParty {
    id: String,
    webauthn: Webauthn,
}

/// A challenge that was made.
pub(crate) struct Made {
    /// The options for the browser.
    pub(crate) public_key: Value,
    /// What must be known to verify its answer.
    pub(crate) state: String,
}

/// Why no challenge could be made: the library refuses what it is given.
#[derive(Debug, thiserror::Error)]
#[error("no challenge could be made")]
pub(crate) struct MakingError;

impl RelyingParty {
    /// None if the library does not take the settings, which [`config::relying_party`] has checked.
    pub(crate) fn new(settings: config::RelyingParty) -> Option<Self> {
        let config::RelyingParty { id, origins } = settings;
        let (first, others) = origins.split_first()?;
        let lifetime = Duration::from_secs(ChallengeKind::LIFETIME.0.into());
        let builder = WebauthnBuilder::new(&id, first).ok()?.timeout(lifetime);
        let builder = others.iter().fold(builder, |builder, origin| builder.append_allowed_origin(origin));
        let webauthn = builder.build().ok()?;
        Some(Self { id, webauthn })
    }

    /// Makes the challenge with which a user adds a passkey beside `known`.
    pub(crate) fn creation(&self, account: &Account, known: &[CredentialId]) -> Result<Made, MakingError> {
        let (user, email) = (Uuid::from_bytes(*account.user_id.as_bytes()), account.email.as_str());
        // Authenticators show both. An imported account may have no name.
        let display_name = Some(account.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(email);
        let known = known.iter().map(|id| id.as_bytes().to_vec()).collect();
        let started = self.webauthn.start_passkey_registration(user, email, display_name, Some(known));
        let (mut options, state) = started.map_err(|_| MakingError)?;
        // The library discourages discoverable passkeys, for the sake of small security keys. Here nobody types a user name.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        made(&options.public_key, &state)
    }

    /// Verifies what a browser made of [`RelyingParty::creation`]. The passkey has no name, and no time.
    ///
    /// # Errors
    /// Says why, for the log.
    pub(crate) fn created(
        &self,
        state: &str,
        credential: &Value,
        user_id: UserId,
    ) -> Result<Attested, &'static str> {
        let answer: RegisterPublicKeyCredential = parsed(credential).ok_or(MALFORMED)?;
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(|_| STATE)?;
        let verified = self.webauthn.finish_passkey_registration(&answer, &state).map_err(|e| reason(&e))?;
        Attested::of(&answer, verified.into(), (user_id, &self.id)).ok_or(MALFORMED)
    }

    /// Makes the challenge with which somebody signs in.
    pub(crate) fn sign_in(&self) -> Result<Made, MakingError> {
        let started = self.webauthn.start_discoverable_authentication().map_err(|_| MakingError)?;
        made(&started.0.public_key, &started.1)
    }

    /// Verifies what a browser made of [`RelyingParty::sign_in`] with this passkey.
    pub(crate) fn verify(&self, state: &str, answer: &PublicKeyCredential, passkey: &Passkey) -> Verified {
        let Ok(state) = serde_json::from_str::<DiscoverableAuthentication>(state) else {
            return Verified::Wrong(STATE);
        };
        let Some(credential) = credential(passkey) else { return Verified::Wrong("row") };
        if is_embedded(answer.response.client_data_json.as_ref()) {
            return Verified::Wrong(ORIGIN);
        }
        match self.webauthn.finish_discoverable_authentication_v2(answer, state, &credential) {
            Ok(result) => Verified::Genuine(PasskeyUse {
                sign_count: result.counter(),
                is_backed_up: result.backup_state(),
            }),
            Err(WebauthnError::CredentialPossibleCompromise) => Verified::Cloned,
            Err(error) => Verified::Wrong(reason(&error)),
        }
    }
}

/// Reads the answer to a sign-in, its user and its passkey. Returns `None` for anything else.
pub(crate) fn answer(credential: &Value) -> Option<(PublicKeyCredential, UserId, CredentialId)> {
    let answer: PublicKeyCredential = parsed(credential)?;
    let user_id = UserId::from_bytes(answer.get_user_unique_id()?.try_into().ok()?);
    let credential_id = CredentialId::new(answer.get_credential_id().to_vec()).ok()?;
    Some((answer, user_id, credential_id))
}

/// Returns whether the page that asked was embedded in a page of another origin (section 7.2). No page of ours is, and the library compares
/// this at creations alone. Client data of another form is left to the library, which refuses it.
fn is_embedded(client_data: &[u8]) -> bool {
    let data: Value = serde_json::from_slice(client_data).unwrap_or_default();
    let is_cross_origin = data.get("crossOrigin") == Some(&Value::Bool(true));
    is_cross_origin || data.get("topOrigin").is_some_and(|origin| !origin.is_null())
}

fn parsed<T: serde::de::DeserializeOwned>(credential: &Value) -> Option<T> {
    serde_json::from_value(credential.clone()).ok()
}

fn made(options: &impl serde::Serialize, state: &impl serde::Serialize) -> Result<Made, MakingError> {
    let public_key = serde_json::to_value(options).map_err(|_| MakingError)?;
    let state = serde_json::to_string(state).map_err(|_| MakingError)?;
    Ok(Made { public_key, state })
}

/// Returns the row in the library's form, or `None` if its key is not valid.
fn credential(passkey: &Passkey) -> Option<Credential> {
    let attestation =
        ParsedAttestation { data: ParsedAttestationData::None, metadata: AttestationMetadata::None };
    Some(Credential {
        cred_id: passkey.credential_id.as_bytes().to_vec(),
        cred: public_key(&passkey.public_key)?,
        counter: passkey.sign_count,
        transports: None,
        user_verified: true,
        backup_eligible: passkey.is_backup_eligible,
        backup_state: passkey.is_backed_up,
        registration_policy: UserVerificationPolicy::Required,
        extensions: RegisteredExtensions::none(),
        attestation,
        attestation_format: AttestationFormat::None,
    })
}

fn public_key(cose_key: &[u8]) -> Option<COSEKey> {
    COSEKey::try_from(&serde_cbor_2::from_slice::<serde_cbor_2::Value>(cose_key).ok()?).ok()
}

/// How a transport is called (Web Authentication level 3, section 5.8.4). None of one that is not known.
fn transport(transport: &AuthenticatorTransport) -> Option<String> {
    let name = match transport {
        AuthenticatorTransport::Usb => "usb",
        AuthenticatorTransport::Nfc => "nfc",
        AuthenticatorTransport::Ble => "ble",
        AuthenticatorTransport::Internal => "internal",
        AuthenticatorTransport::Hybrid => "hybrid",
        AuthenticatorTransport::Test | AuthenticatorTransport::Unknown => return None,
    };
    Some(name.to_owned())
}

const MALFORMED: &str = "malformed";
const STATE: &str = "state";
const ORIGIN: &str = "origin";

/// Why an answer is refused, in one word. The library's own texts may repeat what a stranger has sent.
#[expect(clippy::wildcard_enum_match_arm, reason = "a hundred variants that are all answered alike")]
fn reason(error: &WebauthnError) -> &'static str {
    match error {
        WebauthnError::MismatchedChallenge => "challenge",
        WebauthnError::InvalidClientDataType => "type",
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => ORIGIN,
        WebauthnError::InvalidRPIDHash => "relying_party",
        WebauthnError::UserNotPresent => "user_not_present",
        WebauthnError::UserNotVerified => "user_not_verified",
        WebauthnError::AuthenticationFailure => "signature",
        WebauthnError::CredentialBackupEligibilityInconsistent
        | WebauthnError::CredentialMayNotBeHardwareBound => "backup_flags",
        WebauthnError::CredentialAlteredAlgFromRequest => "algorithm_or_excluded",
        _ => MALFORMED,
    }
}
