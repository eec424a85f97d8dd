//! A dry run reports what the command would do.

use serde_json::{Value, json};
use tests::{Browser, World};

/// The answer of a dry run about the account of a browser.
async fn dry_run(world: &World, command: &str, browser: &Browser) -> Value {
    world.operator().run(command, browser, json!({ "dry_run": true })).await
}

#[tokio::test]
async fn a_dry_run_counts_the_sessions_that_would_end() {
    let world = World::start().await;
    let (mut browser, mut other) = world.on_two_devices().await;
    for command in ["disable-user", "delete-user", "end-sessions"] {
        let answer = dry_run(&world, command, &browser).await;
        assert_eq!((&answer["sessions_ended"], &answer["changed"]), (&json!(2), &json!(true)), "{command}");
        browser.refresh().await.assert_ok();
        other.refresh().await.assert_ok();
    }
    let event = json!({ "command": "end-all-sessions", "dry_run": true });
    assert_eq!(world.operator().send(&event).await.unwrap()["sessions_ended"], 2);
    let answer = dry_run(&world, "enable-user", &browser).await;
    assert_eq!((&answer["sessions_ended"], &answer["changed"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn ending_sessions_is_a_change_unless_there_are_none() {
    let world = World::start().await;
    let (browser, _) = world.on_two_devices().await;
    for (ended, changed) in [(2, true), (0, false)] {
        let dry = dry_run(&world, "end-sessions", &browser).await;
        let done = world.operator().run("end-sessions", &browser, json!({})).await;
        for answer in [dry, done] {
            assert_eq!(answer["sessions_ended"], ended, "{answer}");
            assert_eq!(answer["changed"], changed, "{answer}");
        }
    }
}
