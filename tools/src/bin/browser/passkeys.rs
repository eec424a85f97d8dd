//! Passkeys in a browser, with an authenticator of WebDriver's (Web Authentication level 3, section 11). The page's scripts ask
//! the service themselves, as a page without our client does.

use serde_json::{Value, json};
use tests::World;

use crate::page::{Page, Person};

/// What the scripts have in common. A request that the browser gives up on does so within seconds.
const HELPERS: &str = "
  const post = async (path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const register = async ({ email, password }) => (await post('/register', { email, password, name: 'Ada' })).body;
  const options = async ({ password }, token) =>
    (await post('/passkeys/creation-options', { current_password: password }, token)).body;
  const make = async ({ public_key, challenge_id }, signal) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...public_key, timeout: 3000 });
    const credential = await navigator.credentials.create({ publicKey, signal });
    return { challenge_id, credential: credential.toJSON() };
  };
  const add = async (person) => {
    const { access_token } = await register(person);
    return post('/passkeys', await make(await options(person, access_token)), access_token);
  };
  const sign = async (signal) => {
    const { body: { public_key, challenge_id } } = await post('/passkeys/options', {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...public_key, timeout: 3000 });
    const credential = await navigator.credentials.get({ publicKey, signal });
    return { challenge_id, credential: credential.toJSON() };
  };
  const signIn = async (signal) => post('/passkeys/sign-in', await sign(signal));
  const nameOf = (error) => error.name;
";

/// A world of which a document is open where passkeys can be, and the authenticator. It is not the page: that asks the browser
/// for a passkey to fill in, and a browser answers one request at a time.
async fn open(page: &Page) -> (World, String) {
    let world = World::start().await;
    page.open(&at_localhost(&world)).await;
    let authenticator = page.add_authenticator().await;
    (world, authenticator)
}

fn at_localhost(world: &World) -> String {
    format!("{}/weather", world.service.base_url().replace("127.0.0.1", "localhost"))
}

async fn run(page: &Page, script: &str, argument: Value) -> Value {
    page.run(&format!("{HELPERS} {script}"), argument).await
}

fn who(person: &Person) -> Value {
    json!({ "email": person.email, "password": person.password })
}

pub(crate) async fn whole(page: Page) {
    let (_world, _) = open(&page).await;
    let person = Person::new();
    let added = run(&page, "return add(argument)", who(&person)).await;
    assert_eq!(added["status"], 201, "{added}");
    assert_eq!(added["body"]["passkey"]["transports"], json!(["internal"]));
    let signed_in = run(&page, "return signIn()", Value::Null).await;
    assert_eq!(signed_in["status"], 200, "{signed_in}");
    assert_eq!(signed_in["body"]["user"]["email"], person.email.as_str());
    // An authenticator that has one makes no second.
    let script = "const { access_token } = (await signIn()).body;
                  const asked = (await post('/passkeys/creation-options', {}, access_token)).body;
                  return make(asked).catch(nameOf)";
    assert_eq!(run(&page, script, Value::Null).await, "InvalidStateError");
}

pub(crate) async fn cancelled(page: Page) {
    let (world, _) = open(&page).await;
    let person = Person::new();
    let script = "const { access_token } = await register(argument);
                  const asked = await options(argument, access_token);
                  const name = await make(asked, AbortSignal.abort()).catch(nameOf);
                  return { name, added: await post('/passkeys', await make(asked), access_token) }";
    let made = run(&page, script, who(&person)).await;
    assert_eq!((&made["name"], &made["added"]["status"]), (&json!("AbortError"), &json!(201)), "{made}");
    world.database.forget_requests();
    let name = run(&page, "return signIn(AbortSignal.abort()).catch(nameOf)", Value::Null).await;
    assert_eq!(name, "AbortError");
    assert_eq!(world.database.take_requests(), ["PutItem"], "a challenge, and nothing else");
    assert_eq!(run(&page, "return signIn()", Value::Null).await["status"], 200);
}

pub(crate) async fn wrong_user(page: Page) {
    let (_world, _) = open(&page).await;
    let (ada, grace) = (Person::new(), Person::new());
    let script = "const { access_token } = await register(argument[0]);
                  const { access_token: other } = await register(argument[1]);
                  return post('/passkeys', await make(await options(argument[0], access_token)), other)";
    let refused = run(&page, script, json!([who(&ada), who(&grace)])).await;
    assert_eq!((&refused["status"], &refused["body"]["error"]), (&json!(400), &json!("invalid_passkey")));
    // The authenticator has made it all the same, and it signs nobody in.
    let refused = run(&page, "return signIn()", Value::Null).await;
    assert_eq!((&refused["status"], &refused["body"]["error"]), (&json!(401), &json!("invalid_credentials")));
}

pub(crate) async fn unverified(page: Page) {
    let (_world, authenticator) = open(&page).await;
    let person = Person::new();
    assert_eq!(run(&page, "return add(argument)", who(&person)).await["status"], 201);
    page.verify_user(&authenticator, false).await;
    let name = run(&page, "return signIn().catch(nameOf)", Value::Null).await;
    assert_eq!(name, "NotAllowedError");
    // A script that asks for less than the service does gets a signature, which the service refuses.
    let script = "const { body: { public_key, challenge_id } } = await post('/passkeys/options', {});
                  const asked = { ...public_key, userVerification: 'discouraged' };
                  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
                  const credential = (await navigator.credentials.get({ publicKey })).toJSON();
                  return post('/passkeys/sign-in', { challenge_id, credential })";
    let refused = run(&page, script, Value::Null).await;
    assert_eq!((&refused["status"], &refused["body"]["error"]), (&json!(401), &json!("invalid_credentials")));
    page.verify_user(&authenticator, true).await;
    assert_eq!(run(&page, "return signIn()", Value::Null).await["status"], 200);
}

pub(crate) async fn another_domain(page: Page) {
    let (world, _) = open(&page).await;
    let person = Person::new();
    assert_eq!(run(&page, "return add(argument)", who(&person)).await["status"], 201);
    page.open(world.service.base_url()).await;
    let name = run(&page, "return signIn().catch(nameOf)", Value::Null).await;
    assert_eq!(name, "SecurityError", "a page of another domain gets no passkey");
}
