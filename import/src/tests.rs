use proptest::prelude::*;
use serde_json::{Value, json};
use shared::Timestamp;

use super::*;

fn read(line: &Value) -> Result<ImportedAccount, BadLineError> {
    json(7, line.to_string().as_bytes())
}

fn refused(line: &Value) -> String {
    read(line).err().unwrap_or_else(|| panic!("{line} is taken")).to_string()
}

#[test]
fn an_account_is_read_with_all_its_members() {
    let account = read(&json!({
        "email": "Ada@Example.com", "name": "Ada", "roles": ["admin", "editor", "admin"],
        "claims": { "plan": "gold" }, "email_verified": true, "created_at": "2024-05-01T12:00:00.5+02:00",
        "password": { "format": "bcrypt", "hash": "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy" },
    }));
    let account = account.ok().unwrap();
    assert_eq!((account.email.as_str(), &*account.name), ("ada@example.com", "Ada"));
    assert_eq!(shared::role::joined(&account.roles), "admin editor");
    assert_eq!(account.claims.to_string(), r#"{"plan":"gold"}"#);
    assert!(account.email_verified);
    assert!(matches!(account.password, Some(ImportedPassword::Old(_))));
    assert_eq!(account.created_at, Some(Timestamp::from_millis(1_714_557_600_500)));
}

#[test]
fn an_address_is_enough() {
    let account =
        json(1, "\u{feff}{\"email\":\"ada.l@example.com\",\"password\":null}".as_bytes()).ok().unwrap();
    assert_eq!(account.name, "ada.l");
    assert!(account.roles.is_empty() && account.claims.is_empty() && !account.email_verified);
    assert!(account.password.is_none() && account.created_at.is_none());
}

#[test]
fn every_reason_is_given_with_the_number_of_the_line() {
    let all = json!({
        "email": "ada", "name": " ", "roles": ["a,b"], "claims": [], "email_verified": "yes", "created_at": "yesterday",
        "password": { "format": "bcrypt", "hash": "secret" }, "totp": "x",
    });
    insta::assert_snapshot!(refused(&all).replace("; ", "\n"), @r#"
    line 7: line must have no members but email, name, roles, claims, email_verified, password, created_at, user_id, disabled
    email must have the form name@domain
    name must not be empty
    roles each must be 1 to 64 characters of visible ASCII but no " * , \
    claims must be a JSON object
    email_verified must be true or false
    password.hash must be 60 characters that begin with $2a$, $2b$ or $2y$
    created_at must be a date and time of RFC 3339
    "#);
}

#[test]
fn members_of_another_kind_are_refused() {
    for (member, value, why) in [
        ("email", json!(1), "email must be a text"),
        ("email", Value::Null, "email is missing"),
        ("name", json!(1), "name must be a text"),
        ("roles", json!("admin"), "roles must be a list of texts"),
        ("roles", json!([1]), "roles must be a list of texts"),
        ("claims", json!({ "x": "y".repeat(393) }), "claims must be at most 400 bytes of JSON, not 401"),
        ("password", json!("secret"), "password must be an object"),
        ("created_at", json!(1), "created_at must be a date and time of RFC 3339"),
    ] {
        let mut line = json!({ "email": "ada@example.com" });
        line[member] = value;
        assert_eq!(refused(&line), format!("line 7: {why}"));
    }
    assert!(read(&json!({ "email": "ada@example.com", "claims": { "x": "y".repeat(392) } })).is_ok());
}

#[test]
fn what_is_no_object_is_refused_without_being_repeated() {
    let long = format!("{{\"email\":\"{}\"}}", "x".repeat(MAX_LINE_BYTES));
    for (line, why) in [
        (&b"secret"[..], "line must be a JSON object (see column 1)"),
        (b"\"secret\"", "line must be a JSON object (see column 8)"),
        (b"{\"email\":\"ada@example.com\"", "line must be a JSON object (see column 26)"),
        (b"", "line must be a JSON object (see column 0)"),
        (b"\xff", "line must be UTF-8"),
        (long.as_bytes(), "line must be at most 65536 bytes long"),
    ] {
        assert_eq!(json(9, line).err().unwrap().to_string(), format!("line 9: {why}"));
    }
}

const PAGE: &str = include_str!("../../docs/moving-in.md");

#[test]
fn the_lines_of_the_page_are_read_and_have_every_format() {
    let lines: Vec<_> = PAGE.lines().filter(|line| line.starts_with("{\"email\"")).collect();
    for line in &lines {
        assert!(json(1, line.as_bytes()).is_ok(), "{line}");
    }
    for (format, _) in password::FORMATS {
        let is_shown = lines.iter().any(|line| line.contains(&format!("\"format\":\"{format}\"")));
        assert!(is_shown || format == "ratchet", "{format}");
        assert!(PAGE.contains(&format!("| `{format}` |")), "{format}");
    }
}

#[test]
fn the_table_of_the_page_is_read() {
    let (_, table) = PAGE.split_once("```csv\n").unwrap();
    let (table, _) = table.split_once("```").unwrap();
    let accounts: Vec<_> = Table::open(table.as_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(accounts.len(), 2);
    assert!(accounts.into_iter().all(|(_, account)| account.is_ok()));
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = json(1, &line);
        let _ = Table::open(&line[..]).map(Iterator::count);
    }

    #[test]
    fn no_values_make_it_panic_or_are_repeated(text in "[a-z$]{12,40}", number in any::<i64>(), member in 0..account::MEMBERS.len()) {
        let name = account::MEMBERS[member];
        for value in [json!(text), json!([text]), json!({ "format": text, "hash": text }), json!({ "format": "phc", "hash": text }), json!(number)] {
            let mut line = json!({ "email": "ada@example.com" });
            line[name] = value;
            if let Err(error) = read(&line) {
                prop_assert!(!error.to_string().contains(&text), "{}", error);
            }
        }
    }
}

#[test]
fn an_exported_account_is_imported_as_the_same_account() {
    let line = json!({
        "email": "ada@example.com", "name": "Ada", "roles": ["admin"], "claims": { "plan": "gold" }, "email_verified": true,
        "created_at": "2024-05-01T12:00:00.5Z", "user_id": "01010101-0101-0101-0101-010101010101", "disabled": true,
        "password": { "format": "ratchet", "hash": "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU" },
    });
    let read = read(&line).ok().unwrap();
    let now = Timestamp::from_seconds(2_000_000_000);
    let Some(ImportedPassword::Own(hash)) = &read.password else { panic!("it is our own") };
    let account = read.account(shared::ids::UserId::from_bytes([2; 16]), Some(hash.clone()), now);
    assert!(read.is_in(&account));
    assert_eq!(exported(&account, true), line);
    assert_eq!(exported(&account, false).get("password"), None);
    for (member, value) in [("name", json!("Eve")), ("disabled", json!(false)), ("user_id", json!(uuid(3)))] {
        let mut other = line.clone();
        other[member] = value;
        assert!(!self::read(&other).ok().unwrap().is_in(&account), "{member}");
    }
}

fn uuid(byte: u8) -> shared::ids::UserId {
    shared::ids::UserId::from_bytes([byte; 16])
}

#[test]
fn reserved_claims_and_too_many_roles_are_refused() {
    let with = |member: &str, value: Value| refused(&json!({ "email": "ada@example.com", member: value }));
    assert_eq!(with("claims", json!({ "sub": "x" })), "line 7: claims must not have a name that is reserved");
    let roles: Vec<_> = (0..9).map(|n| format!("{n}{}", "x".repeat(60))).collect();
    assert_eq!(with("roles", json!(roles)), "line 7: roles must be at most 512 bytes together");
}
