//! The page as a person uses it.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::driver::Browser;

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// Focuses the first field of a form, and returns how often Tab leads from each field to the next: a password has a button to
/// show it in between.
const TABS_BETWEEN_FIELDS: &str = "
    const stops = [...find(argument).querySelectorAll('input, button')];
    const fields = stops.filter(({ localName }) => localName === 'input');
    fields[0].focus();
    return fields.map((field, index) => index && stops.indexOf(field) - stops.indexOf(fields[index - 1]));";

/// The page in a browser.
#[derive(Clone)]
pub(crate) struct Page(Browser);

impl Deref for Page {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.0
    }
}

/// Somebody who may have an account.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Person {
    pub(crate) fn new() -> Self {
        let id = uuid::Builder::from_random_bytes(rand::RngExt::random(&mut tests::rng())).into_uuid();
        let email = format!("{}@example.com", id.simple());
        Self { name: "Ada Lovelace", email, password: format!("velvet orbit {}", id.simple()) }
    }
}

impl Page {
    pub(crate) fn new(browser: Browser) -> Self {
        Self(browser)
    }

    /// Opens the page, and waits until it knows whether somebody is signed in.
    pub(crate) async fn visit(&self, url: &str) {
        self.open(url).await;
        self.until("!find('signed-in').hidden || !find('signed-out').hidden").await;
    }

    /// Fills a form with the keyboard alone, as somebody without a mouse does.
    pub(crate) async fn fill(&self, form: &str, fields: &[&str]) {
        self.choose_tab_of(form).await;
        let tabs = self.run(TABS_BETWEEN_FIELDS, json!(form)).await;
        let mut keys = String::new();
        for (index, field) in fields.iter().enumerate() {
            let tabs = tabs[index].as_u64().expect("a field of the form");
            keys.extend((0..tabs).map(|_| TAB));
            keys.push_str(field);
        }
        keys.push(ENTER);
        self.press(&keys).await;
        self.until(&format!("!document.querySelector('#{form} [aria-busy]')")).await;
    }

    /// Opens the tab that a form is in, if it is in one that is not open.
    async fn choose_tab_of(&self, form: &str) {
        let focus = "const panel = find(argument).closest('[role=tabpanel][hidden]');
                     if (panel) find(panel.getAttribute('aria-labelledby')).focus();
                     return panel !== null;";
        if self.run(focus, json!(form)).await == true {
            self.press(&ENTER.to_string()).await;
            self.until(&format!("!find('{form}').closest('[hidden]')")).await;
        }
    }

    pub(crate) async fn register(&self, person: &Person) {
        self.fill("register", &[person.name, &person.email, &person.password]).await;
        self.until("!find('signed-in').hidden").await;
    }

    pub(crate) async fn sign_in(&self, person: &Person) {
        self.fill("login", &[&person.email, &person.password]).await;
    }

    /// Presses a button, and waits until what it does is done.
    pub(crate) async fn press_button(&self, id: &str) {
        self.click(&format!("#{id}")).await;
        self.until(&format!("!find('{id}').hasAttribute('aria-busy')")).await;
    }

    /// Asks for the weather, and says whether it came.
    pub(crate) async fn check_weather(&self) -> bool {
        self.run("find('weather').hidden = true", Value::Null).await;
        self.press_button("check-weather").await;
        self.run("return !find('weather').hidden", Value::Null).await == true
    }

    /// The text of an element, or what the page says as `status` or `alert`, wherever it says it.
    pub(crate) async fn text(&self, id: &str) -> String {
        let script = match id {
            "status" | "alert" => {
                "return [...document.querySelectorAll(`[role=${argument}]`)].map(({ textContent }) => textContent).join('')"
            }
            _ => "return find(argument).textContent",
        };
        let text = self.run(script, json!(id)).await;
        text.as_str().expect("a text").to_owned()
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        !self.is_hidden("signed-in").await
    }

    pub(crate) async fn is_hidden(&self, id: &str) -> bool {
        self.run("return find(argument).hidden", json!(id)).await == true
    }

    /// The id of the element that has the focus.
    pub(crate) async fn focus(&self) -> String {
        let id = self.run("return document.activeElement.id", Value::Null).await;
        id.as_str().expect("an id").to_owned()
    }

    /// How often this tab has asked for a path since it was loaded.
    pub(crate) async fn requests(&self, path: &str) -> u64 {
        let count = "return performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname === argument).length";
        self.run(count, json!(path)).await.as_u64().expect("a number")
    }

    /// What localStorage holds for the session.
    pub(crate) async fn stored(&self) -> Value {
        let script = "return Object.values(localStorage).map((text) => JSON.parse(text)).find(({ session_id }) => session_id) ?? null";
        self.run(script, Value::Null).await
    }
}
