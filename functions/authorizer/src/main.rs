//! Cold start of the function `authorizer`: settings, then one event at a time. No client of anything.
#![expect(clippy::disallowed_methods, reason = "the one file that reads the clock and the environment")]

use std::time::SystemTime;

use lambda_runtime::{Error, run, service_fn};
use shared::log;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(&lookup)?;
    let app = authorizer::App::new(&lookup).inspect_err(log::bad_setting)?;
    let app = &app;
    run(service_fn(|event| async move { authorizer::invoke(app, &event, SystemTime::now().into()) })).await
}
