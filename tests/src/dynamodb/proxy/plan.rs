//! What a test wants done, and what has passed.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use super::fault::Fault;
use super::schedule::Schedule;

/// A request that is held back. Dropping this lets it pass.
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
    /// Waits until the request is there. From then on it has been sent, and has had no effect.
    ///
    /// # Panics
    /// If the proxy is gone.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the proxy holds a request");
    }
}

impl Plan {
    /// Counts a request, and says what is to be done to it: what was asked for, or else what its turn in the schedule
    /// brings. A schedule moves on with each request that nothing was asked for.
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
        // A long run would keep the name of every request that nobody takes.
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

    /// Tells the test that the request it waits for is there; what comes back ends when the test lets it pass.
    pub(super) fn hold(&mut self, operation: &str) -> Option<oneshot::Receiver<()>> {
        let position = self.holds.iter().position(|hold| hold.operation == operation)?;
        let Hold { arrive, released, .. } = self.holds.remove(position);
        let _test_is_over = arrive.send(());
        Some(released)
    }

    /// How many requests there were, and how often each kind of fault was met.
    pub(super) fn met(&self) -> (u64, BTreeMap<String, u64>) {
        (self.passed, self.met.clone())
    }
}
