//! Events that import accounts.

use serde_json::{Value, json};
use tests::{Browser, World};

const USER_ID: &str = "5b0fb0a4-3a4a-4a0e-9d0e-2f9d1f1d7a11";

/// The results of the lines of one event.
async fn imported(world: &World, lines: Value) -> Vec<Value> {
    let event = json!({ "command": "import-users", "lines": lines });
    let answer = world.operator().send(&event).await.unwrap();
    answer["lines"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

/// The index that finds an account by its id lags behind, so it can't separate two lines of one event.
#[tokio::test]
async fn an_id_that_is_twice_in_an_event_makes_one_account() {
    let world = World::start().await;
    let [vic, eve] = [(); 2].map(|()| Browser::at(&world.service).email);
    let line = |email: &str| json!({ "email": email, "user_id": USER_ID });
    let results = imported(&world, json!([line(&vic), line(&eve)])).await;
    assert_eq!(results[0], json!({ "outcome": "created", "user_id": USER_ID }));
    let twice = json!({ "outcome": "refused", "reasons": ["user_id is that of an earlier line"] });
    assert_eq!(results[1], twice);
    assert!(world.database.user(&eve).await.is_none());
}

#[tokio::test]
async fn an_account_is_not_created_before_it_exists() {
    let world = World::start().await;
    let email = Browser::at(&world.service).email;
    let results = imported(&world, json!([{ "email": email, "created_at": "2999-01-01T00:00:00Z" }])).await;
    let future = json!([{ "outcome": "refused", "reasons": ["created_at must not be in the future"] }]);
    assert_eq!(json!(results), future);
    let past = imported(&world, json!([{ "email": email, "created_at": "2049-12-31T23:59:59Z" }])).await;
    assert_eq!(past[0]["outcome"], "created");
}
