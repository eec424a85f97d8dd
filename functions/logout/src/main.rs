//! The function `logout` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(logout::App::new, logout::handle)
}
