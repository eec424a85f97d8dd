//! The requests to Amazon SES and the deployer's own function, and the meaning of their answers. Both are stubs here.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

#[path = "../../../aws/tests/stub/mod.rs"]
mod stub;
mod support;

use aws::secret::KeyCache;
use mailer::{App, handle};
use serde_json::{Value, json};
use stub::{Answer, Stub};
use support::{ADDRESS, Log, NOW, event, failure, key_set, record, sequence_number, settings, without};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:mail";

/// Returns the function as on Lambda, except for the endpoints of AWS.
fn app(stub: &Stub, own: &[(&str, &str)]) -> App {
    let lambda = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "an-id"),
        ("AWS_SECRET_ACCESS_KEY", "a-secret"),
        ("AWS_ENDPOINT_URL_SESV2", stub.url.as_str()),
        ("AWS_ENDPOINT_URL_LAMBDA", stub.url.as_str()),
    ];
    let all: Vec<_> = lambda.iter().chain(own).copied().collect();
    let lookup = settings(&all);
    let config = aws::config(&lookup).expect("an account");
    App::new(&lookup, &config, KeyCache::inline(key_set())).expect("settings")
}

fn ses(stub: &Stub) -> App {
    app(stub, &[("MAIL_FROM", "noreply@example.com")])
}

fn function(stub: &Stub) -> App {
    app(stub, &[("MAIL_FUNCTION_ARN", ARN)])
}

fn body(stub: &Stub) -> Value {
    let request = stub.requests().pop().expect("a request");
    serde_json::from_str(&request.body).expect("JSON")
}

#[tokio::test]
async fn ses_gets_one_recipient_both_texts_and_the_id() {
    let stub = Stub::start(|_| (200, json!({ "MessageId": "1" }).to_string()));
    let own = [("MAIL_FROM", "noreply@example.com"), ("MAIL_CONFIGURATION_SET", "codes")];
    let answer = handle(&app(&stub, &own), &event([record(1, "reset")]), NOW).await;
    assert_eq!((failure(&answer), stub.requests().len()), (None, 1));
    assert_eq!(stub.requests()[0].line, "POST /v2/email/outbound-emails");
    let body = body(&stub);
    assert_eq!(body["FromEmailAddress"], "\"Example & Co\" <noreply@example.com>");
    assert_eq!(body["Destination"], json!({ "ToAddresses": [ADDRESS] }));
    assert_eq!(body["ConfigurationSetName"], "codes");
    assert_eq!(body["EmailTags"], json!([{ "Name": "code_id", "Value": "AQEBAQEBAQEBAQEBAQEBAQ" }]));
    let simple = &body["Content"]["Simple"];
    assert_eq!(
        simple["Subject"],
        json!({ "Data": "Reset your password at Example & Co", "Charset": "UTF-8" })
    );
    assert_eq!(simple["Headers"], json!([{ "Name": "Auto-Submitted", "Value": "auto-generated" }]));
    for part in ["Text", "Html"] {
        assert_eq!(simple["Body"][part]["Charset"], "UTF-8");
        let text = simple["Body"][part]["Data"].as_str().expect("a text");
        assert!(text.contains("https://app.example.com/account#reset="), "{text}");
    }
}

#[tokio::test]
async fn without_a_configuration_set_ses_is_told_of_none() {
    let stub = Stub::start(|_| (200, json!({ "MessageId": "1" }).to_string()));
    handle(&ses(&stub), &event([record(1, "reset")]), NOW).await;
    assert_eq!(body(&stub).get("ConfigurationSetName"), None);
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    (status, json!({ "__type": code, "message": format!("{message}: {ADDRESS}") }).to_string())
}

/// Returns whether the record is delivered again after this answer. In any case the log has its code and no address.
async fn comes_again(app: fn(&Stub) -> App, answer: Answer, code: &str) -> bool {
    let (stub, log) = (Stub::start(move |_| answer.clone()), Log::start());
    let failure = failure(&handle(&app(&stub), &event([record(1, "reset")]), NOW).await);
    let text = log.text();
    assert!(text.contains(code) && !text.contains(ADDRESS), "{code}: {text}");
    assert!([None, Some(sequence_number(1))].contains(&failure));
    failure.is_some()
}

#[tokio::test]
async fn what_ses_will_never_send_does_not_come_again() {
    for (code, message) in [
        ("MessageRejected", "Local address contains control or whitespace"),
        ("BadRequestException", "Domain contains illegal character"),
    ] {
        assert!(!comes_again(ses, error(400, code, message), code).await, "{code}");
    }
}

#[tokio::test]
async fn what_ses_may_send_later_comes_again() {
    for (status, code) in [
        (400, "AccountSuspendedException"),
        (400, "SendingPausedException"),
        (400, "LimitExceededException"),
        (400, "MailFromDomainNotVerifiedException"),
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
        (429, "TooManyRequestsException"),
        (500, "InternalFailure"),
        (400, "SomethingNew"),
    ] {
        assert!(comes_again(ses, error(status, code, "x"), code).await, "{code}");
    }
    let unverified = error(400, "MessageRejected", "Email address is not verified. The following failed");
    assert!(comes_again(ses, unverified, "an identity is not verified").await);
    assert!(comes_again(ses, (502, "<html>".to_owned()), "SES: ").await);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_brings_the_record_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let lookup = settings(&[("MAIL_FROM", "noreply@example.com")]);
    let app = App::new(&lookup, &aws::config_for(&url), KeyCache::inline(key_set())).expect("settings");
    let log = Log::start();
    let answer = handle(&app, &event([record(1, "reset")]), NOW).await;
    assert_eq!(failure(&answer), Some(sequence_number(1)));
    assert!(log.text().contains("SES: no connection"), "{}", log.text());
}

#[tokio::test]
async fn the_deployers_function_gets_all_that_it_needs_to_write_a_mail() {
    let stub = Stub::start(|_| (200, "null".to_owned()));
    let records = [record(1, "reset"), without(record(2, "password_changed"), "locale")];
    let answer = handle(&function(&stub), &event(records), NOW).await;
    assert_eq!((failure(&answer), stub.requests().len()), (None, 2));
    let path = ARN.replace(':', "%3A");
    assert_eq!(stub.requests()[0].line, format!("POST /2015-03-31/functions/{path}/invocations"));
    let sent: Value = serde_json::from_str(&stub.requests()[0].body).expect("JSON");
    let code = sent["code"].as_str().expect("a code").to_owned();
    let expected = json!({
        "id": "AQEBAQEBAQEBAQEBAQEBAQ", "kind": "reset", "to": ADDRESS, "code": code,
        "link": format!("https://app.example.com/account#reset={code}"), "expires_in": 1800, "locale": "de-AT",
    });
    assert_eq!(sent, expected);
    let notice = json!({
        "id": "AgICAgICAgICAgICAgICAg", "kind": "password_changed", "to": ADDRESS, "code": null,
        "link": null, "expires_in": 1800, "locale": null,
    });
    assert_eq!(body(&stub), notice);
}

#[tokio::test]
async fn an_error_of_the_deployers_function_brings_the_record_again_and_is_not_logged() {
    let stub = Stub::with_header("x-amz-function-error: Unhandled", |_| error(200, "Error", "no such user"));
    let log = Log::start();
    let answer = handle(&function(&stub), &event([record(1, "reset")]), NOW).await;
    assert_eq!(failure(&answer), Some(sequence_number(1)));
    let text = log.text();
    assert!(text.contains("the function failed") && !text.contains(ADDRESS), "{text}");
}

#[tokio::test]
async fn what_lambda_does_not_run_comes_again_but_for_an_event_that_it_does_not_take() {
    for (status, code) in [
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
    ] {
        assert!(comes_again(function, error(status, code, "x"), code).await, "{code}");
    }
    for code in ["InvalidRequestContentException", "RequestTooLargeException"] {
        assert!(!comes_again(function, error(400, code, "x"), code).await, "{code}");
    }
}

#[test]
fn a_function_that_sends_mail_needs_something_to_send_it_with() {
    let lookup = settings(&[]);
    let config = aws::config_for("http://127.0.0.1:1");
    let error = App::new(&lookup, &config, KeyCache::inline(key_set())).err().expect("no sink");
    assert_eq!(error.to_string(), "MAIL_FROM is not set, nor is MAIL_FUNCTION_ARN");
}
