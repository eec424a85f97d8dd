//! The function `authorizer` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_on_events(authorizer::App::new, async |app, event, now| authorizer::handle(app, event, now))
}
