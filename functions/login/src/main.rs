//! Cold start of the function `login`: settings, keys, the connection to DynamoDB, then one request at a time.
#![expect(
    clippy::disallowed_methods,
    reason = "the one file that reads the clock, the environment and randomness"
)]

use std::time::{Instant, SystemTime};

use aws::secret::Keys;
use lambda_http::{Error, run, service_fn};
use shared::{Invocation, Stopwatch, log};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(&lookup)?;
    let config = aws::config(&lookup).inspect_err(log::bad_setting)?;
    let keys = Keys::from_settings(&lookup, &config, SystemTime::now().into()).await?;
    let dynamodb = aws::client(&config, &lookup).inspect_err(log::bad_setting)?;
    let app = login::App::with_keys(&lookup, dynamodb, keys).inspect_err(log::bad_setting)?;
    app.open_connection().await;
    let app = &app;
    run(service_fn(|request| async move {
        let invocation = Invocation {
            now: SystemTime::now().into(),
            rng: rand::make_rng(),
            stopwatch: Stopwatch::of(Instant::now),
        };
        Ok::<_, Error>(login::handle(app, request, invocation).await)
    }))
    .await
}
