//! `sam local start-api`, for as long as a command runs against it.

use std::fs::File;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use tests::project;

use crate::sam::Sam;
use crate::stop::Running;
use crate::tables::Tables;

/// Starting a container for each function takes a while.
const PATIENCE: Duration = Duration::from_secs(180);

/// Starts the API, runs the command with `RATCHET_URL` and `RATCHET_EMULATION`, and says how that ended.
pub(crate) async fn run(address: &str, command: &[&str]) -> Result<ExitCode, String> {
    let tables = Tables::start(address).await?;
    let sam = Sam::new(&tables)?;
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut start = sam.local("start-api");
    // Not watching: it takes the start of a function for a change of its binary, and starts another container.
    start.args(["--warm-containers", "EAGER", "--no-watch", "--port", &port.to_string()]);
    let log = project::path(".aws-sam/start-api.log");
    let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    start.stdout(Stdio::null()).stderr(output);
    let mut api = Running::start(start)?;
    answers(&url, &mut api).await?;

    let (program, arguments) = command.split_first().ok_or("no command")?;
    let mut command = Command::new(program);
    command.args(arguments).env("RATCHET_URL", &url).env("RATCHET_EMULATION", "sam");
    let ended =
        tokio::task::spawn_blocking(move || command.status()).await.map_err(|error| error.to_string())?;
    let ended = ended.map_err(|error| format!("{program}: {error}"))?;
    if ended.success() {
        return Ok(ExitCode::SUCCESS);
    }
    let _nobody_listens =
        writeln!(std::io::stderr(), "what the functions have logged is in .aws-sam/start-api.log");
    Ok(ExitCode::FAILURE)
}

/// Waits until the API answers.
async fn answers(url: &str, api: &mut Running) -> Result<(), String> {
    let http = tests::client(url);
    let document = format!("{url}/.well-known/jwks.json");
    let wait = async {
        while !api.has_ended() {
            match http.get(&document).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
        Err("sam local start-api has ended".to_owned())
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .map_err(|_| "sam local start-api does not answer".to_owned())?
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}
