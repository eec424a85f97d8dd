use super::*;
use proptest::prelude::*;

const KEY: [u8; 32] = [7; 32];

fn keys() -> RefreshKeys {
    RefreshKeys::new(RefreshKeyId(1), &KEY)
}

fn token(generation: u32, nonce: [u8; 12]) -> RefreshToken {
    RefreshToken {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        key_id: RefreshKeyId(1),
        generation: Generation::new(generation).unwrap(),
        nonce: Nonce::from_bytes(nonce),
    }
}

fn text_of(token: &RefreshToken) -> String {
    token.to_text(&keys()).unwrap().expose().to_owned()
}

#[test]
fn the_layout_is_the_documented_one() {
    let bytes = URL_SAFE_NO_PAD.decode(text_of(&token(0x0001_0203, [9; 12]))).unwrap();
    let (signed, tag) = bytes.split_at(48);
    let expected = [&[1; 16][..], &[2; 16], &[1], &[1, 2, 3], &[9; 12]].concat();
    assert_eq!(signed, expected);

    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    let full = hmac::sign(&key, &[b"ratchet-refresh-v1\0".as_slice(), signed].concat());
    assert_eq!(tag, &full.as_ref()[..16]);
}

#[test]
fn a_token_of_another_key_is_not_ours() {
    let text = text_of(&token(1, [3; 12]));
    let others = RefreshKeys::new(RefreshKeyId(1), &[8; 32]);
    assert_eq!(RefreshToken::parse(&text, &others), Err(RefreshTokenError::Forged));
}

#[test]
fn a_retired_key_recognises_and_a_dropped_one_does_not() {
    let text = text_of(&token(1, [3; 12]));
    let rotated = RefreshKeys::new(RefreshKeyId(2), &[8; 32]).with(RefreshKeyId(1), &KEY);
    assert_eq!(RefreshToken::parse(&text, &rotated), Ok(token(1, [3; 12])));
    let dropped = RefreshKeys::new(RefreshKeyId(2), &[8; 32]);
    assert_eq!(RefreshToken::parse(&text, &dropped), Err(RefreshTokenError::UnknownKey));
    assert!(rotated.has(RefreshKeyId(1)) && !dropped.has(RefreshKeyId(1)));
    let unknown = Err(RefreshKeyError(RefreshKeyId(1)));
    assert_eq!(token(1, [3; 12]).to_text(&dropped), unknown);
}

#[test]
fn other_spellings_are_refused() {
    let text = text_of(&token(1, [0xfb; 12]));
    for spelling in [
        format!("{text}="),
        format!("{text}=="),
        format!(" {text}"),
        format!("{text}\n"),
        text.replace('-', "+").replace('_', "/"),
        text[..85].to_owned(),
        format!("{text}A"),
        String::new(),
    ] {
        assert_eq!(RefreshToken::parse(&spelling, &keys()), Err(RefreshTokenError::Forged), "{spelling:?}");
    }
}

#[test]
fn spare_bits_of_the_last_character_must_be_zero() {
    let text = text_of(&token(1, [3; 12]));
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.iter().position(|c| Some(c) == text.as_bytes().last()).unwrap();
    assert_eq!(last % 16, 0, "64 bytes leave four spare bits");
    for spare in 1..16 {
        let spelling = format!("{}{}", &text[..85], char::from(alphabet[last + spare]));
        assert_eq!(RefreshToken::parse(&spelling, &keys()), Err(RefreshTokenError::Forged));
    }
}

#[test]
fn the_last_generation_has_no_next() {
    assert_eq!(Generation::FIRST.next(), Generation::new(1));
    assert_eq!(Generation::LAST.next(), None);
    assert_eq!(Generation::new(0x0100_0000), None);
}

#[test]
fn debug_shows_no_nonce_and_no_key() {
    let token = token(5, [0xab; 12]);
    let shown = format!("{token:?} {:?} {:?} {:?}", token.nonce, keys(), token.to_text(&keys()));
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, "), "{shown}");
    assert!(!shown.contains(&text_of(&token)) && shown.contains("RefreshTokenText(..)"), "{shown}");
}

proptest! {
    #[test]
    fn mint_and_parse_round_trip(
        user in any::<[u8; 16]>(), session in any::<[u8; 16]>(),
        generation in 0u32..=0x00ff_ffff, nonce in any::<[u8; 12]>(),
    ) {
        let token = RefreshToken {
            user_id: UserId::from_bytes(user),
            session_id: SessionId::from_bytes(session),
            ..token(generation, nonce)
        };
        let text = text_of(&token);
        prop_assert_eq!(text.len(), TEXT_BYTES);
        prop_assert_eq!(RefreshToken::parse(&text, &keys()), Ok(token));
    }

    #[test]
    fn parsing_never_panics(text in ".{0,200}") {
        let _ = RefreshToken::parse(&text, &keys());
    }

    #[test]
    fn text_of_the_right_alphabet_and_length_is_still_not_ours(text in "[A-Za-z0-9_-]{86}") {
        prop_assert!(RefreshToken::parse(&text, &keys()).is_err());
    }
}

#[test]
fn one_flipped_bit_never_passes() {
    let mut bytes = URL_SAFE_NO_PAD.decode(text_of(&token(77, [3; 12]))).unwrap();
    for bit in 0..512 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        let text = URL_SAFE_NO_PAD.encode(&bytes);
        assert!(RefreshToken::parse(&text, &keys()).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}
