//! The function `keys` on Lambda.

use keys::{App, Courier};

fn main() -> Result<(), runtime::Error> {
    runtime::run_on_events(
        |lookup| Ok::<_, runtime::Error>(App::new(aws::config(lookup)?, Courier::new()?)),
        keys::handle,
    )
}
