use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::data_key::{DataKeyError, DataKeyId, DataKeys, SealingNonce};
use shared::factor::TotpSecret;
use shared::ids::UserId;
use shared::{Seconds, Timestamp};

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
        "password": { "format": "bcrypt", "hash": "secret" }, "totp": "x", "phone": "x",
    });
    insta::assert_snapshot!(refused(&all).replace("; ", "\n"), @r#"
    line 7: line must not have phone: its members are email, name, roles, claims, email_verified, password, totp, created_at, user_id, disabled
    email must have the form name@domain
    name must not be empty
    roles each must be 1 to 64 characters of visible ASCII but no " * , \
    claims must be a JSON object
    email_verified must be true or false
    password.hash must be 60 characters that begin with $2a$, $2b$ or $2y$
    totp must be an object
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
        ("totp", json!("GEZDGNBVGY3TQOJQ"), "totp must be an object"),
        ("totp", json!({}), "totp.secret is missing"),
        ("totp", json!({ "secret": 1 }), "totp.secret must be a text"),
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

#[test]
fn a_member_that_is_twice_is_refused_wherever_it_is() {
    for line in [
        r#"{"email":"ada@example.com","email":"eve@example.com"}"#,
        r#"{"email":"ada@example.com","name":"Ada","na\u006de":"Ada"}"#,
        r#"{"email":"ada@example.com","password":{"format":"bcrypt","format":"phc"}}"#,
        r#"{"email":"ada@example.com","claims":{"tags":[{"a":1,"a":2}]}}"#,
    ] {
        let error = json(7, line.as_bytes()).err().unwrap_or_else(|| panic!("{line} is taken")).to_string();
        assert!(error.starts_with("line 7: line must not have a member twice (see column "), "{error}");
    }
    let once = r#"{"email":"ada@example.com","claims":{"tags":[{"a":1},{"a":-2}],"a":{"a":1.5,"b":null}}}"#;
    let claims = json(7, once.as_bytes()).ok().unwrap().claims;
    assert_eq!(claims.to_string(), r#"{"a":{"a":1.5,"b":null},"tags":[{"a":1},{"a":-2}]}"#);
}

#[test]
fn an_unknown_member_is_named_if_its_name_can_be_no_hash() {
    for (name, shown) in
        [("mfa-secret", "mfa-secret"), ("$2b$10$", "another"), (&*"5f4d".repeat(8), "another")]
    {
        let error = refused(&json!({ "email": "ada@example.com", name: "x" }));
        assert!(
            error.starts_with(&format!("line 7: line must not have {shown}: its members are ")),
            "{error}"
        );
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
        for value in [json!(text), json!([text]), json!({ "format": text, "hash": text }), json!({ "format": "phc", "hash": text }),
                      json!({ "secret": text, "digits": number }), json!({ "secret": format!("{text}1") }), json!({ "secret": number, "algorithm": text }), json!(number)] {
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
        "totp": { "secret": "GEZDGNBVGY3TQOJQ" },
    });
    let read = read(&line).ok().unwrap();
    let Some(ImportedPassword::Own(hash)) = &read.password else { panic!("it is our own") };
    let account = read.account(added(Some(hash.clone()), &keys())).ok().unwrap();
    assert!(read.is_in(&account, &keys()));
    let exported = exported(&account, Some(&keys()));
    assert_eq!((exported.line, exported.without_totp), (line.clone(), None));
    for (member, value) in [
        ("name", json!("Eve")),
        ("disabled", json!(false)),
        ("user_id", json!(uuid(3))),
        ("totp", json!({ "secret": "GEZDGNBVGY3TQOJA" })),
        ("totp", Value::Null),
    ] {
        let mut other = line.clone();
        other[member] = value;
        assert!(!self::read(&other).ok().unwrap().is_in(&account, &keys()), "{member}");
    }
}

#[test]
fn an_export_has_secrets_only_when_asked_and_says_which_it_can_not_read() {
    let line = json!({ "email": "ada@example.com", "totp": { "secret": "GEZDGNBVGY3TQOJQ" } });
    let account = read(&line).ok().unwrap().account(added(Some("hash".to_owned()), &keys())).ok().unwrap();
    let plain = exported(&account, None);
    assert!(plain.line["password"].is_null() && plain.line["totp"].is_null() && plain.without_totp.is_none());
    let unreadable = exported(&account, Some(&DataKeys::default()));
    assert!(unreadable.line["totp"].is_null());
    assert_eq!(unreadable.line["password"]["hash"], "hash");
    assert_eq!(unreadable.without_totp, Some(DataKeyError::Unknown(DataKeyId(1))));
}

#[test]
fn an_authenticator_app_is_one_of_six_digits_each_half_minute_by_sha_1() {
    let line = |totp: Value| json!({ "email": "ada@example.com", "totp": totp });
    let secret = "GEZD GNBV GY3T QOJQ";
    for totp in [
        json!({ "secret": secret }),
        json!({ "secret": secret, "digits": 6, "period": 30, "algorithm": "SHA1" }),
        json!({ "secret": secret.to_lowercase(), "digits": null, "algorithm": "sha1" }),
    ] {
        let read = read(&line(totp)).ok().unwrap();
        assert!(read.totp == TotpSecret::from_bytes(b"1234567890"));
        assert!(TotpSecret::from_bytes(b"1234567890").is_some());
    }
    for (member, value, why) in [
        ("digits", json!(8), "totp.digits must be 6"),
        ("digits", json!("6"), "totp.digits must be 6"),
        ("period", json!(60), "totp.period must be 30"),
        ("algorithm", json!("SHA256"), "totp.algorithm must be SHA1"),
        ("algorithm", json!(1), "totp.algorithm must be SHA1"),
        (
            "counter",
            json!(1),
            "totp must not have counter: its members are secret, digits, period, algorithm",
        ),
        ("secret", json!("GEZDGNBVGY3TQOI"), "totp.secret must be 10 to 64 bytes in base32"),
        ("secret", json!("GEZDGNBVGY3TQOJ1"), "totp.secret must be 10 to 64 bytes in base32"),
        ("secret", json!("A".repeat(104)), "totp.secret must be 10 to 64 bytes in base32"),
    ] {
        let mut totp = json!({ "secret": secret });
        totp[member] = value;
        assert_eq!(refused(&line(totp)), format!("line 7: {why}"));
    }
}

#[test]
fn an_imported_app_is_set_for_the_user_whose_account_is_stored_without_recovery_codes() {
    let mut line = json!({ "email": "ada@example.com", "totp": { "secret": "GEZDGNBVGY3TQOJQ" } });
    for (named, user_id) in [(None, uuid(2)), (Some(uuid(1)), uuid(1))] {
        line["user_id"] = json!(named);
        let account = read(&line).ok().unwrap().account(added(None, &keys())).ok().unwrap();
        assert_eq!(account.user_id, user_id);
        assert!(account.factors.are_set() && account.factors.recovery_codes_left() == 0);
        let totp = account.factors.totp.unwrap();
        assert_eq!((totp.confirmed_at, totp.last_step), (NOW, 0));
        assert!(TotpSecret::opened(&totp.secret, user_id, &keys()).is_ok());
    }
    let without_keys = read(&line).ok().unwrap().account(added(None, &DataKeys::default()));
    assert_eq!(without_keys.err(), Some(DataKeyError::None));
    line["totp"] = Value::Null;
    assert!(read(&line).ok().unwrap().account(added(None, &DataKeys::default())).is_ok());
}

proptest! {
    #[test]
    fn the_secret_of_every_app_is_exported_as_it_was_imported(secret in prop::collection::vec(any::<u8>(), 10..=64), user in any::<u8>()) {
        let secret = TotpSecret::from_bytes(&secret).unwrap();
        let line = json!({ "email": "ada@example.com", "user_id": uuid(user), "totp": { "secret": secret.to_base32() } });
        let account = read(&line).ok().unwrap().account(added(None, &keys())).ok().unwrap();
        let exported = exported(&account, Some(&keys())).line;
        prop_assert_eq!(&exported["totp"], &line["totp"]);
        let again = read(&exported).ok().unwrap();
        prop_assert!(again.is_in(&account, &keys()));
        prop_assert_eq!(again.totp.unwrap().code_at(NOW + Seconds(30)), secret.code_at(NOW + Seconds(30)));
    }
}

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);

fn keys() -> DataKeys {
    DataKeys::default().with(DataKeyId(1), &[1; 32]).unwrap().with_current(DataKeyId(1))
}

fn added(password_hash: Option<String>, keys: &DataKeys) -> Added<'_> {
    let nonce = SealingNonce::random(&mut StdRng::seed_from_u64(1));
    Added { user_id: uuid(2), password_hash, keys, nonce, now: NOW }
}

fn uuid(byte: u8) -> UserId {
    UserId::from_bytes([byte; 16])
}

#[test]
fn reserved_claims_and_too_many_roles_are_refused() {
    let with = |member: &str, value: Value| refused(&json!({ "email": "ada@example.com", member: value }));
    assert_eq!(
        with("claims", json!({ "sub": "x" })),
        "line 7: claims must not have \"sub\": the name is reserved"
    );
    let roles: Vec<_> = (0..9).map(|n| format!("{n}{}", "x".repeat(60))).collect();
    assert_eq!(with("roles", json!(roles)), "line 7: roles must be at most 512 bytes together");
}
