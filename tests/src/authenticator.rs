//! An authenticator of passkeys in software, and the browser in front of it, which can be told to lie.
//!
//! It follows WebAuthn level 3: sections 6.1 (authenticator data), 6.5 (attestation) and 6.3.3 (assertions). The authenticator
//! that nobody of this project wrote is Chromium's, which the stories in `tools/src/bin/browser` drive. The crate `passkey`
//! would be another, but it switches on `serde_json/preserve_order` for everything that is built beside it, so the tests
//! would run another service than `cargo run`.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::{Value as Cbor, cbor};
use rand::RngExt;
use serde_json::{Value, json};

/// Flags of authenticator data (section 6.1): user present, user verified, attested credential data included.
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

const AAGUID: [u8; 16] = [7; 16];

/// The page that local services expect: that of `cargo run`, whatever its port.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its origin, as the browser tells the relying party.
    pub origin: String,
    /// The relying party that the authenticator is told of.
    pub rp_id: String,
    /// Whether the authenticator verifies its user.
    pub verifies_user: bool,
    /// The origin of the page around it, if it is embedded in one. Empty if the browser doesn't say which.
    pub embedded_in: Option<String>,
}

impl Page {
    /// A page of a service of ours.
    #[must_use]
    pub fn of(base_url: &str) -> Self {
        let port = base_url.rsplit_once(':').map_or("", |(_, port)| port);
        let origin = format!("http://localhost:{port}");
        Self { origin, rp_id: "localhost".to_owned(), verifies_user: true, embedded_in: None }
    }
}

/// An authenticator with room for one passkey.
#[derive(Debug, Default)]
pub struct Authenticator {
    counts: bool,
    passkey: Option<Passkey>,
}

/// A discoverable credential: a key pair, the user it belongs to, and how many signatures it has made.
#[derive(Debug)]
struct Passkey {
    id: [u8; 16],
    user_handle: String,
    key: EcdsaKeyPair,
    count: u32,
}

impl Authenticator {
    /// Returns one that does not count its signatures, such as those that copy passkeys to other devices.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns one that counts its signatures.
    #[must_use]
    pub fn counting() -> Self {
        Self { counts: true, passkey: None }
    }

    /// Sets the count of signatures, as that of a copy may be.
    ///
    /// # Panics
    /// If it has no passkey.
    pub fn set_count(&mut self, count: u32) {
        self.passkey.as_mut().expect("a passkey").count = count;
    }

    /// Returns the id of its passkey, as lists spell it.
    ///
    /// # Panics
    /// If it has no passkey.
    #[must_use]
    pub fn id(&self) -> String {
        encoded(&self.passkey().id)
    }

    /// Returns the public key of its passkey, in COSE.
    ///
    /// # Panics
    /// If it has no passkey.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.passkey().public_key()
    }

    /// Makes a passkey by these options (`PublicKeyCredentialCreationOptionsJSON`): what the page sends to the relying party.
    ///
    /// # Panics
    /// If it can't.
    pub fn create(&mut self, options: &Value, page: &Page) -> Value {
        let user_handle = options["user"]["id"].as_str().expect("a user handle").to_owned();
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key pair");
        let count = u32::from(self.counts);
        let passkey = self.passkey.insert(Passkey { id: rand::rng().random(), user_handle, key, count });
        let auth_data = [data(page, ATTESTED, count), passkey.attested()].concat();
        let attestation =
            cbor!({ "fmt" => "none", "attStmt" => {}, "authData" => Cbor::Bytes(auth_data) }).expect("CBOR");
        let response = json!({
            "clientDataJSON": encoded(&client_data("webauthn.create", options, page)),
            "attestationObject": encoded(&bytes(&attestation)),
            "transports": ["internal", "hybrid", "one that nobody knows"],
        });
        credential(&self.id(), response, json!({ "credProps": { "rk": true } }))
    }

    /// Signs by these options (`PublicKeyCredentialRequestOptionsJSON`): what the page sends to the relying party.
    ///
    /// # Panics
    /// If it can't.
    pub fn sign(&mut self, options: &Value, page: &Page) -> Value {
        let counts = self.counts;
        let passkey = self.passkey.as_mut().expect("a passkey");
        passkey.count += u32::from(counts);
        let client_data = client_data("webauthn.get", options, page);
        let auth_data = data(page, 0, passkey.count);
        let signed = [auth_data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = passkey.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        let response = json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&auth_data),
            "signature": encoded(signature.as_ref()),
            "userHandle": passkey.user_handle,
        });
        credential(&self.id(), response, json!({}))
    }

    fn passkey(&self) -> &Passkey {
        self.passkey.as_ref().expect("a passkey")
    }
}

impl Passkey {
    /// The public key in COSE (RFC 9053 section 7.1.1).
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let (x, y) = (Cbor::Bytes(x.to_vec()), Cbor::Bytes(y.to_vec()));
        bytes(&cbor!({ 1 => 2, 3 => -7, -1 => 1, -2 => x, -3 => y }).expect("CBOR"))
    }

    /// Attested credential data (section 6.5.1).
    fn attested(&self) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).expect("a short id").to_be_bytes();
        [&AAGUID, length.as_slice(), &self.id, &self.public_key()].concat()
    }
}

/// Authenticator data (section 6.1) without attested credential data.
fn data(page: &Page, flags: u8, count: u32) -> Vec<u8> {
    let verified = if page.verifies_user { USER_VERIFIED } else { 0 };
    let rp_id_hash = digest(&SHA256, page.rp_id.as_bytes());
    [rp_id_hash.as_ref(), &[USER_PRESENT | verified | flags], &count.to_be_bytes()].concat()
}

/// What `PublicKeyCredential.toJSON()` gives a page.
fn credential(id: &str, response: Value, extensions: Value) -> Value {
    json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "response": response,
        "clientExtensionResults": extensions,
    })
}

fn client_data(kind: &str, options: &Value, page: &Page) -> Vec<u8> {
    let mut data = json!({
        "type": kind,
        "challenge": options["challenge"],
        "origin": page.origin,
        "crossOrigin": page.embedded_in.is_some(),
    });
    if let Some(top) = page.embedded_in.as_ref().filter(|top| !top.is_empty()) {
        data["topOrigin"] = json!(top);
    }
    data.to_string().into_bytes()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    bytes
}
