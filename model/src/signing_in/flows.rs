//! The product's own flows, each rebuilt from its answers so far, and cut at its next request to DynamoDB.

use std::sync::LazyLock;

use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::account::{Account, Entry, Moves};
use shared::attempts::{CountedIn, Lane, Limits};
use shared::authentication::AuthenticationMethods;
use shared::code::{Code, CodeId, CodeToken, Half, OfAccount, Purpose};
use shared::config;
use shared::data_key::{DataKeyId, DataKeys, Sealed, SealingNonce};
use shared::email::Email;
use shared::factor::{FactorCode, Factors, Presented, Totp, TotpSecret};
use shared::flow::Asking;
use shared::flow::account_change::{self, AccountChangeError, Changed, Committing};
use shared::flow::admission::{Admitted, Attempt};
use shared::flow::code_use::{self, Act, CodeUse, CodeUseError, Confirmation};
use shared::flow::end_sessions::{self, EndOwn};
use shared::flow::operation::{self, AccountName, Edit, Operation};
use shared::flow::password_change::{self, PasswordChange};
use shared::flow::proof::{self, Proof, ProofError, Proven};
use shared::flow::reservation::BlockedError;
use shared::flow::sign_in::{self, Compared, Created, Creating, Fresh, Opening, SignIn};
use shared::flow::sweep;
use shared::ids::SessionId;
use shared::refresh_token::RefreshKeys;
use shared::role::Role;
use shared::session::{Device, OwnSessions, ProfileUpdate, Session, Summary, idle_end};
use shared::{Seconds, Timestamp};

use super::NOW;
use super::state::{App, Change, Found, Heard, Home, Mailed, Password, Process, Run, User};
use crate::rule::{Mutation, Rule};
use crate::token::{KEY, USER, nonce, session_id};

/// The number of sessions that the transaction of a change ends beside the caller's: small enough that some are left over.
const ROOM: usize = 1;

/// What the secret of the app is sealed under.
#[expect(clippy::expect_used, reason = "any bytes are a key")]
static DATA_KEYS: LazyLock<DataKeys> = LazyLock::new(|| {
    let id = DataKeyId(1);
    DataKeys::default().with(id, &[1; 32]).expect("a data key").with_current(id)
});

#[expect(clippy::expect_used, reason = "twenty bytes are a secret")]
static SECRET: LazyLock<TotpSecret> = LazyLock::new(|| TotpSecret::from_bytes(&[1; 20]).expect("a secret"));

#[expect(clippy::expect_used, reason = "there is a current key")]
static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let nonce = SealingNonce::random(&mut StdRng::seed_from_u64(1));
    SECRET.sealed(USER, &DATA_KEYS, nonce).expect("a sealed secret")
});

/// What every request presents, whether the account has an app or not.
static CODE: LazyLock<FactorCode> = LazyLock::new(|| {
    let code = SECRET.code_at(NOW).parse();
    FactorCode::Totp(code.unwrap_or_else(|_| unreachable!("six digits")))
});

/// The step that the code is of.
const STEP: i64 = NOW.seconds() / 30;

fn presented() -> Presented<'static> {
    let mut presented = Presented::nothing(&DATA_KEYS, NOW);
    presented.code = Some(&CODE);
    presented
}

/// Large enough that no session ends for lack of room.
const KEEP: usize = 1000;

/// A request to DynamoDB, or the outcome.
pub(crate) enum Pending {
    ReadCode,
    ReadAccount(Home),
    Find,
    Create(Box<Creating>),
    Commit(Box<Committing>),
    Query,
    Delete(Vec<SessionId>),
    Update(Vec<ProfileUpdate>),
    Done(Outcome),
}

/// How a flow ended.
pub(crate) enum Outcome {
    SignedIn { ended_version: i64 },
    PasswordChanged,
    RolesChanged,
    Disabled,
    Proven,
    Moved,
    Ended(Vec<SessionId>),
    CodeRefused,
    Failed,
}

type HeardOnes<'a> = std::slice::Iter<'a, Heard>;

/// Returns the next request of a process. `None` for a refresh, which its own world cuts.
pub(crate) fn pending(rule: &Rule, process: &Process, fresh: u8) -> Option<Pending> {
    Some(match process {
        Process::SignIn(password, run) => sign_in(rule, *password, run, fresh),
        Process::PasswordChange(caller, run) => change_password(rule, *caller, run, fresh),
        Process::UseCode(mailed, run) => use_code(rule, *mailed, run, fresh),
        Process::RoleChange(roles, run) => operate(rule, Edit::Roles(vec![role(*roles)]), run),
        Process::Disable(run) => operate(rule, Edit::Disable, run),
        Process::RevokeAll(caller, run) => end_sessions(*caller, run),
        Process::Refresh(..) => return None,
    })
}

fn sign_in(rule: &Rule, password: Password, run: &Run, fresh: u8) -> Pending {
    let mut heard = run.heard.iter();
    let mut step = SignIn {
        attempt: attempt(run.home),
        opening: opening(rule),
        keep: KEEP,
        notice: None,
        used_up: None,
    }
    .start();
    loop {
        step = match step {
            sign_in::Step::Admit(admit) => match heard.next() {
                Some(Heard::Account(user)) => admit.then(Ok(admitted(*user))),
                _ => return Pending::ReadAccount(run.home),
            },
            sign_in::Step::Verify(verify) => {
                let is_right = verify.password_hash().is_some_and(|hash| password.hash() == Some(hash));
                let compared = if is_right { Compared::Right } else { Compared::Wrong };
                verify.then(compared, presented(), drawn(run.begun.unwrap_or(fresh)))
            }
            // Every request presents a code.
            sign_in::Step::TakeBack(take_back) => take_back.then(),
            sign_in::Step::Create(create) => match heard.next() {
                Some(Heard::Committed) => create.then(Created::Created),
                Some(Heard::AccountDiffers) => create.then(Created::AccountDiffers),
                Some(Heard::FactorUsed) => create.then(Created::FactorUsed),
                _ => return Pending::Create(create),
            },
            sign_in::Step::Sweep(sweeping) => match sweep(rule, sweeping.sweep(), &mut heard) {
                Some(pending) => return pending,
                None => sweeping.then(),
            },
            sign_in::Step::Done(Ok(signed_in)) => {
                return Pending::Done(Outcome::SignedIn { ended_version: signed_in.account.ended_version });
            }
            sign_in::Step::Done(Err(_)) => return Pending::Done(Outcome::Failed),
        }
    }
}

fn change_password(rule: &Rule, caller: u8, run: &Run, fresh: u8) -> Pending {
    let mut heard = run.heard.iter();
    let (caller, attempt, opening) = (session_id(caller), attempt(run.home), opening(rule));
    let proof = Proof { user_id: USER, caller, has_password: true, attempt, used_up: None, now: NOW };
    let mut step = PasswordChange { proof, opening, keep: KEEP, room: ROOM, notice: None }.start();
    loop {
        step = match step {
            password_change::Step::Prove(proving) => {
                match prove(rule, run.home, proving.proof.clone().start(), &mut heard) {
                    Ok(proven) => proving.then(proven),
                    Err(pending) => return *pending,
                }
            }
            password_change::Step::Hash(hash) => hash.then(new_hash(), drawn(run.begun.unwrap_or(fresh))),
            password_change::Step::Change(changing) => {
                match change_account(rule, changing.change.clone().start(), &mut heard) {
                    Ok(changed) => changing.then(changed),
                    Err(pending) => return *pending,
                }
            }
            password_change::Step::Done(Ok(_)) => return Pending::Done(Outcome::PasswordChanged),
            password_change::Step::Done(Err(_)) => return Pending::Done(Outcome::Failed),
        }
    }
}

/// The code is read, and then the account and the sessions, one after the other: the order of two concurrent reads is
/// not known.
fn use_code(rule: &Rule, mailed: Mailed, run: &Run, fresh: u8) -> Pending {
    let mut heard = run.heard.iter();
    let [reset, proof, another, undo] = &*CODES;
    let (code, act) = match mailed {
        Mailed::Reset => (reset, Act::Reset),
        Mailed::Proof => (proof, Act::Verify(first())),
        Mailed::Move => {
            let fresh = drawn(run.begun.unwrap_or(fresh));
            let confirmation = Confirmation { asking: first(), opening: opening(rule), fresh, keep: KEEP };
            (another, Act::Confirm(Box::new(confirmation)))
        }
        Mailed::Undo => (undo, Act::Undo(None)),
    };
    let is_broken = rule.is_broken(Mutation::CodeOfAnyVersion);
    let mut step = CodeUse { token: code.token, act, mailing: None, room: ROOM, now: NOW }.start();
    loop {
        step = match step {
            code_use::Step::ReadCode(read) => match heard.next() {
                Some(Heard::Code(is_there)) => read.then(is_there.then(|| code.row.clone()), &code.keys),
                _ => return Pending::ReadCode,
            },
            code_use::Step::ReadAccount(read) => match (heard.next(), heard.next()) {
                (Some(Heard::Account(user)), Some(Heard::Sessions(found))) => {
                    let mut account = user.map(account);
                    if let Some(account) = account.as_mut().filter(|_| is_broken) {
                        account.ended_version = CODE_OF.into();
                    }
                    read.then(account, own_sessions(rule, found))
                }
                (None, _) => return Pending::ReadAccount(home_of(read.email())),
                _ => return Pending::Query,
            },
            code_use::Step::Find(find) => match heard.next() {
                Some(Heard::Hint(home)) => find.then(Some(address(*home))),
                _ => return Pending::Find,
            },
            // No account has passkeys.
            code_use::Step::ReadPasskeys(read) => read.then(Vec::new()),
            // No mail is sent.
            code_use::Step::CountMail(count) => count.then(Err(BlockedError { retry_after: Seconds(1) })),
            code_use::Step::Hash(hash) => hash.then(new_hash()),
            code_use::Step::Change(changing) => {
                match change_account(rule, changing.change.clone().start(), &mut heard) {
                    Ok(changed) => changing.then(changed),
                    Err(pending) => return *pending,
                }
            }
            code_use::Step::Done(Ok(_)) => {
                return Pending::Done(match mailed {
                    // An undo invalidates the old password, as a password change does.
                    Mailed::Reset | Mailed::Undo => Outcome::PasswordChanged,
                    Mailed::Proof => Outcome::Proven,
                    Mailed::Move => Outcome::Moved,
                });
            }
            code_use::Step::Done(Err(CodeUseError::Code)) => return Pending::Done(Outcome::CodeRefused),
            code_use::Step::Done(Err(_)) => return Pending::Done(Outcome::Failed),
        }
    }
}

fn prove(
    rule: &Rule,
    home: Home,
    mut step: proof::Step,
    heard: &mut HeardOnes<'_>,
) -> Result<Result<Proven, ProofError>, Box<Pending>> {
    loop {
        step = match step {
            proof::Step::Query(query) => match heard.next() {
                Some(Heard::Sessions(found)) => query.then(&own_sessions(rule, found)),
                _ => return Err(Box::new(Pending::Query)),
            },
            proof::Step::Admit(admit) => match heard.next() {
                Some(Heard::Account(user)) => admit.then(Ok(admitted(*user))),
                _ => return Err(Box::new(Pending::ReadAccount(home))),
            },
            proof::Step::Verify(verify) => {
                let is_right = verify.password_hash() == Password::Old.hash();
                verify.then(is_right, presented())
            }
            proof::Step::TakeBack(take_back) => take_back.then(),
            // No session here begins with a passkey.
            proof::Step::Read(read) => read.then(None),
            proof::Step::Done(proven) => return Ok(proven.map(|proven| *proven)),
        }
    }
}

fn operate(rule: &Rule, edit: Edit, run: &Run) -> Pending {
    let mut heard = run.heard.iter();
    let outcome = if edit == Edit::Disable { Outcome::Disabled } else { Outcome::RolesChanged };
    let account_name = AccountName::Email(address(run.home));
    let mut step = Operation { account: account_name, asking: None, edit, room: ROOM, now: NOW }.start();
    loop {
        step = match step {
            // The address identifies its account.
            operation::Step::Find(_) => return Pending::Find,
            operation::Step::Query(query) => match heard.next() {
                Some(Heard::Sessions(found)) => query.then(&own_sessions(rule, found)),
                _ => return Pending::Query,
            },
            operation::Step::Read(read) => match heard.next() {
                Some(Heard::Account(user)) => read.then(user.map(account).map(Box::new).map(Entry::Account)),
                _ => return Pending::ReadAccount(home_of(read.email())),
            },
            // No account has passkeys.
            operation::Step::ReadPasskeys(read) => read.then(&[]),
            operation::Step::Change(changing) => {
                match change_account(rule, changing.change.clone().start(), &mut heard) {
                    Ok(changed) => changing.then(changed),
                    Err(pending) => return *pending,
                }
            }
            operation::Step::Sweep(sweeping) => match sweep(rule, sweeping.sweep(), &mut heard) {
                Some(pending) => return pending,
                None => sweeping.then(),
            },
            operation::Step::Done(Ok(_)) => return Pending::Done(outcome),
            operation::Step::Done(Err(_)) => return Pending::Done(Outcome::Failed),
        }
    }
}

fn end_sessions(caller: u8, run: &Run) -> Pending {
    let mut heard = run.heard.iter();
    let which = shared::api::EndSessions::All;
    let mut step = EndOwn { user_id: USER, caller: session_id(caller), which, now: NOW }.start();
    loop {
        step = match step {
            end_sessions::Step::Query(query) => match heard.next() {
                Some(Heard::Sessions(found)) => query.then(&own_sessions(&Rule::product(), found)),
                _ => return Pending::Query,
            },
            end_sessions::Step::End(end) => match heard.next() {
                Some(Heard::Deleted) => end.then(),
                _ => return Pending::Delete(end.sessions),
            },
            end_sessions::Step::Done(ended) => {
                return Pending::Done(ended.map_or(Outcome::Failed, Outcome::Ended));
            }
        }
    }
}

fn change_account(
    rule: &Rule,
    mut step: account_change::Step,
    heard: &mut HeardOnes<'_>,
) -> Result<Result<Changed, AccountChangeError>, Box<Pending>> {
    loop {
        step = match step {
            account_change::Step::EndSurplus(surplus) => match heard.next() {
                Some(Heard::Deleted) => surplus.then(),
                _ => return Err(Box::new(Pending::Delete(surplus.sessions))),
            },
            account_change::Step::Commit(commit) => match heard.next() {
                Some(Heard::Committed) => commit.then(Ok(())),
                Some(Heard::AccountDiffers) => commit.then(Err(AccountChangeError::AccountDiffers)),
                Some(Heard::CallerSignedOut) => commit.then(Err(AccountChangeError::CallerSignedOut)),
                Some(Heard::CodeUsed) => commit.then(Err(AccountChangeError::CodeUsed)),
                Some(Heard::FactorUsed) => commit.then(Err(AccountChangeError::FactorUsed)),
                _ => return Err(Box::new(Pending::Commit(commit))),
            },
            account_change::Step::Sweep(sweeping) => match sweep(rule, sweeping.sweep(), heard) {
                Some(pending) => return Err(Box::new(pending)),
                None => sweeping.then(),
            },
            account_change::Step::Done(changed) => return Ok(changed.map(|changed| *changed)),
        }
    }
}

/// Returns the next request of a sweep; none once it is done.
fn sweep(rule: &Rule, mut step: sweep::Step, heard: &mut HeardOnes<'_>) -> Option<Pending> {
    if rule.is_broken(Mutation::NoSweep) {
        return None;
    }
    loop {
        step = match step {
            sweep::Step::Query(query) => match heard.next() {
                Some(Heard::Sessions(found)) => query.then(&own_sessions(rule, found)),
                _ => return Some(Pending::Query),
            },
            sweep::Step::End(end) => match heard.next() {
                Some(Heard::Deleted) => end.then(),
                _ => return Some(Pending::Delete(end.sessions().to_vec())),
            },
            sweep::Step::Update(update) => match heard.next() {
                Some(Heard::Updated) => update.then(),
                _ => return Some(Pending::Update(update.writes)),
            },
            sweep::Step::Done => return None,
        }
    }
}

static LANE: LazyLock<Lane> =
    LazyLock::new(|| Lane::common(&address(Home::Old), &RefreshKeys::new(KEY, &[1; 32])));

fn address(home: Home) -> Email {
    Email::from_table(if home == Home::Old { "a@b.example" } else { "a@c.example" }.to_owned())
}

/// Returns the address of a text.
pub(crate) fn home_of(email: &Email) -> Home {
    if *email == address(Home::Old) { Home::Old } else { Home::New }
}

/// The caller of confirmations and verifications: the first session.
fn first() -> Asking {
    Asking { user_id: USER, session_id: session_id(0) }
}

/// The `ended_version` of the code: that of the beginning.
pub(crate) const CODE_OF: u8 = 1;

/// Returns a code as it was mailed.
struct MailedCode {
    row: Code,
    token: CodeToken,
    keys: RefreshKeys,
}

static CODES: LazyLock<[MailedCode; 4]> = LazyLock::new(|| {
    [Purpose::Reset, Purpose::Verify, Purpose::ChangeAddress, Purpose::AddressChanged].map(mailed_code)
});

fn mailed_code(purpose: Purpose) -> MailedCode {
    let keys = RefreshKeys::new(KEY, &[1; 32]);
    let row = Code {
        code_id: CodeId::from_bytes([purpose as u8; 16]),
        purpose,
        email: address(Home::Old),
        new_email: Some(address(Home::New)),
        // An undo belongs to the first change.
        account: Some(OfAccount { user_id: USER, version: CODE_OF.into() }),
        pending: None,
        locale: None,
        key_id: KEY,
        nonce: nonce(0),
        created_at: NOW,
        expires_at: purpose.ends_at(NOW),
    };
    let text = row.text(Half::Mail, &keys).unwrap_or_else(|| unreachable!("the key is there"));
    let token = CodeToken::read(text.expose()).unwrap_or_else(|| unreachable!("a code of ours"));
    MailedCode { row, token, keys }
}

/// Attempts are not limited in this world: every one is admitted at once.
fn attempt(home: Home) -> Attempt {
    let limits: Limits = *LIMITS;
    Attempt { email: address(home), common: LANE.clone(), device: None, limits, now: NOW }
}

#[expect(clippy::expect_used, reason = "the defaults are good settings")]
static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| config::sign_in_limits(&|_| None).expect("the default limits"));

fn admitted(user: Option<User>) -> Admitted {
    Admitted { account: user.map(account), counted: CountedIn::Common(LANE.clone()) }
}

fn opening(rule: &Rule) -> Opening {
    Opening {
        key_id: KEY,
        lifetimes: rule.lifetimes,
        methods: AuthenticationMethods::PASSWORD,
        authenticated_at: NOW,
        device: Device::default(),
        now: NOW,
    }
}

fn new_hash() -> String {
    Password::New.hash().unwrap_or_default().to_owned()
}

fn drawn(session: u8) -> Fresh {
    Fresh { session_id: session_id(session), nonce: nonce(0) }
}

/// Returns a role by its number.
fn role(number: u8) -> Role {
    number.to_string().parse().unwrap_or_else(|_| unreachable!("digits are a role"))
}

/// Returns the account as a read finds it.
pub(crate) fn account(user: User) -> Account {
    Account {
        password_hash: user.password.hash().map(ToOwned::to_owned),
        roles: vec![role(user.roles)],
        version: user.version.into(),
        ended_version: user.ended_version.into(),
        disabled_at: user.is_disabled.then_some(NOW),
        factors: Factors { totp: app(user.app), ..Factors::default() },
        // Only a verified address can be restored.
        email_verified_at: Some(NOW),
        moves: match user.change {
            Change::Ahead => Moves::default(),
            Change::Made => Moves::default().with_another(address(Home::Old), NOW),
            Change::Undone => Moves { count: 1, undoable: Vec::new() },
        },
        ..Account::new(address(user.home), USER, String::new(), NOW)
    }
}

/// Returns the app of an account. It was confirmed long ago, so an undo of a change of the address keeps it.
fn app(app: App) -> Option<Totp> {
    let last_step = match app {
        App::None => return None,
        App::Unused => 0,
        App::Used => STEP,
    };
    Some(Totp { secret: SEALED.clone(), confirmed_at: Timestamp::from_seconds(0), last_step })
}

/// Returns the state of the app of an account.
pub(crate) fn app_of(account: &Account) -> App {
    match &account.factors.totp {
        None => App::None,
        Some(totp) if totp.last_step < STEP => App::Unused,
        Some(_) => App::Used,
    }
}

/// Returns the session that a sign-in to this account begins.
pub(crate) fn begin(rule: &Rule, user: User, session: u8) -> Session {
    opening(rule).open(USER, account(user).profile(), drawn(session))
}

fn own_sessions(rule: &Rule, found: &[Found]) -> OwnSessions {
    let summary = |found: &Found| Summary {
        session_id: session_id(found.session),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: idle_end(NOW, rule.lifetimes.idle),
        ends_at: NOW + rule.lifetimes.absolute,
        amr: AuthenticationMethods::PASSWORD,
        authenticated_at: NOW,
        account_version: found.version,
        device: Device::default(),
    };
    OwnSessions::new(found.iter().map(summary).collect())
}
