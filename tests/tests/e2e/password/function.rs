//! The function `password` called as Lambda calls it, so that the hashes that it computes can be counted.

use std::collections::HashMap;
use std::sync::Arc;

use http::Request;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use runtime::{RequestContext, RequestExt};
use serde_json::{Value, json};
use shared::{Invocation, Stopwatch};
use tests::{Browser, World, jwt, project};
use tokio::task::JoinSet;

use super::change::new_password;
use crate::sign_in::login_function::patient;

/// Sends so many at once, with what the authorizer says of the browser's access token, and says how many were answered
/// with each of these statuses, and how many hashes that took.
async fn changes(
    world: &World,
    browser: &Browser,
    body: &Value,
    times: usize,
    statuses: [u16; 3],
) -> ([usize; 3], u64) {
    let functions = project::stack().functions;
    let function = functions.iter().find(|function| function.binary == "password").unwrap();
    let environment = project::environment(function, &world.keys);
    let client = patient(&world.database.url());
    let app = Arc::new(password::App::new(&|name| environment.get(name).cloned(), client.into()).unwrap());
    let mut requests = JoinSet::new();
    for _ in 0..times {
        let (app, now) = (Arc::clone(&app), world.clock.now());
        let request = Request::post("/password").header("content-type", "application/json");
        let request = request.body(body.to_string().into()).unwrap();
        let request = request.with_request_context(RequestContext::ApiGatewayV1(context(browser)));
        requests.spawn(async move {
            let invocation = Invocation { now, rng: tests::rng(), stopwatch: Stopwatch::STOPPED };
            password::handle(&app, request, invocation).await.status().as_u16()
        });
    }
    let answers = requests.join_all().await;
    (
        statuses.map(|status| answers.iter().filter(|answer| **answer == status).count()),
        app.base.hasher.computed(),
    )
}

fn context(browser: &Browser) -> ApiGatewayProxyRequestContext {
    let claims = jwt::claims(&browser.tokens().access_token);
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let mut fields: HashMap<_, _> =
        ["sub", "sid", "email", "name"].map(|name| (name.to_owned(), json!(text(name)))).into();
    fields.insert("roles".to_owned(), json!(""));
    fields.insert("exp".to_owned(), json!(claims["exp"].to_string()));
    let mut context = ApiGatewayProxyRequestContext::default();
    context.authorizer.fields = fields;
    context
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_wrong_changes_at_once_five_are_hashed() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let body = json!({ "current_password": "a wrong guess", "new_password": new_password("wire") });
    let (answers, hashes) = changes(&world, &browser, &body, 100, [401, 429, 200]).await;
    assert_eq!((answers, hashes), ([5, 95, 0], 5));
}

#[tokio::test]
async fn a_change_is_two_hashes_and_one_that_is_refused_before_is_none() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let weak = json!({ "current_password": browser.password, "new_password": "password" });
    assert_eq!(changes(&world, &browser, &weak, 1, [400, 401, 200]).await, ([1, 0, 0], 0));
    let good = json!({ "current_password": browser.password, "new_password": new_password("wire") });
    assert_eq!(changes(&world, &browser, &good, 1, [400, 401, 200]).await, ([0, 0, 1], 2));
    // Its session has ended with the change.
    assert_eq!(changes(&world, &browser, &good, 1, [400, 401, 200]).await, ([0, 1, 0], 0));
}
