//! The body of `POST /login`.

use super::functions::Function;
use super::{Target, bodies_of, body};

/// The body.
pub const TARGET: Target = Target { name: "login", check, seeds: || bodies_of("login"), words: body::WORDS };

/// Checks one input.
pub fn check(data: &[u8]) {
    let (status, requests) = body::check(Function::Login, "/login", data);
    let complete = MEMBERS.iter().all(|name| body::text(data, name).is_some());
    match status {
        // It was good, as far as can be told without the table.
        503 => assert!(complete && requests > 0, "{requests} requests"),
        400 | 413 => {}
        other => panic!("{other} without a table"),
    }
}

const MEMBERS: [&str; 2] = ["email", "password"];
