use super::*;

fn read(table: &str) -> Vec<(u64, Result<ImportedAccount, BadLineError>)> {
    Table::open(table.as_bytes()).unwrap().map(Result::unwrap).collect()
}

fn not_opened(table: &str) -> String {
    Table::open(table.as_bytes()).err().unwrap().to_string()
}

#[test]
fn records_are_the_accounts_that_lines_of_json_would_be() {
    let table = "name,email,roles,claims,email_verified,created_at,password.format,password.hash,password.salt,password.iterations,password.algorithm\n\
        \"Ada, Countess\nof Lovelace\",ada@example.com,,,,,,,,,\n\
        Ada,ada@example.com,admin  editor,\"{\"\"plan\"\":\"\"gold\"\"}\",TRUE,2024-05-01T10:00:00Z,keycloak-pbkdf2,gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU=,AAECAw==,27500,pbkdf2-sha256\n\
        ,grace@example.com,,,0,,,,,,\r\n";
    let line = br#"{"email":"ada@example.com","name":"Ada","roles":["admin","editor"],"claims":{"plan":"gold"},"email_verified":true,"created_at":"2024-05-01T10:00:00Z","password":{"format":"keycloak-pbkdf2","hash":"gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU=","salt":"AAECAw==","iterations":27500,"algorithm":"pbkdf2-sha256"}}"#;
    let accounts = read(table);
    let numbers: Vec<_> = accounts.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [2, 4, 5]);
    let [(_, two_lines), (_, ada), (_, grace)] = accounts.try_into().ok().unwrap();
    assert_eq!(two_lines.err().unwrap().to_string(), "line 2: name must not contain control characters");
    assert!(ada == crate::json(4, line));
    let grace = grace.ok().unwrap();
    assert!(grace.name == "grace" && grace.password.is_none());
}

#[test]
fn the_columns_of_an_authenticator_app_are_the_members_of_its_object() {
    let table = "email,totp.secret,totp.digits,totp.period,totp.algorithm\n\
        ada@example.com,GEZDGNBVGY3TQOJQ,6,30,SHA1\n\
        grace@example.com,,,,\n\
        eve@example.com,,8,,\n";
    let [(_, ada), (_, grace), (_, eve)] = read(table).try_into().ok().unwrap();
    assert!(ada == crate::json(2, br#"{"email":"ada@example.com","totp":{"secret":"GEZDGNBVGY3TQOJQ"}}"#));
    assert!(ada.is_ok() && grace.is_ok_and(|grace| grace.totp.is_none()));
    assert_eq!(eve.err().unwrap().to_string(), "line 4: totp.digits must be 6");
}

#[test]
fn a_bad_record_is_refused_and_the_next_one_is_read() {
    let table = "email,claims,email_verified,password.hash,password.rounds\n\
        ada@example.com\n\
        ada@example.com,plan,yes,secret,many\n\
        ada@example.com,,,,\n";
    let answers = read(table);
    let reasons: Vec<_> = answers.iter().filter_map(|(_, account)| account.as_ref().err()).collect();
    assert_eq!(reasons[0].to_string(), "line 2: line must have 5 cells");
    assert_eq!(
        reasons[1].to_string(),
        "line 3: claims must be a JSON object; email_verified must be true or false; password.format is missing"
    );
    assert_eq!((answers.len(), reasons.len()), (3, 2));
}

#[test]
fn columns_that_are_none_of_an_account_are_refused() {
    assert_eq!(not_opened("name,roles\n"), "line 1: email must be a column");
    assert_eq!(not_opened(""), "line 1: email must be a column");
    assert_eq!(not_opened("email,email\n"), "line 1: email must be one column");
    assert!(
        not_opened("email,phone\n").starts_with("line 1: line must name no columns but email, name, roles,")
    );
}

#[test]
fn every_member_is_a_column() {
    let is_object = |name: &str| ["password", "totp"].contains(&name);
    let of_account = crate::account::MEMBERS.into_iter().filter(|name| !is_object(name)).map(str::to_owned);
    let of_password = crate::password::FORMATS.iter().flat_map(|(_, members)| *members);
    let of_totp = crate::totp::MEMBERS.map(|name| format!("totp.{name}"));
    for member in of_account.chain(of_password.map(|name| format!("password.{name}"))).chain(of_totp) {
        assert!(COLUMNS.contains(&&*member), "{member}");
    }
}

/// Fails after the first line.
struct Breaking<'a>(&'a [u8]);

impl Read for Breaking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::ErrorKind::TimedOut.into()) } else { self.0.read(buffer) }
    }
}

#[test]
fn a_file_that_breaks_off_is_no_bad_line() {
    let mut table = Table::open(Breaking(b"email\nada@example.com\n")).unwrap();
    assert!(table.next().unwrap().is_ok_and(|(number, account)| number == 2 && account.is_ok()));
    assert!(
        matches!(table.next(), Some(Err(TableError::Io(error))) if error.kind() == io::ErrorKind::TimedOut)
    );
    assert!(table.next().is_none());
}
