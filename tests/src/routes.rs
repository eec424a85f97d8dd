//! The routes of the template: which there are, which one a request is for, and a request to each.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use http::Method;
use serde_json::{Value, json};

use crate::{Answer, Authenticator, Browser, Form, contract, project};

/// All of Ratchet's own, such as `DELETE /sessions/{id}`. A test of every route compares [`Service::take_routes`] with it.
///
/// [`Service::take_routes`]: crate::Service::take_routes
pub static ALL: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    project::stack().routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect()
});

/// The documents about keys and issuer.
pub const DOCUMENTS: [&str; 3] = [
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];

/// The route that a request is for, if there is one.
pub(crate) fn of(method: &str, path: &str) -> Option<String> {
    let fits = |route: &&String| {
        route
            .split_once(' ')
            .is_some_and(|(its, documented)| its == method && contract::fits(documented, path))
    };
    ALL.iter().find(fits).cloned()
}

/// Sends a good request to each route, all at the same time, while DynamoDB fails, and checks that those that need it
/// say so and the others answer. So the sessions that some of them would end go on.
///
/// # Panics
/// If an answer is another one, or a route is left out.
pub async fn assert_each_without_dynamodb(browser: &Browser) {
    let service = &browser.service;
    let Browser { email: new_email, password: new_password, .. } = Browser::at(service);
    let (mut refreshing, mut refreshing_by_form) = (browser.clone(), browser.clone());
    let (mut arriving, mut resetting) = (browser.clone(), browser.clone());
    let (mut changing, mut moving, mut new) = (browser.clone(), browser.clone(), Browser::at(service));
    // As long as a code, so its row is read.
    let code = "A".repeat(43);
    drop(service.take_routes());
    let mut confirming = Browser::at(service);
    let of_account = tokio::join!(
        confirming.confirm_registration_elsewhere(&code),
        browser.request_reset(),
        resetting.reset(&code, &new_password),
        browser.request_verification(),
        browser.verify(&code),
        browser.request_address(&new_email),
        moving.confirm_address(&code),
        browser.undo_address(&code),
        browser.change_name("Ada King"),
        browser.delete_account(),
        browser.own_data(),
    );
    let (totp, nothing) = (json!({ "totp": "000000" }), json!({}));
    let (mut confirming, mut removing) = (browser.clone(), browser.clone());
    let of_factors = tokio::join!(
        browser.factors(),
        browser.enrol_totp(&nothing),
        confirming.confirm_totp(&totp),
        removing.remove_totp(&totp),
        browser.replace_recovery_codes(&totp),
    );
    let of_sessions = tokio::join!(
        new.register(),
        arriving.login(),
        refreshing.refresh(),
        refreshing_by_form.refresh_by_form(),
        browser.logout(),
        browser.revoke(),
        changing.change_password(&new_password),
        browser.sessions(),
        browser.end_session(&browser.tokens().session_id),
        browser.end_other_sessions(),
        browser.end_all_sessions(),
    );
    let others = <[Answer; 11]>::from(of_account).into_iter().chain(<[Answer; 11]>::from(of_sessions));
    let others = others.chain(<[Answer; 5]>::from(of_factors));
    let of_passkeys = <[Answer; 7]>::from(of_passkeys(browser).await);
    for answer in others.chain(of_passkeys) {
        answer.assert_error("temporarily_unavailable");
        answer.assert_description("The service can't answer at the moment; try again.");
        assert_eq!(answer.header("retry-after"), "1");
    }
    browser.me().await.assert_ok();
    browser.weather().await.assert_ok();
    browser.confidential_weather().await.assert_error("insufficient_user_authentication");
    for path in DOCUMENTS {
        service.get(path, Form::Document).await.assert_ok();
    }
    assert_eq!(service.take_routes(), *ALL);
}

/// A good request to each route of passkeys, as far as that is known before the database is asked.
async fn of_passkeys(browser: &Browser) -> (Answer, Answer, Answer, Answer, Answer, Answer, Answer) {
    let (mut authenticator, page) = (Authenticator::new(), browser.page());
    let user = json!({ "id": "AQEBAQEBQQGBAQEBAQEBAQ", "name": "ada", "displayName": "Ada" });
    let options = json!({ "challenge": "A".repeat(43), "user": user });
    let created = authenticator.create(&options, &page);
    let signed = authenticator.sign(&options, &page);
    let body = |credential: &Value| json!({ "challenge_id": "A".repeat(22), "credential": credential });
    let (created, signed) = (body(&created), body(&signed));
    let (mut removing, mut arriving) = (browser.clone(), browser.other_device());
    let id = authenticator.id();
    tokio::join!(
        browser.creation_options(),
        browser.call_with(Method::POST, "/passkeys", &created, Form::NewPasskey),
        browser.passkeys(),
        browser.name_passkey(&id, "Laptop"),
        removing.remove_passkey(&id),
        browser.passkey_options(),
        arriving.sign_in_with_body(&signed),
    )
}
