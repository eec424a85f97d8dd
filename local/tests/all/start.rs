//! `local::start`, in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, DeleteGlobalSecondaryIndexAction,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, ScalarAttributeType,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::{Data, DynamoDb, Options, Server, StartError, start};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::Timestamp;

pub(super) const NOON: i64 = 1_800_000_000;

fn clock() -> (Arc<AtomicI64>, local::Clock) {
    let seconds = Arc::new(AtomicI64::new(NOON));
    let read = Arc::clone(&seconds);
    (seconds, Arc::new(move || Timestamp::from_seconds(read.load(Ordering::SeqCst))))
}

/// Every generator differs, across servers too: one server's requests must not look like another's sent again.
static SEED: AtomicU64 = AtomicU64::new(0);

pub(super) fn options() -> Options {
    let randomness = || StdRng::seed_from_u64(SEED.fetch_add(1, Ordering::SeqCst));
    Options::in_memory(clock().1, Arc::new(randomness))
}

async fn refused(options: Options) -> StartError {
    match start(options).await {
        Ok(_) => panic!("it has started"),
        Err(error) => error,
    }
}

async fn register(server: &Server, email: &str) -> u16 {
    let body = format!(r#"{{"email":"{email}","password":"correct horse battery","name":"Ada"}}"#);
    let request = reqwest::Client::new().post(format!("{}/register", server.base_url()));
    let request = request.header("content-type", "application/json").body(body);
    request.send().await.unwrap().status().as_u16()
}

/// A row that is there until `expires_at`, in the first table that has a time to live.
async fn put_row_that_expires(client: &Client, table: &str, expires_at: i64) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = client.put_item().table_name(table).item("user_id", text("u")).item("session_id", text("s"));
    row.item("expires_at", AttributeValue::N(expires_at.to_string())).send().await.unwrap();
}

#[tokio::test]
async fn the_tables_of_the_template_are_there_and_keep_time() {
    let server = start(options()).await.unwrap();
    let client = aws::client_for(server.dynamodb_url());
    let listed = client.list_tables().send().await.unwrap();
    assert_eq!(listed.table_names(), server.table_names());
    let sessions = server.table_names().iter().find(|name| name.contains("RefreshTokens")).unwrap();
    let time = client.describe_time_to_live().table_name(sessions).send().await.unwrap();
    let attribute = time.time_to_live_description.unwrap().attribute_name;
    assert_eq!(attribute.as_deref(), Some("expires_at"));
    server.shutdown().await;
}

#[tokio::test]
async fn rows_are_swept_by_the_clock_of_the_options() {
    let (seconds, clock) = clock();
    let server = start(Options { clock, ..options() }).await.unwrap();
    let client = aws::client_for(server.dynamodb_url());
    let sessions = server.table_names().iter().find(|name| name.contains("RefreshTokens")).unwrap();
    put_row_that_expires(&client, sessions, NOON + 10).await;
    assert_eq!(server.sweep_expired_rows(), Ok(0));
    seconds.fetch_add(11, Ordering::SeqCst);
    assert_eq!(server.sweep_expired_rows(), Ok(1));
    server.shutdown().await;
}

#[tokio::test]
async fn a_dynamodb_that_runs_already_is_used_and_its_tables_are_kept() {
    let first = start(options()).await.unwrap();
    assert_eq!(register(&first, "ada@example.com").await, 201);
    let external = DynamoDb::External(first.dynamodb_url().to_owned());
    let second = start(Options { dynamodb: external, ..options() }).await.unwrap();
    assert_eq!(second.dynamodb_url(), first.dynamodb_url());
    assert_eq!(register(&second, "ada@example.com").await, 409);
    assert_eq!(register(&second, "bob@example.com").await, 201);
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn a_dynamodb_that_does_not_answer_stops_the_start_and_is_named() {
    let gone = start(options()).await.unwrap();
    let endpoint = gone.dynamodb_url().to_owned();
    gone.shutdown().await;
    let error = refused(Options { dynamodb: DynamoDb::External(endpoint.clone()), ..options() }).await;
    assert!(matches!(&error, StartError::Table { .. }), "{error}");
    assert!(error.to_string().contains(&endpoint), "{error}");
}

#[tokio::test]
async fn a_table_with_another_key_stops_the_start() {
    let first = start(options()).await.unwrap();
    let client = aws::client_for(first.dynamodb_url());
    let table = first.table_names()[0].clone();
    client.delete_table().table_name(&table).send().await.unwrap();
    let key = KeySchemaElement::builder().attribute_name("other").key_type(KeyType::Hash).build().unwrap();
    let kind = ScalarAttributeType::S;
    let definition = AttributeDefinition::builder().attribute_name("other").attribute_type(kind).build();
    let create = client.create_table().table_name(&table).key_schema(key);
    let create = create.attribute_definitions(definition.unwrap()).billing_mode(BillingMode::PayPerRequest);
    create.send().await.unwrap();

    let external = DynamoDb::External(first.dynamodb_url().to_owned());
    let error = refused(Options { dynamodb: external, ..options() }).await;
    assert!(matches!(&error, StartError::OtherKey(name) if *name == table), "{error}");
    first.shutdown().await;
}

/// The addresses that the index names for a user.
async fn addresses(client: &Client, user_id: &str) -> Vec<String> {
    let query = client.query().table_name("UsersTable").index_name("user_id-index");
    let query = query.key_condition_expression("user_id = :user_id");
    let query = query.expression_attribute_values(":user_id", AttributeValue::S(user_id.to_owned()));
    let found = query.send().await.unwrap();
    found.items().iter().map(|item| item["email"].as_s().unwrap().clone()).collect()
}

#[tokio::test]
async fn a_table_without_an_index_gets_one_with_the_rows_that_are_there() {
    let first = start(options()).await.unwrap();
    let client = aws::client_for(first.dynamodb_url());
    let put = client.put_item().table_name("UsersTable");
    let put = put.item("email", AttributeValue::S("ada@example.com".to_owned()));
    put.item("user_id", AttributeValue::S("ada".to_owned())).send().await.unwrap();
    assert_eq!(addresses(&client, "ada").await, ["ada@example.com"]);

    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("user_id-index").build().unwrap();
    let update = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    let update = client.update_table().table_name("UsersTable").global_secondary_index_updates(update);
    update.send().await.unwrap();
    let external = DynamoDb::External(first.dynamodb_url().to_owned());
    let second = start(Options { dynamodb: external, ..options() }).await.unwrap();
    assert_eq!(addresses(&client, "ada").await, ["ada@example.com"]);
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn users_and_keys_in_a_directory_outlive_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let kept = || Options { data: Data::Directory(directory.path().join("data")), ..options() };
    let first = start(kept()).await.unwrap();
    let keys = jwk_set(&first).await;
    assert_eq!(register(&first, "ada@example.com").await, 201);
    first.shutdown().await;
    let second = start(kept()).await.unwrap();
    assert_eq!(jwk_set(&second).await, keys);
    assert_eq!(register(&second, "ada@example.com").await, 409);
    second.shutdown().await;
}

/// The command `ratchet` reads it.
#[tokio::test]
async fn a_directory_describes_the_service_whose_data_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let data = Data::Directory(directory.path().to_owned());
    let server = start(Options { data, ..options() }).await.unwrap();
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    let service: Value = serde_json::from_str(&read("service.json")).unwrap();
    let keys = shared::key_set::KeySet::parse(&read("key-set.json")).unwrap();
    let expected =
        json!({ "api": server.base_url(), "dynamodb": server.dynamodb_url(), "key_set": keys.version() });
    assert_eq!(service, expected);
    server.shutdown().await;
}

#[tokio::test]
async fn a_given_key_set_is_published_by_its_public_half() {
    let given = shared::key_set::KeySet::generate(
        shared::key_set::Algorithm::default(),
        &mut StdRng::seed_from_u64(5),
    )
    .unwrap();
    let document = given.to_json();
    let settings = move |name: &str| (name == "KEY_SET").then(|| document.clone());
    let server = start(Options { settings: Box::new(settings), ..options() }).await.unwrap();
    assert_eq!(jwk_set(&server).await, given.public_jwk_set());
    server.shutdown().await;
}

/// Options that keep data and keys there, and have this algorithm and an issuer that does not depend on the port.
fn signing_with(algorithm: &'static str, data: &std::path::Path) -> Options {
    let setting = move |name: &str| match name {
        "SIGNING_ALGORITHM" => Some(algorithm.to_owned()),
        "ISSUER" => Some("urn:ratchet:test".to_owned()),
        _ => None,
    };
    Options { data: Data::Directory(data.to_owned()), settings: Box::new(setting), ..options() }
}

async fn post(server: &Server, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}{path}", server.base_url()));
    let answer = request.header("content-type", "application/json").body(body.to_string()).send().await;
    serde_json::from_str(&answer.unwrap().text().await.unwrap()).unwrap()
}

fn algorithm_of(tokens: &Value) -> String {
    let header = tokens["access_token"].as_str().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["alg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn another_signing_algorithm_signs_nobody_out() {
    let directory = tempfile::tempdir().unwrap();
    let server = start(signing_with("EdDSA", directory.path())).await.unwrap();
    let account = json!({ "email": "ada@example.com", "password": "correct horse battery", "name": "Ada" });
    let mut tokens = post(&server, "/register", &account).await;
    assert_eq!(algorithm_of(&tokens), "EdDSA");
    server.shutdown().await;
    for algorithm in ["ES256", "RS256", "EdDSA"] {
        let server = start(signing_with(algorithm, directory.path())).await.unwrap();
        let me = reqwest::Client::new().get(format!("{}/me", server.base_url()));
        let me = me.bearer_auth(tokens["access_token"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(me.status(), 200, "a token of the key before, with {algorithm}");
        let both =
            json!({ "refresh_token": tokens["refresh_token"], "access_token": tokens["access_token"] });
        tokens = post(&server, "/refresh", &both).await;
        assert_eq!(algorithm_of(&tokens), algorithm);
        server.shutdown().await;
    }
}

#[tokio::test]
async fn a_signing_algorithm_that_is_none_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = refused(signing_with("es256", directory.path())).await.to_string();
    assert!(error.contains("SIGNING_ALGORITHM") && error.contains("ES256, EdDSA or RS256"), "{error}");
}

#[tokio::test]
async fn a_setting_of_the_options_reaches_the_functions() {
    let setting = |name: &str| (name == "ACCESS_TOKEN_SECONDS").then(|| "0".to_owned());
    let error = refused(Options { settings: Box::new(setting), ..options() }).await.to_string();
    assert!(error.contains("ACCESS_TOKEN_SECONDS"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

async fn jwk_set(server: &Server) -> String {
    let url = format!("{}/.well-known/jwks.json", server.base_url());
    reqwest::get(url).await.unwrap().text().await.unwrap()
}
