//! The harness itself: what it searches for is found.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tests::{log, secrets};

#[test]
fn what_looks_secret_is_found_and_nothing_else() {
    let token = "a-_9".repeat(30);
    for secret in [&token, "x correct horse battery staple", "$argon2id$v=19$", "{\"private_key\": 1}"] {
        assert!(log::looks_secret(secret), "{secret}");
    }
    let id = "36f9f27b-1510-4d02-aebb-ab38cb25ed6b";
    let line = format!(r#"{{"route":"refresh","session_id":"{id}","user_id":"{id}","error":"{id}"}}"#);
    assert!(!log::looks_secret(&line));
}

#[test]
fn a_secret_is_found_in_each_form() {
    let secret = "top secret?word>".to_owned();
    let around = |before: &str| STANDARD.encode(format!("{before}{secret} and so on"));
    for hidden in [
        format!("x{secret}y"),
        "top%20secret%3Fword%3E".to_owned(),
        "746f70207365637265743f776f72643e".to_owned(),
        format!("{:?}", format!("-{secret}-").into_bytes()),
        around(""),
        around("a"),
        around("ab"),
    ] {
        let search = || secrets::assert_absent(std::slice::from_ref(&secret), &hidden, "a test");
        assert!(std::panic::catch_unwind(search).is_err(), "{hidden}");
    }
    secrets::assert_absent(&[secret], "top secret, word", "a test");
}
