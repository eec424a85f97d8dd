//! Text becomes values.

use http::Request;
use shared::api::{AllowedOrigin, Fields, Refresh, Responder};
use shared::email::Email;
use shared::key_set::{KeySet, VerifyingKeys};
use shared::refresh_token::RefreshToken;

use super::Operation;
use crate::count::count;
use crate::material::{EDDSA, ES256, PUBLIC_KEYS, RS256, keys, session, settings, tokens};

pub(super) const OPERATIONS: &[Operation] = &[
    ("parse refresh token", refresh_token),
    ("parse refresh body", refresh_body),
    ("parse refresh cookie", refresh_cookie),
    ("parse key set EdDSA", || key_set(EDDSA)),
    ("parse key set ES256", || key_set(ES256)),
    ("parse key set RS256", || key_set(RS256)),
    ("parse JWK set", jwk_set),
    ("parse email", || email("Ada.Lovelace@Example.com")),
    ("parse email in Unicode", || email("zoë@bücher.example")),
];

fn refresh_token() {
    let keys = keys(EDDSA);
    let text = session(&keys).newest_token().to_text(&keys.refresh).expect("a known key");
    count(|| (), |()| RefreshToken::parse(text.expose(), &keys.refresh).expect("ours"));
}

/// With an access token beside the refresh token.
fn refresh_body() {
    let keys = keys(EDDSA);
    let tokens = tokens(&settings(), &keys, &session(&keys));
    let refresh_token = tokens.refresh_token.as_ref().expect("a refresh token").expose();
    let body = serde_json::json!({ "refresh_token": refresh_token, "access_token": tokens.access_token })
        .to_string();
    let request = Request::post("/refresh").header("content-type", "application/json").body(body);
    read(&request.expect("a request"));
}

fn refresh_cookie() {
    let keys = keys(EDDSA);
    let refresh_token = session(&keys).newest_token().to_text(&keys.refresh).expect("a known key");
    let cookie = format!("theme=dark; __Host-refresh_token={}", refresh_token.expose());
    let request = Request::post("/refresh").header("content-type", "application/json");
    let request = request.header("origin", "https://app.example.com").header("cookie", cookie);
    read(&request.body("{}".to_owned()).expect("a request"));
}

fn read(request: &Request<String>) {
    let responder = Responder::new(AllowedOrigin::parse("https://app.example.com").expect("an origin"));
    count(
        || (),
        |()| {
            let fields = Fields::read(request).expect("an object");
            Refresh::read(&fields, responder.browser(request.headers()))
                .expect("a refresh")
                .refresh_token
                .len()
        },
    );
}

fn key_set(document: &str) {
    count(|| (), |()| KeySet::parse(document).expect("a key set"));
}

fn jwk_set() {
    count(|| (), |()| VerifyingKeys::from_jwk_set(PUBLIC_KEYS).expect("a JWK set"));
}

fn email(text: &str) {
    count(|| (), |()| Email::parse(text).expect("an address"));
}
