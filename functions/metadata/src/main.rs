//! The function `metadata` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run(metadata::App::new, metadata::handle)
}
