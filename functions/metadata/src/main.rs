//! Cold start of the function `metadata`: settings, then one request at a time.
#![expect(clippy::disallowed_methods, reason = "the one file that reads the environment")]

use lambda_http::{Error, Request, run, service_fn};
use shared::log;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let lookup = |name: &str| std::env::var(name).ok();
    log::init(&lookup)?;
    let app = metadata::App::new(&lookup).inspect_err(log::bad_setting)?;
    let app = &app;
    run(service_fn(|request: Request| async move { Ok::<_, Error>(metadata::handle(app, &request)) })).await
}
