//! The command itself, on the tables of a service: its output, its exit codes, and the lines of docs/users.md.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::example::{Example, Shell};
use tests::{Browser, World, project};

const RATCHET: &str = env!("CARGO_BIN_EXE_ratchet");

/// Runs a command line on the tables of a world, away from the thread that serves them.
async fn ratchet(world: &World, line: &str) -> Output {
    let mut command = Command::new(RATCHET);
    command.args(line.split(' ')).env_clear().env("RATCHET_ENDPOINT_URL", world.database.url());
    command.env("KEY_SET", world.keys.to_json());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn done(world: &World, line: &str) -> String {
    let output = ratchet(world, line).await;
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{line}: {out}{err}");
    out
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_granted_and_taken_by_the_lines_of_docs_users() {
    let page = project::read("docs/users.md");
    let example = Example::read(&page).unwrap_or_else(|problem| panic!("docs/users.md: {problem}"));
    let world = World::start().await;
    let dynamodb = world.database.url();
    let example = example
        .replacing("127.0.0.1:8000", dynamodb.trim_start_matches("http://"))
        .replacing("ratchet user", &format!("{RATCHET} user"));
    let (base_url, clock) = (world.service.base_url().to_owned(), world.clock.clone());
    let run = move || example.run(Shell::Bash, &base_url, &clock);
    let ran = tokio::task::spawn_blocking(run).await.unwrap();
    ran.unwrap_or_else(|problem| panic!("docs/users.md: {problem}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_tables_for_people_and_json_for_programs() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let email = browser.email.clone();
    let shown = done(&world, &format!("user add-role {email} admin")).await;
    assert!(shown.contains(&email) && shown.contains("admin"), "{shown}");
    let again = done(&world, &format!("user add-role {email} admin")).await;
    assert!(again.contains("It was so before."), "{again}");
    let json = done(&world, &format!("--json user show {email}")).await;
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(answer["user"]["roles"][0], "admin");
    let list = done(&world, "user list").await;
    assert!(list.contains(&email) && list.contains("user id"), "{list}");
    let sessions = done(&world, &format!("sessions {email}")).await;
    assert!(sessions.contains(&browser.tokens().session_id), "{sessions}");
    assert!(sessions.contains("2050-01-01T00:00:00Z"), "{sessions}");
    browser.refresh().await.assert_ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_an_export_has_hashes_only_when_asked() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let email = browser.email.clone();
    let shown = done(&world, &format!("user delete {email} --dry-run")).await;
    assert!(shown.contains("nothing was changed"), "{shown}");
    browser.refresh().await.assert_ok();
    assert!(!done(&world, "export").await.contains("argon2id"));
    let exported = done(&world, "export --with-hashes").await;
    let line: Value = serde_json::from_str(exported.trim()).unwrap();
    assert!(line["password"]["hash"].as_str().unwrap().starts_with("$argon2id$"), "{line}");
    let ended = done(&world, "user end-sessions --all-users").await;
    assert_eq!(ended, "All sessions have ended. Users: 1\n");
    browser.refresh().await.assert_error("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_a_reset_link_are_made_with_the_keys_of_the_service() {
    let world = World::start().await;
    // The command reads the clock of this machine, and codes end.
    world.clock.set(runtime::Moment::read());
    let mut browser = Browser::at(&world.service);
    let password = browser.password.clone();
    done(&world, &format!("user create {} --name Ada --invite", browser.email)).await;
    let code = browser.mailed("invitation").await;
    browser.reset(&code, &password).await.assert_ok();
    browser.login().await.assert_ok();
    let link = done(&world, &format!("user reset-link {}", browser.email)).await;
    let link = link.lines().next().unwrap();
    world.service.keep_secret(link);
    let code = link.strip_prefix("http://127.0.0.1:3000/#reset=").unwrap();
    browser.reset(code, &password).await.assert_ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_has_the_address_and_the_keys_of_the_running_service_or_is_refused() {
    let world = World::start().await;
    world.clock.set(runtime::Moment::read());
    let browser = world.signed_in().await;
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let describe = |dynamodb: &str, keys: &str| {
        let api = "http://127.0.0.1:4321";
        write("service.json", &json!({ "api": api, "dynamodb": dynamodb, "key_set": keys }).to_string());
    };
    let reset_link = async || {
        let mut command = Command::new(RATCHET);
        command.args(["user", "reset-link", &browser.email, "--data-dir"]).arg(directory.path());
        command.env_clear().args(["--endpoint-url", &world.database.url()]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    write("key-set.json", &world.keys.to_json());
    write("lock", "");
    let lock = std::fs::File::open(directory.path().join("lock")).unwrap();
    lock.lock().unwrap();

    describe(&world.database.url().replace("127.0.0.1", "localhost"), &world.keys.version());
    let (code, link, error) = reset_link().await;
    let link = link.lines().next().unwrap_or_default();
    world.service.keep_secret(link);
    assert!(code == Some(0) && link.starts_with("http://127.0.0.1:4321/#reset="), "{error}");

    let refused = async |why: &str| {
        let (code, _, error) = reset_link().await;
        assert!(code == Some(1) && error.contains("--data-dir"), "{why}: {error}");
    };
    describe("http://127.0.0.1:1", &world.keys.version());
    refused("the directory of another service").await;
    describe(&world.database.url(), "another");
    refused("the service has other keys").await;
    describe(&world.database.url(), &world.keys.version());
    lock.unlock().unwrap();
    refused("a service that does not run").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_1_with_the_cause_for_a_refusal_and_2_for_a_usage_error() {
    let world = World::start().await;
    for (line, code, expected) in [
        ("user show nobody@example.com", 1, "no_such_user"),
        ("user show nobody", 2, "must be an address or the id of a user"),
        ("user add-role a@example.com a,b", 2, "must be 1 to 64 characters"),
        ("user grant a@example.com", 2, "unrecognized subcommand"),
        ("user create a@example.com --claims {\"sub\":1}", 2, "the name is reserved"),
        ("user create a@example.com --claims plan", 2, "must be JSON"),
        (
            "user create a@example.com --claims {\"n\":123456789012345678901234567890}",
            2,
            "write it as a text",
        ),
        ("user add-role a@example.com ", 2, "must be 1 to 64 characters"),
        ("user end-sessions", 2, "<USER|--all-users>"),
        ("user list --stack a --function b", 2, "cannot be used with"),
        ("user list --endpoint-url nonsense", 2, "must be a URL such as http://127.0.0.1:8000"),
        ("import /nonexistent/users.jsonl", 1, "/nonexistent/users.jsonl: No such file"),
    ] {
        let output = ratchet(&world, line).await;
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{line}: {error}");
        assert!(error.contains(expected) && output.stdout.is_empty(), "{line}: {error}");
    }
    let nowhere = Command::new(RATCHET).args(["user", "list"]).env_clear().output().unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).contains("--stack NAME"), "{}", text(&nowhere.stderr));
    world.database.go_down().await;
    let failed = ratchet(&world, "user show ada@example.com").await;
    let error = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1));
    assert!(error.contains("DynamoDB") && error.contains("repeating the command finishes it"), "{error}");
}

/// As `| head -1` leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_enough_is_no_failure_unless_work_is_left() {
    let world = World::start().await;
    world.signed_in().await;
    for (line, code) in [
        ("completions powershell", 0),
        ("user list", 0),
        ("export", 0),
        ("user end-sessions --all-users --json", 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(RATCHET);
        command.args(line.split(' ')).env_clear().env("RATCHET_ENDPOINT_URL", world.database.url());
        command.stdout(writer).stderr(std::process::Stdio::piped());
        let spawned = command.spawn().unwrap();
        drop(command);
        let output = tokio::task::spawn_blocking(|| spawned.wait_with_output().unwrap()).await.unwrap();
        let error = text(&output.stderr);
        assert_eq!((output.status.code(), error.is_empty()), (Some(code), code == 0), "{line}: {error}");
    }
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Command::new(RATCHET).args(["completions", shell]).env_clear().output().unwrap();
        assert!(text(&output.stdout).contains("end-sessions"), "{shell}");
    }
}
