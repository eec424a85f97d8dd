//! New passwords: common and guessable ones are refused, with the reason. A stored one is never judged.

use serde_json::json;
use tests::{Answer, Browser, Form, World};

async fn register(world: &World, password: &str) -> Answer {
    let body =
        json!({ "email": "ada.lovelace@analytical.example", "password": password, "name": "Augusta Byron" });
    world.service.post("/register", &body, Form::NewTokens).await
}

#[tokio::test]
async fn a_common_password_is_refused_in_every_spelling_and_the_reason_given() {
    let world = World::start().await;
    let easy = "password is too easy to guess: ";
    for (password, why) in [
        ("password", "it is one of the ten most common passwords. Add another word or two."),
        (
            "PASSWORD",
            "it is one of the ten most common passwords. Add another word or two. A capital at the beginning helps little.",
        ),
        (
            "p@$$w0rd",
            "it is like a common password. Add another word or two. Signs in place of letters help little.",
        ),
        ("drowssap", "it is like a common password. Add another word or two. A word backwards helps little."),
        (
            "\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}",
            "it is one of the ten most common passwords. Add another word or two.",
        ),
        ("ada.lovelace", "it is made of your own name or email address. Add another word or two."),
        (
            "Byron1815",
            "it is made of your own name or email address. Add another word or two. A capital at the beginning helps little.",
        ),
    ] {
        let answer = register(&world, password).await;
        answer.assert_error("invalid_request").assert_description(&format!("{easy}{why}"));
    }
    assert_eq!(world.database.take_requests(), Vec::<String>::new(), "nothing is asked for");
    register(&world, "nanoseconds of wire").await.assert_ok();
}

#[tokio::test]
async fn the_least_score_is_a_setting_and_a_sign_in_never_asks_for_it() {
    let lax = World::with(&[("PASSWORD_MIN_SCORE", "0")]).await;
    let mut browser = Browser::at(&lax.service);
    browser.password = "password".to_owned();
    browser.register().await.assert_ok();

    let strict = lax.beside(&[("PASSWORD_MIN_SCORE", "4")]).await;
    browser.service = strict.service.clone();
    browser.login().await.assert_ok();
    register(&strict, "wqjhvx4d").await.assert_error("invalid_request");
    register(&strict, "correct horse battery staple").await.assert_ok();
}
