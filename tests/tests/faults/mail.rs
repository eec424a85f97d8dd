//! Mail while DynamoDB fails and the one who takes it refuses it.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::Seconds;
use tests::dynamodb::CODES;
use tests::smtp::MailCatcher;
use tests::{Browser, Schedule, TestClock, World};
use tokio::task::JoinSet;

const USERS: usize = 500;
const AT_ONCE: usize = 20;
/// Each refusal makes the mailer wait twice as long: 7.5 s in all. One that lasts a minute is in the tests of what reads the
/// stream (`local/src/streams/reader.rs`), where nobody waits.
const REFUSALS: usize = 4;

/// The ids of the rows that have a mail sent.
async fn rows(world: &World) -> BTreeSet<String> {
    let rows = world.database.rows(CODES).await.into_iter();
    rows.filter(|row| row.text("purpose") == "reset").map(|row| row.text("code_id")).collect()
}

async fn registered(mut browser: Browser) -> Browser {
    browser.register().await.assert_ok();
    browser
}

/// Asks until the answer is that a mail is on its way. One whose answer is a failure may be on its way too, and is counted.
async fn ask(clock: TestClock, browser: Browser) {
    loop {
        let answer = browser.request_reset().await;
        match answer.status {
            202 => return,
            503 | 429 => clock.advance(Seconds(1)),
            other => panic!("{other}: {}", answer.text),
        }
    }
}

/// Waits until the catcher has so many mails, as long as more of them keep coming.
async fn caught(catcher: &MailCatcher, count: usize) -> Vec<String> {
    let (mut before, mut idle) = (0, 0);
    while catcher.ids().len() < count && idle < 600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = catcher.ids().len();
        idle = if now == before { idle + 1 } else { 0 };
        before = now;
    }
    catcher.ids()
}

#[tokio::test]
async fn of_500_mails_under_faults_none_is_lost_or_sent_twice_and_each_code_works_once() {
    let quiet = World::without_mail().await;
    let mut browsers = Vec::new();
    for _ in 0..USERS / AT_ONCE {
        let registering = (0..AT_ONCE).map(|_| registered(Browser::at(&quiet.service)));
        browsers.extend(registering.collect::<JoinSet<Browser>>().join_all().await);
    }
    let catcher = MailCatcher::refusing(REFUSALS).await;
    let settings = [("MAIL_INTERVAL_SECONDS", "1"), ("MAILS_PER_DAY", "100"), ("MAILS_PER_MINUTE", "100000")];
    let world = quiet.sending_to(catcher.address, &settings).await;
    let mut browsers: Vec<_> = browsers.into_iter().map(|browser| browser.moved_to(&world.service)).collect();

    world.database.follow(Schedule::new(11, 0));
    for browsers in browsers.chunks(AT_ONCE) {
        let asking = browsers.iter().map(|browser| ask(world.clock.clone(), browser.clone()));
        asking.collect::<JoinSet<()>>().join_all().await;
    }
    world.database.heal();
    world.database.deliver_all().await;

    let rows = rows(&world).await;
    let mut ids = caught(&catcher, rows.len()).await;
    assert!(rows.len() >= USERS, "{}", rows.len());
    ids.sort();
    assert_eq!(ids, Vec::from_iter(rows), "each row is mailed once");
    for browser in &mut browsers {
        let code = browser.mailed("reset").await;
        let new_password = Browser::at(&browser.service).password;
        browser.reset(&code, &new_password).await.assert_ok();
        browser.reset(&code, &new_password).await.assert_error("invalid_code");
    }
}
