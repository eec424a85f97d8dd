//! Accounts that operators make, show, move and delete.

use serde_json::{Value, json};
use shared::Seconds;
use tests::{Browser, Fault, World, about, jwt};

#[tokio::test]
async fn an_invited_user_sets_a_password_by_the_mailed_link_and_signs_in() {
    let world = World::start().await;
    let mut browser = Browser::at(&world.service);
    let members = json!({ "name": "Ada Lovelace", "roles": ["editor"], "invite": true });
    let answer = world.operator().run("create-user", &browser, members).await;
    assert_eq!((&answer["user"]["has_password"], &answer["invited"]), (&json!(false), &json!(true)));
    browser.login().await.assert_error("invalid_credentials");
    let code = browser.mailed("invitation").await;
    world.clock.advance(Seconds(6 * 86_400));
    let password = browser.password.clone();
    browser.reset(&code, &password).await.assert_ok();
    browser.reset(&code, &password).await.assert_error("invalid_code");
    browser.login().await.assert_ok();
    let claims = jwt::claims(&browser.tokens().access_token);
    assert_eq!((&claims["roles"], &claims["email_verified"]), (&json!(["editor"]), &json!(true)));
}

#[tokio::test]
async fn an_address_that_has_an_account_gets_no_second_one() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let event = about("create-user", &browser.email, json!({}));
    world.operator().refused(&event, "address_taken").await;
    let dry = about("create-user", &browser.email, json!({ "dry_run": true }));
    world.operator().refused(&dry, "address_taken").await;
}

#[tokio::test]
async fn a_new_account_has_each_role_once() {
    let world = World::start().await;
    let browser = Browser::at(&world.service);
    let members = json!({ "roles": ["editor", "admin", "editor"] });
    let answer = world.operator().run("create-user", &browser, members).await;
    assert_eq!(answer["user"]["roles"], json!(["editor", "admin"]));
    let shown = world.operator().run("show-user", &browser, json!({})).await;
    assert_eq!(shown["user"], answer["user"]);
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_proves_no_address() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    let answer = operator.run("reset-link", &browser, json!({})).await;
    let link = answer["link"].as_str().unwrap();
    world.service.keep_secret(link);
    let code = link.strip_prefix("https://app.example.com/account#reset=").unwrap().to_owned();
    let mails = world.service.inbox(&browser.email).await;
    assert!(mails.iter().all(|mail| !mail.kind.starts_with("reset")), "the operator hands it over");
    let new = Browser::at(&world.service).password;
    browser.reset(&code, &new).await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    browser.reset(&code, &new).await.assert_error("invalid_code");
    browser.login().await.assert_ok();
    assert_eq!(jwt::claims(&browser.tokens().access_token)["email_verified"], false);
    let answer = operator.run("reset-link", &browser, json!({})).await;
    let link = answer["link"].as_str().unwrap().to_owned();
    world.service.keep_secret(&link);
    world.clock.advance(Seconds(30 * 60));
    let late = link.rsplit('=').next().unwrap();
    browser.reset(late, &new).await.assert_error("invalid_code");
}

#[tokio::test]
async fn nothing_old_works_for_an_account_that_was_deleted_and_registered_anew() {
    let world = World::start().await;
    let operator = world.operator();
    let mut old = world.signed_in().await;
    old.request_reset().await.assert_ok();
    let code = old.mailed("reset").await;
    let user_id = old.tokens().user_id.clone();
    let answer = operator.run("delete-user", &old, json!({})).await;
    assert_eq!((&answer["deleted"], &answer["user"]["user_id"]), (&json!(true), &json!(user_id)));
    operator.refused(&about("show-user", &old.email, json!({})), "no_such_user").await;
    let mut new = Browser::at(&world.service);
    new.email.clone_from(&old.email);
    new.register().await.assert_ok();
    assert_ne!(new.tokens().user_id, user_id);
    old.refresh().await.assert_error("invalid_grant");
    let password = old.password.clone();
    old.reset(&code, &password).await.assert_error("invalid_code");
    old.clone().login().await.assert_error("invalid_credentials");
    let event = json!({ "command": "disable-user", "user_id": user_id });
    operator.refused(&event, "no_such_user").await;
    // Nor does its device token open a lane of its own: strangers' guesses block it, and not the new one.
    for _ in 0..5 {
        new.other_device().mistyping().login().await;
    }
    old.login().await.assert_error("too_many_attempts");
    new.login().await.assert_ok();
}

#[tokio::test]
async fn an_account_is_found_by_its_users_id_and_by_its_address() {
    let world = World::start().await;
    let operator = world.operator();
    let (browser, _) = world.on_two_devices().await;
    let by_email = operator.run("show-user", &browser, json!({})).await;
    let user_id = &browser.tokens().user_id;
    let by_id = operator.send(&json!({ "command": "show-user", "user_id": user_id })).await.unwrap();
    assert_eq!(by_email, by_id);
    assert_eq!(by_email["sessions"], 2);
    assert_eq!(by_email["user"]["email"], browser.email.as_str());
    let sessions = operator.run("list-sessions", &browser, json!({})).await;
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(sessions["sessions"][0]["source_ip"], "127.0.0.1");
}

/// All pages of a command.
async fn pages(world: &World, mut event: Value) -> Vec<Value> {
    let (operator, mut all) = (world.operator(), Vec::new());
    loop {
        let answer = operator.send(&event).await.unwrap();
        all.extend(answer["users"].as_array().unwrap().iter().cloned());
        match answer.get("next") {
            Some(next) => event["after"] = next.clone(),
            None => return all,
        }
    }
}

#[tokio::test]
async fn lists_and_exports_go_page_by_page_and_show_hashes_only_when_asked() {
    let world = World::start().await;
    let mut emails = Vec::new();
    for _ in 0..5 {
        emails.push(world.signed_in().await.email);
    }
    emails.sort();
    for (command, hashes) in
        [("list-users", None), ("export-users", Some(false)), ("export-users", Some(true))]
    {
        let mut event = json!({ "command": command, "limit": 2 });
        if let Some(hashes) = hashes {
            event["hashes"] = hashes.into();
        }
        let users = pages(&world, event).await;
        let mut found: Vec<_> = users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
        found.sort();
        assert_eq!(found, emails);
        let has_hashes = users.iter().all(|user| user["password"]["hash"].as_str().is_some());
        assert_eq!(has_hashes, hashes == Some(true), "{command}");
        assert_eq!(format!("{users:?}").contains("argon2id"), hashes == Some(true), "{command}");
    }
}

#[tokio::test]
async fn all_sessions_of_all_users_end_page_by_page() {
    let world = World::start().await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(world.signed_in().await);
    }
    let users = pages(&world, json!({ "command": "end-all-sessions", "limit": 2 })).await;
    assert_eq!(users.len(), 3);
    for browser in &mut browsers {
        browser.refresh().await.assert_error("invalid_grant");
        browser.login().await.assert_ok();
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let world = World::start().await;
    let operator = world.operator();
    let mut browser = world.signed_in().await;
    let before = world.database.user(&browser.email).await.unwrap().0;
    let answer = operator.run("add-role", &browser, json!({ "role": "admin", "dry_run": true })).await;
    assert_eq!((&answer["user"]["roles"], &answer["dry_run"]), (&json!(["admin"]), &json!(true)));
    for (command, members) in [
        ("disable-user", json!({})),
        ("remove-factors", json!({})),
        ("delete-user", json!({})),
        ("end-sessions", json!({})),
        ("set-email", json!({ "new_email": "king@example.com" })),
        ("reset-link", json!({})),
    ] {
        let mut members = members;
        members["dry_run"] = true.into();
        let answer = operator.run(command, &browser, members).await;
        assert!(answer.get("deleted").is_none() && !answer.to_string().contains("#reset="), "{answer}");
    }
    assert_eq!(world.database.user(&browser.email).await.unwrap().0, before);
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused_and_the_account_stays() {
    let world = World::start().await;
    let operator = world.operator();
    let (mut ada, grace) = (world.signed_in().await, world.signed_in().await);
    let event = about("set-email", &ada.email, json!({ "new_email": grace.email }));
    operator.refused(&event, "address_taken").await;
    ada.login().await.assert_ok();
}

#[tokio::test]
async fn a_command_that_dynamodb_keeps_from_its_end_is_a_failure_and_not_an_answer() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let operator = world.operator();
    world.database.disturb_all("GetItem", Fault::internal_error());
    let event = about("disable-user", &browser.email, json!({}));
    let failure = operator.send(&event).await.unwrap_err();
    assert!(failure.starts_with("DynamoDB: "), "{failure}");
    world.database.heal();
    operator.send(&event).await.unwrap();
}

#[tokio::test]
async fn an_account_whose_creation_lost_its_answer_is_not_taken_for_somebody_elses() {
    let world = World::start().await;
    for (invite, email) in [(false, "ada@example.com"), (true, "grace@example.com")] {
        world.database.disturb_next("TransactWriteItems", Fault::LostAnswer);
        let answer =
            world.operator().send(&about("create-user", email, json!({ "invite": invite }))).await.unwrap();
        assert_eq!(answer["user"]["email"], email, "{answer}");
    }
}

/// A line whose answer was lost is sent again, and must not be told apart from one that another import made.
#[tokio::test]
async fn an_import_finds_the_same_account_only_if_it_has_the_same_app() {
    let world = World::start().await;
    let operator = world.operator();
    let line = |secret: Option<&str>| {
        let totp = secret.map(|secret| json!({ "secret": secret }));
        json!({ "email": "grace@example.com", "name": "Grace", "totp": totp })
    };
    for (secret, expected) in [
        (Some("GEZDGNBVGY3TQOJQ"), "created"),
        (Some("gezd gnbv gy3t qojq"), "same"),
        (Some("GEZDGNBVGY3TQOJA"), "exists"),
        (None, "exists"),
    ] {
        let event = json!({ "command": "import-users", "lines": [line(secret)] });
        let answer = operator.send(&event).await.unwrap();
        assert_eq!(answer["lines"][0]["outcome"], expected, "{answer}");
    }
    let shown =
        operator.send(&json!({ "command": "show-user", "email": "grace@example.com" })).await.unwrap();
    assert_eq!(shown["user"]["factors"]["recovery_codes_left"], 0, "{shown}");
    assert!(shown["user"]["factors"]["totp"].is_object(), "{shown}");
}
