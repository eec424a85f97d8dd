use super::*;
use aws_lc_rs::hmac;
use proptest::prelude::*;
use rand::SeedableRng;

const KEY: [u8; 32] = [7; 32];

fn keys() -> RefreshKeys {
    RefreshKeys::new(RefreshKeyId(1), &KEY)
}

fn email() -> Email {
    Email::parse("ada@example.com").unwrap()
}

fn token(ended_version: i64) -> DeviceToken {
    DeviceToken {
        device_id: DeviceId::from_bytes([2; 16]),
        user_id: UserId::from_bytes([3; 16]),
        ended_version,
    }
}

fn text_of(token: DeviceToken) -> String {
    token.to_text(&email(), &keys()).expose().to_owned()
}

fn is_taken(text: &str) -> bool {
    DeviceToken::parse(text, &email(), &keys()).is_ok()
}

#[test]
fn the_layout_is_the_documented_one() {
    let bytes = URL_SAFE_NO_PAD.decode(text_of(token(0x0102))).unwrap();
    let (signed, tag) = bytes.split_at(41);
    assert_eq!(signed, [&[1][..], &[2; 16], &[3; 16], &[0, 0, 0, 0, 0, 0, 1, 2]].concat());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    let full = hmac::sign(&key, &[b"ratchet-device-v2\0".as_slice(), signed, b"ada@example.com"].concat());
    assert_eq!(tag, &full.as_ref()[..16]);
}

#[test]
fn a_token_is_good_for_the_account_it_was_made_for_alone() {
    let text = text_of(token(1));
    assert_eq!(DeviceToken::parse(&text, &email(), &keys()), Ok(token(1)));
    for other in ["grace@example.com", "ada@example.org", "da@example.com", "aada@example.com"] {
        let other = Email::parse(other).unwrap();
        assert_eq!(DeviceToken::parse(&text, &other, &keys()), Err(DeviceTokenError));
    }
    let elsewhere = RefreshKeys::new(RefreshKeyId(1), &[8; 32]);
    assert_eq!(DeviceToken::parse(&text, &email(), &elsewhere), Err(DeviceTokenError));
}

#[test]
fn a_retired_key_recognises_and_a_dropped_one_does_not() {
    let text = text_of(token(1));
    let rotated = RefreshKeys::new(RefreshKeyId(2), &[8; 32]).with(RefreshKeyId(1), &KEY);
    assert_eq!(DeviceToken::parse(&text, &email(), &rotated), Ok(token(1)));
    let dropped = RefreshKeys::new(RefreshKeyId(2), &[8; 32]);
    assert_eq!(DeviceToken::parse(&text, &email(), &dropped), Err(DeviceTokenError));
}

#[test]
fn a_tag_for_another_use_is_no_tag_here() {
    let signed = [&[1][..], &[2; 16], &[3; 16], &1_i64.to_be_bytes()].concat();
    for label in [&b"ratchet-refresh-v1\0"[..], b"ratchet-attempts-email-v1\0", b""] {
        let tag = keys().current_mac(label, &[&signed, b"ada@example.com"]);
        let text = URL_SAFE_NO_PAD.encode([&signed, &tag.as_ref()[..16]].concat());
        assert!(!is_taken(&text));
    }
    let tag = keys().current_mac(LABEL, &[&signed, b"ada@example.com"]);
    assert!(is_taken(&URL_SAFE_NO_PAD.encode([&signed, &tag.as_ref()[..16]].concat())));
}

#[test]
fn other_spellings_and_damaged_tokens_are_refused() {
    let text = text_of(token(1));
    assert_eq!(text.len(), TEXT_BYTES);
    let mut others = vec![
        String::new(),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}A"),
        text[..75].to_owned(),
        text.to_lowercase(),
    ];
    // Changing any character must make the token invalid.
    for position in 0..text.len() {
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/".chars() {
            if text[position..].starts_with(other) {
                continue;
            }
            let mut damaged = text.clone();
            damaged.replace_range(position..=position, &other.to_string());
            others.push(damaged);
        }
    }
    for other in others {
        assert!(!is_taken(&other), "{other:?}");
    }
}

#[test]
fn a_device_keeps_its_id_at_one_account_alone() {
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    let before = token(1);
    let again = DeviceToken::after_sign_in(Some(before), before.user_id, 2, &mut rng);
    assert_eq!(again, DeviceToken { ended_version: 2, ..before });
    let other = DeviceToken::after_sign_in(Some(before), UserId::from_bytes([4; 16]), 1, &mut rng);
    assert_ne!(other.device_id, before.device_id);
}

#[test]
fn debug_shows_nothing() {
    let token = token(5);
    let shown = format!("{token:?} {:?}", token.to_text(&email(), &keys()));
    assert_eq!(shown, "DeviceToken(..) DeviceTokenText(..)");
}

proptest! {
    #[test]
    fn made_and_parsed_is_the_same(device in any::<[u8; 16]>(), user in any::<[u8; 16]>(), ended_version in any::<i64>()) {
        let token = DeviceToken { device_id: DeviceId::from_bytes(device), user_id: UserId::from_bytes(user), ended_version };
        prop_assert_eq!(DeviceToken::parse(&text_of(token), &email(), &keys()), Ok(token));
    }

    #[test]
    fn parsing_never_panics(text in ".{0,100}") {
        let _ = DeviceToken::parse(&text, &email(), &keys());
    }

    #[test]
    fn text_of_the_right_alphabet_and_length_is_still_not_ours(text in "[A-Za-z0-9_-]{76}") {
        prop_assert!(!is_taken(&text));
    }
}
