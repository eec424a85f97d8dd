//! Answers of a service, and the assertions on them: always status, headers and body together.

use http::HeaderMap;
use serde_json::{Value, json};

use crate::jwt;

/// The expected success of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 201 with tokens: a registration.
    NewTokens,
    /// 200 with tokens.
    Tokens,
    /// 200 with five days of weather.
    Forecast,
    /// 200 with the claims of the access token.
    Me,
    /// 200 with the user's sessions.
    Sessions,
    /// 200 with a JSON object that caches may keep.
    Document,
    /// 200 with the user.
    User,
    /// 200 with the stored data of the user.
    OwnData,
    /// 200 with a challenge.
    Challenge,
    /// 201 with tokens and a passkey.
    NewPasskey,
    /// 200 with passkeys.
    Passkeys,
    /// 200 with a passkey.
    Passkey,
    /// 200 with the user's second factors.
    Factors,
    /// 200 with the secret of an authenticator app.
    Enrolled,
    /// 200 with recovery codes.
    RecoveryCodes,
    /// 202.
    Accepted,
    /// 202 with the browser's half of a code.
    Pending,
    /// 200 with an empty JSON object.
    Empty,
    /// 204.
    Nothing,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    form: Form,
}

/// The part of an answer with tokens that a client keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The JWT.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The session's id.
    pub session_id: String,
    /// The user's id.
    pub user_id: String,
    /// The device token; empty after a refresh, which returns none.
    pub device_token: String,
}

impl Answer {
    pub(crate) async fn receive(response: reqwest::Response, form: Form) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a whole body"), form }
    }

    /// Returns the body as JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.whole()))
    }

    /// Returns the value of a header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns status, headers and body as one text, to search or to print.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{} {:?}\n{}", self.status, self.headers, self.text)
    }

    /// Checks a success: status, form of the body, and caching.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        let expected = match self.form {
            Form::NewTokens | Form::NewPasskey => 201,
            Form::Tokens
            | Form::Forecast
            | Form::Me
            | Form::User
            | Form::Sessions
            | Form::OwnData
            | Form::Challenge
            | Form::Passkeys
            | Form::Passkey
            | Form::Factors
            | Form::Enrolled
            | Form::RecoveryCodes
            | Form::Empty
            | Form::Document => 200,
            Form::Accepted | Form::Pending => 202,
            Form::Nothing => 204,
        };
        assert_eq!(self.status, expected, "{}", self.whole());
        match self.form {
            Form::NewTokens | Form::Tokens => assert_tokens(&self.json()),
            Form::Challenge => assert_challenge(&self.json()),
            Form::NewPasskey => assert_new_passkey(&self.json()),
            Form::Passkeys => assert_passkeys(&self.json()),
            Form::Passkey => assert_passkey(&self.json()),
            Form::Forecast => assert_forecast(&self.json()),
            Form::Me => assert_me(&self.json()),
            Form::Sessions => assert_sessions(&self.json()),
            Form::Document => assert!(self.json().is_object(), "{}", self.whole()),
            Form::User => assert_user(&self.json()),
            Form::OwnData => assert_own_data(&self.json()),
            Form::Factors => assert_factors(&self.json()),
            Form::Enrolled => assert_enrolled(&self.json()),
            Form::RecoveryCodes => assert_recovery_codes(&self.json()),
            Form::Empty => assert_eq!(self.text, "{}"),
            Form::Pending => assert_pending(&self.json()),
            Form::Accepted | Form::Nothing => assert_eq!(self.text, ""),
        }
        let cacheable = self.header("cache-control").starts_with("public, max-age=");
        assert_eq!(cacheable, self.form == Form::Document, "{}", self.whole());
        self.assert_common()
    }

    /// Checks that this is the error `code`: its status, its headers, and a body with only code and sentence.
    #[track_caller]
    pub fn assert_error(&self, code: &str) -> &Self {
        assert_eq!(
            (self.status, self.json()["error"].as_str()),
            (status_of(code), Some(code)),
            "{}",
            self.whole()
        );
        let description = self.json()["error_description"].as_str().unwrap_or_default().to_owned();
        assert!(description.ends_with('.'), "{}", self.whole());
        let mut expected = json!({ "error": code, "error_description": description });
        if matches!(code, "too_many_attempts" | "too_many_mails") {
            let retry_after: i64 = self.header("retry-after").parse().expect("seconds");
            assert!(retry_after > 0, "{}", self.whole());
            expected["retry_after"] = retry_after.into();
        }
        if code == "mfa_required" {
            let factors = self.json()["factors"].clone();
            assert!(
                [json!(["totp", "recovery_code"]), json!(["totp"])].contains(&factors),
                "{}",
                self.whole()
            );
            expected["factors"] = factors;
        }
        assert_eq!(self.json(), expected);
        let has = |name: &str| self.headers.contains_key(name);
        assert_eq!(has("retry-after"), matches!(self.status, 429 | 503), "{}", self.whole());
        let is_challenged = has("www-authenticate") || has(REMAPPED_CHALLENGE);
        // A client is challenged if it has used the header.
        let challenges = matches!(code, "invalid_token" | "insufficient_user_authentication");
        assert!(is_challenged == challenges || code == "invalid_client", "{}", self.whole());
        assert_eq!(has("is-token-expired"), code == "invalid_token", "{}", self.whole());
        assert_eq!(self.header("cache-control"), "no-store");
        self.assert_common()
    }

    /// Checks that the client is refused, and challenged only if it has named itself in the header.
    #[track_caller]
    pub fn assert_invalid_client(&self, by_header: bool) -> &Self {
        self.assert_error("invalid_client").assert_description("There is no such client.");
        let challenges = [self.header(REMAPPED_CHALLENGE), self.header("www-authenticate")];
        let expected = if by_header { r#"Basic realm="oauth2", charset="UTF-8""# } else { "" };
        assert_eq!(challenges.concat(), expected, "{}", self.whole());
        self
    }

    /// Checks that the access token is refused because its session has ended: by the function, so that the gateway
    /// renames the challenge.
    #[track_caller]
    pub fn assert_session_over(&self) -> &Self {
        self.assert_error("invalid_token").assert_description("The session of the access token is over.");
        assert_eq!(self.header("is-token-expired"), "false", "{}", self.whole());
        let challenge =
            r#"Bearer error="invalid_token", error_description="The session of the access token is over.""#;
        let challenges = [self.header(REMAPPED_CHALLENGE), self.header("www-authenticate")];
        assert!(challenges.contains(&challenge), "{}", self.whole());
        self
    }

    /// Checks the sentence of an error.
    #[track_caller]
    pub fn assert_description(&self, expected: &str) -> &Self {
        assert_eq!(self.json()["error_description"], expected, "{}", self.whole());
        self
    }

    /// Checks the headers of every answer, which let scripts read it.
    #[track_caller]
    fn assert_common(&self) -> &Self {
        assert!(!self.header("access-control-allow-origin").is_empty(), "{}", self.whole());
        let exposed = self.header("access-control-expose-headers").replace(' ', "");
        assert_eq!(exposed, "Is-Token-Expired,WWW-Authenticate,Retry-After", "{}", self.whole());
        if !matches!(self.status, 202 | 204) {
            assert_eq!(self.header("content-type"), "application/json", "{}", self.whole());
        }
        self
    }

    /// Returns the part that a client keeps. [`Answer::assert_ok`] checks the form.
    #[track_caller]
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        let body = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Tokens {
            access_token: text(&body["access_token"]),
            refresh_token: text(&body["refresh_token"]),
            session_id: text(&body["session_id"]),
            user_id: text(&body["user"]["id"]),
            device_token: text(&body["device_token"]),
        }
    }

    /// Returns the body of an answer with tokens for a snapshot: varying values are checked, then replaced.
    #[track_caller]
    #[must_use]
    pub fn redacted(&self) -> Value {
        self.assert_ok();
        let mut body = self.json();
        if let Some(token) = body.pointer_mut("/device_token") {
            *token = "<device_token>".into();
        }
        for (pointer, name) in [
            ("/access_token", "<access_token>"),
            ("/refresh_token", "<refresh_token>"),
            ("/refresh_after", "<70 to 90 % of expires_in>"),
            ("/session_id", "<session_id>"),
            ("/user/id", "<user_id>"),
            ("/user/email", "<email>"),
        ] {
            *body.pointer_mut(pointer).expect(pointer) = name.into();
        }
        body
    }
}

/// Returns what API Gateway makes of the `WWW-Authenticate` of a function.
const REMAPPED_CHALLENGE: &str = "x-amzn-remapped-www-authenticate";

fn status_of(code: &str) -> u16 {
    match code {
        "invalid_request"
        | "invalid_grant"
        | "unsupported_grant_type"
        | "invalid_code"
        | "invalid_passkey" => 400,
        "invalid_client"
        | "invalid_credentials"
        | "invalid_token"
        | "mfa_required"
        | "insufficient_user_authentication" => 401,
        "not_found" => 404,
        "email_taken" | "passkey_exists" | "too_many_passkeys" | "last_factor" => 409,
        "payload_too_large" => 413,
        "unsupported_media_type" => 415,
        "too_many_attempts" | "too_many_mails" => 429,
        "temporarily_unavailable" => 503,
        other => panic!("{other} is no error of this service"),
    }
}

#[track_caller]
fn assert_tokens(body: &Value) {
    let integer =
        |name: &str| body[name].as_i64().unwrap_or_else(|| panic!("{name} is a whole number: {body}"));
    let mut fixed = body.clone();
    // The contract, which knows the route, states which answers have it.
    if let Some(token) = fixed.as_object_mut().and_then(|members| members.remove("device_token")) {
        let token = token.as_str().unwrap_or_default();
        assert!(jwt::is_base64url(token) && token.len() == 76, "{body}");
    }
    // And of recovery codes only the one that confirms an app.
    if let Some(codes) = fixed.as_object_mut().and_then(|members| members.remove("recovery_codes")) {
        assert_recovery_codes(&json!({ "recovery_codes": codes }));
    }
    assert_eq!(
        members(&fixed),
        "access_token expires_in refresh_after refresh_expires_in refresh_token server_time session_id token_type user"
    );
    assert_user(&body["user"]);
    assert_eq!(body["token_type"], "Bearer");
    let expires_in = integer("expires_in");
    assert!((expires_in * 7 / 10..=expires_in * 9 / 10).contains(&integer("refresh_after")), "{body}");
    assert!(integer("refresh_expires_in") >= 0 && integer("server_time") > 0, "{body}");
    let refresh_token = body["refresh_token"].as_str().unwrap_or_default();
    assert!(jwt::is_base64url(refresh_token) && refresh_token.len() == 86, "{body}");
    // The answer and the token state the same.
    let claims = jwt::claims(body["access_token"].as_str().unwrap_or_default());
    assert_eq!((&claims["sub"], &claims["sid"]), (&body["user"]["id"], &body["session_id"]));
    for name in ["name", "email"] {
        assert_eq!(claims[name], body["user"][name]);
    }
    for (name, value) in body["user"]["claims"].as_object().into_iter().flatten() {
        assert_eq!(claims[name], *value);
    }
    let roles = body["user"]["roles"].as_array().filter(|roles| !roles.is_empty());
    assert_eq!(claims.get("roles").map(Value::as_array), roles.map(Some), "left out where there are none");
    assert_eq!(claims["exp"].as_i64(), Some(integer("server_time") + expires_in));
}

#[track_caller]
fn assert_challenge(body: &Value) {
    assert_eq!(members(body), "challenge_id expires_in public_key");
    assert_eq!(body["expires_in"], 300, "{body}");
    let challenge = body["public_key"]["challenge"].as_str().unwrap_or_default();
    assert!(jwt::is_base64url(challenge) && challenge.len() >= 43, "{body}");
}

#[track_caller]
fn assert_new_passkey(body: &Value) {
    let mut tokens = body.clone();
    let passkey = tokens.as_object_mut().and_then(|members| members.remove("passkey"));
    assert_passkey(&passkey.unwrap_or_default());
    assert_tokens(&tokens);
}

#[track_caller]
fn assert_passkeys(body: &Value) {
    assert_eq!(members(body), "passkeys");
    body["passkeys"].as_array().expect("a list").iter().for_each(assert_passkey);
}

#[track_caller]
fn assert_passkey(body: &Value) {
    assert_eq!(members(body), "backed_up created_at id last_used_at name transports");
    assert!(jwt::is_base64url(body["id"].as_str().unwrap_or_default()), "{body}");
}

#[track_caller]
fn assert_forecast(body: &Value) {
    let days = body.as_array().unwrap_or_else(|| panic!("a list: {body}"));
    assert_eq!(days.len(), 5);
    for day in days {
        assert_eq!(members(day), "date summary temperature_c temperature_f");
        assert!((-20..=54).contains(&day["temperature_c"].as_i64().unwrap_or(i64::MAX)), "{day}");
    }
}

#[track_caller]
fn assert_me(body: &Value) {
    assert_eq!(members(body), "expires_in server_time session_id user");
    assert_user(&body["user"]);
    assert!(body["expires_in"].as_i64() > Some(0), "{body}");
}

#[track_caller]
fn assert_pending(body: &Value) {
    let token = body["registration_token"].as_str().unwrap_or_default();
    let expires_in = body["expires_in"].as_i64().unwrap_or_default();
    // Codes end with a whole second.
    let day = 24 * 60 * 60;
    assert!(token.len() == 43 && (day - 1..=day).contains(&expires_in), "{body}");
}

#[track_caller]
fn assert_user(user: &Value) {
    // Those that an operator has given the user, if any.
    let claims = if user["claims"].is_object() { "claims " } else { "" };
    assert_eq!(members(user), format!("{claims}email email_verified id name roles"));
}

#[track_caller]
fn assert_own_data(body: &Value) {
    assert_eq!(members(body), "account passkeys server_time sessions");
    assert_passkeys(&json!({ "passkeys": body["passkeys"] }));
    let expected = "created_at email email_changed_at email_verified email_verified_at factors former_emails id name roles";
    assert_factors(&body["account"]["factors"]);
    assert_eq!(members(&body["account"]), expected);
    assert_session_list(body);
}

#[track_caller]
fn assert_factors(body: &Value) {
    assert_eq!(members(body), "passkeys recovery_codes_left totp");
    assert!(body["passkeys"].is_u64(), "{body}");
    if !body["totp"].is_null() {
        assert_eq!(members(&body["totp"]), "added_at");
    }
}

#[track_caller]
fn assert_enrolled(body: &Value) {
    assert_eq!(members(body), "secret uri");
    let (secret, uri) =
        (body["secret"].as_str().unwrap_or_default(), body["uri"].as_str().unwrap_or_default());
    assert!(secret.len() == 32 && uri.starts_with("otpauth://totp/") && uri.contains(secret), "{body}");
}

#[track_caller]
fn assert_recovery_codes(body: &Value) {
    assert_eq!(members(body), "recovery_codes");
    let codes = body["recovery_codes"].as_array().unwrap_or_else(|| panic!("a list: {body}"));
    assert!(
        codes.len() == 10 && codes.iter().all(|code| code.as_str().is_some_and(|code| code.len() == 19)),
        "{body}"
    );
}

#[track_caller]
fn assert_sessions(body: &Value) {
    assert_eq!(members(body), "server_time sessions");
    assert_session_list(body);
}

#[track_caller]
fn assert_session_list(body: &Value) {
    let now = body["server_time"].as_i64();
    let sessions = body["sessions"].as_array().unwrap_or_else(|| panic!("a list: {body}"));
    for session in sessions {
        assert_eq!(
            members(session),
            "created_at current expires_at id last_used_at source_ip user_agent",
            "{session}"
        );
        // An end within this second has not come yet.
        assert!(session["expires_at"].as_i64() >= now, "{session}");
        assert!(session["last_used_at"].as_i64() >= session["created_at"].as_i64(), "{session}");
    }
    let created = |session: &Value| session["created_at"].as_i64();
    assert!(sessions.is_sorted_by(|newer, older| created(newer) >= created(older)), "{body}");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1, "{body}");
}

fn members(object: &Value) -> String {
    let mut names: Vec<_> = object.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.join(" ")
}
