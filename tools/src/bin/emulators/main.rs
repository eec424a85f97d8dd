//! Runs the functions as `sam build` left them, outside of this process, under the emulators of Lambda.
//!
//! ```text
//! cargo run -p tools --bin emulators -- sam ADDRESS [CASE]      sam local invoke: a container for each event
//! cargo run -p tools --bin emulators -- one-each ADDRESS        the same for one event of each function
//! cargo run -p tools --bin emulators -- api ADDRESS COMMAND...  sam local start-api, and COMMAND run against it
//! cargo run -p tools --bin emulators -- rie PROGRAM [CASE]      Lambda's Runtime Interface Emulator, without Docker
//! ```
//!
//! ADDRESS is one of this machine that containers reach as `host.docker.internal`: the embedded DynamoDB listens there.
//! CASE is a part of the name of an event, such as `refresh/` or `login/ok`; other events are left out. `scripts/sam-local`
//! fills all this in.
//!
//! In reading order: [`cases`] has the events and compares, [`tables`] their rows; [`sam`], [`api`] and [`rie`] are the
//! emulators, and [`ses`] takes the mails of those that run on this machine; [`custom_resource`], [`samples`] and [`trouble`] are
//! what no event shows.
#![expect(clippy::disallowed_methods, reason = "it measures how long things take")]
#![expect(clippy::indexing_slicing, reason = "what is not there is null in JSON")]

mod api;
mod cases;
mod custom_resource;
mod report;
mod rie;
mod sam;
mod samples;
mod ses;
mod stop;
mod tables;
mod trouble;

use std::io::Write;
use std::process::ExitCode;

use cases::Case;
use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["sam", address, only @ ..] => sam_local_invoke(address, cases::of(only)).await,
        ["one-each", address] => sam_local_invoke(address, cases::one_of_each()).await,
        ["api", address, command @ ..] if !command.is_empty() => api::run(address, command).await,
        ["rie", program, only @ ..] => runtime_interface_emulator(program, only).await,
        _ => Err("say sam ADDRESS [CASE], one-each ADDRESS, api ADDRESS COMMAND... or rie PROGRAM [CASE]"
            .to_owned()),
    };
    outcome.unwrap_or_else(|problem| {
        let _nobody_listens = writeln!(std::io::stderr(), "error: {problem}");
        ExitCode::from(2)
    })
}

async fn sam_local_invoke(address: &str, cases: Result<Vec<Case>, String>) -> Result<ExitCode, String> {
    let tables = tables::Tables::start(address).await?;
    let sam = sam::Sam::new(&tables)?;
    let mut report = Report::default();
    for case in cases? {
        tables.seed().await?;
        // A container gets the variables of the template alone.
        if !case.is_mailed() {
            report.add(&case.name(), async { case.check(sam.invoke(&case).await?) }).await;
        }
    }
    Ok(report.end())
}

async fn runtime_interface_emulator(program: &str, only: &[&str]) -> Result<ExitCode, String> {
    let tables = tables::Tables::start("127.0.0.1").await?;
    let ses = ses::Ses::start().await?;
    let mut functions = rie::Functions::new(program, &tables, &ses);
    let mut report = Report::default();
    for case in cases::of(only)? {
        tables.seed().await?;
        report
            .add(&case.name(), async {
                case.check(functions.get(&case)?.invoke(&case.event).await?)?;
                case.check_mails(ses.take())
            })
            .await;
    }
    if only.is_empty() {
        custom_resource::run(program, &mut report).await;
        samples::run(program, &mut report).await;
        trouble::run(program, &mut report).await;
    }
    Ok(report.end())
}
