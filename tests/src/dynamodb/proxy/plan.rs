//! The disturbances that a test requests, and the requests so far.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use super::fault::Fault;
use super::schedule::Schedule;

/// A request that is held back. Dropping this forwards it.
pub struct Held {
    arrived: oneshot::Receiver<()>,
    _release: oneshot::Sender<()>,
}

#[derive(Default)]
pub(super) struct Plan {
    requests: Vec<String>,
    faults: Vec<(String, Fault, usize)>,
    holds: Vec<Hold>,
    schedule: Option<Schedule>,
    met: BTreeMap<String, u64>,
    passed: u64,
}

struct Hold {
    operation: String,
    arrive: oneshot::Sender<()>,
    released: oneshot::Receiver<()>,
}

impl Held {
    /// Waits until the request has arrived. It has then been sent, and has had no effect.
    ///
    /// # Panics
    /// Panics if the proxy is gone.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the proxy holds a request");
    }
}

impl Plan {
    /// Counts a request, and returns its disturbance: a requested one, or else the next of
    /// the schedule. Each request without a requested disturbance advances the schedule.
    pub(super) fn meet(&mut self, operation: &str) -> Option<Fault> {
        self.passed += 1;
        let asked = self.faults.iter_mut().find(|(name, _, left)| name == operation && *left > 0);
        let fault = match (asked, &mut self.schedule) {
            (Some((_, fault, left)), _) => {
                *left -= 1;
                Some(fault.clone())
            }
            (None, Some(schedule)) => schedule.next_fault(),
            (None, None) => None,
        };
        // A long run would fill the memory with names that nobody reads.
        if self.schedule.is_none() {
            self.requests.push(operation.to_owned());
        }
        if let Some(fault) = &fault {
            *self.met.entry(fault.kind()).or_default() += 1;
        }
        fault
    }

    pub(super) fn take_requests(&mut self) -> Vec<String> {
        std::mem::take(&mut self.requests)
    }

    pub(super) fn disturb(&mut self, operation: &str, fault: Fault, times: usize) {
        self.faults.push((operation.to_owned(), fault, times));
    }

    pub(super) fn follow(&mut self, schedule: Schedule) {
        self.schedule = Some(schedule);
    }

    pub(super) fn heal(&mut self) {
        self.faults.clear();
        self.schedule = None;
    }

    pub(super) fn hold_next(&mut self, operation: &str) -> Held {
        let ((arrive, arrived), (release, released)) = (oneshot::channel(), oneshot::channel());
        self.holds.push(Hold { operation: operation.to_owned(), arrive, released });
        Held { arrived, _release: release }
    }

    /// Tells the test that the awaited request has arrived. The returned future ends when the test releases it.
    pub(super) fn hold(&mut self, operation: &str) -> Option<oneshot::Receiver<()>> {
        let position = self.holds.iter().position(|hold| hold.operation == operation)?;
        let Hold { arrive, released, .. } = self.holds.remove(position);
        let _test_is_over = arrive.send(());
        Some(released)
    }

    /// Returns the number of requests, and the number of each kind of fault.
    pub(super) fn met(&self) -> (u64, BTreeMap<String, u64>) {
        (self.passed, self.met.clone())
    }
}
