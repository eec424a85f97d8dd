//! The harness itself: what it searches for is found.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::code::{Code, CodeId, Half, Purpose};
use shared::email::Email;
use shared::refresh_token::Nonce;
use tests::dynamodb::CODES;
use tests::{World, log, secrets};

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

/// The rows that ask for mails, one for each address.
async fn ask_for_mail(world: &World, id: u8, to: &str) -> Code {
    let code = Code {
        code_id: CodeId::from_bytes([id; 16]),
        purpose: Purpose::Verify,
        email: Email::parse(to).unwrap(),
        new_email: None,
        account: None,
        pending: None,
        locale: None,
        key_id: world.keys.refresh.current(),
        nonce: Nonce::random(&mut StdRng::seed_from_u64(id.into())),
        created_at: world.clock.now(),
        expires_at: Purpose::Verify.ends_at(world.clock.now()),
    };
    aws::codes::Codes::new(aws::client_for(&world.database.url()), CODES.to_owned())
        .put(&code)
        .await
        .unwrap();
    code
}

#[tokio::test]
async fn a_mail_comes_to_its_address_with_a_secret_and_reading_the_stream_is_not_counted() {
    let world = World::start().await;
    let code = ask_for_mail(&world, 1, "ada@example.com").await;
    ask_for_mail(&world, 2, "bob@example.com").await;
    let mail = world.service.mail_to("ada@example.com", "verify").await;
    let text = code.text(Half::Mail, &world.keys.refresh).unwrap();
    assert_eq!(mail.code(), text.expose());
    assert_eq!(world.service.inbox("ada@example.com").await, [mail]);
    assert!(world.service.secrets().iter().any(|secret| secret == text.expose()));
    assert_eq!(world.database.take_requests(), ["PutItem", "PutItem"]);
    assert!(log::lines_with(text.expose()).is_empty());
}
