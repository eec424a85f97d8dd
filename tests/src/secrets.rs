//! Searching for what must not be found, in the forms in which it could hide.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Checks that none of the secrets occurs in the text, as it is or encoded.
///
/// # Panics
/// If one does; the secret is printed, since these are a test's.
#[track_caller]
pub fn assert_absent(secrets: &[String], text: &str, place: &str) {
    for secret in secrets {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{place} holds the secret {secret:?} as {form:?}:\n{text}");
        }
    }
}

/// The secret as it is, escaped for JSON, in percent encoding, in hex, and in base64 at each of the three alignments
/// it can have within a longer text.
#[must_use]
pub fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let percent = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let mut forms = vec![
        secret.to_owned(),
        secret.escape_default().to_string(),
        bytes.iter().map(percent).collect(),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        format!("{bytes:?}").trim_matches(['[', ']']).to_owned(),
    ];
    for skipped in 0..3 {
        // Only whole groups of three bytes are the same whatever stands around them.
        let whole = (bytes.len() - skipped) / 3 * 3;
        let aligned = &bytes[skipped..skipped + whole];
        forms.extend([STANDARD_NO_PAD.encode(aligned), URL_SAFE_NO_PAD.encode(aligned)]);
    }
    forms
}
