//! Writes the files in `events/`: `cargo run -p tools --bin events`.

use std::{fs, io};

use tests::{events, project};

fn main() -> io::Result<()> {
    for (name, text) in events::files() {
        let path = project::path("events").join(name);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
