//! What the page does, told as stories. Each has a browser of its own.

use std::pin::Pin;

use local::Server;
use serde_json::{Value, json};
use shared::{Seconds, Timestamp};
use tests::{Browser, Fault, World};

use crate::page::{Page, Person};
use crate::site;
use crate::{accounts, lost, passkeys};

pub(crate) type Story = Box<dyn FnOnce(Page) -> Pin<Box<dyn Future<Output = ()> + Send>>>;

pub(crate) fn story<F: Future<Output = ()> + Send + 'static>(
    tell: impl FnOnce(Page) -> F + 'static,
) -> Story {
    Box::new(move |page| Box::pin(tell(page)))
}

/// All stories by name.
pub(crate) fn all() -> Vec<(&'static str, Story)> {
    vec![
        ("somebody registers, looks at the weather, signs out and in again", story(whole)),
        ("what the service refuses is said at the field that it is about", story(refusals)),
        ("four tabs that all get a 401 at once refresh once", story(four_tabs)),
        ("a tab that slept through several refreshes goes on", story(sleeper)),
        ("a clock that is an hour wrong, either way, changes nothing", story(wrong_clock)),
        ("offline nobody is signed out, and online again all goes on", story(offline)),
        ("a service that is restarted signs nobody out", story(restart)),
        ("a 503 on refresh signs nobody out", story(unavailable)),
        ("an answer is lost, the browser killed, and ten hours later all goes on", story(lost::tokens)),
        ("the same where the refresh token is in a cookie", story(lost::cookie)),
        ("a session that nobody uses ends by itself on a page that is open", story(lost::idle)),
        ("a stolen refresh token ends the session for both, and the page says so", story(stolen)),
        ("what a tab does shows in the others", story(tabs_follow)),
        ("sessions are listed, and ended one by one or everywhere", story(sessions)),
        ("with the cookie no script sees a refresh token, and no other origin can use it", story(cookie)),
        (
            "somebody verifies the address by the link of a mail, which does nothing by itself",
            story(accounts::verification),
        ),
        (
            "where addresses are proved first, the link of a mail makes the account",
            story(accounts::registration),
        ),
        ("a forgotten password is replaced by the link of a mail", story(accounts::forgotten)),
        ("name and password change, and what is stored is shown", story(accounts::profile)),
        ("an address changes by the link of a mail, and comes back by another", story(accounts::address)),
        ("an account is deleted, in all tabs", story(accounts::deletion)),
        ("a refused token is refreshed, and the log of requests says why", story(log_of_requests)),
        ("whoever signs in next finds nothing that the user before has typed", story(next_user)),
        ("a session has an address of its own, and another one without", story(addresses)),
        ("a passkey is added, and signs in without a user name", story(passkeys::whole)),
        ("whoever cancels a passkey changes nothing, and tries again", story(passkeys::cancelled)),
        ("the passkey that was made for one user is added for no other", story(passkeys::wrong_user)),
        ("without user verification no passkey signs in", story(passkeys::unverified)),
        ("a page of another domain gets no passkey", story(passkeys::another_domain)),
    ]
}

/// A world whose page is open in the browser, with somebody signed in.
async fn signed_in(page: &Page) -> (World, Person) {
    let world = World::start().await;
    let person = sign_in_at(page, &world).await;
    (world, person)
}

async fn sign_in_at(page: &Page, world: &World) -> Person {
    let person = Person::new();
    page.visit(world.service.base_url()).await;
    page.register(&person).await;
    world.database.forget_requests();
    person
}

/// How many refreshes have reached the table.
fn refreshes(world: &World) -> usize {
    world.database.take_requests().iter().filter(|operation| *operation == "UpdateItem").count()
}

async fn whole(page: Page) {
    let world = World::start().await;
    let person = Person::new();
    page.visit(world.service.base_url()).await;
    assert!(!page.is_signed_in().await);
    page.register(&person).await;
    assert_eq!(page.focus().await, "signed-in-title");
    assert_eq!(page.text("user-name").await, person.name);
    assert_eq!(page.text("user-email").await, person.email);

    assert!(page.check_weather().await);
    let rows = page.run("return document.querySelectorAll('#weather tbody tr').length", Value::Null).await;
    assert_eq!((rows, page.requests("/refresh").await), (json!(5), 0));

    page.until("/^(1 min|[1-5]?[0-9] s) left$/.test(find('access-left').textContent)").await;
    page.until("/^(7|6) d( [0-9]+ h)? left$/.test(find('refresh-left').textContent)").await;
    let before = page.run("return find('refreshed-at').dateTime", Value::Null).await;
    page.press_button("clear-token").await;
    assert_eq!(page.text("access-left").await, "expired: the next request refreshes it");
    assert!(page.check_weather().await);
    assert_eq!(page.requests("/refresh").await, 1);
    assert_ne!(page.run("return find('refreshed-at').dateTime", Value::Null).await, before);

    page.reload().await;
    page.until("!find('signed-in').hidden").await;
    assert!(page.check_weather().await);
    page.press_button("sign-out").await;
    assert_eq!(
        (page.text("status").await, page.focus().await),
        ("You are signed out.".into(), "signed-out-title".into())
    );
    assert_eq!(page.stored().await, Value::Null);
    page.sign_in(&person).await;
    assert!(page.is_signed_in().await);
    assert!(page.check_weather().await);
}

async fn refusals(page: Page) {
    let world = World::start().await;
    let person = Person::new();
    page.visit(world.service.base_url()).await;
    page.sign_in(&person).await;
    assert_eq!(page.text("login-password-error").await, "The email or the password is wrong.");
    assert_eq!(page.focus().await, "login-password");
    page.fill("register", &[person.name, &person.email, "short"]).await;
    assert!(page.text("register-password-error").await.starts_with("Password must be at least 8"));
    assert_eq!(page.focus().await, "register-password");
    page.fill("register", &["", "nobody", ""]).await;
    assert!(page.text("register-email-error").await.starts_with("Email must"));
    assert_eq!(page.focus().await, "register-email", "where the person did not leave it");
    assert_eq!(page.text("register-password-error").await, "", "what is no longer wrong is no longer said");
    let markup = "<img src=x onerror=alert(1)>";
    page.run("document.querySelector('#register').reset()", Value::Null).await;
    page.fill("register", &[markup, &person.email, &person.password]).await;
    assert_eq!(page.text("user-name").await, markup, "as text");
    assert_eq!(page.run("return find('user-name').childElementCount", Value::Null).await, 0);
}

async fn four_tabs(page: Page) {
    let (world, _) = signed_in(&page).await;
    let mut tabs = vec![page.tab().await];
    for _ in 0..3 {
        tabs.push(page.new_tab().await);
        page.visit(world.service.base_url()).await;
    }
    // For the service the token has expired, for the pages it has not.
    world.clock.advance(Seconds(60));
    for tab in &tabs {
        page.choose(tab).await;
        let listen = "new BroadcastChannel('go').onmessage = () => find('check-weather').click();
                      if (argument) { new BroadcastChannel('go').postMessage(1) }";
        page.run(listen, json!(tab == tabs.last().expect("four"))).await;
    }
    page.run("find('check-weather').click()", Value::Null).await;
    let (mut sent, mut weather) = (0, 0);
    for tab in &tabs {
        page.choose(tab).await;
        page.until("!find('weather').hidden").await;
        sent += page.requests("/refresh").await;
        weather += page.requests("/weather").await;
    }
    assert_eq!((sent, refreshes(&world)), (1, 1));
    assert!(weather > 4, "{weather} requests: at least one was refused and repeated");
}

async fn sleeper(page: Page) {
    let (world, _) = signed_in(&page).await;
    let awake = page.tab().await;
    let sleeper = page.new_tab().await;
    page.visit(world.service.base_url()).await;
    page.devtools("Page.setWebLifecycleState", &json!({ "state": "frozen" })).await;
    page.choose(&awake).await;
    for _ in 0..4 {
        // Past the retry window, the grace period and the late duplicates.
        world.clock.advance(Seconds(3600));
        assert!(page.check_weather().await);
    }
    assert_eq!(refreshes(&world), 4);
    page.choose(&sleeper).await;
    page.devtools("Page.setWebLifecycleState", &json!({ "state": "active" })).await;
    assert!(page.check_weather().await);
    assert_eq!(refreshes(&world), 0, "it has taken up what the other tab has stored");
    assert!(page.is_signed_in().await);
}

async fn wrong_clock(page: Page) {
    let skew = "const real = Date.now; globalThis.skew ??= SKEW; Date.now = () => real() + globalThis.skew;";
    for hours in [-1, 1] {
        let real = page.run("return Date.now()", Value::Null).await.as_i64().expect("milliseconds");
        let source = skew.replace("SKEW", &format!("{}", hours * 3_600_000));
        let added =
            page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source })).await;
        // The service's clock is right, so that the page's is wrong by an hour and no more.
        let world = World::start().await;
        world.clock.set(Timestamp::from_millis(real));
        sign_in_at(&page, &world).await;
        assert!(page.check_weather().await);
        page.reload().await;
        page.until("!find('signed-in').hidden").await;
        assert!(page.check_weather().await);
        assert_eq!(refreshes(&world), 0, "{hours} h");
        // Set right while the page is open: at most one refresh more, and one that was due is not missed.
        page.run("globalThis.skew = 0", Value::Null).await;
        assert!(page.check_weather().await);
        world.clock.advance(Seconds(60));
        assert!(page.check_weather().await);
        assert!((1..=2).contains(&refreshes(&world)), "{hours} h");
        assert!(page.is_signed_in().await);
        page.devtools("Page.removeScriptToEvaluateOnNewDocument", &added).await;
    }
}

async fn offline(page: Page) {
    let (world, _) = signed_in(&page).await;
    world.clock.advance(Seconds(60));
    let network = |offline: bool| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    page.devtools("Network.enable", &json!({})).await;
    page.devtools("Network.emulateNetworkConditions", &network(true)).await;
    page.press_button("clear-token").await;
    assert!(!page.check_weather().await);
    assert!(page.text("alert").await.ends_with("You are still signed in."));
    assert!(page.is_signed_in().await);
    page.devtools("Network.emulateNetworkConditions", &network(false)).await;
    assert!(page.check_weather().await);
    assert_eq!(page.text("alert").await, "");
}

async fn restart(page: Page) {
    let directory = tempfile::tempdir().expect("a directory");
    let port = site::free_port();
    let server = site::start(port, Some(directory.path()), None).await;
    page.visit(server.base_url()).await;
    page.register(&Person::new()).await;
    server.shutdown().await;
    page.press_button("clear-token").await;
    assert!(!page.check_weather().await);
    assert!(page.is_signed_in().await);
    let server = site::start(port, Some(directory.path()), None).await;
    assert!(page.check_weather().await);
    assert!(page.is_signed_in().await);
    server.shutdown().await;
}

async fn unavailable(page: Page) {
    let (world, _) = signed_in(&page).await;
    world.database.disturb_all("UpdateItem", Fault::internal_error());
    page.press_button("clear-token").await;
    assert!(!page.check_weather().await);
    let alert = page.text("alert").await;
    assert!(alert.contains("Try again in") && alert.ends_with("You are still signed in."), "{alert}");
    assert!(page.is_signed_in().await);
    world.database.heal();
    // The page holds the button for the pause that the service has asked for.
    page.until("!find('check-weather').hasAttribute('aria-disabled')").await;
    assert!(page.check_weather().await);
}

async fn stolen(page: Page) {
    let (world, person) = signed_in(&page).await;
    let copy = page.stored().await["refresh_token"].clone();
    page.press_button("clear-token").await;
    assert!(page.check_weather().await);
    world.clock.advance(Seconds(601));
    let body = json!({ "refresh_token": copy });
    let answer = world.service.post("/refresh", &body, tests::Form::Tokens).await;
    answer.assert_error("invalid_grant");
    let newest = json!({ "refresh_token": page.stored().await["refresh_token"] });
    assert!(!page.check_weather().await);
    assert!(!page.is_signed_in().await);
    assert!(page.text("alert").await.starts_with("Your session expired"));
    assert_eq!(page.focus().await, "signed-out-title");
    world.service.post("/refresh", &newest, tests::Form::Tokens).await.assert_error("invalid_grant");
    page.sign_in(&person).await;
    assert!(page.is_signed_in().await);
    assert_eq!(page.text("alert").await, "");
}

async fn tabs_follow(page: Page) {
    let world = World::start().await;
    let (ada, grace) = (Person::new(), Person::new());
    page.visit(world.service.base_url()).await;
    let first = page.tab().await;
    let second = page.new_tab().await;
    page.visit(world.service.base_url()).await;
    page.register(&ada).await;
    page.choose(&first).await;
    page.until("!find('signed-in').hidden").await;
    page.choose(&second).await;
    page.press_button("sign-out").await;
    page.choose(&first).await;
    page.until("!find('signed-out').hidden").await;
    assert_eq!(page.text("status").await, "You signed out in another tab.");
    page.register(&grace).await;
    page.choose(&second).await;
    page.until("!find('signed-in').hidden").await;
    assert_eq!(page.text("user-email").await, grace.email);
}

async fn sessions(page: Page) {
    let (world, person) = signed_in(&page).await;
    let mut other = Browser::at(&world.service);
    (other.email, other.password) = (person.email, person.password);
    other.login().await.assert_ok();
    page.press_button("list-sessions").await;
    assert_eq!(page.text("status").await, "2 sessions.");
    page.click("#sessions [aria-label^='End the session of']").await;
    page.until("document.querySelector('#sessions-title ~ .messages [role=status]').textContent === 'The session has ended.'").await;
    assert_eq!(page.run("return find('sessions').children.length", Value::Null).await, 1);
    assert_eq!(page.focus().await, "sessions-title");
    other.refresh().await.assert_error("invalid_grant");
    assert!(page.check_weather().await);

    other.login().await.assert_ok();
    page.press_button("end-others").await;
    assert_eq!(page.text("status").await, "All other sessions have ended.");
    other.refresh().await.assert_error("invalid_grant");

    other.login().await.assert_ok();
    page.click("#sign-out-everywhere").await;
    page.press("\u{e00c}").await;
    page.until("!find('ask').open").await;
    assert!(page.is_signed_in().await, "Escape is no yes");
    page.click("#sign-out-everywhere").await;
    page.click("#ask-yes").await;
    page.until("!find('signed-out').hidden").await;
    assert!(page.text("alert").await.starts_with("You are signed out"));
    other.refresh().await.assert_error("invalid_grant");
}

async fn cookie(page: Page) {
    let port = site::free_port();
    let origin = format!("http://127.0.0.1:{port}");
    let server = site::start(port, None, Some(origin.clone())).await;
    let with_cookie = format!("{origin}/?transport=cookie");
    page.visit(&with_cookie).await;
    page.register(&Person::new()).await;
    assert!(page.check_weather().await);
    assert_eq!(page.stored().await, Value::Null);
    let cookies = page.run("return document.cookie", Value::Null).await;
    let (name, digits) = cookies.as_str().and_then(|text| text.split_once('=')).expect("one cookie");
    assert!(name.ends_with("_retry") && digits.len() == 8, "{cookies}: what tells that a key is spent");
    page.reload().await;
    page.until("!find('signed-in').hidden").await;
    page.press_button("clear-token").await;
    assert!(page.check_weather().await);
    another_origin_can_do_nothing(&page, &server).await;
    page.visit(&with_cookie).await;
    assert!(page.is_signed_in().await, "nobody else has signed out");
    page.press_button("sign-out").await;
    page.reload().await;
    page.until("!find('signed-out').hidden").await;
    server.shutdown().await;
}

/// A page of another origin, though of the same site, so that the browser sends the cookie along.
async fn another_origin_can_do_nothing(page: &Page, server: &Server) {
    let other = World::start().await;
    page.visit(other.service.base_url()).await;
    let attack = "
        const outcomes = [];
        for (const path of ['/refresh', '/logout']) {
          for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
            for (const mode of ['cors', 'no-cors']) {
              const how = { method: 'POST', mode, credentials: 'include', headers: { 'content-type': type }, body: '{}' };
              outcomes.push(await fetch(argument + path, how).then(({ type, status }) => type + status, () => 'failed'));
            }
          }
        }
        return outcomes;";
    // The page's own policy forbids such requests; the attacker's page has none.
    page.open("about:blank").await;
    page.open(&format!("{}/weather", other.service.base_url())).await;
    let outcomes = page.run(attack, json!(server.base_url())).await;
    for outcome in outcomes.as_array().expect("a list") {
        assert!(outcome == "failed" || outcome == "opaque0", "{outcomes}");
    }
}

async fn log_of_requests(page: Page) {
    let (_world, _) = signed_in(&page).await;
    page.press_button("spoil-token").await;
    assert!(page.check_weather().await);
    let newest = "
        const [group] = find('requests').children;
        const sent = [...group.querySelectorAll('.request')].map((request) => request.innerText.replace(/\\s+/g, ' ').trim());
        return [group.querySelector('.cause span').textContent, ...sent];";
    let expected = [
        "You pressed “Check weather”",
        "GET /weather 401",
        "POST /refresh 200 the token was refused",
        "GET /weather 200 sent again with the new token",
    ];
    assert_eq!(page.run(newest, Value::Null).await, json!(expected));
    page.press_button("clear-token").await;
    assert!(page.check_weather().await);
    let expected =
        ["You pressed “Check weather”", "POST /refresh 200 the token was cleared", "GET /weather 200"];
    assert_eq!(page.run(newest, Value::Null).await, json!(expected));
}

async fn next_user(page: Page) {
    let (_world, person) = signed_in(&page).await;
    page.click("details:has(#change-password) summary").await;
    page.run("find('change-password-current-password').focus()", Value::Null).await;
    page.press(&person.password).await;
    assert!(page.check_weather().await);
    page.press_button("sign-out").await;
    let next = Person::new();
    page.register(&next).await;
    let left = "const part = find('change-password').closest('details');
                const log = find('requests').textContent.includes('/weather');
                return [find('change-password-current-password').value, part.open, log];";
    assert_eq!(page.run(left, Value::Null).await, json!(["", false, false]));
}

async fn addresses(page: Page) {
    let world = World::start().await;
    let path = async |page: &Page| page.run("return location.pathname", Value::Null).await;
    page.visit(world.service.base_url()).await;
    assert_eq!(path(&page).await, "/login");
    page.register(&Person::new()).await;
    assert_eq!(path(&page).await, "/");
    page.visit(&format!("{}/login", world.service.base_url())).await;
    assert_eq!((page.is_signed_in().await, path(&page).await), (true, json!("/")));
    page.press_button("sign-out").await;
    assert_eq!(path(&page).await, "/login");
    page.reload().await;
    page.until("!find('signed-out').hidden").await;
}
