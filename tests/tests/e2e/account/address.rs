//! Another address, and the way back.

use serde_json::json;
use shared::Seconds;
use tests::dynamodb::{CODES, USERS};
use tests::{Browser, World, jwt};

use super::new_password;

const DAY: Seconds = Seconds(24 * 60 * 60);

/// An address that nobody has.
fn new_email(browser: &Browser) -> String {
    Browser::at(&browser.service).email
}

/// Somebody who is asked to confirm a new address: that, and the code.
async fn asked(world: &World) -> (Browser, String, String) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let email = new_email(&browser);
    browser.request_address(&email).await.assert_ok();
    let code = world.service.mail_to(&email, "change_address").await.code().to_owned();
    (browser, email, code)
}

/// A browser that has moved, and the code that undoes it.
pub(super) async fn moved(world: &World) -> (Browser, String, String) {
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let old = browser.email.clone();
    let undo = move_to_a_new_address(&mut browser).await;
    (browser, old, undo)
}

/// Moves, and returns the code that undoes it.
pub(super) async fn move_to_a_new_address(browser: &mut Browser) -> String {
    let (old, new) = (browser.email.clone(), new_email(browser));
    browser.change_address(&new).await;
    browser.service.mail_to(&old, "address_changed").await.code().to_owned()
}

/// The same person at another address.
pub(super) fn at(browser: &Browser, email: &str) -> Browser {
    let mut other = browser.other_device();
    email.clone_into(&mut other.email);
    other
}

#[tokio::test]
async fn a_confirmed_address_signs_in_and_the_old_one_does_not() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    browser.prove_address().await;
    let (old, new) = (browser.email.clone(), new_email(&browser));
    browser.request_address(&new).await.assert_ok();
    other.refresh().await.assert_ok();
    assert_eq!(other.me().await.json()["user"]["email"], old.as_str(), "not before it is confirmed");

    let code = world.service.mail_to(&new, "change_address").await.code().to_owned();
    let answer = browser.confirm_address(&code).await;
    answer.assert_ok();
    let user = &answer.json()["user"];
    assert_eq!((&user["email"], &user["email_verified"]), (&new.as_str().into(), &true.into()));
    assert_eq!(user["id"].as_str(), jwt::claims(&browser.tokens().access_token)["sub"].as_str());
    assert_eq!(user["id"], other.tokens().user_id.as_str());
    other.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_ok();
    assert_eq!(browser.me().await.json()["user"]["email"], new.as_str());
    let account = &browser.own_data().await.json()["account"];
    assert_eq!(account["email_changed_at"].as_array().unwrap().len(), 1);
    assert_eq!(account["former_emails"], serde_json::json!([old]));

    at(&browser, &new).login().await.assert_ok();
    at(&browser, &old).login().await.assert_error("invalid_credentials");
    let notice = world.service.mail_to(&old, "address_changed").await;
    assert!(notice.link.unwrap().contains("#address_changed="));
}

#[tokio::test]
async fn an_address_that_nobody_proved_brings_nothing_back_and_is_free_at_once() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (typing_error, new) = (browser.email.clone(), new_email(&browser));
    browser.change_address(&new).await;
    let mails = world.service.inbox(&typing_error).await;
    assert!(mails.iter().all(|mail| mail.kind == "verify"), "a stranger may read them");
    at(&browser, &typing_error).register().await.assert_ok();
    at(&browser, &new).login().await.assert_ok();
}

#[tokio::test]
async fn the_old_address_is_taken_for_others_for_seven_days() {
    let world = World::start().await;
    let (browser, old, _) = moved(&world).await;
    let begun = world.clock.now();
    let other = world.signed_in().await;
    other.request_address(&old).await.assert_ok();
    world.service.mail_to(&old, "address_taken").await;
    at(&browser, &old).register().await.assert_error("email_taken");
    world.clock.set(begun + Seconds(7 * DAY.0 - 1));
    at(&browser, &old).register().await.assert_error("email_taken");
    world.clock.set(begun + Seconds(7 * DAY.0));
    at(&browser, &old).register().await.assert_ok();
    at(&browser, &browser.email).login().await.assert_ok();
}

#[tokio::test]
async fn an_old_address_is_free_when_the_row_is_gone_too() {
    let world = World::start().await;
    let (browser, old, _) = moved(&world).await;
    assert_eq!(world.database.rows(USERS).await.len(), 2);
    world.clock.advance(Seconds(7 * DAY.0 + 1));
    world.database.sweep(world.clock.now()).await;
    assert_eq!(world.database.rows(USERS).await.len(), 1);
    at(&browser, &old).register().await.assert_ok();
    at(&browser, &browser.email).login().await.assert_ok();
}

#[tokio::test]
async fn whoever_has_left_an_address_may_come_back_to_it_at_once() {
    let world = World::start().await;
    let (mut browser, old, undo) = moved(&world).await;
    let new = browser.email.clone();
    browser.change_address(&old).await;
    at(&browser, &old).login().await.assert_ok();
    at(&browser, &new).login().await.assert_error("invalid_credentials");
    // The address is the one that the undo would bring back. What else it does, it does.
    browser.undo_address(&undo).await.assert_ok();
    browser.refresh().await.assert_error("invalid_grant");
    at(&browser, &old).login().await.assert_error("invalid_credentials");
    let code = world.service.mail_to(&old, "reset").await.code().to_owned();
    let mut owner = at(&browser, &old);
    let password = new_password(&owner);
    owner.reset(&code, &password).await.assert_ok();
    owner.login().await.assert_ok();
}

#[tokio::test]
async fn a_code_confirms_once_for_its_own_account_and_for_a_day() {
    let world = World::start().await;
    let (mut browser, _, code) = asked(&world).await;
    let mut stranger = world.signed_in().await;
    stranger.confirm_address(&code).await.assert_error("invalid_code");
    browser.verify(&code).await.assert_error("invalid_code");
    browser.undo_address(&code).await.assert_error("invalid_code");
    browser.confirm_address(&code).await.assert_ok();
    browser.confirm_address(&code).await.assert_error("invalid_code");

    let (mut late, _, code) = asked(&world).await;
    world.clock.advance(DAY);
    late.refresh().await.assert_ok();
    late.confirm_address(&code).await.assert_error("invalid_code");
    late.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_code_from_before_a_change_of_the_password_confirms_nothing() {
    let world = World::start().await;
    let (mut browser, _, code) = asked(&world).await;
    let old = browser.email.clone();
    let password = new_password(&browser);
    browser.change_password(&password).await.assert_ok();
    browser.confirm_address(&code).await.assert_error("invalid_code");
    assert_eq!(browser.email, old);
    browser.login().await.assert_ok();
}

#[tokio::test]
async fn a_session_that_has_ended_changes_no_address() {
    let world = World::start().await;
    let (mut browser, _, code) = asked(&world).await;
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    browser.logout().await.assert_ok();
    browser.request_address(&new_email(&browser)).await.assert_session_over();
    browser.confirm_address(&code).await.assert_session_over();
    other.confirm_address(&code).await.assert_ok();
}

#[tokio::test]
async fn the_present_address_and_what_is_none_are_refused_by_name() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for bad in [browser.email.as_str(), &browser.email.to_uppercase(), "ada", ""] {
        let answer = browser.request_address(bad).await;
        answer.assert_error("invalid_request");
        assert!(answer.text.contains("new_email"), "{}", answer.text);
    }
}

#[tokio::test]
async fn wrong_passwords_are_counted_as_those_at_a_sign_in_and_right_ones_are_not() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..4 {
        browser.mistyping().request_address(&new_email(&browser)).await.assert_error("invalid_credentials");
    }
    browser.request_address(&new_email(&browser)).await.assert_ok();
    browser.mistyping().request_address(&new_email(&browser)).await.assert_error("invalid_credentials");
    browser.request_address(&new_email(&browser)).await.assert_error("too_many_attempts");
    browser.other_device().login().await.assert_error("too_many_attempts");
}

#[tokio::test]
async fn a_right_password_from_a_known_device_forgets_the_wrong_ones() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    for _ in 0..2 {
        for _ in 0..4 {
            let answer = browser.mistyping().request_address_from_device(&new_email(&browser)).await;
            answer.assert_error("invalid_credentials");
        }
        browser.request_address_from_device(&new_email(&browser)).await.assert_ok();
    }
}

#[tokio::test]
async fn an_address_gets_one_mail_a_minute_and_an_account_has_five_a_day_sent() {
    let world = World::start().await;
    let (one, two) = (world.signed_in().await, world.signed_in().await);
    let email = new_email(&one);
    one.request_address(&email).await.assert_ok();
    for browser in [&one, &two] {
        browser.request_address(&email).await.assert_error("too_many_mails");
    }
    // A mail that its address did not get does not count among the account's five.
    for _ in 0..4 {
        one.request_address(&new_email(&one)).await.assert_ok();
    }
    one.request_address(&new_email(&one)).await.assert_error("too_many_mails");
    two.request_address(&new_email(&two)).await.assert_ok();
    world.clock.advance(DAY);
    let mut one = at(&one, &one.email);
    one.login().await.assert_ok();
    one.request_address(&email).await.assert_ok();
}

#[tokio::test]
async fn a_taken_address_looks_as_a_free_one_and_its_owner_is_told() {
    let world = World::start().await;
    let (owner, browser) = (world.signed_in().await, world.signed_in().await);
    let (_, left, _) = moved(&world).await;
    let free = new_email(&browser);
    let mut seen = Vec::new();
    for email in [&owner.email, &left, &free] {
        world.database.begin_metering();
        world.database.forget_requests();
        let answer = browser.request_address(email).await;
        answer.assert_ok();
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        let mut requests = world.database.take_requests();
        requests.sort();
        let units = format!("{:?}", world.database.take_units());
        seen.push((answer.status, answer.text.clone(), headers, requests, units));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let told = world.service.mail_to(&owner.email, "address_taken").await;
    assert_eq!((told.code, told.link), (None, None));
    assert!(!told.text.contains(&browser.email), "{}", told.text);
    world.service.mail_to(&left, "address_taken").await;
    world.service.mail_to(&free, "change_address").await;
    assert!(world.service.inbox(&owner.email).await.iter().all(|mail| mail.kind != "change_address"));
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_not_confirmed() {
    let world = World::start().await;
    let (mut browser, email, code) = asked(&world).await;
    at(&browser, &email).register().await.assert_ok();
    browser.confirm_address(&code).await.assert_error("invalid_code");
    browser.refresh().await.assert_ok();
    at(&browser, &email).login().await.assert_ok();
}

#[tokio::test]
async fn an_undo_brings_the_address_back_and_voids_what_a_thief_knew() {
    let world = World::start().await;
    let (mut thief, old, undo) = moved(&world).await;
    let new = thief.email.clone();
    // Neither another password nor another address keeps the owner out.
    let password = new_password(&thief);
    thief.change_password(&password).await.assert_ok();
    let thiefs_undo = move_to_a_new_address(&mut thief).await;
    thief.undo_address(&undo).await.assert_ok();

    thief.refresh().await.assert_error("invalid_grant");
    for email in [&thief.email, &new, &old] {
        at(&thief, email).login().await.assert_error("invalid_credentials");
    }
    thief.undo_address(&thiefs_undo).await.assert_error("invalid_code");
    thief.undo_address(&undo).await.assert_error("invalid_code");
    let mut owner = at(&thief, &old);
    let code = owner.mailed("reset").await;
    let password = new_password(&owner);
    owner.reset(&code, &password).await.assert_ok();
    let answer = owner.login().await;
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["email_verified"], true);
    assert_eq!(owner.own_data().await.json()["account"]["email_changed_at"].as_array().unwrap().len(), 0);
    // What was the thief's is free.
    Browser::at(&world.service).request_reset().await.assert_ok();
    at(&owner, &thief.email).register().await.assert_ok();
    at(&owner, &new).register().await.assert_ok();
}

#[tokio::test]
async fn an_address_that_an_older_undo_can_bring_back_is_kept() {
    let world = World::start().await;
    let (mut browser, first, undo) = moved(&world).await;
    let second = browser.email.clone();
    browser.change_address(&first).await;
    let back = world.service.mail_to(&second, "address_changed").await.code().to_owned();
    move_to_a_new_address(&mut browser).await;
    browser.undo_address(&back).await.assert_ok();
    at(&browser, &browser.email).register().await.assert_ok();
    at(&browser, &first).register().await.assert_error("email_taken");
    browser.undo_address(&undo).await.assert_ok();
    at(&browser, &second).register().await.assert_ok();
}

#[tokio::test]
async fn an_address_that_somebody_else_has_by_now_is_not_freed() {
    let world = World::start().await;
    let (mut browser, _, undo) = moved(&world).await;
    let second = browser.email.clone();
    move_to_a_new_address(&mut browser).await;
    // The row of the address is gone, and the address another account's.
    let delete = json!({ "TableName": USERS, "Key": { "email": { "S": second } } });
    world.database.call("DeleteItem", &delete).await;
    let mut other = at(&browser, &second);
    other.register().await.assert_ok();
    browser.undo_address(&undo).await.assert_ok();
    other.refresh().await.assert_ok();
    other.login().await.assert_ok();
}

#[tokio::test]
async fn an_undo_is_told_to_the_address_that_is_left_without_a_code() {
    let world = World::start().await;
    let (browser, _, undo) = moved(&world).await;
    browser.undo_address(&undo).await.assert_ok();
    let told = world.service.mail_to(&browser.email, "address_changed").await;
    assert_eq!((told.code, told.link), (None, None));
    assert!(told.text.contains("no longer belongs") && !told.text.contains("Ada"), "{}", told.text);
}

#[tokio::test]
async fn the_code_that_an_undo_mails_works_until_the_lane_of_the_address_lets_another_one_through() {
    let world = World::start().await;
    let (browser, old, undo) = moved(&world).await;
    let mut owner = at(&browser, &old);
    // The thief of the account uses the day up.
    for _ in 0..5 {
        owner.request_reset().await.assert_ok();
        world.clock.advance(Seconds(60));
    }
    browser.undo_address(&undo).await.assert_ok();
    let code = owner.mailed("reset").await;
    world.clock.advance(Seconds(23 * 60 * 60));
    owner.request_reset().await.assert_error("too_many_mails");
    let password = new_password(&owner);
    owner.reset(&code, &password).await.assert_ok();
    owner.login().await.assert_ok();
}

#[tokio::test]
async fn a_deletion_is_told_to_the_addresses_that_could_be_brought_back() {
    let world = World::start().await;
    let (mut browser, first, _) = moved(&world).await;
    let mut left = vec![first];
    for _ in 0..3 {
        left.push(browser.email.clone());
        move_to_a_new_address(&mut browser).await;
    }
    // More sessions than one transaction ends beside the mails.
    for _ in 0..97 {
        at(&browser, &browser.email).login().await.assert_ok();
    }
    browser.delete_account().await.assert_ok();
    for email in left.iter().chain([&browser.email]) {
        let told = world.service.mail_to(email, "account_deleted").await;
        assert_eq!((told.code, told.link), (None, None));
    }
}

#[tokio::test]
async fn a_deletion_is_not_told_to_an_address_that_was_left_a_week_ago() {
    let world = World::start().await;
    let (browser, old, _) = moved(&world).await;
    world.clock.advance(Seconds(7 * DAY.0));
    let mut browser = at(&browser, &browser.email);
    browser.login().await.assert_ok();
    browser.delete_account().await.assert_ok();
    world.service.mail_to(&browser.email, "account_deleted").await;
    assert!(world.service.inbox(&old).await.iter().all(|mail| mail.kind != "account_deleted"));
}

#[tokio::test]
async fn a_void_password_signs_nobody_in() {
    let world = World::start().await;
    let (mut browser, old, undo) = moved(&world).await;
    browser.undo_address(&undo).await.assert_ok();
    let row = world.database.user(&old).await.unwrap();
    assert!(row.0.get("password_hash").is_none(), "{row:?}");
    browser.email.clone_from(&old);
    for _ in 0..5 {
        browser.other_device().login().await.assert_error("invalid_credentials");
    }
    browser.other_device().login().await.assert_error("too_many_attempts");
}

#[tokio::test]
async fn the_oldest_undo_wins_and_an_older_one_works_after_a_newer_one() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    let first = browser.email.clone();
    let one = move_to_a_new_address(&mut browser).await;
    let second = browser.email.clone();
    let two = move_to_a_new_address(&mut browser).await;
    let three = move_to_a_new_address(&mut browser).await;
    browser.undo_address(&two).await.assert_ok();
    world.service.mail_to(&second, "reset").await;
    browser.undo_address(&three).await.assert_error("invalid_code");
    browser.undo_address(&one).await.assert_ok();
    world.service.mail_to(&first, "reset").await;
    for code in [&one, &two, &three] {
        browser.undo_address(code).await.assert_error("invalid_code");
    }
    assert!(world.database.user(&first).await.is_some());
}

#[tokio::test]
async fn an_undo_works_for_seven_days() {
    for (after, works) in [(7 * DAY.0 - 1, true), (7 * DAY.0, false)] {
        let world = World::start().await;
        let (browser, _, undo) = moved(&world).await;
        world.clock.advance(Seconds(after));
        let answer = browser.undo_address(&undo).await;
        if works {
            answer.assert_ok()
        } else {
            answer.assert_error("invalid_code")
        };
    }
}

#[tokio::test]
async fn an_undo_of_a_deleted_account_is_refused_and_its_address_stays_taken() {
    let world = World::start().await;
    let (browser, old, undo) = moved(&world).await;
    browser.delete_account().await.assert_ok();
    browser.undo_address(&undo).await.assert_error("invalid_code");
    at(&browser, &old).register().await.assert_error("email_taken");
    let mut next = at(&browser, &browser.email);
    next.register().await.assert_ok();
    next.undo_address(&undo).await.assert_error("invalid_code");
    next.refresh().await.assert_ok();
}

#[tokio::test]
async fn an_undo_ends_more_sessions_than_one_transaction_takes() {
    let world = World::start().await;
    let (browser, _, undo) = moved(&world).await;
    let mut tabs = Vec::new();
    for _ in 0..101 {
        let mut tab = at(&browser, &browser.email);
        tab.login().await.assert_ok();
        tabs.push(tab);
    }
    browser.undo_address(&undo).await.assert_ok();
    for tab in &mut tabs {
        tab.refresh().await.assert_error("invalid_grant");
    }
}

#[tokio::test]
async fn a_dump_of_the_tables_confirms_and_undoes_nothing() {
    let world = World::start().await;
    let (mut browser, _, undo) = moved(&world).await;
    let email = new_email(&browser);
    browser.request_address(&email).await.assert_ok();
    let code = world.service.mail_to(&email, "change_address").await.code().to_owned();
    for row in world.database.rows(CODES).await.iter().chain(&world.database.rows(USERS).await) {
        let row = format!("{:?}", row.0);
        assert!(!row.contains(&undo) && !row.contains(&code));
    }
    // What rows hold, in place of a code.
    for row in world.database.rows(CODES).await {
        for stolen in ["code_id", "nonce"].map(|name| row.0[name].to_string().replace(['"', '{', '}'], "")) {
            browser.clone().confirm_address(&stolen).await.assert_error("invalid_code");
            browser.undo_address(&stolen).await.assert_error("invalid_code");
        }
    }
    browser.confirm_address(&code).await.assert_ok();
}

#[tokio::test]
async fn of_a_confirmation_and_a_reset_at_once_one_wins() {
    let world = World::start().await;
    let (mut browser, email, code) = asked(&world).await;
    let old = browser.email.clone();
    browser.request_reset().await.assert_ok();
    let reset = browser.mailed("reset").await;
    let password = new_password(&browser);
    let mut resetting = browser.clone();
    let (confirmed, replaced) =
        tokio::join!(browser.confirm_address(&code), resetting.reset(&reset, &password));
    let won = match (confirmed.status, replaced.status) {
        (200, 400) => at(&browser, &email).login().await,
        (400 | 401, 204) => at(&resetting, &old).login().await,
        other => panic!("{other:?}"),
    };
    won.assert_ok();
}

#[tokio::test]
async fn of_two_confirmations_at_once_one_wins() {
    let world = World::start().await;
    let (mut browser, first, one) = asked(&world).await;
    let second = new_email(&browser);
    browser.request_address(&second).await.assert_ok();
    let two = world.service.mail_to(&second, "change_address").await.code().to_owned();
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    let (a, b) = tokio::join!(browser.confirm_address(&one), other.confirm_address(&two));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 400] || statuses == [200, 401], "{statuses:?}");
    let (winner, loser) = if a.status == 200 { (first, second) } else { (second, first) };
    at(&browser, &winner).login().await.assert_ok();
    at(&browser, &loser).login().await.assert_error("invalid_credentials");
}

#[tokio::test]
async fn a_sign_in_that_read_the_account_before_a_change_gets_no_session() {
    let world = World::start().await;
    let (mut browser, _, code) = asked(&world).await;
    let mut held = world.database.hold_next("TransactWriteItems");
    let signing_in = tokio::spawn({
        let mut browser = browser.other_device();
        async move { browser.login().await }
    });
    held.arrived().await;
    browser.confirm_address(&code).await.assert_ok();
    drop(held);
    signing_in.await.unwrap().assert_error("invalid_credentials");
    assert_eq!(browser.sessions().await.json()["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refresh_that_a_change_of_address_overtakes_is_refused() {
    let world = World::start().await;
    let (mut browser, _, code) = asked(&world).await;
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    let mut held = world.database.hold_next("UpdateItem");
    let refreshing = tokio::spawn({
        let mut other = other.clone();
        async move { other.refresh().await }
    });
    held.arrived().await;
    browser.confirm_address(&code).await.assert_ok();
    drop(held);
    refreshing.await.unwrap().assert_error("invalid_grant");
    other.refresh().await.assert_error("invalid_grant");
    browser.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_refresh_during_a_change_of_address_gets_tokens_of_a_session_that_ends() {
    let world = World::start().await;
    let (browser, email, code) = asked(&world).await;
    let (mut asking, mut other) = (browser.clone(), browser.other_device());
    other.login().await.assert_ok();
    let mut held = world.database.hold_next("TransactWriteItems");
    let confirming = tokio::spawn({
        let mut browser = browser.clone();
        async move { (browser.confirm_address(&code).await, browser) }
    });
    held.arrived().await;
    for tab in [&mut asking, &mut other] {
        assert_eq!(tab.refresh().await.json()["user"]["email"], browser.email.as_str());
    }
    drop(held);
    let (confirmed, mut browser) = confirming.await.unwrap();
    confirmed.assert_ok();
    for tab in [&mut asking, &mut other] {
        tab.refresh().await.assert_error("invalid_grant");
    }
    assert_eq!(browser.refresh().await.json()["user"]["email"], email.as_str());
}

#[tokio::test]
async fn a_confirmation_that_died_after_its_transaction_is_done() {
    let world = World::start().await;
    let (mut browser, email, code) = asked(&world).await;
    let old = browser.email.clone();
    let mut held = world.database.hold_next("TransactWriteItems");
    let confirming = tokio::spawn({
        let (mut browser, code) = (browser.clone(), code.clone());
        async move { browser.confirm_address(&code).await }
    });
    held.arrived().await;
    world.database.disturb_all("Query", tests::Fault::internal_error());
    drop(held);
    confirming.await.unwrap().assert_error("temporarily_unavailable");
    world.database.heal();
    browser.confirm_address(&code).await.assert_error("invalid_code");
    browser.refresh().await.assert_error("invalid_grant");
    at(&browser, &email).login().await.assert_ok();
    let undo = world.service.mail_to(&old, "address_changed").await.code().to_owned();
    browser.undo_address(&undo).await.assert_ok();
}
