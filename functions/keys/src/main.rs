//! Cold start of the function `keys`: the clients, then one request of CloudFormation at a time.
#![expect(
    clippy::disallowed_methods,
    reason = "the one file that reads the clock, the environment and randomness"
)]

use std::time::{Instant, SystemTime};

use keys::{App, Courier};
use lambda_runtime::{Error, run, service_fn};
use shared::{Invocation, Stopwatch, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(&lookup)?;
    let config = aws::config(&lookup).inspect_err(log::bad_setting)?;
    let app = App::new(config, Courier::new()?);
    let app = &app;
    run(service_fn(|event| async move {
        let invocation = Invocation {
            now: SystemTime::now().into(),
            rng: rand::make_rng(),
            stopwatch: Stopwatch::of(Instant::now),
        };
        keys::invoke(app, event, invocation).await
    }))
    .await
}
