//! The text of a device token, and the address that comes with it.

use shared::device_token::{DeviceToken, TEXT_BYTES};
use shared::email::Email;
use shared::ids::{DeviceId, UserId};

use super::Target;
use super::genuine::FIXTURE;

/// The address, a line feed, the token as it is; and, of 24 bytes and more, the token that has these bytes.
pub const TARGET: Target = Target {
    name: "device_token",
    check,
    seeds,
    words: &["=", "-", "_", "\n", "ada@example.com\n", "ADA@example.com\n"],
};

const FIELD_BYTES: usize = 40;

/// Checks one input.
pub fn check(data: &[u8]) {
    if let Some((address, text)) = std::str::from_utf8(data).ok().and_then(|text| text.split_once('\n'))
        && let Ok(email) = Email::parse(address)
    {
        only_what_was_minted_is_read(&email, text);
    }
    if let Some((fields, rest)) = data.split_first_chunk() {
        what_is_spelt_is_read_for_its_address_in_that_spelling_alone(fields, rest);
    }
}

fn only_what_was_minted_is_read(email: &Email, text: &str) {
    let minted = tokens().find(|token| token.to_text(email, &FIXTURE.keys.refresh).expose() == text);
    let expected = minted.filter(|_| email == &adas());
    let parsed = DeviceToken::parse(text, email, &FIXTURE.keys.refresh).ok();
    assert_eq!(parsed, expected, "{text:?} for {}", email.as_str());
}

fn what_is_spelt_is_read_for_its_address_in_that_spelling_alone(fields: &[u8; FIELD_BYTES], change: &[u8]) {
    let keys = &FIXTURE.keys.refresh;
    let token = DeviceToken {
        device_id: DeviceId::from_bytes(std::array::from_fn(|place| fields[place])),
        user_id: UserId::from_bytes(std::array::from_fn(|place| fields[16 + place])),
        ended_version: i64::from_be_bytes(std::array::from_fn(|place| fields[32 + place])),
    };
    let text = token.to_text(&adas(), keys).expose().to_owned();
    assert_eq!(text.len(), TEXT_BYTES);
    assert_eq!(DeviceToken::parse(&text, &adas(), keys), Ok(token));
    let other = Email::parse("eve@example.com").expect("an address");
    assert!(DeviceToken::parse(&text, &other, keys).is_err(), "read for another address: {text}");
    if let [place, to, ..] = *change {
        let place = usize::from(place) % TEXT_BYTES;
        let changed = format!("{}{}{}", &text[..place], char::from(to), &text[place + 1..]);
        let read = DeviceToken::parse(&changed, &adas(), keys).is_ok();
        assert_eq!(read, changed == text, "{text} and {changed:?}");
    }
}

fn adas() -> Email {
    Email::parse("ada@example.com").expect("an address")
}

/// The minted tokens, which are only for Ada.
fn tokens() -> impl Iterator<Item = DeviceToken> {
    let (device_id, user_id) = (DeviceId::from_bytes([0x33; 16]), UserId::from_bytes([0x11; 16]));
    (1..=3).map(move |ended_version| DeviceToken { device_id, user_id, ended_version })
}

fn seeds() -> Vec<Vec<u8>> {
    let text = |token: DeviceToken| token.to_text(&adas(), &FIXTURE.keys.refresh).expose().to_owned();
    let mut seeds: Vec<_> =
        tokens().map(|token| format!("Ada@Example.com\n{}", text(token)).into_bytes()).collect();
    let first = tokens().next().map(text).unwrap_or_default();
    seeds.push(format!("eve@example.com\n{first}").into_bytes());
    seeds.push(format!("ada@example.com\n{first}=").into_bytes());
    seeds.push(vec![0xff; FIELD_BYTES + 2]);
    seeds
}
