//! The service behind the page, where a story needs more of it than a [`tests::World`] has: its port, or a restart.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use local::{Data, Options, Server};
use tests::TestClock;

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// A service at this port. Its data are in a directory, or in memory.
pub(crate) async fn start(port: u16, directory: Option<&Path>, allowed_origin: Option<String>) -> Server {
    start_at(port, directory, allowed_origin, &TestClock::default()).await
}

/// The same, at the time that this clock shows.
pub(crate) async fn start_at(
    port: u16,
    directory: Option<&Path>,
    allowed_origin: Option<String>,
    clock: &TestClock,
) -> Server {
    let read = clock.clone();
    let options = Options {
        port,
        data: directory.map_or(Data::Memory, |path| Data::Directory(path.to_owned())),
        settings: Box::new(move |name| allowed_origin.clone().filter(|_| name == "ALLOWED_ORIGIN")),
        ..Options::in_memory(Arc::new(move || read.now()), Arc::new(tests::rng))
    };
    local::start(options).await.unwrap_or_else(|error| panic!("the service: {error}"))
}
