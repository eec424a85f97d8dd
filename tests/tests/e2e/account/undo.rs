//! The way back to an address, where another change, a failure or a thief stands in it.

use shared::Seconds;
use tests::dynamodb::USERS;
use tests::{Fault, World};

use super::address::{at, move_to_a_new_address, moved};
use super::new_password;

const DAY: u32 = 24 * 60 * 60;

#[tokio::test]
async fn an_undo_keeps_the_address_that_it_leaves_as_long_as_an_older_one_needs_it() {
    for undoes_the_older in [true, false] {
        let world = World::start().await;
        let (mut browser, first, older) = moved(&world).await;
        let (begun, second) = (world.clock.now(), browser.email.clone());
        world.clock.advance(Seconds(DAY));
        browser.refresh().await.assert_ok();
        browser.change_address(&first).await;
        let newer = world.service.mail_to(&second, "address_changed").await.code().to_owned();
        browser.undo_address(&newer).await.assert_ok();
        world.clock.set(begun + Seconds(7 * DAY - 1));
        at(&browser, &first).register().await.assert_error("email_taken");
        if undoes_the_older {
            browser.undo_address(&older).await.assert_ok();
            world.service.mail_to(&first, "reset").await;
            at(&browser, &second).register().await.assert_ok();
        } else {
            world.clock.set(begun + Seconds(7 * DAY));
            at(&browser, &first).register().await.assert_ok();
        }
    }
}

#[tokio::test]
async fn a_change_of_address_and_its_undo_void_the_codes_for_another_password() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    browser.prove_address().await;
    browser.request_reset().await.assert_ok();
    let (old, at_the_old) = (browser.email.clone(), browser.mailed("reset").await);
    let undo = move_to_a_new_address(&mut browser).await;
    browser.request_reset().await.assert_ok();
    let at_the_new = browser.mailed("reset").await;
    let password = new_password(&browser);
    browser.clone().reset(&at_the_old, &password).await.assert_error("invalid_code");
    browser.undo_address(&undo).await.assert_ok();
    for code in [&at_the_old, &at_the_new] {
        browser.clone().reset(code, &password).await.assert_error("invalid_code");
    }
    let works = world.service.mail_to(&old, "reset").await.code().to_owned();
    at(&browser, &old).reset(&works, &password).await.assert_ok();
}

#[tokio::test]
async fn no_mail_has_the_name_that_a_thief_has_chosen() {
    const CHOSEN: &str = "Mallory of evil.example";
    let world = World::start().await;
    let (mut thief, old, undo) = moved(&world).await;
    thief.change_name(CHOSEN).await.assert_ok();
    let (password, email) = (new_password(&thief), thief.email.clone());
    thief.change_password(&password).await.assert_ok();
    thief.request_reset().await.assert_ok();
    thief.undo_address(&undo).await.assert_ok();
    for (to, kind) in [(&old, "reset"), (&email, "password_changed"), (&email, "reset")] {
        world.service.mail_to(to, kind).await;
    }
    for mail in [world.service.inbox(&old).await, world.service.inbox(&email).await].concat() {
        assert!(!(mail.text + &mail.html).contains("Mallory"), "{}", mail.kind);
    }
}

#[tokio::test]
async fn a_change_whose_row_lacks_the_former_address_locks_nobody_out_and_can_be_undone() {
    let world = World::start().await;
    let (mut browser, old, undo) = moved(&world).await;
    let mut row = world.database.user(&browser.email).await.unwrap();
    let former = row.0["undoable_changes"]["L"][0]["M"].as_object_mut().unwrap().remove("from");
    assert!(former.is_some());
    world.database.put(USERS, &row).await;
    browser.login().await.assert_ok();
    assert_eq!(browser.own_data().await.json()["account"]["former_emails"], serde_json::json!([]));
    let second = browser.email.clone();
    move_to_a_new_address(&mut browser).await;
    browser.undo_address(&undo).await.assert_ok();
    world.service.mail_to(&old, "reset").await;
    at(&browser, &second).register().await.assert_ok();
}

#[tokio::test]
async fn an_index_that_has_not_seen_an_account_yet_voids_no_undo() {
    let world = World::start().await;
    let (mut browser, old, undo) = moved(&world).await;
    move_to_a_new_address(&mut browser).await;
    let row = world.database.user(&browser.email).await.unwrap();
    let mut unseen = row.clone();
    unseen.0.as_object_mut().unwrap().remove("user_id");
    world.database.put(USERS, &unseen).await;
    browser.undo_address(&undo).await.assert_error("temporarily_unavailable");
    world.database.put(USERS, &row).await;
    browser.undo_address(&undo).await.assert_ok();
    world.service.mail_to(&old, "reset").await;
}

#[tokio::test]
async fn an_undo_that_fails_takes_no_mail_from_the_day_of_its_address() {
    let world = World::with(&[("MAILS_PER_DAY", "1"), ("MAIL_INTERVAL_SECONDS", "1")]).await;
    let (browser, old, undo) = moved(&world).await;
    world.database.disturb_all("TransactWriteItems", Fault::internal_error());
    browser.undo_address(&undo).await.assert_error("temporarily_unavailable");
    world.database.heal();
    world.clock.advance(Seconds(1));
    at(&browser, &old).request_reset().await.assert_ok();
}
