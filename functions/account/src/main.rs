//! The function `account` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run_with_backend(account::App::new, account::handle)
}
