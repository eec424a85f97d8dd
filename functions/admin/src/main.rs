//! The function `admin` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_on_events_with_backend(admin::App::new, admin::handle)
}
