//! The body of `POST /logout`.

use super::functions::Function;
use super::genuine::REFRESH_TOKENS;
use super::{Target, bodies_of, body};

/// The body.
pub const TARGET: Target =
    Target { name: "logout", check, seeds: || bodies_of("logout"), words: body::WORDS };

/// Checks one input.
pub fn check(data: &[u8]) {
    let (status, requests) = body::check(Function::Logout, "/logout", data);
    let expected = match body::text(data, "refresh_token") {
        Some(text) if REFRESH_TOKENS.contains(&text) => (503, 1),
        Some(_) => (204, 0),
        None if status == 413 => (413, 0),
        None => (400, 0),
    };
    assert_eq!((status, requests), expected);
}
