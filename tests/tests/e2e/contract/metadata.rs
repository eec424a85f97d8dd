//! The metadata, and a verifier that knows nothing of our code and uses it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_json_snapshot;
use serde_json::Value;
use shared::key_set::{Algorithm, KeySet};
use tests::{Form, Service, World, jwt, keys, project};

/// Verifiers need the keys, whatever is wrong with the settings of passkeys.
#[test]
fn a_mistake_in_the_settings_of_passkeys_stops_the_function_passkeys_alone() {
    let keys = KeySet::generate(Algorithm::default(), &mut tests::rng()).unwrap();
    for mistake in [
        ("ALLOWED_ORIGIN", "https://app.example.org"),
        ("PASSKEY_ORIGINS", "https://app.example.com/"),
        ("RP_ID", "com"),
    ] {
        let environment = |binary: &str| {
            let functions = project::stack().functions;
            let function = functions.iter().find(|function| function.binary == binary).unwrap();
            let mut environment = project::environment(function, &keys);
            for (name, value) in [("RP_ID", "example.com"), mistake] {
                environment.insert(name.to_owned(), value.to_owned());
            }
            environment
        };
        let (metadata, passkeys) = (environment("metadata"), environment("passkeys"));
        assert!(metadata::App::new(&|name| metadata.get(name).cloned()).is_ok(), "{mistake:?}");
        let backend = aws::client_for("http://127.0.0.1:9").into();
        let refused = passkeys::App::new(&|name| passkeys.get(name).cloned(), backend);
        let variable = if mistake.0 == "RP_ID" { "RP_ID" } else { "PASSKEY_ORIGINS" };
        assert_eq!(refused.err().unwrap().variable(), variable, "{mistake:?}");
    }
}

#[tokio::test]
async fn the_documents_name_the_issuer_its_keys_and_its_endpoints() {
    // An empty setting is none.
    let world = World::with(&[("ISSUER", "")]).await;
    let mut documents = Vec::new();
    for name in ["oauth-authorization-server", "openid-configuration"] {
        let answer = world.service.get(&format!("/.well-known/{name}"), Form::Document).await;
        assert_eq!(answer.assert_ok().header("cache-control"), "public, max-age=300");
        let document = answer.text.replace(world.service.base_url(), "<base URL>");
        documents.push(serde_json::from_str::<Value>(&document).unwrap());
    }
    assert_json_snapshot!(documents, @r#"
    [
      {
        "grant_types_supported": [
          "refresh_token"
        ],
        "issuer": "<base URL>",
        "jwks_uri": "<base URL>/.well-known/jwks.json",
        "ratchet_mail_enabled": true,
        "ratchet_passkeys_enabled": true,
        "ratchet_totp_enabled": true,
        "response_types_supported": [],
        "revocation_endpoint": "<base URL>/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": [
          "none"
        ],
        "token_endpoint": "<base URL>/oauth2/token",
        "token_endpoint_auth_methods_supported": [
          "none"
        ]
      },
      {
        "grant_types_supported": [
          "refresh_token"
        ],
        "id_token_signing_alg_values_supported": [
          "ES256"
        ],
        "issuer": "<base URL>",
        "jwks_uri": "<base URL>/.well-known/jwks.json",
        "ratchet_mail_enabled": true,
        "ratchet_passkeys_enabled": true,
        "ratchet_totp_enabled": true,
        "response_types_supported": [],
        "revocation_endpoint": "<base URL>/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": [
          "none"
        ],
        "subject_types_supported": [
          "public"
        ],
        "token_endpoint": "<base URL>/oauth2/token",
        "token_endpoint_auth_methods_supported": [
          "none"
        ]
      }
    ]
    "#);
    let token = world.signed_in().await.tokens().access_token.clone();
    assert_eq!(jwt::claims(&token)["iss"], world.service.base_url());
}

#[tokio::test]
async fn an_issuer_that_is_a_url_is_where_the_endpoints_are() {
    let issuer = "https://auth.example.com";
    let world = World::with(&[("ISSUER", issuer)]).await;
    let document = world.service.get("/.well-known/openid-configuration", Form::Document).await.json();
    for (member, path) in [
        ("issuer", ""),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("token_endpoint", "/oauth2/token"),
        ("revocation_endpoint", "/oauth2/revoke"),
    ] {
        assert_eq!(document[member], format!("{issuer}{path}"));
    }
}

#[tokio::test]
async fn the_documents_say_whether_mail_is_on() {
    let off = World::without_mail().await;
    for name in ["oauth-authorization-server", "openid-configuration"] {
        let answer = off.service.get(&format!("/.well-known/{name}"), Form::Document).await;
        assert_eq!(answer.assert_ok().json()["ratchet_mail_enabled"], false);
    }
}

#[tokio::test]
async fn the_published_keys_are_the_public_halves_of_all_signing_keys() {
    let world = World::start().await;
    let answer = world.service.get("/.well-known/jwks.json", Form::Document).await;
    let published = answer.assert_ok().json();
    assert_eq!(published, serde_json::from_str::<Value>(&world.keys.public_jwk_set()).unwrap());
    let secret: Value = serde_json::from_str(&world.keys.to_json()).unwrap();
    let kids =
        |keys: &Value| keys.as_array().unwrap().iter().map(|key| key["kid"].clone()).collect::<Vec<_>>();
    assert_eq!(kids(&published["keys"]), kids(&secret["signing_keys"]));
    for key in published["keys"].as_array().unwrap() {
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
}

#[tokio::test]
async fn a_verifier_of_its_own_accepts_the_tokens_by_the_published_keys() {
    for algorithm in keys::ALGORITHMS {
        let key_set = keys::key_set(algorithm, &keys::private_key(algorithm), 7);
        let world = World::with(&[("KEY_SET", &key_set)]).await;
        let token = world.signed_in().await.tokens().access_token.clone();
        let published = world.service.get("/.well-known/jwks.json", Form::Document).await.json();
        let header = jwt::header(&token);
        let jwk =
            published["keys"].as_array().unwrap().iter().find(|jwk| jwk["kid"] == header["kid"]).unwrap();
        assert_eq!((&header["alg"], &header["typ"]), (&jwk["alg"], &Value::from("at+jwt")));
        assert!(verifies(jwk, &token), "{algorithm:?}");
        let document = world.service.get("/.well-known/openid-configuration", Form::Document).await.json();
        assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!([algorithm]));
        assert!(!verifies(jwk, &jwt::with_flipped_bit(&token, 0)), "{algorithm:?}");
    }
}

fn verifies(jwk: &Value, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let message = message.as_bytes();
    match jwk["alg"].as_str().unwrap() {
        "EdDSA" => UnparsedPublicKey::new(&ED25519, member("x")).verify(message, &signature).is_ok(),
        "ES256" => {
            let point = [vec![4], member("x"), member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, &signature).is_ok()
        }
        "RS256" => {
            let key = RsaPublicKeyComponents { n: member("n"), e: member("e") };
            key.verify(&RSA_PKCS1_2048_8192_SHA256, message, &signature).is_ok()
        }
        other => panic!("no algorithm of ours: {other}"),
    }
}

#[tokio::test]
async fn metadata_is_the_same_for_everybody() {
    let service = Service::any().await;
    let plain = service.get("/.well-known/openid-configuration", Form::Document).await;
    let request = service
        .request(http::Method::GET, "/.well-known/openid-configuration?x=y")
        .header("host", "attacker.example.com")
        .header("x-forwarded-host", "attacker.example.com")
        .header("authorization", "Bearer x");
    let other = service.send(request, Form::Document).await;
    assert_eq!(plain.assert_ok().text, other.assert_ok().text);
}
