use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::api::{AllowedOrigin, InvalidRequest};
use crate::authentication::AuthenticationMethods;
use crate::custom_claims::CustomClaims;
use crate::metrics::Metrics;
use crate::{Seconds, Timestamp, log};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the log lines of `work`.
fn lines(work: impl FnOnce()) -> Vec<Value> {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::registry().with(log::lines(move || writer.clone()));
    tracing::subscriber::with_default(subscriber, work);
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the answer's status and the one log line of a refusal, without the fields of every line.
fn told(refusal: &Refusal) -> (u16, Value) {
    let responder = Responder::new(AllowedOrigin::parse("*").unwrap());
    let mut status = 0;
    let lines = lines(|| status = refusal.answer("login", &responder).status().as_u16());
    let [Value::Object(line)] = &lines[..] else { panic!("{lines:?}") };
    let mut line = line.clone();
    assert!(line.remove("timestamp").is_some_and(|time| time.is_string()));
    assert_eq!(line.remove("target"), Some(json!("shared::refusal")));
    (status, line.into())
}

fn caller() -> Caller {
    Caller {
        user_id: UserId::from_bytes([1; 16]),
        session_id: SessionId::from_bytes([2; 16]),
        email: "ada@example.com".to_owned(),
        email_verified: false,
        amr: AuthenticationMethods::PASSWORD,
        name: "Ada".to_owned(),
        roles: vec![],
        claims: CustomClaims::default(),
        expires_at: Timestamp::from_seconds(1),
    }
}

#[test]
fn a_refusal_is_a_line_with_its_outcome_as_the_reason() {
    let expected =
        json!({ "level": "INFO", "route": "login", "outcome": "refused", "reason": "email_taken" });
    assert_eq!(told(&Refusal::new(ApiError::EmailTaken, "email_taken")), (409, expected));
}

#[test]
fn a_security_event_is_a_warning_that_names_the_sender() {
    let blocked = ApiError::TooManyAttempts { retry_after: Seconds(900) };
    let refusal = Refusal::new(blocked, "too_many_attempts").security_event("authn_login_fail_max");
    let (session_id, user_id) = (caller().session_id, caller().user_id);
    let expected = json!({
        "level": "WARN", "event": "authn_login_fail_max", "route": "login", "outcome": "refused",
        "reason": "too_many_attempts", "source_ip": "192.0.2.1", "retry_after": 900,
        "session_id": session_id, "user_id": user_id,
    });
    assert_eq!(told(&refusal.from_address("192.0.2.1").of_caller(Some(&caller()))), (429, expected));
}

#[test]
fn a_failure_is_an_error_whose_cause_only_the_log_has() {
    let expected =
        json!({ "level": "ERROR", "route": "login", "outcome": "failed", "error": "DynamoDB: no answer" });
    assert_eq!(told(&Refusal::failure(&"DynamoDB: no answer").of_caller(None)), (503, expected));
}

#[test]
fn a_bad_request_is_input_validation_fail_whatever_is_wrong_with_it() {
    for (error, status, reason) in [
        (InvalidRequest::NotAnObject.into(), 400, "invalid_request"),
        (ApiError::NotFound("session"), 404, "not_found"),
        (ApiError::PayloadTooLarge, 413, "payload_too_large"),
        (ApiError::UnsupportedMediaType, 415, "unsupported_media_type"),
    ] {
        let refusal = Refusal::from(error);
        assert_eq!(refusal.outcome, "invalid_request");
        let expected = json!({
            "level": "INFO", "event": "input_validation_fail", "route": "login", "outcome": "refused",
            "reason": reason,
        });
        assert_eq!(told(&refusal), (status, expected));
    }
}

#[test]
fn who_may_not_call_is_a_security_event() {
    let expired = "the access token has expired since the authorizer allowed it";
    for (refusal, status, event, reason) in [
        (Refusal::from(CallerError::Expired), 401, "authz_fail", expired),
        (ApiError::InsufficientScope.into(), 403, "authz_fail", "insufficient_scope"),
        (ApiError::SessionOver.into(), 401, "session_use_after_expire", "session_over"),
    ] {
        let expected = json!({
            "level": "WARN", "event": event, "route": "login", "outcome": "refused", "reason": reason,
        });
        assert_eq!(told(&refusal), (status, expected));
    }
}

#[test]
fn metrics_count_the_outcome() {
    let metrics = Metrics::new("stack".to_owned());
    let lines = lines(|| {
        let report = metrics.report(Timestamp::from_seconds(1), crate::Stopwatch::STOPPED);
        let _ = Refusal::failure(&"no answer").counted(report, Metric::SignIns);
    });
    assert_eq!((&lines[0]["Outcome"], &lines[0]["SignIns"]), (&json!("failed"), &json!(1)), "{lines:?}");
}
