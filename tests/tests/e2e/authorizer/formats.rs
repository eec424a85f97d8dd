//! The authorizer by itself, asked in the format of each service.

use serde_json::{Value, json};
use shared::Timestamp;
use shared::access_token::NewClaims;
use shared::authentication::AuthenticationMethods;
use shared::ids::{SessionId, TokenId, UserId};
use shared::key_set::{Algorithm, KeySet};
use tests::authorizer_events::{Format, STAGE, policy_allows};
use tests::{START, forgeries, jwt, keys};

struct Case {
    keys: KeySet,
    app: authorizer::App,
    token: String,
}

impl Case {
    fn new(algorithm: Algorithm) -> Self {
        Self::with(algorithm, &[])
    }

    /// With these settings beside those that it needs.
    fn with(algorithm: Algorithm, settings: &[(&str, &str)]) -> Self {
        let keys = KeySet::parse(&keys::key_set(algorithm, &keys::private_key(algorithm), 7)).unwrap();
        let public = keys.public_jwk_set();
        let lookup = |name: &str| match name {
            "PUBLIC_KEYS" => Some(public.clone()),
            "ISSUER" => Some("urn:ratchet:test".to_owned()),
            "AUDIENCE" => Some("ratchet".to_owned()),
            _ => settings.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()),
        };
        let app = authorizer::App::new(&lookup).unwrap();
        Self { token: token(&keys, START.seconds() + 1, &["admin", "editor"]), keys, app }
    }

    /// What every service is answered about this token: whether it may pass, the same for all, and the context of those that
    /// get one.
    #[track_caller]
    fn ask(&self, token: &str) -> (bool, Value) {
        let header = format!("Bearer {token}");
        let answer = self.answer(&Format::RestRequest.event(&[&header]));
        let (allowed, context) = (Format::RestRequest.allows(&answer), answer["context"].clone());
        for format in Format::ALL {
            // A comma ends a subprotocol, so there is no such token.
            if format == Format::WebSocketPage && token.contains(',') {
                continue;
            }
            let answer = self.answer(&format.event(&[&header]));
            assert_eq!(format.allows(&answer), allowed, "{format:?}: {answer}");
            if let Some(said) = format.context(&answer) {
                assert_eq!(*said, context, "{format:?}");
            }
        }
        (allowed, context)
    }

    #[track_caller]
    fn answer(&self, event: &Value) -> Value {
        let answer =
            authorizer::handle(&self.app, event, START).unwrap_or_else(|error| panic!("{error}: {event}"));
        serde_json::to_value(answer).unwrap()
    }
}

fn token(keys: &KeySet, exp: i64, roles: &[&str]) -> String {
    let claims = NewClaims {
        iss: "urn:ratchet:test",
        sub: UserId::from_bytes([1; 16]),
        aud: "ratchet",
        exp,
        iat: START.seconds() - 59,
        jti: TokenId::from_bytes([3; 16]),
        client_id: "ratchet",
        sid: SessionId::from_bytes([2; 16]),
        auth_time: START.seconds() - 59,
        amr: AuthenticationMethods::PASSWORD,
        name: "Ada \"Countess\" Lovelace",
        email: "ada@example.com",
        email_verified: false,
        roles: &roles.iter().map(|role| role.parse().unwrap()).collect::<Vec<_>>(),
        claims: &shared::custom_claims::CustomClaims::default(),
    };
    claims.sign(&keys.signing).unwrap()
}

fn caller() -> Value {
    json!({
        "email": "ada@example.com",
        "email_verified": "false",
        "amr": "pwd",
        "exp": "2524608001",
        "name": "Ada \"Countess\" Lovelace",
        "roles": "admin editor",
        "sid": "02020202-0202-0202-0202-020202020202",
        "sub": "01010101-0101-0101-0101-010101010101",
    })
}

fn allow(resource: &str) -> Value {
    json!({
        "context": caller(),
        "policyDocument": {
            "Statement": [{ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource }],
            "Version": "2012-10-17",
        },
        "principalId": "01010101-0101-0101-0101-010101010101",
    })
}

#[test]
fn a_good_token_allows_the_whole_stage_and_tells_who_is_calling() {
    for algorithm in keys::ALGORITHMS {
        let case = Case::new(algorithm);
        let header = format!("Bearer {}", case.token);
        for format in Format::ALL {
            let expected = match format {
                Format::HttpApi2 => json!({ "isAuthorized": true, "context": caller() }),
                Format::AppSync => {
                    json!({ "isAuthorized": true, "resolverContext": caller(), "ttlOverride": 0 })
                }
                Format::RestToken
                | Format::RestRequest
                | Format::HttpApi1
                | Format::WebSocket
                | Format::WebSocketPage => allow(&format!("{STAGE}/*")),
            };
            assert_eq!(case.answer(&format.event(&[&header])), expected, "{algorithm:?} {format:?}");
        }
    }
}

#[test]
fn an_http_api_without_simple_responses_gets_a_policy() {
    let case = Case::with(Algorithm::default(), &[("HTTP_API_SIMPLE_RESPONSES", "false")]);
    let header = format!("Bearer {}", case.token);
    assert_eq!(case.answer(&Format::HttpApi2.event(&[&header])), allow(&format!("{STAGE}/*")));
    let refused = case.answer(&Format::HttpApi2.event(&["Bearer x"]));
    assert!(!policy_allows(&refused));
    assert_eq!(refused["policyDocument"]["Statement"][0]["Resource"], format!("{STAGE}/*"));
}

#[test]
fn no_forged_token_of_any_algorithm_is_allowed_and_none_is_called_expired() {
    for algorithm in keys::ALGORITHMS {
        let case = Case::new(algorithm);
        for (what, forged) in forgeries::all(&case.token, &case.keys) {
            let (allowed, context) = case.ask(&forged);
            assert!(!allowed, "{algorithm:?}: {what}");
            assert_eq!(context["token_expired"], "false", "{algorithm:?}: {what}");
        }
    }
}

#[test]
fn no_bit_of_a_signature_may_be_flipped() {
    for algorithm in keys::ALGORITHMS {
        let case = Case::new(algorithm);
        let signature = case.token.rsplit_once('.').unwrap().1;
        for bit in 0..signature.len() * 6 / 8 * 8 {
            let header = format!("Bearer {}", jwt::with_flipped_bit(&case.token, bit));
            let answer = case.answer(&Format::RestToken.event(&[&header]));
            assert!(!Format::RestToken.allows(&answer), "{algorithm:?}, bit {bit}");
        }
    }
}

#[test]
fn a_token_whose_exp_is_now_has_expired() {
    let case = Case::new(Algorithm::default());
    for (exp, expired) in
        [(START.seconds() + 1, false), (START.seconds(), true), (START.seconds() - 1, true), (0, true)]
    {
        let (allowed, context) = case.ask(&token(&case.keys, exp, &[]));
        assert_eq!(allowed, !expired, "exp {exp}");
        assert_eq!(context["token_expired"] == "true", expired, "exp {exp}");
    }
}

#[test]
fn app_sync_remembers_an_answer_no_longer_than_the_token_lives() {
    let case = Case::new(Algorithm::default());
    let start = START.seconds() * 1000;
    for (life, now, expected) in [
        (1, start, 1),
        (60, start, 60),
        (60, start + 1, 59),
        (60, start + 59_001, 0),
        (3600, start, 3600),
        (86_400, start, 3600),
    ] {
        let header = format!("Bearer {}", token(&case.keys, START.seconds() + life, &[]));
        let event = Format::AppSync.event(&[&header]);
        let answer = authorizer::handle(&case.app, &event, Timestamp::from_millis(now)).unwrap();
        assert_eq!(serde_json::to_value(answer).unwrap()["ttlOverride"], expected, "{life} s at {now}");
    }
}

#[test]
fn the_type_may_be_written_out_in_any_case() {
    let case = Case::new(Algorithm::default());
    for name in ["at+jwt", "AT+JWT", "application/at+jwt", "application/AT+jwt"] {
        let mut header = jwt::header(&case.token);
        header["typ"] = name.into();
        let (allowed, _) = case.ask(&jwt::sign(&header, &jwt::claims(&case.token), &case.keys.signing));
        assert!(allowed, "{name}");
    }
}

#[test]
fn a_request_without_a_token_or_with_two_is_denied() {
    let case = Case::new(Algorithm::default());
    let good = format!("Bearer {}", case.token);
    let basic = format!("Basic {}", case.token);
    let not_valid = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;
    for format in Format::ALL {
        for (values, challenge) in [
            (&[][..], "Bearer"),
            (&[good.as_str(), &good], not_valid),
            (&[&good, "Bearer x"], not_valid),
            (&["Bearer x", &good], not_valid),
            (&[&basic], not_valid),
            (&[&case.token], not_valid),
            (&["Bearer"], not_valid),
            (&["Bearer x"], not_valid),
        ] {
            // Behind the prefix of a subprotocol there is no scheme.
            if format == Format::WebSocketPage && values == [case.token.as_str()] {
                continue;
            }
            let answer = case.answer(&format.event(values));
            assert!(!format.allows(&answer), "{format:?} {values:?}");
            if let Some(context) = format.context(&answer) {
                assert_eq!(context["challenge"], challenge, "{format:?} {values:?}");
            }
        }
    }
}

/// Beside a mode of its own for JWTs, AppSync keeps what is named `Bearer` to itself.
#[test]
fn app_sync_alone_takes_a_token_of_the_scheme_ratchet_and_one_only() {
    let case = Case::new(Algorithm::default());
    let (good, bearer) = (format!("Ratchet {}", case.token), format!("Bearer {}", case.token));
    let allows = |format: Format, values: &[&str]| format.allows(&case.answer(&format.event(values)));
    for format in Format::ALL {
        // A page names its token without a scheme.
        if format != Format::WebSocketPage {
            assert_eq!(allows(format, &[&good]), format == Format::AppSync, "{format:?}");
        }
    }
    for values in [
        &[good.as_str(), &good][..],
        &[&good, &bearer],
        &[&bearer, &good],
        &[&format!("Ratchet {bearer}")],
        &[&format!("Bearer {good}")],
        &["Ratchet x"],
    ] {
        assert!(!allows(Format::AppSync, values), "{values:?}");
    }
}

/// Where no format reads a token, though a client could put one there.
#[test]
fn a_token_elsewhere_is_not_read_and_a_second_one_is_refused() {
    let case = Case::new(Algorithm::default());
    let good = format!("Bearer {}", case.token);
    for format in Format::ALL {
        let everywhere = |event: &mut Value| {
            for member in ["queryStringParameters", "pathParameters", "stageVariables", "requestHeaders"] {
                event[member] =
                    json!({ "access_token": case.token, "Authorization": good, "authorization": good });
            }
            event["multiValueQueryStringParameters"] = json!({ "Authorization": [good] });
            event["cookies"] = json!([format!("Authorization={good}")]);
            event["body"] = json!({ "access_token": case.token }).to_string().into();
            event["identitySource"] = json!([good]);
        };
        let mut event = format.event(&[]);
        everywhere(&mut event);
        assert!(!format.allows(&case.answer(&event)), "{format:?}");
        let mut event = format.event(&[&good]);
        everywhere(&mut event);
        assert!(format.allows(&case.answer(&event)), "{format:?}");
        if event["headers"].is_object() {
            event["headers"]["AUTHORIZATION"] = "Bearer x".into();
            assert!(!format.allows(&case.answer(&event)), "{format:?}");
        }
    }
}

/// What is needed for `GET /weather` and for a handshake.
const RULES: &str = "GET /weather admin; $connect member; * /** *";

#[test]
fn rules_of_roles_decide_where_a_refusal_is_a_403() {
    let case = Case::with(Algorithm::default(), &[("ROUTE_ROLES", RULES)]);
    for (roles, http, connect) in [
        (&[][..], false, false),
        (&["admin"], true, false),
        (&["member"], false, true),
        (&["Admin", "administrator"], false, false),
        (&["x", "member", "admin"], true, true),
    ] {
        let header = format!("Bearer {}", token(&case.keys, START.seconds() + 1, roles));
        for format in Format::ALL {
            let answer = case.answer(&format.event(&[&header]));
            let expected = match format {
                Format::HttpApi1 | Format::HttpApi2 => http,
                Format::WebSocket | Format::WebSocketPage => connect,
                // A REST API answers 401 to what the authorizer refuses, and AppSync has no routes.
                Format::RestToken | Format::RestRequest | Format::AppSync => true,
            };
            assert_eq!(format.allows(&answer), expected, "{format:?} {roles:?}");
            if !expected {
                let context = format.context(&answer).unwrap();
                assert_eq!(context["error"], "insufficient_scope", "{format:?} {roles:?}");
                assert_eq!(context["token_expired"], "false", "{format:?} {roles:?}");
            }
        }
    }
}

#[test]
fn who_is_not_known_is_not_told_that_a_role_is_missing() {
    let case = Case::with(Algorithm::default(), &[("ROUTE_ROLES", RULES)]);
    let (allowed, context) = case.ask("x");
    assert!(!allowed);
    assert_eq!(context["error"], "invalid_token");
}

#[test]
fn with_roles_a_policy_is_about_one_request_and_unclear_paths_are_refused() {
    let settings = [("ROUTE_ROLES", RULES), ("HTTP_API_SIMPLE_RESPONSES", "false")];
    let case = Case::with(Algorithm::default(), &settings);
    let member = format!("Bearer {}", token(&case.keys, START.seconds() + 1, &["member"]));
    let admin = format!("Bearer {}", case.token);
    let resource =
        |answer: &Value| answer["policyDocument"]["Statement"][0]["Resource"].as_str().unwrap().to_owned();
    for (format, arn, path) in
        [(Format::HttpApi1, "methodArn", "path"), (Format::HttpApi2, "routeArn", "rawPath")]
    {
        for header in [&admin, &member] {
            let answer = case.answer(&format.event(&[header]));
            assert_eq!(policy_allows(&answer), header == &admin);
            assert_eq!(resource(&answer), format!("{STAGE}/GET/weather"));
        }
        for (unclear, denied) in [
            ("/%2fweather", "GET/%2fweather"),
            ("//weather", "GET//weather"),
            ("/x/../weather", "GET/x/../weather"),
            ("/weather.", "GET/weather."),
            ("/ｗeather", "GET/ｗeather"),
            ("/weather*", "*"),
            ("/weather/?", "*"),
            ("/${weather}", "*"),
        ] {
            let mut event = format.event(&[&admin]);
            event[arn] = format!("{STAGE}/GET{unclear}").into();
            event[path] = unclear.into();
            let answer = case.answer(&event);
            assert!(!policy_allows(&answer), "{unclear}");
            assert_eq!(answer["context"]["error"], "insufficient_scope", "{unclear}");
            assert_eq!(resource(&answer), format!("{STAGE}/{denied}"), "{unclear}");
        }
        let mut other = format.event(&[&member]);
        other[path] = "/prod/other".into();
        assert!(!policy_allows(&case.answer(&other)), "the event contradicts its ARN");
        other[arn] = format!("{STAGE}/GET/other").into();
        let answer = case.answer(&other);
        assert!(policy_allows(&answer));
        assert_eq!(resource(&answer), format!("{STAGE}/GET/other"));
    }
    // One policy serves every message of a connection.
    let answer = case.answer(&Format::WebSocket.event(&[&member]));
    assert_eq!(resource(&answer), format!("{STAGE}/*"));
}

#[test]
fn custom_claims_are_one_json_text_in_every_context_and_those_that_are_named_members_too() {
    let with = |case: &Case| {
        let mut claims = jwt::claims(&case.token);
        for (name, value) in [("plan", json!("pro")), ("seats", json!(5)), ("org", json!({ "id": 1 }))] {
            claims[name] = value;
        }
        jwt::sign(&jwt::header(&case.token), &claims, &case.keys.signing)
    };
    let case = Case::new(Algorithm::EdDSA);
    let (allowed, context) = case.ask(&with(&case));
    let mut expected = caller();
    expected["claims"] = json!(r#"{"org":{"id":1},"plan":"pro","seats":5}"#);
    assert_eq!((allowed, &context), (true, &expected));
    let (_, without) = case.ask(&case.token);
    assert_eq!(without, caller(), "there is no claims without any");

    let case = Case::with(Algorithm::EdDSA, &[("CONTEXT_CLAIMS", "plan,seats,org,tenant")]);
    let (_, context) = case.ask(&with(&case));
    expected["plan"] = json!("pro");
    expected["seats"] = json!("5");
    expected["org"] = json!(r#"{"id":1}"#);
    assert_eq!(context, expected, "a claim that the token lacks is absent");
}

#[test]
fn a_named_custom_claim_is_none_of_ours_nor_what_a_refusal_has() {
    for bad in ["sub", "roles", "claims", "error", "principalId", "a b", "a,,b", "x.y", ","] {
        let lookup = |name: &str| (name == "CONTEXT_CLAIMS").then(|| bad.to_owned());
        let error = shared::config::context_claims(&lookup).unwrap_err();
        assert_eq!(error.variable(), "CONTEXT_CLAIMS", "{bad}");
    }
}
