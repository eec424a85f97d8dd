//! G5: what was ended neither refreshes nor comes back, whatever runs at the same time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared::Seconds;
use tests::dynamodb::SESSIONS;
use tests::{Answer, Browser, World};
use tokio::task::JoinSet;

/// The three requests that end the session of `victim`, sent by another one of the same user.
#[derive(Clone, Copy, Debug)]
enum End {
    One,
    All,
    Others,
}

const ENDS: [End; 3] = [End::One, End::All, End::Others];

impl End {
    /// Sends it.
    fn send(self, by: &Browser, victim: &Browser) -> Pin<Box<dyn Future<Output = Answer> + Send + 'static>> {
        let (by, id) = (by.clone(), victim.tokens().session_id.clone());
        Box::pin(async move {
            match self {
                Self::One => by.end_session(&id).await,
                Self::All => by.end_all_sessions().await,
                Self::Others => by.end_other_sessions().await,
            }
        })
    }

    /// How many rows are left of two sessions.
    fn left(self) -> usize {
        match self {
            Self::One | Self::Others => 1,
            Self::All => 0,
        }
    }
}

async fn assert_left(world: &World, end: End, own: &mut Browser) {
    assert_eq!(world.database.rows(SESSIONS).await.len(), end.left(), "{end:?}");
    if end.left() == 1 {
        own.refresh().await.assert_ok();
        own.sessions().await.assert_ok();
    } else {
        own.refresh().await.assert_error("invalid_grant");
    }
}

#[tokio::test]
async fn g5_no_refresh_succeeds_after_an_end_of_sessions() {
    for end in ENDS {
        let world = World::start().await;
        let (mut own, mut victim) = world.on_two_devices().await;
        let mut before = victim.clone();
        victim.refresh().await.assert_ok();
        let mut late = victim.clone();
        end.send(&own, &victim).await.assert_ok();
        // The newest token, one within the retry window, and each once more.
        for tab in [&mut victim, &mut before, &mut late] {
            tab.refresh().await.assert_error("invalid_grant");
        }
        world.clock.advance(Seconds(30));
        for tab in [&mut victim, &mut before, &mut late] {
            tab.refresh().await.assert_error("invalid_grant");
        }
        assert_left(&world, end, &mut own).await;
    }
}

#[tokio::test]
async fn g5_a_refresh_that_an_end_of_sessions_overtakes_is_refused() {
    for end in ENDS {
        let world = World::start().await;
        let (mut own, victim) = world.on_two_devices().await;
        let mut tab = victim.clone();
        let mut held = world.database.hold_next("UpdateItem");
        let refresh = tokio::spawn(async move { tab.refresh().await });
        held.arrived().await;
        end.send(&own, &victim).await.assert_ok();
        drop(held);
        refresh.await.unwrap().assert_error("invalid_grant");
        assert_left(&world, end, &mut own).await;
    }
}

#[tokio::test]
async fn g5_a_late_replay_that_an_end_of_sessions_overtakes_is_refused() {
    for end in ENDS {
        let world = World::start().await;
        let (mut own, mut victim) = world.on_two_devices().await;
        let late = victim.clone();
        victim.refresh().await.assert_ok();
        world.clock.advance(Seconds(10));
        let (second, replay) = world.hold_late_replay(late).await;
        end.send(&own, &victim).await.assert_ok();
        drop(second);
        replay.await.unwrap().assert_error("invalid_grant");
        assert_left(&world, end, &mut own).await;
    }
}

#[tokio::test]
async fn g5_a_refresh_before_the_deletes_of_an_end_saves_no_session() {
    for end in ENDS {
        let world = World::start().await;
        let (mut own, mut victim) = world.on_two_devices().await;
        let mut held = world.database.hold_next("BatchWriteItem");
        let ending = tokio::spawn(end.send(&own, &victim));
        held.arrived().await;
        victim.refresh().await.assert_ok();
        drop(held);
        ending.await.unwrap().assert_ok();
        victim.refresh().await.assert_error("invalid_grant");
        assert_left(&world, end, &mut own).await;
    }
}

#[tokio::test]
async fn g5_a_refresh_begun_before_the_idle_end_brings_no_ended_session_back() {
    for end in [End::All, End::Others] {
        let world = World::with(&[("REFRESH_IDLE_SECONDS", "50")]).await;
        let (mut own, victim) = world.on_two_devices().await;
        world.clock.advance(Seconds(49));
        own.refresh().await.assert_ok();
        let mut tab = victim.clone();
        let mut held = world.database.hold_next("UpdateItem");
        let refresh = tokio::spawn(async move { tab.refresh().await });
        held.arrived().await;
        // The session is over by now, though not for the refresh, whose clock was read before.
        world.clock.advance(Seconds(1));
        end.send(&own, &victim).await.assert_ok();
        drop(held);
        refresh.await.unwrap().assert_error("invalid_grant");
        assert_left(&world, end, &mut own).await;
    }
}

#[tokio::test]
async fn g5_a_sign_in_that_an_end_of_all_finds_is_ended_and_a_later_one_lives() {
    let world = World::start().await;
    let (mut own, _) = world.on_two_devices().await;
    let (mut found, mut later) = (own.other_device(), own.other_device());
    let mut query = world.database.hold_next("Query");
    let ending = tokio::spawn({
        let own = own.clone();
        async move { own.end_all_sessions().await }
    });
    query.arrived().await;
    // It is not answered before its own query, so it waits for that; its row is there by then.
    let mut second = world.database.hold_next("Query");
    let signing_in = tokio::spawn(async move { (found.login().await, found) });
    second.arrived().await;
    let mut deletes = world.database.hold_next("BatchWriteItem");
    drop(query);
    deletes.arrived().await;
    later.login().await.assert_ok();
    drop(deletes);
    ending.await.unwrap().assert_ok();
    drop(second);
    let (answer, mut found) = signing_in.await.unwrap();
    answer.assert_ok();
    found.refresh().await.assert_error("invalid_grant");
    own.refresh().await.assert_error("invalid_grant");
    later.refresh().await.assert_ok();
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g5_among_refreshes_an_end_of_the_others_leaves_the_own_session_alone() {
    let world = World::start().await;
    let mut own = world.signed_in().await;
    let mut devices = Vec::new();
    for _ in 0..6 {
        let mut device = own.other_device();
        device.login().await.assert_ok();
        devices.push(device);
    }
    let ended = Arc::new(AtomicBool::new(false));
    let mut refreshing = JoinSet::new();
    for mut device in devices {
        let ended = Arc::clone(&ended);
        refreshing.spawn(async move {
            loop {
                let begun_after = ended.load(Ordering::SeqCst);
                let answer = device.refresh().await;
                if begun_after || answer.status != 200 {
                    return answer;
                }
            }
        });
    }
    for _ in 0..3 {
        own.refresh().await.assert_ok();
    }
    own.end_other_sessions().await.assert_ok();
    ended.store(true, Ordering::SeqCst);
    for answer in refreshing.join_all().await {
        answer.assert_error("invalid_grant");
    }
    assert_eq!(world.database.rows(SESSIONS).await.len(), 1);
    own.refresh().await.assert_ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g5_among_sign_ins_an_end_of_all_ends_those_that_were_answered_before() {
    let world = World::start().await;
    let own = world.signed_in().await;
    let mut before = Vec::new();
    for _ in 0..3 {
        let mut device = own.other_device();
        device.login().await.assert_ok();
        before.push(device);
    }
    let mut meanwhile = JoinSet::new();
    for _ in 0..4 {
        let mut device = own.other_device();
        meanwhile.spawn(async move { (device.login().await, device) });
    }
    own.end_all_sessions().await.assert_ok();
    for device in before.iter_mut() {
        device.refresh().await.assert_error("invalid_grant");
    }
    // Of those that were under way each one lives or has ended; none is in between, and nothing else is there.
    let mut lives = 0;
    for (answer, mut device) in meanwhile.join_all().await {
        answer.assert_ok();
        let has_row = world.database.session(&device.tokens().session_id).await.is_some();
        assert_eq!(device.refresh().await.status == 200, has_row);
        lives += usize::from(has_row);
    }
    assert_eq!(world.database.rows(SESSIONS).await.len(), lives);
    own.sessions().await.assert_session_over();
}
