use super::*;
use shared::code::CodeId;
use shared::email::Email;
use shared::refresh_token::{Nonce, RefreshKeyId, RefreshKeys};

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);

fn keys() -> RefreshKeys {
    RefreshKeys::new(RefreshKeyId(1), &[7; 32])
}

fn code(purpose: Purpose) -> Code {
    Code {
        code_id: CodeId::from_bytes([1; 16]),
        purpose,
        email: Email::parse("ada@example.com").unwrap(),
        new_email: Some(Email::parse("ada@example.org").unwrap()),
        account: None,
        pending: None,
        locale: None,
        key_id: RefreshKeyId(1),
        nonce: Nonce::from_bytes([2; 12]),
        created_at: NOW,
        expires_at: purpose.ends_at(NOW),
    }
}

fn worded(code: &Code, sender_name: &str) -> Mail {
    let wording = MailWording {
        app_url: "https://app.example.com/account".to_owned(),
        sender_name: sender_name.to_owned(),
        subject: "{subject}".to_owned(),
    };
    let text = code.text(shared::code::Half::Mail, &keys()).filter(|_| code.purpose.has_code());
    // The mail is in transit for two seconds.
    mail(&wording, code, text, Timestamp::from_seconds(2_000_000_002)).unwrap()
}

fn mailed() -> impl Iterator<Item = Purpose> {
    Purpose::ALL.into_iter().filter(|purpose| purpose.is_mailed())
}

#[test]
fn the_subject_is_a_setting() {
    let wording = MailWording {
        app_url: "https://app.example.com/account".to_owned(),
        sender_name: "Example".to_owned(),
        subject: "[Ex & Co] {subject}".to_owned(),
    };
    let mail = mail(&wording, &code(Purpose::PasswordChanged), None, NOW).unwrap();
    assert_eq!(mail.subject, "[Ex & Co] Your password at Example was changed");
    assert!(mail.html.contains("<title>[Ex &#38; Co] Your password"), "{}", mail.html);
}

#[test]
fn the_plain_text_of_a_reset() {
    let mail = worded(&code(Purpose::Reset), "Example");
    assert_eq!(mail.subject, "Reset your password at Example");
    let expected = "\
This email is about the password of your account at Example.

To choose a new password, open this link within 30 minutes:

https://app.example.com/account#reset=CODE

If this was not you, ignore this email.

Example";
    assert_eq!(mail.text.replace(mail.code.as_ref().unwrap().expose(), "CODE"), expected);
}

#[test]
fn the_html_of_a_reset() {
    let mail = worded(&code(Purpose::Reset), "Example");
    let expected = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Reset your password at Example</title>
</head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em">
<p>This email is about the password of your account at Example.</p>
<p>To choose a new password, open this link within 30 minutes:</p>
<p><a href="https://app.example.com/account#reset=CODE">Choose a new password</a></p>
<p>If nothing happens, copy this address into your browser:<br>https://app.example.com/account#reset=CODE</p>
<p>If this was not you, ignore this email.</p>
<p>Example</p>
</body>
</html>"#;
    assert_eq!(mail.html.replace(mail.code.as_ref().unwrap().expose(), "CODE"), expected);
}

#[test]
fn every_mail_says_who_it_is_from_and_has_its_link_and_no_other() {
    for purpose in mailed() {
        let mail = worded(&code(purpose), "Example");
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(part.contains("Example") && !part.contains("{{"), "{purpose:?}: {part}");
        }
        assert_eq!(mail.link.is_some(), purpose.has_code(), "{purpose:?}");
        for (part, times) in [(&mail.text, 1), (&mail.html, 2)] {
            let links = part.matches("http").count();
            let own = mail.link.as_ref().map_or(0, |link| part.matches(link.as_str()).count());
            assert_eq!((links, own), if purpose.has_code() { (times, times) } else { (0, 0) }, "{purpose:?}");
            assert!(!part.contains("<img") && !part.contains("src="), "{purpose:?}");
        }
        // Both parts say the same.
        let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
        for paragraph in mail.text.split("\n\n").filter(|text| !text.starts_with("http")) {
            assert!(
                words(&mail.html).join(" ").contains(&words(paragraph).join(" ")),
                "{purpose:?}: {paragraph}"
            );
        }
    }
}

#[test]
fn every_mail_with_a_link_says_how_long_it_works() {
    for (purpose, lasts) in [
        (Purpose::Reset, "30 minutes"),
        (Purpose::Verify, "24 hours"),
        (Purpose::Registration, "24 hours"),
        (Purpose::ChangeAddress, "24 hours"),
        (Purpose::AddressChanged, "7 days"),
        (Purpose::Invitation, "7 days"),
    ] {
        let mail = worded(&code(purpose), "Example");
        assert!(mail.text.contains(lasts) && mail.html.contains(lasts), "{purpose:?}: {}", mail.text);
    }
}

#[test]
fn a_change_of_address_is_mailed_to_the_new_one_and_all_else_to_the_old_one() {
    for purpose in mailed() {
        let domain = if purpose == Purpose::ChangeAddress { "ada@example.org" } else { "ada@example.com" };
        assert_eq!(worded(&code(purpose), "Example").to.as_str(), domain, "{purpose:?}");
    }
}

#[test]
fn the_name_of_the_sender_is_text_and_no_html() {
    for purpose in mailed() {
        let mail = worded(&code(purpose), "<b>Example</b>");
        assert!(!mail.html.contains("<b>") && mail.html.contains("&#60;b&#62;Example"), "{}", mail.html);
        assert!(mail.subject.contains("<b>Example</b>"));
    }
}

#[test]
fn the_name_of_the_sender_begins_no_other_line() {
    for purpose in mailed() {
        let mail = worded(&code(purpose), "Example\r\nBcc: eve\u{2028}@example.com");
        assert!(!mail.subject.contains(['\r', '\n', '\u{2028}']), "{:?}", mail.subject);
    }
}

#[test]
fn nothing_is_worded_for_nobody() {
    let wording = MailWording { app_url: String::new(), sender_name: String::new(), subject: String::new() };
    assert!(mail(&wording, &code(Purpose::Nobody), None, NOW).is_err());
}

#[test]
fn a_time_is_said_in_whole_units_and_rounded_down() {
    for (seconds, expected) in [
        (0, "1 minute"),
        (89, "1 minute"),
        (90, "2 minutes"),
        (1770, "30 minutes"),
        (1769, "29 minutes"),
        (3600, "60 minutes"),
        (2 * 3600 - 301, "115 minutes"),
        (2 * 3600 - 300, "2 hours"),
        (24 * 3600 - 2, "24 hours"),
        (47 * 3600, "47 hours"),
        (48 * 3600 - 300, "2 days"),
        (7 * 86_400 - 301, "6 days"),
        (7 * 86_400, "7 days"),
        (u32::MAX, "49710 days"),
    ] {
        assert_eq!(duration(Seconds(seconds)), expected, "{seconds}");
    }
}
