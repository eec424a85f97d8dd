//! Which client a form is from. All are public and have one name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use tests::{Answer, Browser, Form, World};

/// Sends the form with these parameters and this `Authorization` besides.
async fn send(browser: &Browser, path: &str, parameters: &str, authorization: &[&str]) -> Answer {
    let token = &browser.tokens().refresh_token;
    let (own, form) = match path {
        "/oauth2/token" => (format!("grant_type=refresh_token&refresh_token={token}"), Form::Tokens),
        _ => (format!("token={token}"), Form::Empty),
    };
    let mut request = browser.service.request(Method::POST, path).body(own + parameters);
    for line in authorization {
        request = request.header("authorization", *line);
    }
    browser.service.send(request.header("content-type", "application/x-www-form-urlencoded"), form).await
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

#[tokio::test]
async fn a_client_may_leave_out_its_name_and_its_secret_is_not_looked_at() {
    let browser = Browser::signed_in().await;
    let lower_case = basic("ratchet:").replace("Basic", "basic");
    for (parameters, authorization) in [
        ("", ""),
        ("&client_id=ratchet", ""),
        ("&client_id=", ""),
        ("&client_id=ratchet&client_secret=anything", ""),
        ("&client_secret=anything", ""),
        ("", &basic("ratchet:")),
        ("", &basic("ratchet:anything:at all")),
        ("", &basic("r%61tchet:%20")),
        ("", &lower_case),
        ("&client_id=ratchet", &basic("ratchet:x")),
        // No client authenticates so.
        ("", "Bearer x"),
        ("", "BasicX eDp5"),
    ] {
        let lines = if authorization.is_empty() { vec![] } else { vec![authorization] };
        // Replays of one token, so that each is answered alike.
        let answer = send(&browser, "/oauth2/token", parameters, &lines).await;
        answer.assert_ok();
    }
    send(&browser, "/oauth2/revoke", "", &[&basic("ratchet:x")]).await.assert_ok();
}

#[tokio::test]
async fn another_client_is_refused_and_challenged_only_in_the_header_it_used() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.forget_requests();
    for path in ["/oauth2/token", "/oauth2/revoke"] {
        for id in ["other", "Ratchet", "ratchet ", "ratchet%00"] {
            send(&browser, path, &format!("&client_id={id}"), &[]).await.assert_invalid_client(false);
        }
        for header in [
            &basic("other:x"),
            &basic(":x"),
            &basic("ratchet"),
            &basic("ratchet=x:"),
            "Basic",
            "Basic =",
            "Basic \u{e9}",
        ] {
            send(&browser, path, "", &[header]).await.assert_invalid_client(true);
            send(&browser, path, "&client_id=ratchet", &[header]).await.assert_invalid_client(true);
        }
        let two = [basic("ratchet:"), basic("other:")];
        send(&browser, path, "", &[&two[0], &two[1]]).await.assert_invalid_client(true);
        send(&browser, path, "&client_id=other", &[&two[0]]).await.assert_invalid_client(false);
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new());
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn the_name_is_the_setting() {
    let world = World::with(&[("CLIENT_ID", "mobile")]).await;
    let browser = world.signed_in().await;
    for path in ["/oauth2/token", "/oauth2/revoke"] {
        send(&browser, path, "&client_id=ratchet", &[]).await.assert_invalid_client(false);
        send(&browser, path, "&client_id=mobile", &[]).await.assert_ok();
    }
}
