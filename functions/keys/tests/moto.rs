//! The life of a key set, with the API of Secrets Manager as moto serves it. Run by `scripts/test-keys`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod support;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws::secret::{KeyCache, Secret};
use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::Value;
use shared::Timestamp;
use shared::data_key::{DataKeyError, DataKeyId};
use shared::key_set::VerifyingKeys;
use support::{Stack, data, reason};

/// moto's server, which stops with the test.
struct Moto {
    process: Child,
    config: SdkConfig,
}

impl Moto {
    fn start() -> Self {
        let command = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/moto/bin/moto_server");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let process = Command::new(&command)
            .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process =
            process.unwrap_or_else(|error| panic!("{}: {error}: run scripts/moto", command.display()));
        // moto knows the existing Regions.
        let config = aws::config_for(&format!("http://{address}")).into_builder();
        let moto = Self { process, config: config.region(Region::new("eu-west-1")).build() };
        // A minute: several start at once, and each imports all of AWS.
        let listens = (0..1200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            TcpStream::connect(address).is_ok()
        });
        assert!(listens, "moto does not start");
        moto
    }

    /// Creates the secret as the template does: without a value.
    async fn with_secret() -> (Self, Stack) {
        let moto = Self::start();
        moto.client().create_secret().name("key-set").send().await.expect("a secret");
        let stack = Stack::new(moto.config.clone(), 200);
        (moto, stack)
    }

    fn client(&self) -> Client {
        Client::new(&self.config)
    }

    async fn stored(&self) -> String {
        let value = self.client().get_secret_value().secret_id("key-set").send().await.expect("a value");
        value.secret_string.expect("a text")
    }

    async fn versions(&self) -> usize {
        let all = self.client().list_secret_version_ids().secret_id("key-set").include_deprecated(true);
        all.send().await.expect("versions").versions().len()
    }

    /// Returns the key set as the functions load it.
    async fn keys(&self) -> KeyCache {
        let secret = Secret::new(&self.config, "key-set".to_owned());
        KeyCache::read(secret, Timestamp::from_seconds(0)).await.expect("a key set")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}

#[tokio::test]
async fn a_creation_fills_the_secret_and_repeating_it_changes_nothing() {
    let (moto, mut stack) = Moto::with_secret().await;
    let event = stack.event("Create", &[]);
    let first = data(&stack.answer_to(&event).await);
    let stored = moto.stored().await;
    assert_eq!(data(&stack.answer_to(&event).await), first, "the same request again");
    assert_eq!(data(&stack.request("Create", &[]).await), first, "another one");
    assert_eq!((moto.stored().await, moto.versions().await), (stored, 1));
    let keys = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    assert_eq!(keys.signing.key_id(), first.0);
}

#[tokio::test]
async fn after_a_rotation_the_next_key_signs_and_a_repetition_changes_nothing() {
    let (moto, mut stack) = Moto::with_secret().await;
    let (old, published) = data(&stack.request("Create", &[]).await);
    let before = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    let rotated = data(&stack.request("Update", &[("KeyRotation", "2")]).await);
    assert_eq!((&rotated.0, rotated.1.len()), (&published[1], 3));
    assert!(rotated.1.contains(&old));
    let stored = moto.stored().await;
    assert_eq!(data(&stack.request("Update", &[("KeyRotation", "2")]).await), rotated);
    assert_eq!((moto.stored().await, moto.versions().await), (stored, 2));
    let after = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    assert!(after.refresh.has(before.refresh.current()) && before.refresh.has(after.refresh.current()));
    VerifyingKeys::from_jwk_set(&after.public_jwk_set()).expect("a JWK set");
}

#[tokio::test]
async fn rotating_twice_goes_two_keys_on_and_publishes_three() {
    let (_moto, mut stack) = Moto::with_secret().await;
    let (first, _) = data(&stack.request("Create", &[]).await);
    let (second, published) = data(&stack.request("Update", &[("KeyRotation", "2")]).await);
    let (third, twice) = data(&stack.request("Update", &[("KeyRotation", "3")]).await);
    assert_eq!(third, published[2]);
    assert_eq!((twice.len(), twice.contains(&second), twice.contains(&first)), (3, true, false));
}

#[tokio::test]
async fn a_rollback_selects_the_old_signer_and_the_next_try_the_same_new_one() {
    let (moto, mut stack) = Moto::with_secret().await;
    let (first, _) = data(&stack.request("Create", &[]).await);
    let (second, _) = data(&stack.request("Update", &[("KeyRotation", "2")]).await);
    let (signer, published) = data(&stack.request("Update", &[("KeyRotation", "1")]).await);
    assert_eq!((signer, published.contains(&second)), (first, true));
    assert_eq!(data(&stack.request("Update", &[("KeyRotation", "2")]).await).0, second);
    assert_eq!(moto.versions().await, 4);
}

#[tokio::test]
async fn a_revoked_key_is_gone_and_a_rollback_does_not_bring_it_back() {
    let (moto, mut stack) = Moto::with_secret().await;
    let (leaked, published) = data(&stack.request("Create", &[]).await);
    let before = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    let revoke = format!("{leaked},{}", before.refresh.current().0);
    let (signer, left) = data(&stack.request("Update", &[("RevokeKeys", &revoke)]).await);
    assert_eq!((&signer, left.contains(&leaked)), (&published[1], false));
    assert!(!moto.stored().await.contains(&format!(r#""kid": "{leaked}""#)));
    let after = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    assert!(!after.refresh.has(before.refresh.current()));
    let rolled_back = data(&stack.request("Update", &[]).await);
    assert_eq!((rolled_back.0, moto.versions().await), (signer, 2));
}

#[tokio::test]
async fn data_keys_are_added_to_an_old_set_rotated_and_revoked_and_no_answer_has_them() {
    let (moto, mut stack) = Moto::with_secret().await;
    data(&stack.request("Create", &[]).await);
    let mut old: Value = serde_json::from_str(&moto.stored().await).expect("JSON");
    old.as_object_mut().expect("an object").remove("data_keys");
    for step in old["rotations"].as_array_mut().expect("steps") {
        step.as_object_mut().expect("an object").remove("data_key");
    }
    let put = moto.client().put_secret_value().secret_id("key-set").secret_string(old.to_string());
    put.send().await.expect("the set of before");
    assert!(current_data_key(&moto).await.is_err());

    let added = stack.request("Update", &[("KindsOfKeys", "3")]).await;
    assert_eq!(current_data_key(&moto).await, Ok(DataKeyId(1)));
    let rotated = stack.request("Update", &[("KeyRotation", "2")]).await;
    assert_eq!(current_data_key(&moto).await, Ok(DataKeyId(2)));
    let keys = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    assert!(keys.data.has(DataKeyId(1)), "kept until it is revoked");
    let revoked = stack.request("Update", &[("KeyRotation", "2"), ("RevokeKeys", "data-1")]).await;
    let keys = moto.keys().await.current(Timestamp::from_seconds(0)).await;
    assert!(!keys.data.has(DataKeyId(1)) && keys.data.has(DataKeyId(2)));

    let stored: Value = serde_json::from_str(&moto.stored().await).expect("JSON");
    for answer in [added, rotated, revoked] {
        assert_eq!(answer["Status"], "SUCCESS", "{answer}");
        for key in stored["data_keys"].as_array().expect("keys") {
            assert!(!answer.to_string().contains(key["key"].as_str().expect("a key")));
        }
    }
}

async fn current_data_key(moto: &Moto) -> Result<DataKeyId, DataKeyError> {
    moto.keys().await.current(Timestamp::from_seconds(0)).await.data.current()
}

#[tokio::test]
async fn a_deletion_leaves_the_secret() {
    let (moto, mut stack) = Moto::with_secret().await;
    data(&stack.request("Create", &[]).await);
    let stored = moto.stored().await;
    let answer = stack.request("Delete", &[]).await;
    assert_eq!((answer["Status"].as_str(), moto.stored().await), (Some("SUCCESS"), stored));
}

#[tokio::test]
async fn a_secret_that_is_not_there_or_is_being_deleted_fails_the_request() {
    let (moto, mut stack) = Moto::with_secret().await;
    let missing = stack.request("Create", &[("SecretId", "another")]).await;
    assert!(
        reason(&missing).contains("ResourceNotFound") || reason(&missing).contains("can't find"),
        "{missing}"
    );
    data(&stack.request("Create", &[]).await);
    moto.client().delete_secret().secret_id("key-set").send().await.expect("a deletion");
    let deleted = stack.request("Update", &[("KeyRotation", "2")]).await;
    assert!(reason(&deleted).starts_with("Secrets Manager: "), "{deleted}");
}

#[tokio::test]
async fn secrets_manager_that_goes_down_fails_the_request() {
    let (mut moto, mut stack) = Moto::with_secret().await;
    data(&stack.request("Create", &[]).await);
    moto.process.kill().expect("moto ends");
    moto.process.wait().expect("moto ends");
    let failed = stack.request("Update", &[("KeyRotation", "2")]).await;
    assert!(reason(&failed).starts_with("Secrets Manager: "), "{failed}");
}
