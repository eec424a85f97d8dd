//! The gateway's part of the template: the allowed origins, and which of its own texts it repeats.

use regex::Regex;
use serde_json::Value;
use shared::api::AllowedOrigin;
use template::{HeaderSource, Stack};
use tests::project::TEMPLATE;

fn template() -> Value {
    serde_json::to_value(yaml_serde::from_str::<yaml_serde::Value>(TEMPLATE).unwrap()).unwrap()
}

/// The gateway compares origins byte by byte, so a parameter must be spelt as browsers spell it.
#[test]
fn the_parameter_of_the_origin_takes_what_browsers_send_and_nothing_else() {
    let template = template();
    let pattern = template["Parameters"]["AllowedOrigin"]["AllowedPattern"].as_str().unwrap();
    let pattern = Regex::new(pattern).unwrap();
    for good in [
        "*",
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:4200",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "https://xn--bcher-kva.example",
        "https://my_app.example:65535",
        "http://my_app:3000",
        "http://0a3f9c1d2e4b:3000",
        "http://2nd:3000",
        "https://app.0xy",
        "https://app-.example.com",
        "https://-.example.com",
    ] {
        let stored = AllowedOrigin::parse(good).unwrap();
        assert_eq!(stored.as_header(), good, "the functions keep it as it is");
        assert!(pattern.is_match(good), "{good}");
    }
    for bad in [
        "",
        "null",
        "https://",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://app.example.com:0443",
        "https://app.example.com:0",
        "https://app.example.com:65536",
        "https://app..example.com",
        "https://app.example.com.",
        "https://999.1.1.1",
        "https://0.0.0.0",
        "https://app.7",
        "https://app.0x7f",
        "https://app.0x",
        "https://127.0.0.01",
        "https://127.1",
        "https://app.example.com,https://b.example",
        "https://*.example.com",
        "https://b\u{fc}cher.example",
    ] {
        assert!(!pattern.is_match(bad), "{bad}");
    }
}

#[test]
fn the_parameter_of_passkey_origins_takes_https_origins_and_this_machine_and_nothing_else() {
    let template = template();
    let pattern = template["Parameters"]["PasskeyOrigins"]["AllowedPattern"].as_str().unwrap();
    let pattern = Regex::new(pattern).unwrap();
    for (id, good) in [
        ("example.com", "https://example.com"),
        ("example.com", "https://app.example.com:8443,https://example.com"),
        ("example.com", "https://my_app.example.com, https://xn--bcher-kva.example.com"),
        ("localhost", "http://localhost:3000 http://a.localhost"),
    ] {
        assert!(pattern.is_match(good), "{good}");
        let settings = [("RP_ID", id), ("PASSKEY_ORIGINS", good)];
        let lookup = |name: &str| settings.into_iter().find(|(own, _)| *own == name);
        let read = shared::config::relying_party(&|name| lookup(name).map(|(_, value)| value.to_owned()));
        assert!(read.unwrap().is_some(), "{good}");
    }
    assert!(pattern.is_match(""), "none are named");
    for bad in [
        "*",
        "https://app.example.com/",
        "https://App.example.com",
        "http://app.example.com",
        "https://app.example.com,",
        ",https://app.example.com",
        "https://example",
        "https://127.0.0.1",
        "android:apk-key-hash:x",
    ] {
        assert!(!pattern.is_match(bad), "{bad}");
    }
}

/// Where the gateway takes a bearer token for a signature of AWS, its own text has the token in it.
#[test]
fn no_answer_to_what_the_gateway_refuses_repeats_a_header() {
    let template = template();
    let apis = template["Resources"].as_object().unwrap().values();
    let responses = apis.filter_map(|resource| resource["Properties"]["GatewayResponses"].as_object());
    let [responses] = responses.collect::<Vec<_>>()[..] else { panic!("one API with gateway responses") };
    let repeats = |response: &Value| response.to_string().contains("$context.error.");
    let repeating: Vec<_> =
        responses.iter().filter(|(_, response)| repeats(response)).map(|(name, _)| name).collect();
    // Their texts are about the body and about parameters that the template would name.
    assert_eq!(repeating, ["BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS"]);
    assert!(responses.contains_key("DEFAULT_4XX"));
}

/// README.md refers to this for gateways that use nothing from the context.
#[test]
fn a_refusal_with_static_headers_has_nothing_from_the_authorizers_context() {
    let with = |headers: &str| {
        let text = TEMPLATE.replacen("    Default: context\n", &format!("    Default: {headers}\n"), 1);
        takes_from_the_context(&template::read(&text, &|_| None).unwrap())
    };
    assert_eq!((with("context"), with("static")), (true, false));
}

fn takes_from_the_context(stack: &Stack) -> bool {
    let refused = &stack.api.gateway_responses["ACCESS_DENIED"];
    let bodies = refused.bodies.values().any(|body| body.contains("$context"));
    let headers = refused.headers.iter().any(|(_, source)| matches!(source, HeaderSource::Context(_)));
    assert_eq!(bodies, headers, "both or neither");
    bodies
}
