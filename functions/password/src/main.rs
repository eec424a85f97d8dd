//! The function `password` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(password::App::new, password::handle)
}
