//! The function `mailer` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_on_events_with_keys(mailer::App::new, mailer::handle)
}
