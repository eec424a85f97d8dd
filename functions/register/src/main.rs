//! The function `register` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(register::App::new, register::handle)
}
