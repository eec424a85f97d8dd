//! What an authenticator has said of a passkey that it made, and the library has verified.

use serde::Deserialize;
use serde_cbor_2::Value;
use shared::Timestamp;
use shared::ids::UserId;
use shared::passkey::{CredentialId, Passkey};
use webauthn_rs::prelude::{Credential, RegisterPublicKeyCredential};

use super::{public_key, transport};

/// Where the id of the model begins in the authenticator's data: after the hash of the relying party, the flags and the count (Web
/// Authentication level 3, section 6.1).
const AAGUID_AT: usize = 37;
const AAGUID_BYTES: usize = 16;
const LENGTH_BYTES: usize = 2;

/// A passkey without a name.
pub(crate) struct Attested(Passkey);

impl Attested {
    /// None if the data do not have the key that was verified.
    pub(super) fn of(
        answer: &RegisterPublicKeyCredential,
        verified: Credential,
        (user_id, rp_id): (UserId, &str),
    ) -> Option<Self> {
        let data = authenticator_data(&answer.response.attestation_object)?;
        let (aaguid, rest) = data.get(AAGUID_AT..)?.split_first_chunk::<AAGUID_BYTES>()?;
        let (_, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        let key = first_item(rest.strip_prefix(verified.cred_id.as_slice())?)?;
        if public_key(key)? != verified.cred {
            return None;
        }
        let mut transports: Vec<String> = Vec::new();
        for transport in answer.response.transports.iter().flatten().filter_map(transport) {
            // The client may send one as often as a body has room for.
            if !transports.contains(&transport) {
                transports.push(transport);
            }
        }
        Some(Self(Passkey {
            user_id,
            credential_id: CredentialId::new(verified.cred_id).ok()?,
            public_key: key.to_vec(),
            sign_count: verified.counter,
            is_backup_eligible: verified.backup_eligible,
            is_backed_up: verified.backup_state,
            aaguid: *aaguid,
            transports,
            rp_id: rp_id.to_owned(),
            name: String::new(),
            created_at: Timestamp::from_millis(0),
            last_used_at: None,
        }))
    }

    /// Returns the passkey with the name that its user gives it.
    pub(crate) fn named(self, name: String, now: Timestamp) -> Passkey {
        Passkey { name, created_at: now, ..self.0 }
    }
}

/// The member `authData` of an attestation object (section 6.5).
fn authenticator_data(attestation_object: &[u8]) -> Option<Vec<u8>> {
    let Value::Map(mut members) = serde_cbor_2::from_slice(attestation_object).ok()? else { return None };
    let data = members.remove(&Value::Text("authData".to_owned()))?;
    if let Value::Bytes(data) = data { Some(data) } else { None }
}

/// The bytes of the first CBOR item. Extensions may follow.
fn first_item(bytes: &[u8]) -> Option<&[u8]> {
    let mut items = serde_cbor_2::Deserializer::from_slice(bytes);
    Value::deserialize(&mut items).ok()?;
    bytes.get(..items.byte_offset())
}
