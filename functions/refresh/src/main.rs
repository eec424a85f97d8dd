//! The function `refresh` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(refresh::App::new, refresh::handle)
}
