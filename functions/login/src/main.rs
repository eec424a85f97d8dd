//! The function `login` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(login::App::new, login::handle)
}
