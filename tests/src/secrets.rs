//! Searching for what must not be found, in the forms in which it could hide.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Checks that none of the secrets occurs in the text, as it is or encoded.
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
