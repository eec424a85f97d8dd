//! Email addresses, as people type them.

use shared::email::{Email, MAX_BYTES};

use super::Target;

/// Any text.
pub const TARGET: Target = Target {
    name: "email",
    check,
    seeds,
    words: &[
        "@",
        ".",
        "xn--",
        "@example.com",
        "\u{301}",
        "\u{308}",
        "\u{200b}",
        "\u{212a}",
        "\u{3002}",
        "\u{ad}",
        "ß",
    ],
};

/// Checks one input.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(email) = Email::parse(text) else { return };
    let normalised = email.as_str();
    assert!(text.len() <= MAX_BYTES && normalised.len() <= MAX_BYTES, "{text:?}");
    assert!(
        !normalised.chars().any(|c| c.is_whitespace() || c.is_control() || c.is_ascii_uppercase()),
        "{text:?}"
    );
    let (local, domain) = normalised.split_once('@').expect("a name and a domain");
    assert!((1..=64).contains(&local.len()) && !domain.is_empty(), "{text:?} is {normalised:?}");
    assert!(domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)), "{text:?}");
    // Otherwise one address would be two accounts.
    assert_eq!(Email::parse(normalised).as_ref().map(Email::as_str), Ok(normalised), "{text:?}");
    let louder = format!("{}@{}", local.to_ascii_uppercase(), domain.to_ascii_uppercase());
    assert_eq!(Email::parse(&louder).as_ref(), Ok(&email), "{louder:?}");
    assert_eq!(format!("{email:?}"), "Email(..)");
}

fn seeds() -> Vec<Vec<u8>> {
    let longest = format!("{}@{}.example", "a".repeat(64), "b".repeat(63));
    [
        "ada@example.com",
        "Ada@EXAMPLE.com",
        "ada@b\u{fc}cher.example",
        "o'hara+shop@example.com",
        "jose\u{301}@example.com",
        "a@b@example.com",
        "ada@[192.0.2.1]",
        "ada@xn--bcher-kva.example",
        "a\u{200b}da@example.com",
        " ada@example.com",
        "T\u{308}@example.com",
        "\u{1d160}\u{1d160}\u{1d160}\u{1d160}\u{1d160}\u{1d160}@example.com",
        longest.as_str(),
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
