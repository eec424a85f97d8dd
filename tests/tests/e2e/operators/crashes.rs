//! A command that dies between any two of its requests, and is repeated, has the end that was asked for.

use serde_json::{Value, json};
use tests::dynamodb::SESSIONS;
use tests::{Browser, World, about, jwt};

/// A command, cut.
struct Cut<'a> {
    world: &'a World,
    command: &'a str,
    members: Value,
}

impl Cut<'_> {
    fn event(&self, browser: &Browser) -> Value {
        about(self.command, &browser.email, self.members.clone())
    }

    /// Somebody with two sessions, and the operations that the command asks for with their account.
    async fn operations(&self) -> Vec<String> {
        let (browser, _) = self.world.on_two_devices().await;
        self.world.database.forget_requests();
        self.world.operator().send(&self.event(&browser)).await.unwrap();
        self.world.database.take_requests()
    }

    /// Runs the command until its request of this number is there, lets `meanwhile` happen, and ends it: the request has no
    /// effect. Then runs it to its end.
    async fn cut_at(&self, operations: &[String], number: usize, browser: &Browser) -> (Browser, Value) {
        let apart = self.world.database.another_way_in();
        let operator = self.world.operator_with(&apart, &[]);
        let operation = &operations[number];
        let passed = operations[..number].iter().filter(|one| *one == operation).count();
        for _ in 0..passed {
            drop(apart.hold_next(operation));
        }
        let mut held = apart.hold_next(operation);
        let event = self.event(browser);
        let command = tokio::spawn({
            let event = event.clone();
            async move { operator.send(&event).await }
        });
        held.arrived().await;
        let mut meanwhile = browser.other_device();
        let _may_be_refused = meanwhile.login().await;
        command.abort();
        assert!(command.await.unwrap_err().is_cancelled());
        drop(held);
        (meanwhile, self.world.operator().send(&event).await.unwrap())
    }
}

async fn sessions_of(world: &World, browser: &Browser) -> usize {
    let rows = world.database.rows(SESSIONS).await;
    rows.iter().filter(|row| row.text("user_id") == browser.tokens().user_id).count()
}

#[tokio::test]
async fn a_role_removed_by_a_command_that_dies_anywhere_is_gone_when_it_is_repeated() {
    let world = World::start().await;
    let cut = Cut { world: &world, command: "remove-role", members: json!({ "role": "admin" }) };
    let operations = {
        let (browser, _) = world.on_two_devices().await;
        world.operator().run("add-role", &browser, json!({ "role": "admin" })).await;
        world.database.forget_requests();
        world.operator().send(&cut.event(&browser)).await.unwrap();
        world.database.take_requests()
    };
    assert_eq!(operations, ["GetItem", "TransactWriteItems", "Query", "UpdateItem", "UpdateItem"]);
    for number in 0..operations.len() {
        let (mut browser, mut other) = world.on_two_devices().await;
        world.operator().run("add-role", &browser, json!({ "role": "admin" })).await;
        let (mut meanwhile, answer) = cut.cut_at(&operations, number, &browser).await;
        assert_eq!(answer["user"]["roles"], json!([]), "cut at {number}");
        for device in [&mut browser, &mut other, &mut meanwhile] {
            device.refresh().await.assert_ok();
            let claims = jwt::claims(&device.tokens().access_token);
            assert_eq!(
                claims["roles"],
                Value::Null,
                "cut at {number}: a token without roles has no such claim"
            );
        }
    }
}

#[tokio::test]
async fn what_ends_sessions_leaves_none_when_it_dies_anywhere_and_is_repeated() {
    let world = World::start().await;
    for command in ["disable-user", "delete-user", "end-sessions"] {
        let cut = Cut { world: &world, command, members: json!({}) };
        let operations = cut.operations().await;
        assert!(operations.len() >= 4, "{command}: {operations:?}");
        for number in 0..operations.len() {
            let (mut browser, _) = world.on_two_devices().await;
            let (_, answer) = cut.cut_at(&operations, number, &browser).await;
            let is_deleted = command == "delete-user";
            // The account is the last thing that goes: once it is gone, nothing is left to finish.
            let is_done = answer.get("error").is_none() || is_deleted && answer["error"] == "no_such_user";
            assert!(is_done, "{command} cut at {number}: {answer}");
            assert_eq!(sessions_of(&world, &browser).await, 0, "{command} cut at {number}");
            browser.refresh().await.assert_error("invalid_grant");
            let is_there = world.database.user(&browser.email).await.is_some();
            assert_eq!(is_there, !is_deleted, "{command} cut at {number}");
        }
    }
}

#[tokio::test]
async fn a_change_of_address_that_dies_anywhere_is_made_when_it_is_repeated() {
    let world = World::start().await;
    let operations = ["GetItem", "Query", "TransactWriteItems", "Query"].map(ToOwned::to_owned);
    for number in 0..operations.len() {
        let (mut browser, _) = world.on_two_devices().await;
        browser.prove_address().await;
        let new_email = Browser::at(&world.service).email;
        let members = json!({ "new_email": new_email, "email_verified": true });
        let cut = Cut { world: &world, command: "set-email", members };
        let (_, answer) = cut.cut_at(&operations, number, &browser).await;
        assert_eq!(answer["user"]["email"], new_email.as_str(), "cut at {number}: {answer}");
        assert_eq!(sessions_of(&world, &browser).await, 0, "cut at {number}");
        browser.login().await.assert_error("invalid_credentials");
        browser.email = new_email;
        browser.login().await.assert_ok();
    }
}
