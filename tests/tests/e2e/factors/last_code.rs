//! The last recovery code, at each route that takes one.

use http::Method;
use serde_json::{Value, json};
use tests::dynamodb::USERS;
use tests::{Answer, Authenticator, Browser, Form, World};

use crate::password::change::new_password;

/// The routes, by what the user does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    SignIn,
    ChangePassword,
    ChangeAddress,
    EnrolApp,
    PasskeyOptions,
    ReplaceCodes,
    RemovePasskey,
    RemoveApp,
    DeleteAccount,
}

/// Somebody with a passkey, an app and one recovery code.
async fn with_one_code(world: &World) -> (Browser, Value, String) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let added = browser.add_passkey(&mut Authenticator::new()).await;
    let passkey = added.json()["passkey"]["id"].as_str().unwrap().to_owned();
    let app = browser.set_totp_up(&json!({}), world.clock.now()).await;
    let hashes =
        async || world.database.user(&browser.email).await.unwrap().0["recovery_codes"]["SS"].clone();
    let all = hashes().await;
    browser.other_device().login_with(&app.recovery_code(0)).await.assert_ok();
    let left = hashes().await;
    let left = left.as_array().unwrap();
    let of_code = all.as_array().unwrap().iter().find(|hash| !left.contains(hash)).unwrap();
    // The code is back, and all others are gone.
    let mut row = world.database.user(&browser.email).await.unwrap();
    row.0["recovery_codes"] = json!({ "SS": [of_code] });
    world.database.put(USERS, &row).await;
    (browser, app.recovery_code(0), passkey)
}

async fn send(route: Route, browser: &mut Browser, code: &Value, passkey: &str) -> Answer {
    let body = |name: &str, value: &str| {
        let mut body = browser.proving(code);
        body[name] = value.into();
        body
    };
    let address = format!("x{}", browser.email);
    match route {
        Route::SignIn => browser.login_with(code).await,
        Route::ChangePassword => {
            let password = new_password("wire");
            browser.service.keep_secret(&password);
            let body = body("new_password", &password);
            browser.change_password_with(&body).await
        }
        Route::ChangeAddress => {
            browser.call_with(Method::POST, "/email", &body("new_email", &address), Form::Accepted).await
        }
        Route::EnrolApp => browser.enrol_totp(code).await,
        Route::PasskeyOptions => browser.creation_options_with(&browser.proving(code)).await,
        Route::ReplaceCodes => browser.replace_recovery_codes(code).await,
        Route::RemovePasskey => {
            let body = browser.proving(code);
            browser.remove_passkey_with(passkey, &body).await
        }
        Route::RemoveApp => browser.remove_totp(code).await,
        Route::DeleteAccount => {
            browser.call_with(Method::DELETE, "/me", &browser.proving(code), Form::Nothing).await
        }
    }
}

/// Each function needs the permission to mail it: the proxy in front of DynamoDB asks the template for that.
#[tokio::test]
async fn the_last_recovery_code_works_wherever_one_is_asked_for_and_its_use_is_told() {
    let world = World::start().await;
    for route in [
        Route::SignIn,
        Route::ChangePassword,
        Route::ChangeAddress,
        Route::EnrolApp,
        Route::PasskeyOptions,
        Route::ReplaceCodes,
        Route::RemovePasskey,
        Route::RemoveApp,
        Route::DeleteAccount,
    ] {
        let (mut browser, code, passkey) = with_one_code(&world).await;
        let email = browser.email.clone();
        let answer = send(route, &mut browser, &code, &passkey).await;
        assert!(answer.status < 300, "{route:?}: {}", answer.whole());
        let leaves_app = ![Route::ReplaceCodes, Route::RemoveApp, Route::DeleteAccount].contains(&route);
        if leaves_app {
            world.service.mail_to(&email, "recovery_codes_used_up").await;
        }
    }
}
