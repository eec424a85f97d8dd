//! A server in the background that can be asked to stop.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long requests in flight may still take. A client that never finishes sending must not hold up the end.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// A task that serves until it is stopped or dropped.
pub(crate) struct Service {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Service {
    /// Starts the task that `serve` returns for the future that ends when it must stop.
    pub(crate) fn start<F, S>(serve: S) -> Self
    where
        S: FnOnce(StopSignal) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(serve(Box::pin(async { _ = stopped.await }))) }
    }

    /// Accepts no new requests, lets those in flight finish, and returns.
    pub(crate) async fn stop(self) {
        let _gone_already = self.stop.send(());
        let abort = self.task.abort_handle();
        if tokio::time::timeout(LAST_REQUESTS, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Ends when a service must stop.
pub(crate) type StopSignal = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
