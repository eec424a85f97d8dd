//! The result of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;

use shared::session::EndReason;

use super::account::Trouble;
use super::user::User;
use crate::log;

/// Counted over all users.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many users.
    pub users: usize,
    /// Generations that they have passed through.
    pub rotations: u64,
    /// `POST /refresh`.
    pub refresh_requests: u64,
    /// The number of each outcome, by the service's own log.
    pub outcomes: BTreeMap<String, u64>,
    /// The number answered 503.
    pub unavailable: u64,
    /// The number of duplicates that came too late, and were rightly refused.
    pub late_duplicates: u64,
    /// Requests to DynamoDB: the SDK's resends are among them.
    pub dynamodb_requests: u64,
    /// Their faults.
    pub faults: BTreeMap<String, u64>,
    /// Requests of all kinds while DynamoDB was down: each was answered 503 with `Retry-After`.
    pub outage_answers: u64,
    /// Rows in the table of sessions at the end.
    pub rows: usize,
    /// All that must not happen.
    pub troubles: Vec<Trouble>,
}

impl Report {
    pub(super) fn add(&mut self, user: &User) {
        self.users += 1;
        self.rotations += u64::from(user.account.generation());
        self.refresh_requests += user.asked.load(Ordering::Relaxed);
        self.unavailable += user.unavailable.load(Ordering::Relaxed);
        self.late_duplicates += user.late_duplicates;
        self.outage_answers += user.outage_answers;
        let (requests, faults) = user.world.database.met();
        self.dynamodb_requests += requests;
        add_all(&mut self.faults, faults);
        add_all(&mut self.outcomes, log::outcomes(&user.browser.tokens().session_id));
        self.troubles.extend(user.trouble.clone());
    }

    /// Honest clients that were refused, and rows that are gone.
    #[must_use]
    pub fn sessions_lost(&self) -> usize {
        let refused = self.count(|trouble| matches!(trouble, Trouble::Lost(_)));
        refused.max(self.users.saturating_sub(self.rows))
    }

    /// Tokens that had two successors.
    #[must_use]
    pub fn forks(&self) -> usize {
        self.count(|trouble| matches!(trouble, Trouble::Fork(_)))
    }

    /// Sessions of which the table says something else than the client knows.
    #[must_use]
    pub fn unaccounted(&self) -> usize {
        self.count(|trouble| matches!(trouble, Trouble::Table(_)))
    }

    /// Returns whether there was no violation.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let reused = self.outcomes.contains_key(EndReason::Reuse.name());
        self.troubles.is_empty() && self.rows == self.users && !reused
    }

    fn count(&self, is_meant: impl Fn(&Trouble) -> bool) -> usize {
        self.troubles.iter().filter(|trouble| is_meant(trouble)).count()
    }
}

fn add_all(sum: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (name, count) in more {
        *sum.entry(name).or_default() += count;
    }
}

impl Trouble {
    pub(super) fn of_user(self, number: u32) -> Self {
        let told = |text: String| format!("user {number}: {text}");
        match self {
            Self::Lost(text) => Self::Lost(told(text)),
            Self::Fork(text) => Self::Fork(told(text)),
            Self::Table(text) => Self::Table(told(text)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>9}  users", self.users)?;
        writeln!(f, "{:>9}  rotations", self.rotations)?;
        writeln!(f, "{:>9}  refresh requests", self.refresh_requests)?;
        for (outcome, count) in &self.outcomes {
            writeln!(f, "{count:>9}    {}", outcome.replace('_', " "))?;
        }
        writeln!(f, "{:>9}    answered 503", self.unavailable)?;
        writeln!(f, "{:>9}    late duplicates, refused", self.late_duplicates)?;
        writeln!(
            f,
            "{:>9}  requests of clients for which DynamoDB was down, all answered 503",
            self.outage_answers
        )?;
        writeln!(f, "{:>9}  requests to DynamoDB", self.dynamodb_requests)?;
        writeln!(f, "{:>9}  faults", self.faults.values().sum::<u64>())?;
        for (kind, count) in &self.faults {
            writeln!(f, "{count:>9}    {kind}")?;
        }
        writeln!(f, "{:>9}  rows in the table", self.rows)?;
        writeln!(f, "{:>9}  sessions that differ from the table", self.unaccounted())?;
        writeln!(f, "{:>9}  sessions lost", self.sessions_lost())?;
        write!(f, "{:>9}  forks", self.forks())?;
        for trouble in &self.troubles {
            write!(f, "\n{trouble:?}")?;
        }
        Ok(())
    }
}
