//! The function `factors` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(factors::App::new, factors::handle)
}
