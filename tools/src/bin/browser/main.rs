//! The page of `cargo run` in headless Chromium, driven as a person drives it.
//!
//! ```text
//! cargo run -p tools --bin browser -- [STORY]
//! ```
//!
//! Needs Debian's `chromium` and `chromium-driver`; `scripts/web` has them installed. STORY is a part of the name of a story;
//! others are left out.
//!
//! In reading order: [`stories`] is what is shown, [`accounts`] those of mailed links and changed accounts,
//! [`passkeys`] those of passkeys, [`lost`] those of lost answers and killed browsers, [`page`] the page as a person uses it,
//! [`site`] the service behind it, [`driver`] the browser.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a story fails by panicking, and what is not there is null in JSON"
)]

mod accounts;
mod driver;
mod lost;
mod page;
mod passkeys;
mod site;
mod stories;

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

#[tokio::main]
async fn main() -> ExitCode {
    let only = std::env::args().nth(1).unwrap_or_default();
    let driver = driver::Driver::start();
    let (mut passed, mut failed) = (0, 0);
    for (name, story) in stories::all().into_iter().filter(|(name, _)| name.contains(&only)) {
        let start = Instant::now();
        let browser = driver.browser().await;
        // A task of its own: a panic ends one story.
        let outcome = tokio::spawn(story(page::Page::new(browser.clone()))).await;
        browser.quit().await;
        let word = if outcome.is_ok() { "ok  " } else { "FAIL" };
        say(format_args!("{word}  {name} ({:.1} s)", start.elapsed().as_secs_f64()));
        *(if outcome.is_ok() { &mut passed } else { &mut failed }) += 1;
    }
    say(format_args!("{passed} passed, {failed} failed"));
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(line: impl std::fmt::Display) {
    let _nobody_listens = writeln!(std::io::stdout(), "{line}");
}
