//! The function `passkeys` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(passkeys::App::new, passkeys::handle)
}
