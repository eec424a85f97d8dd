//! G5 and G6 for a change of the password: what ran at the same time, lost answers, and a change that died midway.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::dynamodb::{SESSIONS, USERS};
use tests::{Fault, World};
use tokio::task::JoinSet;

use super::change::new_password;

#[tokio::test]
async fn g5_no_refresh_succeeds_after_a_password_change() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    let (mut tab, mut behind) = (own.clone(), phone.clone());
    phone.refresh().await.assert_ok();
    let old_password = own.password.clone();
    own.change_password(&new_password("wire")).await.assert_ok();
    for ended in [&mut tab, &mut phone, &mut behind] {
        ended.refresh().await.assert_error("invalid_grant");
    }
    let mut thief = own.other_device();
    thief.password = old_password;
    thief.login().await.assert_error("invalid_credentials");
    own.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_a_refresh_that_a_password_change_overtakes_is_refused() {
    let world = World::start().await;
    let (mut own, phone) = world.on_two_devices().await;
    for victim in [phone, own.clone()] {
        let mut tab = victim.clone();
        let mut held = world.database.hold_next("UpdateItem");
        let refresh = tokio::spawn(async move { tab.refresh().await });
        held.arrived().await;
        own.change_password(&new_password(&victim.tokens().session_id)).await.assert_ok();
        drop(held);
        refresh.await.unwrap().assert_error("invalid_grant");
    }
    own.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_a_refresh_before_the_transaction_of_a_change_saves_no_session() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    let mut tab = own.clone();
    let mut held = world.database.hold_next("TransactWriteItems");
    let change = tokio::spawn(async move { (own.change_password(&new_password("wire")).await, own) });
    held.arrived().await;
    phone.refresh().await.assert_ok();
    tab.refresh().await.assert_ok();
    drop(held);
    let (answer, mut own) = change.await.unwrap();
    answer.assert_ok();
    for ended in [&mut phone, &mut tab] {
        ended.refresh().await.assert_error("invalid_grant");
    }
    own.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_a_sign_in_that_stalls_behind_a_password_change_leaves_no_session() {
    let world = World::start().await;
    let mut own = world.signed_in().await;
    let mut stalled = own.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let sign_in = tokio::spawn(async move { stalled.login().await });
    held.arrived().await;
    own.change_password(&new_password("wire")).await.assert_ok();
    drop(held);
    sign_in.await.unwrap().assert_error("invalid_credentials");
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_a_sign_in_after_the_query_of_a_change_has_ended_when_that_answers() {
    let world = World::start().await;
    let mut own = world.signed_in().await;
    let mut late = own.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let change = tokio::spawn(async move { (own.change_password(&new_password("wire")).await, own) });
    held.arrived().await;
    late.login().await.assert_ok();
    drop(held);
    let (answer, mut own) = change.await.unwrap();
    answer.assert_ok();
    late.refresh().await.assert_error("invalid_grant");
    own.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_a_sign_in_with_the_new_password_outlives_the_sweep_of_the_change() {
    let world = World::start().await;
    let mut own = world.signed_in().await;
    let mut transaction = world.database.hold_next("TransactWriteItems");
    let mut new = own.other_device();
    new.password = new_password("wire");
    let change = tokio::spawn(async move { (own.change_password(&new_password("wire")).await, own) });
    transaction.arrived().await;
    let mut tidying = world.database.hold_next("Query");
    drop(transaction);
    tidying.arrived().await;
    new.login().await.assert_ok();
    drop(tidying);
    let (answer, mut own) = change.await.unwrap();
    answer.assert_ok();
    new.refresh().await.assert_ok();
    own.refresh().await.assert_ok();
}

#[tokio::test]
async fn g5_a_change_from_a_session_that_ends_meanwhile_changes_nothing() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    let before = own.clone();
    let account = world.database.user(&own.email).await;
    let mut held = world.database.hold_next("TransactWriteItems");
    let change = tokio::spawn(async move { own.change_password(&new_password("wire")).await });
    held.arrived().await;
    before.logout().await.assert_ok();
    drop(held);
    change.await.unwrap().assert_session_over();
    assert_eq!(world.database.user(&before.email).await, account);
    phone.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g5_of_two_changes_at_once_one_holds_and_the_other_is_told_it_is_over() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    let mut held = world.database.hold_next("TransactWriteItems");
    let slow = tokio::spawn(async move { own.change_password(&new_password("wire")).await });
    held.arrived().await;
    phone.change_password(&new_password("pipe")).await.assert_ok();
    drop(held);
    slow.await.unwrap().assert_session_over();
    phone.refresh().await.assert_ok();
    phone.login().await.assert_ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g5_among_refreshes_and_sign_ins_a_change_leaves_its_new_session_alone() {
    let world = World::start().await;
    let mut own = world.signed_in().await;
    let mut devices = Vec::new();
    for _ in 0..4 {
        let mut device = own.other_device();
        device.login().await.assert_ok();
        devices.push(device);
    }
    let answered = Arc::new(AtomicBool::new(false));
    let mut others = JoinSet::new();
    for mut device in devices {
        let answered = Arc::clone(&answered);
        others.spawn(async move {
            loop {
                let begun_after = answered.load(Ordering::SeqCst);
                let answer = device.refresh().await;
                if begun_after || answer.status == 400 {
                    return (answer, device);
                }
            }
        });
    }
    let mut sign_ins = JoinSet::new();
    for _ in 0..3 {
        let mut device = own.other_device();
        sign_ins.spawn(async move { (device.login().await, device) });
    }
    own.change_password(&new_password("wire")).await.assert_ok();
    answered.store(true, Ordering::SeqCst);
    for (answer, _) in others.join_all().await {
        answer.assert_error("invalid_grant");
    }
    for (answer, mut device) in sign_ins.join_all().await {
        // It was before the change and has ended with it, or after, with a password that was no longer good.
        if answer.status == 200 {
            device.refresh().await.assert_error("invalid_grant");
        } else {
            answer.assert_error("invalid_credentials");
        }
    }
    own.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test]
async fn g6_a_change_whose_transaction_the_sdk_sends_twice_is_one_change() {
    for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::internal_error()] {
        let world = World::start().await;
        let mut browser = world.signed_in().await;
        world.database.disturb_next("TransactWriteItems", fault.clone());
        browser.change_password(&new_password("wire")).await.assert_ok();
        assert_eq!(world.database.user(&browser.email).await.unwrap().number("version"), 2, "{fault:?}");
        assert_eq!(world.database.rows(SESSIONS).await.len(), 1, "{fault:?}");
        browser.refresh().await.assert_ok();
        browser.login().await.assert_ok();
    }
}

#[tokio::test]
async fn g6_a_change_that_dies_before_its_transaction_changes_nothing() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    for operation in ["Query", "GetItem", "UpdateItem", "TransactWriteItems"] {
        world.database.disturb_all(operation, Fault::LostRequest);
        own.change_password(&new_password("wire")).await.assert_error("temporarily_unavailable");
        world.database.heal();
    }
    for device in [&mut own, &mut phone] {
        device.refresh().await.assert_ok();
        device.login().await.assert_ok();
    }
}

#[tokio::test]
async fn g6_a_change_whose_answer_is_lost_holds_and_the_new_password_signs_in() {
    let world = World::start().await;
    let (mut own, mut phone) = world.on_two_devices().await;
    world.database.disturb_all("TransactWriteItems", Fault::LostAnswer);
    own.change_password(&new_password("wire")).await.assert_error("temporarily_unavailable");
    world.database.heal();
    // Repeating it says that it was done, as openapi.yaml tells clients.
    own.change_password(&new_password("wire")).await.assert_session_over();
    phone.refresh().await.assert_error("invalid_grant");
    own.login().await.assert_error("invalid_credentials");
    own.password = new_password("wire");
    own.login().await.assert_ok();
}

#[tokio::test]
async fn g6_what_a_change_that_dies_in_its_sweep_leaves_ends_at_next_sign_in() {
    let world = World::start().await;
    let own = world.signed_in().await;
    let mut late = own.other_device();
    let mut held = world.database.hold_next("TransactWriteItems");
    let mut changing = own.clone();
    let change = tokio::spawn(async move { changing.change_password(&new_password("wire")).await });
    held.arrived().await;
    late.login().await.assert_ok();
    world.database.disturb_all("Query", Fault::internal_error());
    drop(held);
    change.await.unwrap().assert_error("temporarily_unavailable");
    world.database.heal();
    let mut after = own.other_device();
    after.password = new_password("wire");
    after.login().await.assert_ok();
    late.refresh().await.assert_error("invalid_grant");
    after.refresh().await.assert_ok();
}

#[tokio::test]
async fn a_change_that_meets_other_transactions_on_the_account_is_tried_again() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.disturb_next("TransactWriteItems", Fault::transaction_conflict());
    browser.change_password(&new_password("wire")).await.assert_ok();
}

#[tokio::test]
async fn a_change_that_another_one_overtakes_keeps_what_that_has_changed() {
    let world = World::start().await;
    let own = world.signed_in().await;
    let mut changing = own.clone();
    let mut held = world.database.hold_next("TransactWriteItems");
    let change =
        tokio::spawn(async move { (changing.change_password(&new_password("wire")).await, changing) });
    held.arrived().await;
    let account = world.database.user(&own.email).await.unwrap();
    world.database.put(USERS, &account.with_number("version", 2).with_text("name", "Ada King")).await;
    drop(held);
    let (answer, mut changed) = change.await.unwrap();
    answer.assert_ok();
    assert_eq!(answer.json()["user"]["name"], "Ada King");
    let account = world.database.user(&own.email).await.unwrap();
    assert_eq!((account.number("version"), account.text("name")), (3, "Ada King".to_owned()));
    changed.login().await.assert_ok();
}

#[tokio::test]
async fn a_change_of_an_account_that_keeps_changing_is_a_503_without_effect() {
    let world = World::start().await;
    let own = world.signed_in().await;
    let mut changing = own.clone();
    let mut held = world.database.hold_next("TransactWriteItems");
    let change = tokio::spawn(async move { changing.change_password(&new_password("wire")).await });
    for version in [2, 3, 4] {
        held.arrived().await;
        let account = world.database.user(&own.email).await.unwrap().with_number("version", version);
        world.database.put(USERS, &account).await;
        held = world.database.hold_next("TransactWriteItems");
    }
    change.await.unwrap().assert_error("temporarily_unavailable");
    drop(held);
    own.other_device().login().await.assert_ok();
}

#[tokio::test]
async fn a_refresh_or_logout_that_meets_a_change_is_tried_again() {
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    world.database.disturb_next("UpdateItem", Fault::conflict_with_a_transaction());
    browser.refresh().await.assert_ok();
    world.database.disturb_next("DeleteItem", Fault::conflict_with_a_transaction());
    browser.logout().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await, []);
}
