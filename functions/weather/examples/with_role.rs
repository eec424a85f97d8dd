//! A function whose route requires a role: `GET /reports`, for users with the role `editor`.
//!
//! In a crate of its own, `App` and `handle` are in `src/lib.rs`, and `main` is in `src/main.rs`. Roles are a list in the
//! row of the account; a user who is given one has it in the next access token.

use http::{Response, StatusCode};
use runtime::Request;
use serde::Serialize;
use shared::api::Responder;
use shared::config::{self, ConfigError, Lookup};
use shared::refusal::Refusal;
use shared::{Invocation, Timestamp};

/// The role, as the account's row spells it.
const ROLE: &str = "editor";

/// The state that the function keeps between requests.
pub struct App {
    responder: Responder,
}

#[derive(Serialize)]
struct Report {
    title: &'static str,
    reader: String,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        Ok(Self { responder: config::responder(lookup)? })
    }
}

/// Answers one request.
#[allow(clippy::unused_async, reason = "the handler of every function is async")]
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    match reports(&request, invocation.now) {
        Ok(reports) => app.responder.json(StatusCode::OK, &reports),
        Err(refusal) => refusal.answer("reports", &app.responder),
    }
}

/// Answers 401 without a caller, and 403 without the role. The log names the user who lacks it.
fn reports(request: &Request, now: Timestamp) -> Result<Vec<Report>, Refusal> {
    let caller = runtime::caller(request, now)?;
    caller.require(ROLE).map_err(|error| Refusal::from(error).of_caller(Some(&caller)))?;
    tracing::info!(route = "reports", outcome = "answered", user_id = %caller.user_id);
    Ok(vec![Report { title: "Rain in May", reader: caller.name }])
}

fn main() -> Result<(), runtime::Error> {
    runtime::run(App::new, handle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use serde_json::{Value, json};
    use shared::Stopwatch;

    /// Returns status, challenge and body of the answer to a caller with these roles, if there is a caller.
    async fn get(roles: Option<&str>) -> (u16, Option<String>, Value) {
        let mut context = json!({ "httpMethod": "GET" });
        if let Some(roles) = roles {
            context["authorizer"] = json!({
                "sub": "01010101-0101-0101-0101-010101010101", "sid": "02020202-0202-0202-0202-020202020202",
                "email": "ada@example.com", "name": "Ada", "roles": roles, "exp": "100",
            });
        }
        let event = json!({ "httpMethod": "GET", "path": "/reports", "requestContext": context });
        let request = runtime::request(&event.to_string()).expect("an event");
        let invocation = Invocation {
            now: Timestamp::from_seconds(99),
            rng: StdRng::seed_from_u64(1),
            stopwatch: Stopwatch::STOPPED,
        };
        let app = App::new(&|_| None).expect("settings");
        let response = handle(&app, request, invocation).await;
        let challenge = response.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
        let body = serde_json::from_str(response.body()).expect("JSON");
        (response.status().as_u16(), challenge, body)
    }

    #[tokio::test]
    async fn an_editor_gets_the_reports() {
        let (status, challenge, body) = get(Some("author editor")).await;
        assert_eq!((status, challenge), (200, None));
        assert_eq!(body, json!([{ "title": "Rain in May", "reader": "Ada" }]));
    }

    #[tokio::test]
    async fn a_user_without_the_role_is_told_that_it_is_missing() {
        for roles in ["", "author", "Editor"] {
            let (status, challenge, body) = get(Some(roles)).await;
            assert_eq!((status, &body["error"]), (403, &json!("insufficient_scope")), "{roles}");
            assert!(challenge.is_some_and(|text| text.starts_with("Bearer error=\"insufficient_scope\"")));
        }
    }

    #[tokio::test]
    async fn nobody_gets_anything() {
        let (status, _, body) = get(None).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_token")));
    }
}
