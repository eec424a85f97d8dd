//! The mail that tells of a device that is not known.

use tests::{Browser, World};

async fn mails(browser: &Browser) -> usize {
    let mails = browser.service.inbox(&browser.email).await;
    mails.iter().filter(|mail| mail.kind == "new_device").count()
}

#[tokio::test]
async fn a_sign_in_from_an_unknown_device_is_told_by_mail_where_that_is_asked_for() {
    let world = World::with(&[("NEW_DEVICE_MAIL", "true")]).await;
    let mut browser = world.signed_in().await;
    browser.other_device().login().await.assert_ok();
    assert_eq!(mails(&browser).await, 0, "nobody has proved the address");
    browser.prove_address().await;
    browser.login().await.assert_ok();
    browser.mistyping().other_device().login().await.assert_error("invalid_credentials");
    assert_eq!(mails(&browser).await, 0, "a device with a token of the account is known");
    let mut other = browser.other_device();
    other.login().await.assert_ok();
    let told = world.service.mail_to(&browser.email, "new_device").await;
    assert_eq!((told.code, told.link), (None, None));
    other.login().await.assert_ok();
    assert_eq!(mails(&browser).await, 1);
}

#[tokio::test]
async fn a_sign_in_from_an_unknown_device_is_told_by_default_to_nobody_and_takes_the_same_requests() {
    let mut requests = Vec::new();
    for (told, count) in [("true", 1), ("false", 0)] {
        let world = World::with(&[("NEW_DEVICE_MAIL", told)]).await;
        let mut browser = world.signed_in().await;
        browser.prove_address().await;
        world.database.forget_requests();
        browser.other_device().login().await.assert_ok();
        let mut asked = world.database.take_requests();
        asked.sort();
        requests.push(asked);
        assert_eq!(mails(&browser).await, count);
    }
    assert_eq!(requests[0], requests[1]);
}
