//! Searches for secrets, in the forms in which they could hide.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::World;

/// Returns everything that must not leak: what the personas of a world have sent and received, and the private keys of
/// its service.
///
/// # Panics
/// Panics if one of them has an unknown form.
#[must_use]
pub fn of(world: &World) -> Vec<Vec<u8>> {
    let used = world.service.secrets();
    [used.iter().flat_map(|secret| parts(secret)).collect(), private_keys(world)].concat()
}

/// Returns what is equivalent to the secret: the text itself, its bytes, and of a token the part that proves it.
fn parts(secret: &str) -> Vec<Vec<u8>> {
    let mut parts = vec![secret.as_bytes().to_vec()];
    if let Some(signature) = secret.rsplit('.').next().filter(|last| last.len() >= 86) {
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("a document of ours");
        parts.push(signature.as_bytes().to_vec());
        parts.push(bytes[bytes.len() - 16..].to_vec());
        parts.push(bytes);
    }
    parts
}

/// The length of a P-256 key in PKCS#8, with its public half, in bytes.
const P256_DOCUMENT: usize = 138;

/// The private halves as the document has them, the bytes they stand for, and the 32 bytes at the heart of each.
fn private_keys(world: &World) -> Vec<Vec<u8>> {
    let document: Value = serde_json::from_str(&world.keys.to_json()).expect("a document of ours");
    let signing = document["signing_keys"]
        .as_array()
        .expect("a document of ours")
        .iter()
        .map(|key| &key["private_key"]);
    let refresh =
        document["refresh_token_keys"].as_array().expect("a document of ours").iter().map(|key| &key["key"]);
    let mut all = Vec::new();
    for text in signing.chain(refresh).map(|text| text.as_str().expect("a document of ours")) {
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("a document of ours");
        // PKCS#8 version 1 of a P-256 key has the key in its midst, where the others end in it.
        let heart = if bytes.len() == P256_DOCUMENT { 36..68 } else { bytes.len() - 32..bytes.len() };
        all.extend([text.as_bytes().to_vec(), bytes[heart].to_vec(), bytes]);
    }
    assert_eq!(all.len(), 12);
    all
}

/// Checks that the text contains none of the secrets, plain or encoded.
///
/// # Panics
/// If one does; the secret is printed, since these are a test's.
#[track_caller]
pub fn assert_absent<S: AsRef<[u8]>>(secrets: &[S], text: &str, place: &str) {
    for secret in secrets.iter().map(AsRef::as_ref) {
        for form in forms(secret) {
            let readable = String::from_utf8_lossy(secret);
            assert!(!text.contains(&form), "{place} holds the secret {readable:?} as {form:?}:\n{text}");
        }
    }
}

/// The secret as it is, escaped for JSON, in percent encoding, in hex, as a list of numbers, and in base64 at each of
/// the three alignments it can have within a longer text.
#[must_use]
pub fn forms(secret: &[u8]) -> Vec<String> {
    let percent = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let mut forms: Vec<String> = vec![
        secret.iter().map(percent).collect(),
        secret.iter().map(|byte| format!("{byte:02x}")).collect(),
        format!("{secret:?}").trim_matches(['[', ']']).to_owned(),
    ];
    if let Ok(text) = std::str::from_utf8(secret) {
        forms.extend([text.to_owned(), text.escape_default().to_string()]);
    }
    for skipped in 0..3 {
        // Only whole groups of three bytes are the same whatever stands around them.
        let whole = (secret.len() - skipped) / 3 * 3;
        let aligned = &secret[skipped..skipped + whole];
        forms.extend([STANDARD_NO_PAD.encode(aligned), URL_SAFE_NO_PAD.encode(aligned)]);
    }
    forms
}
