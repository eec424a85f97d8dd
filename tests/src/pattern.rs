//! Expected JSON with placeholders for what differs each time.
//!
//! Everything must be equal, members of objects included, except where a text of the expected JSON is one of these:
//!
//! | placeholder | stands for |
//! |---|---|
//! | `<access_token>` | a JWT with our header |
//! | `<refresh_token>` | 86 characters of base64url |
//! | `<device_token>` | 76 characters of base64url |
//! | `<uuid>` | a UUID in lower case |
//! | `<number>` | a whole number |
//! | `<date>` | a day, `YYYY-MM-DD` |
//! | `<any>` | anything but null |

use std::collections::BTreeSet;

use serde_json::Value;

use crate::jwt;

/// Checks that `actual` is as `expected` says; `place` is for the message.
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_matches(expected: &Value, actual: &Value, place: &str) {
    match (expected, actual) {
        (Value::Object(members), Value::Object(others)) => {
            let names =
                |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(members), names(others), "{place}: members");
            for (name, member) in members {
                assert_matches(member, &others[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            assert_eq!(items.len(), others.len(), "{place}: {actual}");
            for (position, (item, other)) in items.iter().zip(others).enumerate() {
                assert_matches(item, other, &format!("{place}[{position}]"));
            }
        }
        (Value::String(text), _) if text.starts_with('<') => {
            assert!(fits(text, actual), "{place} must be {text}: {actual}");
        }
        _ => assert_eq!(expected, actual, "{place}"),
    }
}

fn fits(placeholder: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match placeholder {
        "<access_token>" => text.split('.').count() == 3 && jwt::header(text)["typ"] == "at+jwt",
        "<refresh_token>" => text.len() == 86 && jwt::is_base64url(text),
        "<device_token>" => text.len() == 76 && jwt::is_base64url(text),
        "<uuid>" => uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.to_string() == text),
        "<number>" => value.is_i64(),
        "<date>" => is_date(text),
        "<any>" => !value.is_null(),
        other => panic!("{other} is no placeholder"),
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.iter().map(|part| part.len()).eq([4, 2, 2]) && parts.into_iter().all(is_number)
}
