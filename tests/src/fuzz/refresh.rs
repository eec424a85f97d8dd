//! The body of `POST /refresh`.

use shared::access_token;
use shared::refresh_token::RefreshToken;

use super::functions::Function;
use super::genuine::{ACCESS_TOKENS, FIXTURE, REFRESH_TOKENS};
use super::{Target, bodies_of, body};
use crate::jwt;

/// The body.
pub const TARGET: Target =
    Target { name: "refresh", check, seeds: || bodies_of("refresh"), words: body::WORDS };

/// Checks one input.
pub fn check(data: &[u8]) {
    let (status, requests) = body::check(Function::Refresh, "/refresh", data);
    let refresh_token = body::text(data, "refresh_token").filter(|text| REFRESH_TOKENS.contains(text));
    match (status, refresh_token) {
        // It was good, as far as can be told without the table.
        (503, Some(refresh_token)) => {
            assert_eq!(requests, 1);
            if let Some(access_token) = body::text(data, "access_token") {
                assert_may_stand_beside(&refresh_token, &access_token);
            }
        }
        (400, Some(_)) => {
            let others = ["access_token", "retry_key"];
            let may_be_wrong =
                others.iter().any(|name| body::has(data, name)) || body::repeats(data, "refresh_token");
            assert!(may_be_wrong, "refused, and nothing is wrong with it");
        }
        (400 | 413, None) => {}
        (other, _) => panic!("{other} without a table"),
    }
}

/// Genuine and of the same session; one of a key that is not known any more counts as absent.
fn assert_may_stand_beside(refresh_token: &str, access_token: &str) {
    if access_token::names_unknown_key(access_token, &FIXTURE.keys.verifying) {
        return;
    }
    assert!(ACCESS_TOKENS.contains_key(access_token), "nobody has minted {access_token:?}");
    let session =
        RefreshToken::parse(refresh_token, &FIXTURE.keys.refresh).expect("it is genuine").session_id;
    assert_eq!(jwt::claims(access_token)["sid"], session.to_string());
}
