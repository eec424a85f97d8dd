//! Stories of accounts: an address is verified, a password forgotten, a name changed, an account deleted.

use serde_json::{Value, json};
use tests::World;

use crate::page::{Page, Person};

/// A password that nobody has had.
const NEW_PASSWORD: &str = "nanoseconds of copper wire";

/// A world whose page is open in the browser, with somebody who has just registered.
async fn registered(page: &Page) -> (World, Person) {
    let world = World::start().await;
    let person = Person::new();
    page.visit(world.service.base_url()).await;
    page.register(&person).await;
    (world, person)
}

/// The link of the newest mail of a kind, which a person would find in the mailbox.
async fn link(world: &World, person: &Person, kind: &str) -> String {
    link_to(world, &person.email, kind).await
}

async fn link_to(world: &World, email: &str, kind: &str) -> String {
    world.service.mail_to(email, kind).await.link.expect("a link")
}

/// Fills a form that has to be unfolded first, with the keyboard alone.
async fn unfold_and_fill(page: &Page, form: &str, fields: &[&str]) {
    let summary = "find(argument).closest('details').querySelector('summary').focus()";
    page.run(summary, json!(form)).await;
    page.press("\u{e007}").await;
    page.until(&format!("find('{form}').closest('details').open")).await;
    page.fill(form, fields).await;
}

/// Opens the link of a mail, and checks that its code is in the address no more.
async fn follow(page: &Page, link: &str) {
    page.visit(link).await;
    page.until("!find('link').hidden").await;
    assert_eq!(
        page.run("return location.hash", Value::Null).await,
        "",
        "the code is taken out of the address"
    );
    assert_eq!(page.focus().await, "link-title");
}

pub(crate) async fn verification(page: Page) {
    let (world, person) = registered(&page).await;
    assert!(!page.is_hidden("unverified").await);
    page.press_button("send-verification").await;
    assert_eq!(page.text("status").await, format!("A mail with a link is on its way to {}.", person.email));
    page.press_button("send-verification").await;
    let alert = page.text("alert").await;
    assert!(
        alert.starts_with("There were too many requests for mail") && alert.contains("Try again in"),
        "{alert}"
    );

    // In the tab where the page is open already, and while nobody is signed in.
    let link = link(&world, &person, "verify").await;
    page.press_button("sign-out").await;
    follow(&page, &link).await;
    page.press_button("use-code-button").await;
    assert!(page.text("alert").await.starts_with("Sign in first"));
    page.sign_in(&person).await;
    assert!(!page.is_hidden("unverified").await, "opening a link does nothing");
    page.press_button("use-code-button").await;
    assert_eq!(page.text("status").await, "Your address is verified.");
    assert!(page.is_hidden("link").await && page.is_hidden("unverified").await);

    follow(&page, &link).await;
    page.press_button("use-code-button").await;
    assert!(page.text("alert").await.starts_with("The code does not work."));
    assert!(page.is_signed_in().await);
}

pub(crate) async fn registration(page: Page) {
    let world = World::with(&[("REGISTRATION", "verified")]).await;
    page.visit(world.service.base_url()).await;
    let first = page.tab().await;
    let person = pending(&page).await;
    page.new_tab().await;
    follow(&page, &link(&world, &person, "registration").await).await;
    assert!(!page.is_signed_in().await, "opening a link does nothing");
    page.press_button("use-code-button").await;
    assert_eq!(page.text("status").await, "Your account is created.");
    assert_eq!(page.text("user-email").await, person.email);
    assert!(page.is_hidden("unverified").await);
    page.choose(&first).await;
    page.until("!find('signed-in').hidden").await;

    // In a browser that knows nothing of the registration.
    page.press_button("sign-out").await;
    let person = pending(&page).await;
    page.run("localStorage.clear()", Value::Null).await;
    follow(&page, &link(&world, &person, "registration").await).await;
    page.fill("confirm-registration", &[&person.email, "a wrong guess"]).await;
    assert_eq!(page.text("confirm-registration-password-error").await, "The email or the password is wrong.");
    page.run("find('confirm-registration').reset()", Value::Null).await;
    page.fill("confirm-registration", &[&person.email, &person.password]).await;
    assert_eq!(page.text("user-email").await, person.email);
}

/// Somebody who has registered, and has no account before the mail's link is used.
async fn pending(page: &Page) -> Person {
    let person = Person::new();
    page.fill("register", &[person.name, &person.email, &person.password]).await;
    let said = format!(
        "A mail is on its way to {}. Open its link in this browser to create the account.",
        person.email
    );
    assert_eq!(page.text("status").await, said);
    assert!(!page.is_signed_in().await);
    person
}

pub(crate) async fn forgotten(page: Page) {
    let (world, person) = registered(&page).await;
    let first = page.tab().await;
    page.press_button("sign-out").await;
    unfold_and_fill(&page, "forgot", &[&person.email]).await;
    assert_eq!(
        page.text("status").await,
        format!("If {} has an account, a mail with a link is on its way there.", person.email)
    );

    page.new_tab().await;
    follow(&page, &link(&world, &person, "reset").await).await;
    page.fill("reset", &["short"]).await;
    assert!(page.text("reset-new-password-error").await.starts_with("New password must be at least 8"));
    assert_eq!(page.focus().await, "reset-new-password");
    page.run("find('reset').reset()", Value::Null).await;
    page.fill("reset", &[NEW_PASSWORD]).await;
    assert_eq!(page.text("status").await, "Your password is changed. Sign in with it.");
    assert!(!page.is_signed_in().await, "a reset signs nobody in");
    assert_eq!(page.focus().await, "signed-out-title");

    page.sign_in(&person).await;
    assert_eq!(page.text("login-password-error").await, "The email or the password is wrong.");
    page.run("find('login').reset()", Value::Null).await;
    page.sign_in(&Person { password: NEW_PASSWORD.to_owned(), ..person }).await;
    assert!(page.is_signed_in().await);
    assert!(page.is_hidden("unverified").await, "the mail has proved the address");
    page.choose(&first).await;
    page.until("!find('signed-in').hidden").await;
}

pub(crate) async fn profile(page: Page) {
    let (world, person) = registered(&page).await;
    let first = page.tab().await;
    page.new_tab().await;
    page.visit(world.service.base_url()).await;
    let markup = "<b>Ada</b> King";
    unfold_and_fill(&page, "change-name", &[markup]).await;
    assert_eq!(
        (page.text("user-name").await, page.text("status").await),
        (markup.into(), format!("Your name is {markup} now."))
    );
    page.choose(&first).await;
    page.until("find('user-name').textContent.endsWith('King')").await;

    unfold_and_fill(&page, "change-password", &["a wrong guess", NEW_PASSWORD]).await;
    assert_eq!(page.text("change-password-current-password-error").await, "The current password is wrong.");
    page.run("find('change-password').reset()", Value::Null).await;
    page.fill("change-password", &[&person.password, NEW_PASSWORD]).await;
    assert_eq!(page.text("status").await, "Your password is changed. All other sessions have ended.");
    assert!(page.check_weather().await);

    page.click("details:has(#own-data) summary").await;
    page.press_button("show-data").await;
    assert_eq!(page.focus().await, "own-data");
    let data: Value = serde_json::from_str(&page.text("own-data").await).expect("JSON");
    assert_eq!((&data["account"]["name"], &data["account"]["email"]), (&json!(markup), &json!(person.email)));
    page.press_button("sign-out").await;
    page.sign_in(&Person { password: NEW_PASSWORD.to_owned(), ..person }).await;
    assert!(page.is_signed_in().await);
}

pub(crate) async fn address(page: Page) {
    let (world, person) = registered(&page).await;
    // Only a proven address can be brought back.
    follow(&page, &link(&world, &person, "verify").await).await;
    page.press_button("use-code-button").await;
    assert_eq!(page.text("status").await, "Your address is verified.");
    let first = page.tab().await;
    page.new_tab().await;
    page.visit(world.service.base_url()).await;
    let email = Person::new().email;
    unfold_and_fill(&page, "change-email", &[&email, "a wrong guess"]).await;
    assert_eq!(page.text("change-email-current-password-error").await, "The current password is wrong.");
    page.run("find('change-email').reset()", Value::Null).await;
    page.fill("change-email", &[&email, &person.password]).await;
    let asked = format!(
        "A mail with a link is on its way to {email}. Until you open it, your address stays as it is."
    );
    assert_eq!(page.text("status").await, asked);

    follow(&page, &link_to(&world, &email, "change_address").await).await;
    assert_eq!(page.text("user-email").await, person.email, "opening a link does nothing");
    page.press_button("use-code-button").await;
    assert_eq!(page.text("status").await, "Your address is changed. All other sessions have ended.");
    assert_eq!(page.text("user-email").await, email);
    assert!(page.is_hidden("unverified").await && page.check_weather().await);
    page.choose(&first).await;
    page.until("find('unverified').hidden").await;
    assert_eq!(page.text("user-email").await, email);
    assert!(page.check_weather().await);

    // The owner of the old address takes it back, where the change was made.
    follow(&page, &link(&world, &person, "address_changed").await).await;
    page.press_button("use-code-button").await;
    assert!(page.text("status").await.starts_with("The old address is back."));
    assert!(!page.is_signed_in().await);
    page.sign_in(&person).await;
    assert_eq!(page.text("login-password-error").await, "The email or the password is wrong.");
    follow(&page, &link(&world, &person, "reset").await).await;
    page.fill("reset", &[NEW_PASSWORD]).await;
    page.run("find('login').reset()", Value::Null).await;
    page.sign_in(&Person { password: NEW_PASSWORD.to_owned(), ..person.clone() }).await;
    assert_eq!(page.text("user-email").await, person.email);
}

pub(crate) async fn deletion(page: Page) {
    let (world, person) = registered(&page).await;
    let first = page.tab().await;
    page.new_tab().await;
    page.visit(world.service.base_url()).await;
    unfold_and_fill(&page, "delete-account", &["a wrong guess"]).await;
    assert_eq!(page.text("delete-account-current-password-error").await, "The current password is wrong.");
    assert!(page.is_signed_in().await);
    page.run("find('delete-account').reset()", Value::Null).await;
    page.fill("delete-account", &[&person.password]).await;
    assert_eq!(page.text("status").await, "Your account is deleted.");
    assert_eq!(page.text("alert").await, "");
    assert!(!page.is_signed_in().await);
    assert_eq!(page.stored().await, Value::Null);
    page.choose(&first).await;
    page.until("!find('signed-out').hidden").await;
    page.sign_in(&person).await;
    assert_eq!(page.text("login-password-error").await, "The email or the password is wrong.");
}
