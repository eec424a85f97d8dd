//! Roles reach a session with its next refresh.

use http::Method;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::caller::Caller;
use tests::authorizer_events::Format;
use tests::{Browser, Form, World, jwt};

fn roles(browser: &Browser) -> Value {
    jwt::claims(&browser.tokens().access_token).get("roles").cloned().unwrap_or_else(|| json!([]))
}

/// The status of the answer of a function that asks the caller for a role ([`Caller::require`]), with the context that the
/// authorizer makes of the token. It is made by hand here: the rules of `ROUTE_ROLES`, which the last test is about, do not apply to the
/// REST API of the stack.
fn asked_for(role: &str, world: &World, browser: &Browser) -> u16 {
    let claims = jwt::claims(&browser.tokens().access_token);
    let roles = claims["roles"].as_array().into_iter().flatten().map(|role| role.as_str().unwrap());
    let context = [
        ("sub", claims["sub"].as_str().unwrap().to_owned()),
        ("sid", claims["sid"].as_str().unwrap().to_owned()),
        ("email", claims["email"].as_str().unwrap().to_owned()),
        ("name", claims["name"].as_str().unwrap().to_owned()),
        ("roles", roles.collect::<Vec<_>>().join(" ")),
        ("exp", claims["exp"].to_string()),
    ];
    let context = context.map(|(name, value)| (name.to_owned(), Value::from(value))).into();
    let now: Timestamp = world.clock.now();
    match Caller::read(Some(&context), now).unwrap().require(role) {
        Ok(()) => 200,
        Err(error) => error.status().as_u16(),
    }
}

#[tokio::test]
async fn a_role_that_is_added_is_in_the_token_and_get_me_after_the_next_refresh() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    let answer = world.operator().run("add-role", &browser, json!({ "role": "admin" })).await;
    assert_eq!((&answer["user"]["roles"], &answer["changed"]), (&json!(["admin"]), &json!(true)));
    for device in [&mut browser, &mut other] {
        assert_eq!(roles(device), json!([]), "a token says what was true when it was made");
        device.refresh().await.assert_ok();
        assert_eq!(roles(device), json!(["admin"]));
        assert_eq!(device.me().await.json()["user"]["roles"], json!(["admin"]));
        assert_eq!(asked_for("admin", &world, device), 200);
    }
}

#[tokio::test]
async fn a_role_that_is_taken_is_gone_after_the_next_refresh_and_require_refuses() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    operator.run("set-roles", &browser, json!({ "roles": ["admin", "editor"] })).await;
    browser.refresh().await.assert_ok();
    assert_eq!(asked_for("admin", &world, &browser), 200);
    operator.run("remove-role", &browser, json!({ "role": "admin" })).await;
    browser.refresh().await.assert_ok();
    assert_eq!(roles(&browser), json!(["editor"]));
    assert_eq!(asked_for("admin", &world, &browser), 403);
}

/// The refresh has been sent when the role is taken, and takes the session on with the old row or the new one.
#[tokio::test]
async fn a_refresh_in_flight_is_not_disturbed_by_a_change_of_roles() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let mut held = world.database.hold_next("UpdateItem");
    let mut refreshing = browser.clone();
    let refresh = tokio::spawn(async move {
        refreshing.refresh().await.assert_ok();
        refreshing
    });
    held.arrived().await;
    world.operator().run("add-role", &browser, json!({ "role": "admin" })).await;
    drop(held);
    browser = refresh.await.unwrap();
    browser.refresh().await.assert_ok();
    assert_eq!(roles(&browser), json!(["admin"]));
}

#[tokio::test]
async fn a_hundred_sessions_get_a_new_role_at_once() {
    let world = World::start().await;
    let mut devices = vec![world.signed_in().await];
    for _ in 0..100 {
        let mut device = devices[0].other_device();
        device.login().await.assert_ok();
        devices.push(device);
    }
    world.database.forget_requests();
    world.operator().run("add-role", &devices[0], json!({ "role": "admin" })).await;
    let requests = world.database.take_requests();
    let count = |operation: &str| requests.iter().filter(|one| *one == operation).count();
    assert_eq!((count("TransactWriteItems"), count("UpdateItem")), (1, 101));
    for device in [0, 50, 100] {
        devices[device].refresh().await.assert_ok();
        assert_eq!(roles(&devices[device]), json!(["admin"]));
    }
}

#[tokio::test]
async fn no_route_leads_to_the_function_of_operators() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for path in ["/admin", "/AdminFunction", "/2015-03-31/functions/AdminFunction/invocations"] {
        for method in [Method::GET, Method::POST] {
            let body = json!({ "command": "list-users" });
            let answer = browser.call_with(method, path, &body, Form::Tokens).await;
            answer.assert_error("not_found");
        }
    }
}

#[tokio::test]
async fn a_rule_of_route_roles_lets_a_user_pass_from_one_refresh_to_the_next() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    let public = world.keys.public_jwk_set();
    let lookup = |name: &str| match name {
        "PUBLIC_KEYS" => Some(public.clone()),
        "ISSUER" => Some("urn:ratchet:local".to_owned()),
        "AUDIENCE" => Some("ratchet".to_owned()),
        "ROUTE_ROLES" => Some("GET /weather admin; $connect admin".to_owned()),
        _ => None,
    };
    let authorizer = authorizer::App::new(&lookup).unwrap();
    let may_pass = |browser: &Browser| {
        let header = format!("Bearer {}", browser.tokens().access_token);
        let passes = |format: &Format| {
            let event = format.event(&[&header]);
            let answer = authorizer::handle(&authorizer, &event, world.clock.now()).unwrap();
            let answer = serde_json::to_value(answer).unwrap();
            let is_allowed = format.allows(&answer);
            assert!(
                is_allowed || format.context(&answer).unwrap()["error"] == "insufficient_scope",
                "{answer}"
            );
            is_allowed
        };
        [Format::HttpApi1, Format::HttpApi2, Format::WebSocket].iter().map(passes).collect::<Vec<_>>()
    };
    assert_eq!(may_pass(&browser), [false; 3]);
    operator.run("add-role", &browser, json!({ "role": "admin" })).await;
    assert_eq!(may_pass(&browser), [false; 3]);
    browser.refresh().await.assert_ok();
    assert_eq!(may_pass(&browser), [true; 3]);
    operator.run("remove-role", &browser, json!({ "role": "admin" })).await;
    browser.refresh().await.assert_ok();
    assert_eq!(may_pass(&browser), [false; 3]);
}
