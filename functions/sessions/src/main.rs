//! The function `sessions` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(sessions::App::new, sessions::handle)
}
