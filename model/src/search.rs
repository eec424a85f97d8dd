//! Runs the model checker.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;

use stateright::{Checker, Model, Property};

use crate::guarantee::Guarantee;

/// The number of threads. A whole search counts the same states with any number of them.
const THREADS: usize = 2;

/// The result of a search of a whole world.
#[derive(Debug)]
pub struct Report {
    /// The number of different states.
    pub states: usize,
    /// The number of steps between them.
    pub steps: usize,
    /// The length of the longest path. With several threads a path is not always a shortest one, so that this may differ
    /// by a step or two from run to run; the other numbers don't.
    pub depth: usize,
    /// Violated properties, each with a path to the violation.
    pub violations: BTreeMap<&'static str, String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, steps, depth, violations } = self;
        write!(f, "{states} states, {steps} steps, depth {depth}, {} properties violated", violations.len())
    }
}

/// Searches a world to its bounds.
pub fn exhaust<M>(world: M) -> Report
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + fmt::Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + fmt::Debug + PartialEq,
{
    let checker = world.checker().threads(THREADS).spawn_bfs().join();
    let violations = checker.discoveries().into_iter();
    Report {
        states: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth(),
        violations: violations.map(|(name, path)| (name, trace(path.into_actions()))).collect(),
    }
}

/// A world whose properties can be checked one at a time.
pub trait Focus: Model {
    /// Returns the same world with this property only.
    #[must_use]
    fn on(self, guarantee: Guarantee) -> Self;
}

/// Returns the shortest path to a violation of this guarantee, one step per line, or none.
pub fn shortest_violation<M>(world: M, guarantee: Guarantee) -> Option<String>
where
    M: Focus + Send + Sync + 'static,
    M::State: Clone + fmt::Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + fmt::Debug + PartialEq,
{
    // With one thread and one property, the checker visits the states in order of their distance and stops at the
    // first violation; with several properties it continues, and reports a later one.
    let checker = world.on(guarantee).checker().threads(1).spawn_bfs().join();
    checker.discovery(guarantee.name()).map(|path| trace(path.into_actions()))
}

/// Returns the properties to check: all of a world, or the selected one.
pub(crate) fn focused<M: Model>(properties: Vec<Property<M>>, on: Option<Guarantee>) -> Vec<Property<M>> {
    let is_asked = |property: &Property<M>| on.is_none_or(|guarantee| guarantee.name() == property.name);
    properties.into_iter().filter(is_asked).collect()
}

fn trace<A: fmt::Debug>(actions: Vec<A>) -> String {
    actions.iter().map(|action| format!("{action:?}\n")).collect()
}
