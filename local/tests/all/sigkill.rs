//! SIGKILL at random moments, under several clients at once: what was acknowledged is there after the next start.
//!
//! `RATCHET_KILLS` and `RATCHET_SEED` make a longer run of it, or another one. A seed brings the same moments, counted in
//! answers and microseconds, and the same clients; what is under way at such a moment is up to the machine.
#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
#![expect(clippy::print_stdout, reason = "shown when it fails: what to repeat")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::blocking::Client;

use super::process::{Running, refresh_body, refresh_token};

const CLIENTS: usize = 4;

/// The acknowledged state of one client: it must survive any SIGKILL.
#[derive(Default)]
struct Account {
    is_registered: bool,
    /// The newest token of each session that it may refresh.
    living: Vec<String>,
    /// Tokens of sessions whose end was acknowledged.
    ended: Vec<String>,
}

/// One life of the server: from its start to the SIGKILL.
struct Life<'a> {
    running: &'a Running,
    answers: &'a AtomicUsize,
    is_over: &'a AtomicBool,
}

impl Life<'_> {
    /// Status and body, unless the server was killed meanwhile: then nothing is known of the request.
    fn post(&self, http: &Client, path: &str, body: &str) -> Option<(u16, String)> {
        let answer = self.running.post(http, path, body)?;
        self.answers.fetch_add(1, Ordering::SeqCst);
        Some(answer)
    }
}

fn environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number: {text}")))
}

#[test]
fn g6_what_several_clients_were_told_outlives_sigkills_at_random_moments() {
    let kills = environment("RATCHET_KILLS").unwrap_or(5);
    let seed = environment("RATCHET_SEED").unwrap_or(20_260);
    println!("RATCHET_SEED={seed} RATCHET_KILLS={kills}");
    let directory = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let accounts: Vec<Mutex<Account>> = (0..CLIENTS).map(|_| Mutex::default()).collect();
    let mut told = 0;
    for kill in 0..kills {
        let answers = rng.random_range(1..60);
        let moment = Duration::from_micros(rng.random_range(0..20_000));
        told += live(directory.path(), &accounts, (answers, moment), &mut rng);
        println!("kill {kill} after {answers} answers and {moment:?}; {told} answers so far");
    }
    let running = start(directory.path());
    for (number, account) in accounts.iter().enumerate() {
        verify(&running, number, &mut account.lock().unwrap());
    }
}

/// Starts the server, looks for all that was acknowledged, and kills it while all clients are at work.
fn live(
    directory: &std::path::Path,
    accounts: &[Mutex<Account>],
    (answers_until_kill, moment): (usize, Duration),
    rng: &mut StdRng,
) -> usize {
    let mut running = start(directory);
    for (number, account) in accounts.iter().enumerate() {
        verify(&running, number, &mut account.lock().unwrap());
    }
    let (answers, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let id = running.id();
    let life = Life { running: &running, answers: &answers, is_over: &is_over };
    std::thread::scope(|scope| {
        let mut clients = Vec::new();
        for (number, account) in accounts.iter().enumerate() {
            let (life, rng) = (&life, StdRng::seed_from_u64(rng.random()));
            clients.push(scope.spawn(move || work(life, number, &mut account.lock().unwrap(), rng)));
        }
        // A client that has ended by now has failed.
        while answers.load(Ordering::SeqCst) < answers_until_kill
            && !clients.iter().any(|client| client.is_finished())
        {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(moment);
        super::process::kill(id);
        is_over.store(true, Ordering::SeqCst);
    });
    running.reap();
    answers.into_inner()
}

/// All replays are prompt, however long this machine takes for a start.
fn start(directory: &std::path::Path) -> Running {
    let path = directory.to_str().unwrap();
    let arguments = ["--port", "0", "--dynamodb-port", "0", "--data-dir", path];
    // A sign-in that is killed before it takes itself from the count stays counted.
    let settings = [
        ("REFRESH_RETRY_SECONDS", "86400"),
        ("REFRESH_GRACE_SECONDS", "86400"),
        ("SIGN_IN_FREE_ATTEMPTS", "100"),
    ];
    Running::new((&arguments, &settings))
}

fn credentials(number: usize) -> String {
    format!(r#"{{"email":"client-{number}@example.com","password":"correct horse battery","name":"Ada"}}"#)
}

/// Signs in, refreshes and signs out until the server is gone.
fn work(life: &Life<'_>, number: usize, account: &mut Account, mut rng: StdRng) {
    let http = Client::new();
    while !life.is_over.load(Ordering::SeqCst) && act(life, &http, number, account, &mut rng).is_some() {}
}

fn act(life: &Life<'_>, http: &Client, number: usize, account: &mut Account, rng: &mut StdRng) -> Option<()> {
    if !account.is_registered {
        return register(life, http, number, account);
    }
    let chosen = rng.random_range(0..account.living.len().max(1));
    match (rng.random_range(0..10), account.living.get(chosen).cloned()) {
        (0, _) | (_, None) => {
            let (status, answer) = life.post(http, "/login", &credentials(number))?;
            assert_eq!(status, 200, "{answer}");
            account.living.push(refresh_token(&answer));
        }
        (1, Some(token)) => {
            // From the moment it is sent on, nothing is known of the session until the answer is there.
            account.living.remove(chosen);
            let (status, answer) = life.post(http, "/logout", &refresh_body(&token))?;
            assert_eq!(status, 204, "{answer}");
            account.ended.push(token);
        }
        (_, Some(token)) => {
            let (status, answer) = life.post(http, "/refresh", &refresh_body(&token))?;
            assert_eq!(status, 200, "{answer}");
            account.living[chosen] = refresh_token(&answer);
        }
    }
    Some(())
}

/// A registration whose answer was lost may have happened: then the address is taken, and a sign-in shows whose it is.
fn register(life: &Life<'_>, http: &Client, number: usize, account: &mut Account) -> Option<()> {
    let (status, answer) = life.post(http, "/register", &credentials(number))?;
    match status {
        201 => account.living.push(refresh_token(&answer)),
        _ => assert_eq!(status, 409, "{answer}"),
    }
    account.is_registered = true;
    Some(())
}

/// All that the client was told is so. Its newest tokens still are the newest, or were superseded by an answer that was
/// lost, which makes this a replay; a lost write would make them unknown.
fn verify(running: &Running, number: usize, account: &mut Account) {
    let http = Client::new();
    let post = |path: &str, body: &str| running.post(&http, path, body).unwrap();
    if account.is_registered {
        let (status, answer) = post("/login", &credentials(number));
        assert_eq!(status, 200, "client {number}: {answer}");
        account.living.push(refresh_token(&answer));
    }
    for token in &mut account.living {
        let (status, answer) = post("/refresh", &refresh_body(token));
        assert_eq!(status, 200, "client {number}: a session that was acknowledged is gone: {answer}");
        *token = refresh_token(&answer);
    }
    for token in &account.ended {
        let (status, answer) = post("/refresh", &refresh_body(token));
        assert_eq!(status, 400, "client {number}: a session that was ended is back: {answer}");
    }
}
