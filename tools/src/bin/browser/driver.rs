//! A browser, through the commands of WebDriver (<https://www.w3.org/TR/webdriver2/>) that the stories need.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use serde_json::{Value, json};

/// How an element is named in WebDriver's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a script may wait for what it waits for, in milliseconds. Far longer than anything here takes.
const PATIENCE: u32 = 60_000;

/// `chromedriver`, stopped when this is dropped.
pub(crate) struct Driver {
    process: Child,
    url: String,
    http: reqwest::Client,
}

/// One browser. Clones are the same browser.
#[derive(Clone)]
pub(crate) struct Browser {
    driver: String,
    session: String,
    process: u64,
    http: reqwest::Client,
}

impl Driver {
    pub(crate) fn start() -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("chromedriver: is Debian's chromium-driver installed?");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let port = lines.find_map(|line| Some(line.ok()?.split_once("successfully on port ")?.1.to_owned()));
        let port = port.expect("chromedriver says its port");
        let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Self { process, http: tests::client(&url), url }
    }

    /// A fresh browser, with a profile of its own.
    pub(crate) async fn browser(&self) -> Browser {
        open(&self.http, &self.url, None).await
    }
}

/// Has the driver open a browser with this profile, or with one of its own.
async fn open(http: &reqwest::Client, driver: &str, profile: Option<&Path>) -> Browser {
    // As root, as in a container, Chromium runs only without its sandbox. It sees nothing but pages of this machine.
    let arguments =
        ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"];
    let profile = profile.map(|path| format!("--user-data-dir={}", path.display()));
    let arguments: Vec<_> = arguments.into_iter().map(str::to_owned).chain(profile).collect();
    let options = json!({ "args": arguments });
    let wanted =
        json!({ "browserName": "chrome", "timeouts": { "script": PATIENCE }, "goog:chromeOptions": options });
    let body = json!({ "capabilities": { "alwaysMatch": wanted } });
    let value = send(http, Method::POST, format!("{driver}/session"), Some(&body)).await;
    let id = value["sessionId"].as_str().expect("a session");
    let process = value["capabilities"]["goog:processID"].as_u64().expect("the browser's process");
    Browser {
        driver: driver.to_owned(),
        session: format!("{driver}/session/{id}"),
        process,
        http: http.clone(),
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

impl Browser {
    pub(crate) async fn quit(&self) {
        self.command(Method::DELETE, "", None).await;
    }

    /// A browser with this profile, which another one may have left.
    pub(crate) async fn with_profile(&self, profile: &Path) -> Self {
        open(&self.http, &self.driver, Some(profile)).await
    }

    /// Ends the browser as a power failure does: it writes nothing more to its profile.
    pub(crate) async fn kill(&self) {
        let status = Command::new("kill").args(["-KILL", &self.process.to_string()]).status();
        assert!(status.expect("kill").success(), "the browser ran");
        // The driver notices that it has gone, and forgets the session.
        let gone = self.http.delete(&self.session).send().await;
        drop(gone);
    }

    pub(crate) async fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).await;
    }

    pub(crate) async fn reload(&self) {
        self.post("/refresh", &json!({})).await;
    }

    /// Opens a tab and goes there. What follows happens in it, until another is chosen.
    pub(crate) async fn new_tab(&self) -> Value {
        let tab = self.post("/window/new", &json!({ "type": "tab" })).await["handle"].clone();
        self.choose(&tab).await;
        tab
    }

    pub(crate) async fn tab(&self) -> Value {
        self.command(Method::GET, "/window", None).await
    }

    pub(crate) async fn choose(&self, tab: &Value) {
        self.post("/window", &json!({ "handle": tab })).await;
    }

    /// The body of an async function: what it returns, once it does. `find` finds an element by its id.
    pub(crate) async fn run(&self, script: &str, argument: Value) -> Value {
        let script = format!(
            "const find = (id) => document.getElementById(id);
             const done = arguments[arguments.length - 1];
             (async (argument) => {{ {script} }})(arguments[0])
               .then((value) => done({{ value }}), (error) => done({{ error: String(error?.stack ?? error) }}));"
        );
        let answer = self.post("/execute/async", &json!({ "script": script, "args": [argument] })).await;
        assert_eq!(answer["error"], Value::Null, "{script}");
        answer["value"].clone()
    }

    /// Waits until a condition holds, and looks whenever the page changes.
    pub(crate) async fn until(&self, condition: &str) {
        let script = format!(
            "const holds = () => {condition};
             await new Promise((resolve, reject) => {{
               const look = () => holds() && resolve();
               new MutationObserver(look).observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
               setTimeout(() => reject(new Error(document.body.innerText)), {PATIENCE} / 2);
               look();
             }});"
        );
        self.run(&script, Value::Null).await;
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        self.post(&format!("/element/{element}/click"), &json!({})).await;
    }

    /// Types into whatever has the focus. Tab is `\u{e004}` and Enter `\u{e007}`, as WebDriver spells them.
    pub(crate) async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| [("keyDown", key), ("keyUp", key)]);
        let strokes: Vec<_> = strokes.map(|(kind, key)| json!({ "type": kind, "value": key })).collect();
        let keyboard = json!([{ "type": "key", "id": "keyboard", "actions": strokes }]);
        self.post("/actions", &json!({ "actions": keyboard })).await;
    }

    /// A command of the DevTools protocol, for what WebDriver has no word for.
    pub(crate) async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// Plugs an authenticator in that is part of the machine, keeps passkeys and has verified its user. Returns its id.
    pub(crate) async fn add_authenticator(&self) -> String {
        let of_the_machine = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        let id = self.post("/webauthn/authenticator", &of_the_machine).await;
        id.as_str().expect("an id").to_owned()
    }

    /// From now on its user is verified, or not.
    pub(crate) async fn verify_user(&self, authenticator: &str, is_verified: bool) {
        let path = format!("/webauthn/authenticator/{authenticator}/uv");
        self.post(&path, &json!({ "isUserVerified": is_verified })).await;
    }

    async fn find(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector })).await;
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no {selector}")).to_owned()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.command(Method::POST, path, Some(body)).await
    }

    async fn command(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        send(&self.http, method, format!("{}{path}", self.session), body).await
    }
}

async fn send(http: &reqwest::Client, method: Method, url: String, body: Option<&Value>) -> Value {
    let mut request = http.request(method, &url);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let answer: Value = answer.json().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let value = &answer["value"];
    assert_eq!(value["error"], Value::Null, "{url} {body:?}: {}", value["message"]);
    value.clone()
}
