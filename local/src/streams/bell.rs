//! Wakes a reader, and tells others when it has read.
//!
//! Reading a stream all the time costs too much where hundreds of servers run at once, and reading it rarely delays
//! mails. Therefore a writer of the table rings.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, watch};

/// The bell of one reader, which reads its stream in passes.
pub(crate) struct Bell {
    rung: Notify,
    /// The number of passes that have begun.
    begun: AtomicU64,
    /// The number of passes that have ended.
    ended: watch::Sender<u64>,
}

impl Bell {
    pub(super) fn new() -> Self {
        Self { rung: Notify::new(), begun: AtomicU64::new(0), ended: watch::Sender::new(0) }
    }

    /// Tells the reader that the stream may have records.
    pub(crate) fn ring(&self) {
        self.rung.notify_one();
    }

    /// Rings, and waits until the reader has seen everything that is now in the stream. A reader that retries a record
    /// later holds this up.
    pub(crate) async fn caught_up(&self) {
        let next = self.begun.load(Ordering::SeqCst) + 1;
        let mut ended = self.ended.subscribe();
        self.ring();
        let _bell_is_gone = ended.wait_for(|ended| *ended >= next).await;
    }

    /// Waits for a ring.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }

    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn end(&self) {
        self.ended.send_replace(self.begun.load(Ordering::SeqCst));
    }
}
