//! The data of the events: keys, an account, and one session for each case that needs one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::access_token::NewClaims;
use shared::attempts::Lane;
use shared::authentication::AuthenticationMethods;
use shared::code::{Code, CodeId, Half, OfAccount, Pending, Purpose};
use shared::email::Email;
use shared::ids::{SessionId, TokenId, UserId};
use shared::key_set::{Algorithm, KeySet};
use shared::password::{HashCost, Hasher, Password};
use shared::refresh_token::{Generation, Nonce, RefreshToken};
use shared::retry_key::RetryKeyHash;
use shared::session::Attempt;

/// 2026-11-01: the registration of the account and the beginning of its sessions.
pub(crate) const PAST: i64 = 1_793_491_200;
/// 2100-01-01: the expiry of tokens and rows.
pub(crate) const FUTURE: i64 = 4_102_444_800;

/// The account's address.
pub(super) const EMAIL: &str = "ada@example.com";

/// Its previous address, and its future one.
const OLD_EMAIL: &str = "ada@example.net";
pub(super) const NEW_EMAIL: &str = "ada@example.org";

/// Its password.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// The retry key of the refresh of [`Seeded::RefreshedWithKey`].
pub(super) const RETRY_KEY: &str = "kB0vJx3yQ2m7dR8tWc5nLg";

/// A blocked address, at which somebody has guessed "until 2100". It has no account.
pub(super) const GUESSED_AT: &str = "grace@example.com";

/// Keys, account and sessions: the same in each run.
pub struct Fixture {
    /// The key set, public to all the world.
    pub keys: KeySet,
    /// The account's id.
    pub user_id: UserId,
    password_hash: String,
}

/// The sessions, one for each case, so that no case depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seeded {
    /// Not refreshed so far.
    New = 1,
    /// Refreshed four times.
    Refreshed = 2,
    /// Refreshed "in 2100": its last superseded token is a prompt replay until then.
    RefreshedJustNow = 3,
    /// Refreshed five times, long ago.
    RefreshedLongAgo = 4,
    /// Refreshed twice "in 2100": the token before is a late duplicate until then.
    RefreshedTwiceJustNow = 5,
    /// Past its idle end, and not deleted yet.
    Over = 6,
    /// Signed out by a case.
    ToLeave = 7,
    /// Refreshed once, long ago, by a client with a retry key.
    RefreshedWithKey = 8,
}

impl Seeded {
    pub(crate) const ALL: [Self; 8] = [
        Self::New,
        Self::Refreshed,
        Self::RefreshedJustNow,
        Self::RefreshedLongAgo,
        Self::RefreshedTwiceJustNow,
        Self::Over,
        Self::ToLeave,
        Self::RefreshedWithKey,
    ];

    pub(crate) fn id(self) -> SessionId {
        let mut bytes = [self as u8; 16];
        // The marks of a random UUID.
        (bytes[6], bytes[8]) = (0x40, 0x80);
        SessionId::from_bytes(bytes)
    }

    pub(crate) fn generation(self) -> u32 {
        match self {
            Self::New | Self::Over | Self::ToLeave => 0,
            Self::RefreshedJustNow | Self::RefreshedWithKey => 1,
            Self::RefreshedTwiceJustNow => 2,
            Self::Refreshed => 4,
            Self::RefreshedLongAgo => 5,
        }
    }

    /// When its tokens one, two and three generations back were superseded, in milliseconds.
    pub(super) fn superseded(self) -> [i64; 3] {
        match self {
            Self::New | Self::Over | Self::ToLeave => [0; 3],
            Self::RefreshedJustNow => [FUTURE * 1000, 0, 0],
            Self::RefreshedWithKey => [PAST * 1000, 0, 0],
            Self::RefreshedTwiceJustNow => [FUTURE * 1000, FUTURE * 1000, 0],
            Self::Refreshed | Self::RefreshedLongAgo => [PAST * 1000; 3],
        }
    }
}

/// The mailed codes. Each case gets fresh rows, so several may use one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mailed {
    /// For another password.
    Reset = 1,
    /// For the address.
    Verify = 2,
    /// For another password, and over since 2026.
    Over = 3,
    /// For another address.
    Move = 4,
    /// For the address that the account had before.
    Undo = 5,
    /// For an account that begins with it.
    Registration = 6,
}

impl Mailed {
    pub(crate) const ALL: [Self; 6] =
        [Self::Reset, Self::Verify, Self::Over, Self::Move, Self::Undo, Self::Registration];

    fn purpose(self) -> Purpose {
        match self {
            Self::Reset | Self::Over => Purpose::Reset,
            Self::Verify => Purpose::Verify,
            Self::Move => Purpose::ChangeAddress,
            Self::Undo => Purpose::AddressChanged,
            Self::Registration => Purpose::Registration,
        }
    }

    /// The address of the account, and the new one of a change.
    fn addresses(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Reset | Self::Verify | Self::Over => (EMAIL, None),
            Self::Move => (EMAIL, Some(NEW_EMAIL)),
            Self::Undo => (OLD_EMAIL, Some(EMAIL)),
            Self::Registration => (NEW_EMAIL, None),
        }
    }
}

impl Default for Fixture {
    fn default() -> Self {
        Self::new()
    }
}

/// Fixed, since tokens of the fuzz corpus name it.
const USER_ID: &str = "b2daa92d-39e4-40f2-882d-adb440eac13c";

impl Fixture {
    /// Makes the fixture; the seed is the same each time.
    ///
    /// # Panics
    /// Panics if the cryptographic library refuses.
    #[must_use]
    pub fn new() -> Self {
        let mut rng = StdRng::seed_from_u64(0x72_61_74_63_68_65_74);
        let cost = HashCost { memory_kib: 19_456, iterations: 2, parallelism: 1 };
        let hasher = Hasher::new(cost).expect("the template's cost");
        let password = Password::parse(PASSWORD).expect("a password");
        Self {
            // Ed25519 signs alike each time, so the files are the same in each run.
            keys: KeySet::generate(Algorithm::EdDSA, &mut rng).expect("keys"),
            user_id: USER_ID.parse().expect("a UUID"),
            password_hash: hasher.hash(&password, &mut rng).expect("a hash"),
        }
    }

    /// Returns the public halves, as in the setting `PUBLIC_KEYS`.
    ///
    /// # Panics
    /// Panics if they are not JSON.
    #[must_use]
    pub fn public_keys(&self) -> Value {
        serde_json::from_str(&self.keys.public_jwk_set()).expect("JSON")
    }

    /// Returns the settings of functions in a container on a developer's machine, as `sam local --env-vars` takes them:
    /// the keys instead of their secret, and the DynamoDB that `cargo run` starts.
    #[must_use]
    pub fn variables(&self) -> Value {
        json!({ "Parameters": {
            "KEY_SET": self.keys.to_json(),
            "KEY_SET_SECRET": "",
            "PUBLIC_KEYS": self.keys.public_jwk_set(),
            "DYNAMODB_ENDPOINT": "http://host.docker.internal:8000",
            "MAIL_FROM": "noreply@example.com",
            "APP_URL": "https://app.example.com/account",
        } })
    }

    /// The rows, as `aws dynamodb batch-write-item --request-items` takes them.
    #[must_use]
    pub fn tables(&self) -> Value {
        let put = |item: Value| json!({ "PutRequest": { "Item": item } });
        json!({
            "UsersTable": [put(self.account())],
            "RefreshTokensTable": Seeded::ALL.map(|session| put(self.row(session))),
            "SignInAttemptsTable": [put(self.attempts())],
            "CodesTable": Mailed::ALL.map(|mailed| put(self.code_row(mailed))),
        })
    }

    fn account(&self) -> Value {
        json!({
            "email": { "S": EMAIL },
            "user_id": { "S": self.user_id },
            "name": { "S": "Ada Lovelace" },
            "password_hash": { "S": self.password_hash },
            "roles": { "L": [] },
            "version": { "N": "1" },
            "created_at": { "N": (PAST * 1000).to_string() },
            "address_changes": { "N": "1" },
            "undoable_changes": { "L": [{ "M": {
                "number": { "N": "1" },
                "at": { "N": (PAST * 1000).to_string() },
                "from": { "S": Mailed::Undo.addresses().0 },
            } }] },
        })
    }

    fn code(&self, mailed: Mailed) -> Code {
        let address = |text: &str| Email::parse(text).expect("an address");
        let (email, new_email) = mailed.addresses();
        let is_pending = mailed == Mailed::Registration;
        let of_account = OfAccount { user_id: self.user_id, version: 1 };
        let pending = Pending { name: "Grace Hopper".to_owned(), password_hash: self.password_hash.clone() };
        Code {
            code_id: CodeId::from_bytes([mailed as u8; 16]),
            purpose: mailed.purpose(),
            email: address(email),
            new_email: new_email.map(address),
            account: (!is_pending).then_some(of_account),
            pending: is_pending.then_some(pending),
            locale: None,
            key_id: self.keys.refresh.current(),
            nonce: nonce(0),
            created_at: Timestamp::from_seconds(PAST),
            expires_at: Timestamp::from_seconds(if mailed == Mailed::Over { PAST } else { FUTURE }),
        }
    }

    /// Returns the text of a code, as it was mailed.
    pub(crate) fn mailed(&self, mailed: Mailed) -> String {
        self.half(mailed, Half::Mail)
    }

    /// Returns one half of a code.
    pub(super) fn half(&self, mailed: Mailed, half: Half) -> String {
        let text = self.code(mailed).text(half, &self.keys.refresh);
        text.expect("the key is there").expose().to_owned()
    }

    /// Returns the row of a code.
    pub(crate) fn code_row(&self, mailed: Mailed) -> Value {
        let code = self.code(mailed);
        let mut row = json!({
            "code_id": { "S": code.code_id.to_string() },
            "purpose": { "S": code.purpose.name() },
            "email": { "S": code.email.as_str() },
            "key_id": { "N": code.key_id.0.to_string() },
            "nonce": { "B": STANDARD.encode(code.nonce.as_bytes()) },
            "created_at": { "N": code.created_at.millis().to_string() },
            "expires_at": { "N": code.expires_at.seconds().to_string() },
        });
        if let Some(OfAccount { user_id, version }) = code.account {
            row["user_id"] = json!({ "S": user_id });
            row["version"] = json!({ "N": version.to_string() });
        }
        if let Some(Pending { name, password_hash }) = code.pending {
            row["pending"] =
                json!({ "M": { "name": { "S": name }, "password_hash": { "S": password_hash } } });
        }
        if let Some(new_email) = code.new_email {
            row["new_email"] = json!({ "S": new_email.as_str() });
        }
        row
    }

    fn attempts(&self) -> Value {
        let lane = Lane::common(&Email::parse(GUESSED_AT).expect("an address"), &self.keys.refresh);
        json!({
            "lane": { "S": lane.as_str() },
            "failures": { "N": "5" },
            "blocked_until": { "N": (FUTURE * 1000).to_string() },
            "reserved_by": { "S": "0b1f3c58-7d2e-4a6b-9c10-5e8f7a6b4d21" },
            "expires_at": { "N": FUTURE.to_string() },
        })
    }

    fn row(&self, session: Seeded) -> Value {
        let number = |value: i64| json!({ "N": value.to_string() });
        let binary = |bytes: &[u8]| json!({ "B": STANDARD.encode(bytes) });
        let bytes = |nonce: Nonce| binary(nonce.as_bytes());
        let [one, two, three] = session.superseded();
        let mut row = json!({
            "user_id": { "S": self.user_id },
            "session_id": { "S": session.id() },
            "generation": number(session.generation().into()),
            "nonce": bytes(nonce(session.generation())),
            "key_id": number(1),
            "superseded_1": number(one),
            "superseded_2": number(two),
            "superseded_3": number(three),
            "late_replays": number(0),
            "late_at": number(0),
            "created_at": number(PAST * 1000),
            "ends_at": number(FUTURE * 1000),
            "expires_at": number(if session == Seeded::Over { PAST } else { FUTURE }),
            "email": { "S": EMAIL },
            "name": { "S": "Ada Lovelace" },
            "roles": { "L": [] },
            "user_agent": { "S": "curl/8.0" },
            "source_ip": { "S": "192.0.2.10" },
            "account_version": number(1),
        });
        if let Some(before) = session.generation().checked_sub(1) {
            row["previous_nonce"] = bytes(nonce(before));
        }
        if session == Seeded::RefreshedWithKey {
            let key = RetryKeyHash::of(RETRY_KEY).expect("a retry key");
            let attempt = Attempt { key, generation: Generation::new(1).expect("a generation") };
            row["attempt"] = binary(&attempt.to_bytes());
        }
        row
    }

    /// Returns the refresh token of a session, `back` generations before its newest.
    pub(crate) fn refresh_token(&self, session: Seeded, back: u32) -> String {
        let generation = session.generation() - back;
        let token = RefreshToken {
            user_id: self.user_id,
            session_id: session.id(),
            key_id: self.keys.refresh.current(),
            generation: Generation::new(generation).expect("a generation"),
            nonce: nonce(generation),
        };
        token.to_text(&self.keys.refresh).expect("the key is there").expose().to_owned()
    }

    /// Returns a genuine access token of a session, which expires at `exp`.
    pub(crate) fn access_token(&self, session: Seeded, exp: i64) -> String {
        let claims = NewClaims {
            // The template's value without a domain, for the stack name of `sam local` and of our local server.
            iss: "urn:ratchet:local",
            sub: self.user_id,
            aud: "ratchet",
            exp,
            iat: PAST,
            jti: TokenId::from_bytes(*session.id().as_bytes()),
            client_id: "ratchet",
            sid: session.id(),
            auth_time: PAST,
            amr: AuthenticationMethods::PASSWORD,
            name: "Ada Lovelace",
            email: EMAIL,
            email_verified: false,
            roles: &[],
            claims: &shared::custom_claims::CustomClaims::default(),
        };
        claims.sign(&self.keys.signing).expect("a signature")
    }
}

/// Returns the nonce of a generation, the same in every session.
fn nonce(generation: u32) -> Nonce {
    let mut bytes = [0x5a; 12];
    bytes[..4].copy_from_slice(&generation.to_be_bytes());
    Nonce::from_bytes(bytes)
}
