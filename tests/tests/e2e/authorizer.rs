//! The authorizer by itself, with both formats of event of a REST API.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use shared::access_token::NewClaims;
use shared::ids::{SessionId, TokenId, UserId};
use shared::key_set::{Algorithm, KeySet};
use tests::{START, forgeries, jwt, keys};

const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/weather";

struct Case {
    keys: KeySet,
    app: authorizer::App,
    token: String,
}

impl Case {
    fn new(algorithm: Algorithm) -> Self {
        let keys = KeySet::parse(&keys::key_set(algorithm, &keys::private_key(algorithm), 7)).unwrap();
        let public = keys.public_jwk_set();
        let lookup = |name: &str| match name {
            "PUBLIC_KEYS" => Some(public.clone()),
            "ISSUER" => Some("urn:ratchet:test".to_owned()),
            "AUDIENCE" => Some("ratchet".to_owned()),
            _ => None,
        };
        let app = authorizer::App::new(&lookup).unwrap();
        Self { token: token(&keys), keys, app }
    }

    /// The answers to a TOKEN and a REQUEST event with this token: the same.
    #[track_caller]
    fn ask(&self, token: &str) -> Value {
        let header = format!("Bearer {token}");
        let by_token =
            self.answer(&json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": header }));
        let by_request = self.answer(&request(&[&header]));
        assert_eq!(by_token, by_request);
        by_request
    }

    #[track_caller]
    fn answer(&self, event: &Value) -> Value {
        serde_json::to_value(authorizer::handle(&self.app, event, START).unwrap()).unwrap()
    }
}

/// An event as API Gateway makes it of these header values: the single map has the last one.
fn request(values: &[&str]) -> Value {
    let single = values.last().map(|value| json!({ "Authorization": value }));
    let multi = (!values.is_empty()).then(|| json!({ "Authorization": values }));
    json!({
        "type": "REQUEST",
        "methodArn": ARN,
        "resource": "/weather",
        "path": "/weather",
        "httpMethod": "GET",
        "headers": single,
        "multiValueHeaders": multi,
        "queryStringParameters": null,
        "requestContext": { "stage": "prod", "resourcePath": "/weather" },
    })
}

fn token(keys: &KeySet) -> String {
    let claims = NewClaims {
        iss: "urn:ratchet:test",
        sub: UserId::from_bytes([1; 16]),
        aud: "ratchet",
        exp: START.seconds() + 1,
        iat: START.seconds() - 59,
        jti: TokenId::from_bytes([3; 16]),
        client_id: "ratchet",
        sid: SessionId::from_bytes([2; 16]),
        auth_time: START.seconds() - 59,
        name: "Ada \"Countess\" Lovelace",
        email: "ada@example.com",
        email_verified: false,
        roles: &["admin".to_owned(), "editor".to_owned()],
    };
    claims.sign(&keys.signing).unwrap()
}

#[test]
fn a_good_token_allows_the_whole_stage_and_tells_who_is_calling() {
    let [first, others @ ..] = keys::ALGORITHMS.map(Case::new);
    let answer = first.ask(&first.token);
    assert_json_snapshot!(answer, @r#"
    {
      "context": {
        "email": "ada@example.com",
        "exp": "2524608001",
        "name": "Ada \"Countess\" Lovelace",
        "roles": "admin editor",
        "sid": "02020202-0202-0202-0202-020202020202",
        "sub": "01010101-0101-0101-0101-010101010101"
      },
      "policyDocument": {
        "Statement": [
          {
            "Action": "execute-api:Invoke",
            "Effect": "Allow",
            "Resource": "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/*"
          }
        ],
        "Version": "2012-10-17"
      },
      "principalId": "01010101-0101-0101-0101-010101010101"
    }
    "#);
    for case in others {
        assert_eq!(case.ask(&case.token), answer);
    }
}

#[test]
fn no_forged_token_of_any_algorithm_is_allowed_and_none_is_called_expired() {
    for algorithm in keys::ALGORITHMS {
        let case = Case::new(algorithm);
        for (what, forged) in forgeries::all(&case.token, &case.keys) {
            let answer = case.ask(&forged);
            let effect = &answer["policyDocument"]["Statement"][0]["Effect"];
            assert_eq!(effect, "Deny", "{algorithm:?}: {what}");
            assert_eq!(answer["context"]["token_expired"], "false", "{algorithm:?}: {what}");
        }
    }
}

#[test]
fn no_bit_of_a_signature_may_be_flipped() {
    for algorithm in keys::ALGORITHMS {
        let case = Case::new(algorithm);
        let signature = case.token.rsplit_once('.').unwrap().1;
        for bit in 0..signature.len() * 6 / 8 * 8 {
            let answer = case.ask(&jwt::with_flipped_bit(&case.token, bit));
            let effect = &answer["policyDocument"]["Statement"][0]["Effect"];
            assert_eq!(effect, "Deny", "{algorithm:?}, bit {bit}");
        }
    }
}

#[test]
fn a_token_whose_exp_is_now_has_expired() {
    let case = Case::new(Algorithm::EdDSA);
    let mut claims = jwt::claims(&case.token);
    for (exp, expired) in
        [(START.seconds() + 1, false), (START.seconds(), true), (START.seconds() - 1, true), (0, true)]
    {
        claims["exp"] = exp.into();
        let answer = case.ask(&jwt::sign(&jwt::header(&case.token), &claims, &case.keys.signing));
        let effect = if expired { "Deny" } else { "Allow" };
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], effect, "exp {exp}");
        assert_eq!(answer["context"]["token_expired"] == "true", expired, "exp {exp}");
    }
}

#[test]
fn the_type_may_be_written_out_in_any_case() {
    let case = Case::new(Algorithm::EdDSA);
    for name in ["at+jwt", "AT+JWT", "application/at+jwt", "application/AT+jwt"] {
        let mut header = jwt::header(&case.token);
        header["typ"] = name.into();
        let answer = case.ask(&jwt::sign(&header, &jwt::claims(&case.token), &case.keys.signing));
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow", "{name}");
    }
}

#[test]
fn a_request_without_a_token_or_with_two_is_denied() {
    let case = Case::new(Algorithm::EdDSA);
    let good = format!("Bearer {}", case.token);
    let denied = |event: &Value| case.answer(event)["context"]["challenge"].as_str().unwrap().to_owned();
    assert_eq!(denied(&request(&[])), "Bearer");
    assert_eq!(denied(&json!({ "type": "TOKEN", "methodArn": ARN })), "Bearer");
    let not_valid = r#"Bearer error="invalid_token", error_description="The access token is not valid.""#;
    for values in [[good.as_str(), &good], [&good, "Bearer x"], ["Bearer x", &good]] {
        assert_eq!(denied(&request(&values)), not_valid);
    }
    let mut differing = request(&[&good]);
    differing["headers"]["authorization"] = "Bearer x".into();
    assert_eq!(denied(&differing), not_valid);
    let mut in_query = request(&[]);
    in_query["queryStringParameters"] = json!({ "access_token": case.token, "Authorization": good });
    assert_eq!(denied(&in_query), "Bearer");
}
