//! The results of the records of an event.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

#[path = "../../../aws/tests/stub/mod.rs"]
mod stub;
mod support;

use std::sync::{Arc, Mutex};

use aws::secret::{KeyCache, Secret};
use mailer::{SinkError, handle};
use serde_json::{Value, json};
use shared::Timestamp;
use shared::code::{CodeToken, Purpose};
use shared::key_set::KeySet;
use stub::Stub;
use support::{ADDRESS, Log, NOW, Outbox, event, failure, key_set, record, sequence_number, with, without};

fn unavailable() -> SinkError {
    SinkError::Unavailable("SES: Throttling".to_owned())
}

fn refused() -> SinkError {
    SinkError::Refused("SES: MessageRejected".to_owned())
}

#[tokio::test]
async fn a_row_that_was_put_is_mailed() {
    let outbox = Outbox::default();
    let answer = handle(&outbox.app(), &event([record(1, "reset")]), NOW).await;
    assert_eq!(serde_json::to_value(&answer).expect("JSON"), json!({ "batchItemFailures": [] }));
    let [mail] = &outbox.mails()[..] else { panic!("one mail") };
    assert_eq!(mail.to.as_str(), ADDRESS);
    assert_eq!((mail.kind, mail.expires_in.0), (Purpose::Reset, 1800));
    assert_eq!(mail.locale.as_deref(), Some("de-AT"));
    let code = mail.code.as_ref().expect("a code").expose();
    assert_eq!(CodeToken::read(code).map(|token| token.code_id), Some(mail.id));
    assert_eq!(mail.link, Some(format!("https://app.example.com/account#reset={code}")));
}

#[tokio::test]
async fn a_notice_has_no_code_and_no_link() {
    let outbox = Outbox::default();
    handle(&outbox.app(), &event([record(1, "password_changed")]), NOW).await;
    let mail = outbox.mails().remove(0);
    assert!(mail.code.is_none() && mail.link.is_none() && !mail.text.contains("https://"), "{}", mail.text);
}

#[tokio::test]
async fn only_rows_that_were_put_are_mailed() {
    let outbox = Outbox::default();
    let named = |name: &str| {
        let mut record = record(1, "reset");
        record["eventName"] = json!(name);
        record
    };
    let records = [named("MODIFY"), named("REMOVE"), json!({}), json!(null)];
    let answer = handle(&outbox.app(), &event(records), NOW).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 0));
    for nothing in [Value::Null, json!({}), json!({ "Records": 1 }), json!([])] {
        assert_eq!(failure(&handle(&outbox.app(), &nothing, NOW).await), None);
    }
}

#[tokio::test]
async fn nobody_is_never_mailed_and_never_logged() {
    let (outbox, log) = (Outbox::default(), Log::start());
    handle(&outbox.app(), &event([record(1, "nobody")]), NOW).await;
    assert_eq!((outbox.mails().len(), log.text().as_str()), (0, ""));
}

#[tokio::test]
async fn a_code_that_is_over_is_not_mailed() {
    let (outbox, log) = (Outbox::default(), Log::start());
    let at_its_end = Timestamp::from_seconds(2_000_001_800);
    let revoked = with(record(2, "reset"), "key_id", json!({ "N": "9" }));
    let answer = handle(&outbox.app(), &event([record(1, "reset"), revoked]), at_its_end).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 0));
    let answer =
        handle(&outbox.app(), &event([with(record(3, "reset"), "key_id", json!({ "N": "9" }))]), NOW).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 0));
    assert_eq!(log.counted(), ["over"; 3]);
}

#[tokio::test]
async fn the_same_record_has_the_same_id_and_code_each_time_and_in_any_order() {
    let outbox = Outbox::default();
    let app = outbox.app();
    let (first, second) = (record(1, "reset"), record(2, "verify"));
    handle(&app, &event([first.clone(), second.clone()]), NOW).await;
    handle(&app, &event([second, first]), NOW).await;
    let mails = outbox.mails();
    let said = |at: usize| (mails[at].id, mails[at].code.as_ref().map(|code| code.expose().to_owned()));
    assert_eq!((said(0), said(1)), (said(3), said(2)));
    assert_ne!(said(0), said(1));
}

#[tokio::test]
async fn a_broken_row_is_passed_over_and_holds_up_nobody() {
    let (outbox, log) = (Outbox::default(), Log::start());
    let mut bare = record(5, "reset");
    bare["dynamodb"] = json!({});
    let broken = [
        without(record(1, "reset"), "nonce"),
        with(record(2, "reset"), "email", json!({ "N": "1" })),
        with(record(3, "reset"), "purpose", json!({ "S": "spam" })),
        with(record(4, "reset"), "expires_at", json!({ "SS": ["x"] })),
        bare,
        record(6, "reset"),
    ];
    let answer = handle(&outbox.app(), &event(broken), NOW).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 1));
    assert_eq!(log.counted(), ["refused", "refused", "refused", "refused", "refused", "sent"]);
    assert!(log.text().contains("the attribute nonce of a row is missing"), "{}", log.text());
}

#[tokio::test]
async fn a_failed_sink_brings_the_record_again_and_all_behind_it() {
    let (outbox, log) = (Outbox::failing_with([refused(), unavailable()]), Log::start());
    let app = outbox.app();
    let records = || event([record(1, "reset"), record(2, "reset"), record(3, "reset")]);
    let answer = handle(&app, &records(), NOW).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (Some(sequence_number(2)), 0));
    assert_eq!(log.counted(), ["refused", "failed"]);
    // Lambda leaves out what is before it.
    let answer = handle(&app, &event([record(2, "reset"), record(3, "reset")]), NOW).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 2));
}

#[tokio::test]
async fn a_record_is_one_line_without_address_code_or_link() {
    let outbox = Outbox::failing_with([refused()]);
    let (app, log) = (outbox.app(), Log::start());
    let records = [
        record(1, "reset"),
        record(2, "verify"),
        with(record(3, "reset"), "expires_at", json!({ "N": "2000000000" })),
        with(record(4, "reset"), "nonce", json!({ "S": ADDRESS })),
    ];
    handle(&app, &event(records), NOW).await;
    let failing = Outbox::failing_with([unavailable()]).app();
    handle(&failing, &event([record(5, "invitation")]), NOW).await;
    let id = |number: u8| shared::code::CodeId::from_bytes([number; 16]).to_string();
    let expected = [
        ["WARN", "refused", "reset", &id(1)],
        ["INFO", "sent", "verify", &id(2)],
        ["INFO", "over", "reset", &id(3)],
        ["WARN", "refused", "-", "-"],
        ["ERROR", "failed", "invitation", &id(5)],
    ];
    assert_eq!(log.lines(), expected.map(|line| line.map(ToOwned::to_owned)));
    let text = log.text();
    let mail = outbox.mails().remove(0);
    for secret in [ADDRESS, "Ada", "https://", "#verify", mail.code.as_ref().expect("a code").expose()] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn a_code_of_a_new_key_is_mailed_when_the_secret_can_be_read() {
    let (first, second) = (key_set(), rotated());
    let secret = Arc::new(Mutex::new((200, json!({ "SecretString": first.to_json() }).to_string())));
    let given = Arc::clone(&secret);
    let manager = Stub::start(move |_| given.lock().expect("not poisoned").clone());
    let keys = KeyCache::read(Secret::new(&aws::config_for(&manager.url), "s".to_owned()), NOW).await;
    let outbox = Outbox::default();
    let app = outbox.app_with(keys.expect("the first set"));
    let records = || event([with(record(1, "reset"), "key_id", json!({ "N": "3" }))]);

    let later = |seconds: i64| Timestamp::from_seconds(2_000_000_000 + seconds);
    *secret.lock().expect("not poisoned") = (400, "{}".to_owned());
    let answer = handle(&app, &records(), later(100)).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (Some(sequence_number(1)), 0));

    *secret.lock().expect("not poisoned") = (200, json!({ "SecretString": second.to_json() }).to_string());
    let answer = handle(&app, &records(), later(200)).await;
    assert_eq!((failure(&answer), outbox.mails().len()), (None, 1));
}

/// Returns the key set with a third key for refresh tokens.
fn rotated() -> KeySet {
    let mut set: Value = serde_json::from_str(&key_set().to_json()).expect("JSON");
    let keys = set["refresh_token_keys"].as_array_mut().expect("a list");
    let mut third = keys[1].clone();
    third["id"] = json!(3);
    third["state"] = json!("retired");
    keys.push(third);
    KeySet::parse(&set.to_string()).expect("a key set")
}
