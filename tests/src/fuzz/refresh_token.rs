//! The text of a refresh token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::ids::{SessionId, UserId};
use shared::refresh_token::{Generation, Nonce, RefreshKeyId, RefreshToken, RefreshTokenError, TEXT_BYTES};

use super::Target;
use super::genuine::{FIXTURE, REFRESH_TOKENS};

/// The text as it is; and, of 48 bytes and more, the token that has these bytes.
pub const TARGET: Target = Target { name: "refresh_token", check, seeds, words: &["=", "-", "_", "+", "/"] };

/// How many bytes of a token are signed.
const SIGNED_BYTES: usize = 48;

/// Checks one input.
pub fn check(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        only_what_was_minted_is_read(text);
    }
    if let Some((fields, rest)) = data.split_first_chunk() {
        what_is_spelt_is_read_in_that_spelling_alone(fields, rest);
    }
}

fn only_what_was_minted_is_read(text: &str) {
    let keys = &FIXTURE.keys.refresh;
    let parsed = RefreshToken::parse(text, keys);
    assert_eq!(parsed.is_ok(), REFRESH_TOKENS.contains(text), "{text:?} is {parsed:?}");
    match parsed {
        Ok(token) => assert_eq!(token.to_text(keys).expect("a known key").expose(), text),
        Err(RefreshTokenError::UnknownKey) => {
            let bytes = URL_SAFE_NO_PAD.decode(text).expect("only a whole token names a key");
            assert!(bytes.len() == 64 && !keys.has(RefreshKeyId(bytes[32])), "{text:?}");
        }
        Err(RefreshTokenError::Forged) => {}
    }
}

fn what_is_spelt_is_read_in_that_spelling_alone(fields: &[u8; SIGNED_BYTES], change: &[u8]) {
    let keys = &FIXTURE.keys.refresh;
    let token = token(fields);
    let text = token.to_text(keys).expect("a known key").expose().to_owned();
    assert_eq!(text.len(), TEXT_BYTES);
    assert_eq!(RefreshToken::parse(&text, keys), Ok(token));
    if let [place, to, ..] = *change {
        let place = usize::from(place) % TEXT_BYTES;
        let changed = format!("{}{}{}", &text[..place], char::from(to), &text[place + 1..]);
        assert_eq!(RefreshToken::parse(&changed, keys).is_ok(), changed == text, "{text} and {changed:?}");
    }
}

fn token(fields: &[u8; SIGNED_BYTES]) -> RefreshToken {
    let part = |from: usize| -> [u8; 16] { std::array::from_fn(|place| fields[from + place]) };
    RefreshToken {
        user_id: UserId::from_bytes(part(0)),
        session_id: SessionId::from_bytes(part(16)),
        key_id: RefreshKeyId(1 + fields[32] % 2),
        generation: Generation::new(u32::from_be_bytes([0, fields[33], fields[34], fields[35]]))
            .expect("24 bits"),
        nonce: Nonce::from_bytes(std::array::from_fn(|place| fields[36 + place])),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let genuine = REFRESH_TOKENS.first().expect("a token");
    let mut unknown_key = URL_SAFE_NO_PAD.decode(genuine).expect("base64url");
    unknown_key[32] = 200;
    let mut seeds: Vec<_> = REFRESH_TOKENS.iter().map(|text| text.clone().into_bytes()).collect();
    seeds.extend([format!("{genuine}=="), URL_SAFE_NO_PAD.encode(unknown_key)].map(String::into_bytes));
    seeds.push(vec![0xff; SIGNED_BYTES + 2]);
    seeds
}
