//! `cargo run`: reads the command line, the environment, the clock and the system's randomness, and starts.
#![expect(clippy::disallowed_methods, reason = "the one file that reads clock, environment and randomness")]

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use clap::Parser;
use local::{Data, DynamoDb, Mail, Options, Server, StartError};
use mimalloc::MiMalloc;
use runtime::environment;
use shared::config::ConfigError;
use shared::{Stopwatch, Timestamp, metrics};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A large part of a request's time is the allocation of small pieces of memory, which is slow in glibc: see docs/performance.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Everything in one process: the API, its functions and an embedded DynamoDB
///
/// Each setting of template.yaml can be replaced by an environment variable, for example ACCESS_TOKEN_SECONDS=2.
#[derive(Parser)]
#[command(name = "local")]
struct Arguments {
    /// Port of the API on 127.0.0.1; 0 for a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Port of the embedded DynamoDB; 0 for a free one
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Address the embedded DynamoDB listens on
    #[arg(long, default_value = "127.0.0.1")]
    dynamodb_bind: IpAddr,
    /// Directory for data and keys, created if it is not there
    #[arg(long, default_value = ".ratchet", conflicts_with = "memory")]
    data_dir: PathBuf,
    /// Keep data and keys in memory only
    #[arg(long)]
    memory: bool,
    /// Send mail to a program on this machine that shows it, such as Mailpit, beside the inbox
    #[arg(long, value_name = "HOST:PORT", value_parser = smtp_address, conflicts_with = "no_mail")]
    smtp: Option<SocketAddr>,
    /// Have no mail, as a stack that is deployed without a sender of mail
    #[arg(long)]
    no_mail: bool,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    /// For people, on standard error
    Text,
    /// As on Lambda: one JSON object a line, on standard output
    Json,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _nobody_listens = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    start_log(arguments.log_format).map_err(|error| error.to_string())?;
    let server = start(arguments).await.map_err(|error| error.to_string())?;
    let _nobody_listens = writeln!(std::io::stdout(), "{}", server.banner());
    told_to_stop().await;
    server.shutdown().await;
    Ok(())
}

async fn start(arguments: Arguments) -> Result<Server, StartError> {
    let data = match arguments.memory {
        true => Data::Memory,
        false => Data::Directory(arguments.data_dir),
    };
    local::start(Options {
        port: arguments.port,
        dynamodb: DynamoDb::Embedded { bind: arguments.dynamodb_bind, port: arguments.dynamodb_port },
        data,
        settings: Box::new(environment),
        names: names(),
        clock: Arc::new(|| Timestamp::from(SystemTime::now())),
        randomness: Arc::new(rand::make_rng),
        sweeps: true,
        stopwatch: Stopwatch::of(Instant::now),
        mail: match (arguments.no_mail, arguments.smtp) {
            (true, _) => Mail::Off,
            (false, Some(address)) => Mail::Smtp(address),
            (false, None) => Mail::Inbox,
        },
        // The user reads this log, and waits for the mail.
        are_links_logged: true,
    })
    .await
}

/// Reads an address with a port. The one name that it knows is `localhost`.
fn smtp_address(text: &str) -> Result<SocketAddr, String> {
    let address =
        text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    address.parse().map_err(|_| "not an address and port of this machine, such as localhost:1025".to_owned())
}

/// The names of all variables, to find those that are nearly settings.
fn names() -> Vec<String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}

fn start_log(format: LogFormat) -> Result<(), ConfigError> {
    match format {
        LogFormat::Json => shared::log::init(&environment),
        LogFormat::Text => {
            let level = shared::config::log_level(&environment)?;
            // The engine warns of every condition that fails, and that is how a replay is told from a refresh. Metrics are
            // for CloudWatch to read.
            let silent = [("dynoxide", LevelFilter::ERROR), (metrics::TARGET, LevelFilter::OFF)];
            let targets = level.targets().with_targets(silent);
            let lines = tracing_subscriber::fmt::layer().compact().with_writer(std::io::stderr);
            let _already_started = tracing_subscriber::registry().with(targets).with(lines).try_init();
            Ok(())
        }
    }
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => _ = tokio::signal::ctrl_c().await,
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
