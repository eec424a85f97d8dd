//! The function `weather` on Lambda.

fn main() -> Result<(), runtime::Error> {
    runtime::run(weather::App::new, weather::handle)
}
