//! Imports and exports with the command itself, on the tables of a service.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "scripts/import-load sets a size and reads a rate"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::{Value, json};
use shared::Seconds;
use tempfile::TempDir;
use tests::dynamodb::USERS;
use tests::{AuthenticatorApp, Browser, World};

const RATCHET: &str = env!("CARGO_BIN_EXE_ratchet");

/// The output of a run of the command.
struct Ran {
    code: Option<i32>,
    out: String,
    error: String,
    /// The most memory that it used, in KiB.
    peak: u64,
}

impl Ran {
    /// Returns its output with `--json`.
    fn told(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn summary(&self) -> Value {
        self.told().pop().unwrap_or_else(|| panic!("{}", self.error))
    }

    /// Returns the lines that it has reported.
    fn named(&self, outcome: &str) -> Vec<u64> {
        let told = self.told();
        let lines = told.iter().filter(|line| line["outcome"] == outcome);
        lines.map(|line| line["line"].as_u64().unwrap()).collect()
    }
}

/// Runs a command line on the tables of a world. `stop` is asked repeatedly whether to kill it.
async fn run(world: &World, directory: &Path, line: &str, stop: impl Fn() -> bool + Send + 'static) -> Ran {
    run_with(&world.keys.to_json(), world, directory, line, stop).await
}

/// Runs it with this key set.
async fn run_with(
    keys: &str,
    world: &World,
    directory: &Path,
    line: &str,
    stop: impl Fn() -> bool + Send + 'static,
) -> Ran {
    let mut command = Command::new(RATCHET);
    command.args(line.split(' ')).env_clear().env("RATCHET_ENDPOINT_URL", world.database.direct_url());
    command.env("KEY_SET", keys).current_dir(directory);
    let (out, error) = (directory.join("out"), directory.join("error"));
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&error).unwrap());
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut peak = 0;
        let code = loop {
            peak = peak.max(peak_of(&child));
            match child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None if stop() => child.kill().unwrap(),
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let text = |path: PathBuf| fs::read_to_string(path).unwrap();
        Ran { code, out: text(out), error: text(error), peak }
    })
    .await
    .unwrap()
}

/// Returns the peak of the memory in KiB, or 0 for a process that has ended.
fn peak_of(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

async fn import(world: &World, directory: &Path, line: &str) -> Ran {
    run(world, directory, &format!("--json import {line}"), || false).await
}

fn directory_with(name: &str, text: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join(name), text).unwrap();
    directory
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_every_format_are_imported_and_sign_in_over_http() {
    let world = World::start().await;
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../import/vectors.json")).unwrap();
    let address = |number: usize| format!("user{number}@example.com");
    let lines: String = vectors.iter().enumerate().fold(String::new(), |mut lines, (number, vector)| {
        let line = json!({ "email": address(number), "roles": ["admin"], "claims": { "plan": "gold" },
                           "email_verified": true, "password": vector["hashed"] });
        writeln!(lines, "{line}").unwrap();
        lines
    });
    let directory = directory_with("users.jsonl", &lines);
    let ran = import(&world, directory.path(), "users.jsonl").await;
    assert_eq!((ran.code, &ran.summary()["created"]), (Some(0), &json!(vectors.len())), "{}", ran.error);
    for (number, vector) in vectors.iter().enumerate() {
        let mut browser = Browser::at(&world.service);
        browser.email = address(number);
        vector["password"].as_str().unwrap().clone_into(&mut browser.password);
        browser.mistyping().login().await.assert_error("invalid_credentials");
        browser.login().await.assert_ok();
        let me = browser.me().await;
        me.assert_ok();
        assert_eq!(me.json()["user"]["roles"], json!(["admin"]), "{}", vector["name"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_line_is_named_and_nothing_else_is_lost() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let lines = format!(
        "{{\"email\":\"one@example.com\"}}\nnonsense\n\n{{\"email\":\"two@example.com\",\"phone\":\"x\"}}\n\
         {{\"email\":\"{}\",\"name\":\"Eve\"}}\n{{\"email\":\"three@example.com\",\"user_id\":\"{}\"}}\n{{\"email\":\"four@example.com\"}}",
        browser.email,
        world.database.user(&browser.email).await.unwrap().text("user_id"),
    );
    let directory = directory_with("users.jsonl", &lines);
    let before = world.database.rows(USERS).await;

    let ran = import(&world, directory.path(), "users.jsonl --dry-run").await;
    assert_eq!((ran.code, &ran.summary()["created"]), (Some(1), &json!(2)), "{}", ran.error);
    assert!(before == world.database.rows(USERS).await, "a dry run changes something");

    let ran = import(&world, directory.path(), "users.jsonl").await;
    assert_eq!((ran.named("refused"), ran.named("exists")), (vec![2, 4, 6], vec![5]));
    assert!(ran.error.contains("4 lines are not imported"), "{}", ran.error);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.summary(),
        json!({ "created": 2, "done_before": 0, "exists": 1, "refused": 3, "dry_run": false })
    );
    assert!(world.database.user(&browser.email).await.unwrap() == before[0], "it is overwritten");
    for name in ["one", "four"] {
        assert!(world.database.user(&format!("{name}@example.com")).await.is_some(), "{name}");
    }
    let people = run(&world, directory.path(), "import users.jsonl", || false).await;
    assert!(people.error.contains("line 2: line must be a JSON object"), "{}", people.error);
    assert!(people.error.contains("line 1: email has an account already"), "{}", people.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_imported_as_lines_are() {
    let world = World::start().await;
    let table = "email,roles,disabled\nada@example.com,admin editor,true\nbad\ngrace@example.com,,\n";
    let directory = directory_with("users.CSV", table);
    let ran = import(&world, directory.path(), "users.CSV").await;
    assert_eq!((ran.code, ran.named("refused")), (Some(1), vec![3]), "{}", ran.error);
    let shown = run(&world, directory.path(), "--json user show ada@example.com", || false).await.summary();
    assert_eq!(shown["user"]["roles"], json!(["admin", "editor"]));
    assert_eq!(shown["user"]["disabled"], true);
    assert!(world.database.user("grace@example.com").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_imported_elsewhere_as_it_was() {
    let (here, there) = (World::start().await, World::start().await);
    // The command reads the clock of this machine, and no account is from the future.
    here.clock.set(runtime::Moment::read());
    let mut browser = here.signed_in().await;
    let directory = directory_with(
        "more.jsonl",
        "{\"email\":\"ada@example.com\",\"disabled\":true,\"claims\":{\"plan\":\"gold\"}}",
    );
    assert_eq!(import(&here, directory.path(), "more.jsonl").await.code, Some(0));
    let without = run(&here, directory.path(), "export", || false).await.out;
    assert!(!without.contains("argon2id") && without.lines().count() == 2, "{without}");
    let exported = run(&here, directory.path(), "export --with-hashes", || false).await.out;
    fs::write(directory.path().join("all.jsonl"), &exported).unwrap();
    let ran = import(&there, directory.path(), "all.jsonl").await;
    assert_eq!((ran.code, &ran.summary()["created"]), (Some(0), &json!(2)), "{}", ran.error);
    assert_eq!(run(&there, directory.path(), "export --with-hashes", || false).await.out, exported);
    browser = browser.moved_to(&there.service);
    browser.login().await.assert_ok();
}

/// A password of `import/vectors.json`, its bcrypt hash, and a secret as other systems have them.
const PASSWORD: &str = "correct horse battery staple";
const SECRET: &str = "GEZDGNBVGY3TQOJQ";

fn line_with_app(email: &str, secret: &str) -> Value {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../import/vectors.json")).unwrap();
    let is_bcrypt =
        |vector: &&Value| vector["hashed"]["format"] == "bcrypt" && vector["password"] == PASSWORD;
    let hashed = &vectors.iter().find(is_bcrypt).unwrap()["hashed"];
    json!({ "email": email, "password": hashed, "totp": { "secret": secret } })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_user_signs_in_with_password_and_a_code_of_the_app_they_had() {
    let world = World::start().await;
    let directory = directory_with("users.jsonl", &line_with_app("ada@example.com", SECRET).to_string());
    let ran = import(&world, directory.path(), "users.jsonl").await;
    assert_eq!((ran.code, &ran.summary()["created"]), (Some(0), &json!(1)), "{}", ran.error);
    let mut browser = Browser::at(&world.service);
    (browser.email, browser.password) = ("ada@example.com".to_owned(), PASSWORD.to_owned());
    let app = AuthenticatorApp::with_secret(SECRET);
    let missing = browser.login_with(&json!({})).await;
    assert_eq!(missing.assert_error("mfa_required").json()["factors"], json!(["totp"]));
    browser.login_with(&json!({ "totp": "000000" })).await.assert_error("invalid_credentials");
    let code = app.totp(world.clock.now());
    browser.mistyping().login_with(&code).await.assert_error("invalid_credentials");
    browser.login_with(&code).await.assert_ok();
    browser.other_device().login_with(&code).await.assert_error("invalid_credentials");
    let factors = browser.factors().await;
    factors.assert_ok();
    assert_eq!(factors.json()["recovery_codes_left"], 0);
    world.clock.advance(Seconds(30));
    let codes = browser.replace_recovery_codes(&app.totp(world.clock.now())).await;
    codes.assert_ok();
    let code = json!({ "recovery_code": codes.json()["recovery_codes"][0] });
    browser.other_device().login_with(&code).await.assert_ok();
    let rows = format!("{:?}", world.database.rows(USERS).await);
    assert!(!rows.contains(SECRET) && !rows.contains("1234567890"), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_moves_with_an_export_that_has_hashes_and_recovery_codes_stay_behind() {
    let (here, there) = (World::start().await, World::start().await);
    // The command reads the clock of this machine, and no account is from the future.
    here.clock.set(runtime::Moment::read());
    let mut browser = here.signed_in().await;
    let app = browser.set_totp_up(&json!({}), here.clock.now()).await;
    let directory = TempDir::new().unwrap();
    let without = run(&here, directory.path(), "export", || false).await;
    assert!(without.code == Some(0) && !without.out.contains("totp"), "{}", without.out);
    let exported = run(&here, directory.path(), "export --with-hashes", || false).await;
    assert_eq!(exported.code, Some(0), "{}", exported.error);
    let line: Value = serde_json::from_str(&exported.out).unwrap();
    assert_eq!(line["totp"], json!({ "secret": app.secret() }));
    for code in &app.recovery_codes {
        assert!(!exported.out.contains(code.as_str()));
    }
    fs::write(directory.path().join("all.jsonl"), &exported.out).unwrap();
    let ran = import(&there, directory.path(), "all.jsonl").await;
    assert_eq!((ran.code, &ran.summary()["created"]), (Some(0), &json!(1)), "{}", ran.error);
    let again = run(&there, directory.path(), "export --with-hashes", || false).await;
    assert_eq!(again.out, exported.out);
    browser = browser.moved_to(&there.service);
    browser.login_with(&json!({})).await.assert_error("mfa_required");
    browser.login_with(&app.recovery_code(0)).await.assert_error("invalid_credentials");
    browser.login_with(&app.totp(there.clock.now())).await.assert_ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_data_keys_apps_are_neither_imported_nor_exported_and_each_is_named() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    let user_id = world.database.user(&browser.email).await.unwrap().text("user_id");
    let lines =
        format!("{}\n{{\"email\":\"grace@example.com\"}}\n", line_with_app("ada@example.com", SECRET));
    let mut keys: Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    keys.as_object_mut().unwrap().remove("data_keys");
    for (keys, why, is_there) in [
        (keys.to_string(), "the key set has no data key", false),
        (String::new(), "there is no key set", true),
    ] {
        let directory = directory_with("users.jsonl", &lines);
        let ran = run_with(&keys, &world, directory.path(), "import users.jsonl --dry-run", || false).await;
        assert!(ran.error.contains(&format!("line 1: totp cannot be encrypted: {why}")), "{}", ran.error);
        let ran = run_with(&keys, &world, directory.path(), "import users.jsonl", || false).await;
        assert_eq!(ran.code, Some(1), "{}", ran.error);
        assert!(ran.error.contains(&format!("line 1: totp cannot be encrypted: {why}")), "{}", ran.error);
        assert!(!ran.error.contains(SECRET), "{}", ran.error);
        assert_eq!(ran.error.contains("line 2: email has an account already"), is_there, "{}", ran.error);
        assert!(world.database.user("ada@example.com").await.is_none());
        assert!(world.database.user("grace@example.com").await.is_some());
        let exported = run_with(&keys, &world, directory.path(), "export --with-hashes", || false).await;
        assert_eq!(exported.code, Some(1), "{}", exported.out);
        assert!(
            exported.error.contains(&user_id) && exported.error.contains("1 lines"),
            "{}",
            exported.error
        );
        assert!(
            exported.out.lines().count() == 2 && !exported.out.contains(&app.secret()),
            "{}",
            exported.out
        );
    }
}

/// The index that finds an account by its id lags behind, so it can't separate two lines of one file.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_twice_in_a_file_makes_one_account() {
    let world = World::start().await;
    let id = |number: u64| format!("5b0fb0a4-3a4a-4a0e-9d0e-{number:012}");
    let line =
        |number: u64, id: &str| format!("{{\"email\":\"{}\",\"user_id\":\"{id}\"}}\n", address(number));
    let mut lines: Vec<_> = (1..=220).map(|number| line(number, &id(number))).collect();
    // Beside each other, and in a batch that is sent at the same time.
    lines[1] = line(2, &id(1));
    lines[159] = line(160, &id(3));
    // A line that is refused makes no account.
    lines[4] = line(5, &id(5)).replace('@', "");
    lines[5] = line(6, &id(5));
    let directory = directory_with("users.jsonl", &lines.concat());
    for options in ["users.jsonl --dry-run", "users.jsonl"] {
        let ran = import(&world, directory.path(), options).await;
        assert_eq!((ran.code, ran.named("refused")), (Some(1), vec![2, 5, 160]), "{options}: {}", ran.error);
        assert!(ran.out.contains("user_id is that of an earlier line"), "{}", ran.out);
    }
    let rows = world.database.rows(USERS).await;
    let ids: BTreeSet<_> = rows.iter().map(|row| row.text("user_id")).collect();
    assert_eq!((rows.len(), ids.len()), (217, 217));

    // The lines before the first one count too.
    let more = format!("{}{}", line(1, &id(1)), line(300, &id(1)));
    fs::write(directory.path().join("more.jsonl"), more).unwrap();
    let ran = import(&world, directory.path(), "more.jsonl --from-line 2").await;
    assert_eq!(ran.named("refused"), [2], "{}", ran.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_reports_an_address_that_is_twice_as_the_import_does() {
    let world = World::start().await;
    let line = |email: &str| format!("{{\"email\":\"{email}\"}}\n");
    let mut lines: Vec<_> = (1..=120).map(|number| line(&address(number))).collect();
    lines[2] = line(&address(2).to_uppercase());
    lines[99] = line(&address(1));
    let directory = directory_with("users.jsonl", &lines.concat());
    let [dry, real] = [
        import(&world, directory.path(), "users.jsonl --dry-run --parallel 1").await,
        import(&world, directory.path(), "users.jsonl --parallel 1").await,
    ];
    assert_eq!((dry.named("exists"), dry.code), (vec![3, 100], Some(1)), "{}", dry.error);
    assert_eq!(real.named("exists"), [3, 100]);
    assert_eq!(dry.summary()["created"], 118);
    assert_eq!(dry.summary()["created"], real.summary()["created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_begun_leaves_nothing_behind() {
    let world = World::start().await;
    let directory = directory_with("users.csv", "email,mfa\nada@example.com,x\n");
    let state = directory.path().join("users.csv.import-state");
    let bad = import(&world, directory.path(), "users.csv").await;
    assert_eq!(bad.code, Some(1));
    assert!(bad.error.contains("line 1: line must name no columns but"), "{}", bad.error);
    assert!(!state.exists());
    fs::write(directory.path().join("users.csv"), "email\nada@example.com\n").unwrap();
    let good = import(&world, directory.path(), "users.csv").await;
    assert_eq!((good.code, state.exists()), (Some(0), false), "{}", good.error);

    fs::create_dir(directory.path().join("folder")).unwrap();
    let folder = import(&world, directory.path(), "folder").await;
    assert!(folder.code == Some(1) && folder.error.contains("folder: is a directory"), "{}", folder.error);
    assert!(!directory.path().join("folder.import-state").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_has_stopped_goes_on_only_when_it_is_told_how() {
    let world = World::start().await;
    let directory =
        directory_with("users.jsonl", "{\"email\":\"ada@example.com\"}\n{\"email\":\"grace@example.com\"}\n");
    let nothing = import(&world, directory.path(), "users.jsonl --resume").await;
    assert!(
        nothing.code == Some(1) && nothing.error.contains("no import to go on with"),
        "{}",
        nothing.error
    );
    let state = directory.path().join("users.jsonl.import-state");
    let stopped = |bytes: u64| {
        json!({ "bytes": bytes, "line": 1, "created": 1, "done_before": 0, "exists": 0, "refused": 0 })
            .to_string()
    };
    fs::write(&state, stopped(60)).unwrap();
    let again = import(&world, directory.path(), "users.jsonl").await;
    assert!(again.code == Some(1) && again.error.contains("stopped at line 2"), "{}", again.error);
    let other = import(&world, directory.path(), "users.jsonl --resume").await;
    assert!(other.code == Some(1) && other.error.contains("another length"), "{}", other.error);
    let bytes = fs::metadata(directory.path().join("users.jsonl")).unwrap().len();
    fs::write(&state, stopped(bytes)).unwrap();
    let resumed = import(&world, directory.path(), "users.jsonl --resume").await;
    assert_eq!((resumed.code, &resumed.summary()["created"]), (Some(0), &json!(2)), "{}", resumed.error);
    assert!(world.database.user("ada@example.com").await.is_none(), "line 1 was said to be done");
    assert!(!state.exists());
    let from = import(&world, directory.path(), "users.jsonl --from-line 2").await;
    assert_eq!(from.named("exists"), [2]);
}

/// Returns a line of a file of this many, padded to this many bytes. Every tenth is invalid.
fn line(number: u64, bytes: usize) -> String {
    const OWN: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU";
    const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuufSYOcV0eLqktD3eeVF3tl8yBavHvX9y";
    let password = match number % 50 {
        1 => json!({ "format": "bcrypt", "hash": BCRYPT }),
        2..=5 => Value::Null,
        _ => json!({ "format": "ratchet", "hash": OWN }),
    };
    let email = if is_bad(number) { "nobody".to_owned() } else { address(number) };
    let line =
        json!({ "email": email, "name": "Ada", "roles": ["editor"], "password": password }).to_string();
    format!("{line:bytes$}\n")
}

fn is_bad(number: u64) -> bool {
    number.is_multiple_of(10)
}

fn address(number: u64) -> String {
    format!("user{number}@example.com")
}

fn write_lines(path: &Path, lines: u64, bytes: usize) {
    let mut file = std::io::BufWriter::new(File::create(path).unwrap());
    (1..=lines)
        .for_each(|number| std::io::Write::write_all(&mut file, line(number, bytes).as_bytes()).unwrap());
}

async fn user_ids(world: &World) -> BTreeMap<String, String> {
    let rows = world.database.rows(USERS).await;
    rows.iter().map(|row| (row.text("email"), row.text("user_id"))).collect()
}

/// `IMPORT_LINES` sets the number of lines: with scripts/import-load it measures an import of 100,000.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_and_resumed_makes_each_account_once_in_flat_memory() {
    let (small, large) = (World::start().await, World::start().await);
    let lines: u64 = std::env::var("IMPORT_LINES").map_or(2000, |text| text.parse().unwrap());
    // About 60 MB in any case, which is more than the command may have.
    let bytes = usize::try_from(60_000_000 / lines).unwrap();
    let directory = TempDir::new().unwrap();
    write_lines(&directory.path().join("few.jsonl"), 200, bytes);
    write_lines(&directory.path().join("many.jsonl"), lines, bytes);
    let few = import(&small, directory.path(), "few.jsonl").await;
    assert_eq!(few.named("refused").len(), 20, "{}", few.error);

    let state = directory.path().join("many.jsonl.import-state");
    let killed_at = rand::rng().random_range(lines / 10..lines * 9 / 10);
    let stop = move || {
        let text = fs::read(&state).unwrap_or_default();
        let state: Value = serde_json::from_slice(&text).unwrap_or_default();
        state["line"].as_u64().is_some_and(|line| line >= killed_at)
    };
    let begun = Instant::now();
    let killed = run(&large, directory.path(), "--json import many.jsonl", stop).await;
    assert_eq!(killed.code, None, "it was not killed: {}", killed.error);
    let before = user_ids(&large).await;
    let resumed = import(&large, directory.path(), "many.jsonl --resume").await;
    let took = begun.elapsed();

    let good: BTreeSet<_> = (1..=lines).filter(|number| !is_bad(*number)).map(address).collect();
    let after = user_ids(&large).await;
    assert_eq!(after.keys().cloned().collect::<BTreeSet<_>>(), good);
    assert!(before.iter().all(|(email, user_id)| after[email] == *user_id), "an account was replaced");
    let named: BTreeSet<_> = killed.named("refused").into_iter().chain(resumed.named("refused")).collect();
    assert_eq!(named, (1..=lines).filter(|number| is_bad(*number)).collect(), "killed at {killed_at}");
    assert_eq!((killed.named("exists"), resumed.named("exists")), (vec![], vec![]));
    let summary = resumed.summary();
    let made = summary["created"].as_u64().unwrap() + summary["done_before"].as_u64().unwrap();
    assert_eq!((resumed.code, made), (Some(1), lines * 9 / 10), "{summary}");

    let peak = killed.peak.max(resumed.peak);
    println!(
        "{lines} lines in {} s, killed once at line {killed_at}: {} lines a second; {} MiB, with 200 lines {} MiB",
        took.as_secs(),
        lines / took.as_secs().max(1),
        peak / 1024,
        few.peak / 1024
    );
    assert!(few.peak > 0 && peak < few.peak + 16 * 1024, "{peak} KiB, and {} with 200 lines", few.peak);
}
