//! Mail: from a row of the codes table to the inbox, and to a program that speaks SMTP.

use std::io::BufRead;
use std::process::Stdio;

use aws::codes::Codes;
use local::{Data, DynamoDb, Mail, Options, Server, start};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use shared::Timestamp;
use shared::code::{Code, CodeId, Purpose};
use shared::email::Email;
use shared::key_set::{Algorithm, KeySet};
use shared::refresh_token::Nonce;

use super::environment::IN_MEMORY;
use super::process::command;
use super::smtp::MailCatcher;
use super::start::{NOON, options};

const TABLE: &str = "CodesTable";

/// The keys for rows and servers.
fn keys() -> KeySet {
    KeySet::generate(Algorithm::default(), &mut StdRng::seed_from_u64(5)).unwrap()
}

fn with_keys(options: Options) -> Options {
    let document = keys().to_json();
    Options { settings: Box::new(move |name| (name == "KEY_SET").then(|| document.clone())), ..options }
}

fn code(id: u8, purpose: Purpose, to: &str) -> Code {
    let now = Timestamp::from_seconds(NOON);
    Code {
        code_id: CodeId::from_bytes([id; 16]),
        purpose,
        email: Email::parse(to).unwrap(),
        new_email: None,
        account: None,
        pending: None,
        locale: None,
        key_id: keys().refresh.current(),
        nonce: Nonce::random(&mut StdRng::seed_from_u64(id.into())),
        created_at: now,
        expires_at: purpose.ends_at(now),
    }
}

async fn put(server: &Server, codes: &[Code]) {
    let table = Codes::new(aws::client_for(server.dynamodb_url()), TABLE.to_owned());
    for code in codes {
        table.put(code).await.unwrap();
    }
}

async fn inbox(server: &Server) -> Vec<Value> {
    let url = format!("{}/_inbox/messages", server.base_url());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// Returns the recipients of the mails in the inbox, the newest first.
async fn recipients(server: &Server) -> Vec<String> {
    inbox(server).await.iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_row_gives_one_mail_with_a_code_of_that_row_and_a_link_to_this_server() {
    let server = start(with_keys(options())).await.unwrap();
    let row = code(1, Purpose::Reset, "ada@example.com");
    put(&server, std::slice::from_ref(&row)).await;
    let mails = inbox(&server).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let text = row.text(shared::code::Half::Mail, &keys().refresh).unwrap();
    assert_eq!(mails[0]["code"], text.expose());
    assert_eq!(mails[0]["link"], format!("{}/#reset={}", server.base_url(), text.expose()));
    assert_eq!((&mails[0]["kind"], &mails[0]["sent_at"]), (&"reset".into(), &NOON.into()));
    server.shutdown().await;
}

#[tokio::test]
async fn mails_come_in_the_order_of_their_rows_and_rows_for_nobody_give_none() {
    let server = start(with_keys(options())).await.unwrap();
    let of = |id: u8, purpose| code(id, purpose, &format!("{id}@example.com"));
    let rows: Vec<_> = (0..25).map(|id| of(id, Purpose::Verify)).collect();
    put(&server, &[of(100, Purpose::Nobody)]).await;
    put(&server, &rows).await;
    let expected: Vec<_> = (0..25).rev().map(|id| format!("{id}@example.com")).collect();
    assert_eq!(recipients(&server).await, expected);
    server.shutdown().await;
}

#[tokio::test]
async fn what_an_older_server_has_left_is_mailed_after_the_next_start_and_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let kept = || {
        let data = Data::Directory(directory.path().join("data"));
        // That would go by the system's time.
        Options { data, sweeps: false, ..with_keys(options()) }
    };
    let off = start(Options { mail: Mail::Off, ..kept() }).await.unwrap();
    put(&off, &[code(1, Purpose::Reset, "1@example.com")]).await;
    off.shutdown().await;

    let first = start(kept()).await.unwrap();
    assert_eq!(recipients(&first).await, ["1@example.com"]);
    put(&first, &[code(2, Purpose::Reset, "2@example.com")]).await;
    assert_eq!(recipients(&first).await, ["2@example.com", "1@example.com"]);
    first.shutdown().await;

    let off = start(Options { mail: Mail::Off, ..kept() }).await.unwrap();
    put(&off, &[code(3, Purpose::Reset, "3@example.com")]).await;
    off.shutdown().await;
    let second = start(kept()).await.unwrap();
    assert_eq!(recipients(&second).await, ["3@example.com"]);
    second.shutdown().await;
}

#[tokio::test]
async fn a_table_without_a_stream_gets_one() {
    let first = start(Options { mail: Mail::Off, ..options() }).await.unwrap();
    let client = aws::client_for(first.dynamodb_url());
    let none = aws_sdk_dynamodb::types::StreamSpecification::builder().stream_enabled(false).build().unwrap();
    client.update_table().table_name(TABLE).stream_specification(none).send().await.unwrap();
    let external = DynamoDb::External(first.dynamodb_url().to_owned());
    let second = start(Options { dynamodb: external, ..with_keys(options()) }).await.unwrap();
    put(&second, &[code(1, Purpose::Reset, "1@example.com")]).await;
    assert_eq!(recipients(&second).await, ["1@example.com"]);
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn in_a_dynamodb_that_runs_already_only_what_is_new_is_mailed() {
    let first = start(with_keys(options())).await.unwrap();
    put(&first, &[code(1, Purpose::Reset, "1@example.com")]).await;
    let external = DynamoDb::External(first.dynamodb_url().to_owned());
    let second = start(Options { dynamodb: external, ..with_keys(options()) }).await.unwrap();
    put(&second, &[code(2, Purpose::Reset, "2@example.com")]).await;
    assert_eq!(recipients(&second).await, ["2@example.com"]);
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn the_inbox_is_there_for_this_machine_alone_and_only_where_there_is_mail() {
    let server = start(with_keys(options())).await.unwrap();
    let ask = |url: &str, host: &str| {
        reqwest::Client::new().get(format!("{url}/_inbox/messages")).header("host", host).send()
    };
    assert_eq!(ask(server.base_url(), "localhost:3000").await.unwrap().status(), 200);
    let refused = ask(server.base_url(), "evil.example").await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(!refused.headers().contains_key("access-control-allow-origin"));
    server.shutdown().await;

    let off = start(Options { mail: Mail::Off, ..with_keys(options()) }).await.unwrap();
    put(&off, &[code(1, Purpose::Reset, "1@example.com")]).await;
    assert_ne!(ask(off.base_url(), "localhost").await.unwrap().status(), 200);
    assert!(off.banner().contains("Mail      off"));
    off.shutdown().await;
}

/// Waits for this many mails.
async fn caught(catcher: &MailCatcher, count: usize) -> Vec<String> {
    let arrived = async {
        while catcher.mails().len() < count {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), arrived).await.unwrap();
    catcher.mails()
}

#[tokio::test]
async fn mail_that_is_refused_twice_is_sent_once_in_its_order_and_the_inbox_has_it_once() {
    let catcher = MailCatcher::refusing(2).await;
    let server = start(Options { mail: Mail::Smtp(catcher.address), ..with_keys(options()) }).await.unwrap();
    put(&server, &[code(1, Purpose::Reset, "1@example.com"), code(2, Purpose::Verify, "2@example.com")])
        .await;
    assert!(recipients(&server).await.contains(&"1@example.com".to_owned()), "kept although it is refused");
    let mails = caught(&catcher, 2).await;
    assert_eq!(recipients(&server).await, ["2@example.com", "1@example.com"]);
    server.shutdown().await;
    assert_eq!(catcher.mails().len(), 2);
    for (mail, id) in mails.iter().zip([1, 2]) {
        let row = code(id, Purpose::Reset, "x@example.com");
        assert!(mail.contains(&format!("To: {id}@example.com\r\n")), "{mail}");
        assert!(mail.contains(&format!("Message-ID: <{}@localhost>\r\n", row.code_id)), "{mail}");
        assert!(mail.contains("<noreply@localhost>\r\n"), "{mail}");
        assert!(mail.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"), "{mail}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_answer_holds_up_no_inbox_and_no_mail_for_long() {
    let catcher = MailCatcher::hanging(1).await;
    let server = start(Options { mail: Mail::Smtp(catcher.address), ..with_keys(options()) }).await.unwrap();
    put(&server, &[code(1, Purpose::Reset, "1@example.com"), code(2, Purpose::Verify, "2@example.com")])
        .await;
    assert_eq!(recipients(&server).await, ["2@example.com", "1@example.com"]);
    assert!(catcher.mails().is_empty(), "the inbox does not wait for the program");
    assert!(caught(&catcher, 2).await[0].contains("To: 1@example.com\r\n"), "it is sent again");
    server.shutdown().await;
}

#[tokio::test]
async fn an_address_that_the_program_can_not_take_holds_up_no_mail() {
    let catcher = MailCatcher::refusing(0).await;
    let server = start(Options { mail: Mail::Smtp(catcher.address), ..with_keys(options()) }).await.unwrap();
    put(
        &server,
        &[code(1, Purpose::Reset, "zo\u{eb}@example.com"), code(2, Purpose::Reset, "2@example.com")],
    )
    .await;
    assert!(caught(&catcher, 1).await[0].contains("To: 2@example.com\r\n"));
    server.shutdown().await;
    assert_eq!(catcher.mails().len(), 1);
}

#[tokio::test]
async fn a_registration_that_proves_addresses_does_not_start_without_mail() {
    let settings = |name: &str| (name == "REGISTRATION").then(|| "verified".to_owned());
    let off = Options { mail: Mail::Off, settings: Box::new(settings), ..options() };
    let error = start(off).await.err().unwrap().to_string();
    for named in ["RegisterFunction", "REGISTRATION", "MAIL_FROM", "MAIL_FUNCTION_ARN"] {
        assert!(error.contains(named), "{error}");
    }
}

#[tokio::test]
async fn a_sender_that_is_no_address_stops_the_start() {
    let settings = |name: &str| (name == "MAIL_FROM").then(|| "nope".to_owned());
    let error = start(Options { settings: Box::new(settings), ..options() }).await.err().unwrap().to_string();
    assert_eq!(error, "MAIL_FROM must have the form name@domain (a setting of AccountFunction)");
}

#[tokio::test]
async fn the_binary_logs_the_link_of_a_mail() {
    let document = keys().to_json();
    let mut child = command((IN_MEMORY, &[("KEY_SET", &document)])).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut banner = String::new();
    while !banner.contains("curl") {
        assert_ne!(lines.read_line(&mut banner).unwrap(), 0, "it ended after {banner:?}");
    }
    let url = |name: &str| banner.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
    // The binary goes by the system's time.
    let expires_at = Timestamp::from_seconds(4_000_000_000);
    let row = Code { expires_at, ..code(1, Purpose::Reset, "ada@example.com") };
    Codes::new(aws::client_for(url("DynamoDB")), TABLE.to_owned()).put(&row).await.unwrap();
    let mails = reqwest::get(url("Mail")).await.unwrap().text().await.unwrap();
    child.kill().unwrap();
    let log = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let text = row.text(shared::code::Half::Mail, &keys().refresh).unwrap();
    let link = format!("{}/#reset={}", url("API"), text.expose());
    assert!(mails.contains(&link), "{mails}");
    let line = log.lines().find(|line| line.contains("INFO") && line.contains("(reset) to ada@example.com"));
    assert!(line.is_some_and(|line| line.ends_with(&link)), "{log}");
}

#[tokio::test]
async fn mail_is_sent_to_no_other_machine() {
    let elsewhere = Options { mail: Mail::Smtp("192.0.2.1:25".parse().unwrap()), ..options() };
    let error = start(elsewhere).await.err().unwrap().to_string();
    assert!(error.contains("192.0.2.1:25") && error.contains("--smtp"), "{error}");
}
