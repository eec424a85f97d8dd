//! `POST /password`: a new password for who knows the present one, from a session that lives.
//!
//! What always holds: the attempt is counted before the hash runs, as at a sign-in. One transaction changes the password,
//! ends the user's sessions and begins the one that the answer carries. What a sign-in with the old password begins between
//! its query and the transaction ends before the answer.

mod refusal;

use aws::Backend;
use aws::admission::{Admission, Admitted, Guess};
use aws::password_change::{Changed, PasswordChange};
use aws::secret::Keys;
use aws::sign_in::SignIn;
use aws::users::User;
use http::{Response, StatusCode};
use rand::rngs::StdRng;
use runtime::Request;
use shared::api::{ApiError, ChangePassword, Fields, Responder, TokenResponse, Transport};
use shared::caller::Caller;
use shared::config::{self, ConfigError, Lookup};
use shared::device_token::DeviceToken;
use shared::email::Email;
use shared::ids::SessionId;
use shared::issue::{AccessTokens, token_response};
use shared::key_set::KeySet;
use shared::log;
use shared::metrics::{Metric, Metrics, Report};
use shared::password::{Hasher, Password, Rules, Verdict};
use shared::refresh_token::Nonce;
use shared::session::{Device, Lifetimes, Session};
use shared::{Invocation, Timestamp};

use refusal::PasswordError;

/// How often a change is begun anew, password and all, because its account has changed meanwhile.
const TRIES: usize = 3;

/// The outcome of a change, in logs and metrics.
const CHANGED: &str = "changed";

/// What the function keeps between requests.
pub struct App {
    tables: SignIn,
    admission: Admission,
    access_tokens: AccessTokens,
    keys: Keys,
    lifetimes: Lifetimes,
    sessions_per_user: usize,
    hasher: Hasher,
    password_rules: Rules,
    responder: Responder,
    metrics: Metrics,
}

/// A request, read.
struct Change<'a> {
    caller: &'a Caller,
    email: &'a Email,
    body: &'a ChangePassword<'a>,
    device: Device,
    now: Timestamp,
}

impl App {
    /// Reads the settings of this function.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable.
    pub fn new(lookup: Lookup<'_>, backend: Backend) -> Result<Self, ConfigError> {
        let dynamodb = backend.dynamodb.clone();
        let users = config::table(lookup, "USERS_TABLE")?;
        let sessions = config::table(lookup, "REFRESH_TOKENS_TABLE")?;
        let tables = SignIn::new(dynamodb.clone(), users, sessions);
        Ok(Self {
            admission: Admission::from_settings(lookup, tables.users(), dynamodb)?,
            tables,
            access_tokens: config::access_tokens(lookup)?,
            keys: backend.keys(lookup)?,
            lifetimes: config::lifetimes(lookup)?,
            sessions_per_user: config::sessions_per_user(lookup)?,
            hasher: config::hasher(lookup)?,
            password_rules: config::password_rules(lookup)?,
            responder: config::responder(lookup)?,
            metrics: config::metrics(lookup)?,
        })
    }

    /// How many password hashes this function has computed since its start.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hasher.computed()
    }
}

/// Answers one request.
pub async fn handle(app: &App, request: Request, invocation: Invocation) -> Response<String> {
    let mut report = app.metrics.report(invocation.now, invocation.stopwatch);
    let caller = runtime::caller(&request, invocation.now);
    let changed = match &caller {
        Ok(caller) => change_password(app, &request, caller, invocation, &mut report).await,
        Err(reason) => Err((*reason).into()),
    };
    match changed {
        Ok((response, transport)) => {
            report.write(Metric::PasswordChanges, CHANGED);
            app.responder.tokens(StatusCode::OK, response, transport)
        }
        Err(error) => {
            let refusal = error.refusal(caller.ok().as_ref(), runtime::source_ip(&request));
            refusal.counted(report, Metric::PasswordChanges).answer("password", &app.responder)
        }
    }
}

async fn change_password(
    app: &App,
    request: &Request,
    caller: &Caller,
    Invocation { now, mut rng, .. }: Invocation,
    report: &mut Report<'_>,
) -> Result<(TokenResponse, Transport), PasswordError> {
    let email = &Email::from_table(caller.email.clone());
    let (fields, ambient) = (Fields::read(request)?, app.responder.ambient(request.headers()));
    let body = &ChangePassword::read(&fields, ambient, app.password_rules, (email, &caller.name))?;
    let keys = app.keys.current(now).await;
    let change = Change { caller, email, body, device: runtime::device(request), now };
    for _ in 0..TRIES {
        if let Some(tokens) = attempt(app, &change, &keys, &mut rng, report).await? {
            return Ok((tokens, body.transport));
        }
    }
    Err(PasswordError::AccountChanging)
}

/// One attempt. None if the account has changed since it was read, and another attempt may see it as it is now.
async fn attempt(
    app: &App,
    Change { caller, email, body, device, now }: &Change<'_>,
    keys: &KeySet,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<Option<TokenResponse>, PasswordError> {
    let own = app.tables.sessions().of_caller(caller, *now).await?.ok_or(ApiError::SessionOver)?;
    let known = body.device_token.and_then(|text| DeviceToken::parse(text, email, &keys.refresh).ok());
    let guess = Guess { email, device: known, keys: &keys.refresh };
    let Admitted { user, lane } = app.admission.admit(guess, *now, rng).await?;
    let user = verified(app, user, caller, &body.current_password, report)?;
    let hash = report.time(Metric::PasswordHashTime, || app.hasher.hash(&body.new_password, rng))?;
    let session = Session::begin(
        (user.user_id, SessionId::random(rng)),
        (keys.refresh.current(), Nonce::random(rng)),
        app.lifetimes,
        (user.changed().profile(), device.clone()),
        *now,
    );
    let change = PasswordChange {
        user: &user,
        hash: &hash,
        caller: caller.session_id,
        others: &own.all_but(caller.session_id),
        session: &session,
        lane: (&app.admission.attempts, &lane),
    };
    if !changed(app, &change, rng, report).await? {
        return Ok(None);
    }
    let tokens = token_response(&app.access_tokens, keys, &session, &session.newest_token(), *now, rng)?;
    let device = DeviceToken::after_sign_in(known, user.changed().version, rng);
    Ok(Some(tokens.with_device_token(device.to_text(email, &keys.refresh))))
}

/// Makes the change, and ends what a sign-in with the old password has begun meanwhile. False if the account differs from
/// what was read. What has ended and changed is logged when it has, whatever fails afterwards.
async fn changed(
    app: &App,
    change: &PasswordChange<'_>,
    rng: &mut StdRng,
    report: &mut Report<'_>,
) -> Result<bool, PasswordError> {
    let (user_id, session) = (change.user.user_id, change.session);
    let mut revoked = |ended: &[SessionId]| {
        if !ended.is_empty() {
            report.add(Metric::SessionsEnded, ended.len());
            log::revoked("password", "password_change", user_id, ended);
        }
    };
    app.tables.sessions().end_all(user_id, change.surplus(), rng).await?;
    revoked(change.surplus());
    match app.tables.change_password(change).await? {
        Changed::AccountDiffers => return Ok(false),
        Changed::CallerSignedOut => return Err(ApiError::SessionOver.into()),
        Changed::Yes => {}
    }
    tracing::info!(event = "authn_password_change", route = "password", outcome = CHANGED,
        session_id = %session.session_id, %user_id);
    tracing::info!(event = "session_created", session_id = %session.session_id, %user_id);
    revoked(&[change.at_once(), &[change.caller]].concat());
    revoked(&app.tables.sessions().end_beyond(session, app.sessions_per_user, rng).await?);
    Ok(true)
}

/// The caller's account, if this is its password. One hash, whatever has become of the account.
fn verified(
    app: &App,
    user: Option<User>,
    caller: &Caller,
    password: &Password,
    report: &mut Report<'_>,
) -> Result<User, PasswordError> {
    // The address may by now belong to somebody else's account.
    let user = user.filter(|user| user.user_id == caller.user_id);
    let known = user.as_ref().map(|user| user.password_hash.as_str());
    match report.time(Metric::PasswordHashTime, || app.hasher.verify(password, known))? {
        Verdict::Right | Verdict::RightButStale => user.ok_or(PasswordError::Credentials),
        Verdict::Wrong => Err(PasswordError::Credentials),
    }
}
