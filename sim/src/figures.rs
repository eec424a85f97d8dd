//! The results of the simulation.

use serde::Serialize;

use crate::options::{Faults, Options};
use crate::rules::{ALL, Rule};
use crate::thief::Kind;
use crate::world::{Theft, World};

/// The figures of every rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The seed.
    pub seed: u64,
    /// Days of honest users, for each rule and pattern.
    pub user_days: u32,
    /// Thefts of each kind, for each rule.
    pub thefts: u32,
    /// The rules.
    pub rules: Vec<RuleFigures>,
}

/// The figures of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleFigures {
    /// Its name.
    pub rule: &'static str,
    /// Its source.
    pub source: &'static str,
    /// The unverified parts of it.
    pub unverified: &'static str,
    /// Honest sign-outs per thousand user-days, in the mixed pattern.
    pub sign_outs: u32,
    /// The same in the laptop pattern.
    pub sign_outs_laptop: u32,
    /// The results of thieves, in the order of [`Kind::ALL`].
    pub thieves: Vec<ThiefFigures>,
}

/// The results of one kind of thief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThiefFigures {
    /// The kind.
    pub thief: &'static str,
    /// The number of detected thefts: the session ended.
    pub noticed: u32,
    /// The median of the seconds from the first use to the end of the session; none if most thefts are never detected.
    pub median: Option<i64>,
    /// The time within which 95 % are detected.
    pub percentile_95: Option<i64>,
    /// The median number of successful refreshes of a thief.
    pub answers: u32,
}

/// Runs everything.
#[must_use]
pub fn run(options: &Options) -> Figures {
    let rules = ALL.iter().map(|rule| of_rule(rule, options)).collect();
    Figures { seed: options.seed, user_days: options.users * options.days, thefts: options.thefts, rules }
}

/// Returns the figures as JSON, with a line break at the end.
///
/// # Errors
/// Never fails: the figures contain nothing that JSON cannot represent.
pub fn json(figures: &Figures) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(figures)? + "\n")
}

/// Runs one rule.
#[must_use]
pub fn of_rule(rule: &Rule, options: &Options) -> RuleFigures {
    RuleFigures {
        rule: rule.name,
        source: rule.source,
        unverified: rule.unverified,
        sign_outs: sign_outs(rule, options, options.mixed()),
        sign_outs_laptop: sign_outs(rule, options, options.laptop()),
        thieves: Kind::ALL.iter().map(|kind| of_thief(rule, options, *kind)).collect(),
    }
}

fn sign_outs(rule: &Rule, options: &Options, faults: Faults<'_>) -> u32 {
    let users = 0..u64::from(options.users);
    let counted: u64 = users.map(|user| u64::from(World::honest(rule, options, faults, user))).sum();
    let days = u64::from(options.users) * u64::from(options.days);
    u32::try_from((counted * 1000 + days / 2) / days).unwrap_or(u32::MAX)
}

fn of_thief(rule: &Rule, options: &Options, kind: Kind) -> ThiefFigures {
    let thefts: Vec<Theft> =
        (0..u64::from(options.thefts)).map(|number| World::theft(rule, options, kind, number)).collect();
    let mut times: Vec<i64> = thefts.iter().filter_map(|theft| theft.noticed).collect();
    times.sort_unstable();
    let mut answers: Vec<u32> = thefts.iter().map(|theft| theft.answers).collect();
    answers.sort_unstable();
    ThiefFigures {
        thief: kind.name(),
        noticed: u32::try_from(times.len()).unwrap_or(u32::MAX),
        median: percentile(&times, thefts.len(), 50).map(|millis| (millis + 500) / 1000),
        percentile_95: percentile(&times, thefts.len(), 95).map(|millis| (millis + 500) / 1000),
        answers: percentile(&answers, thefts.len(), 50).unwrap_or_default(),
    }
}

/// Returns the value below which `percent` of `whole` lie; missing values count as larger than all others.
fn percentile<T: Copy>(sorted: &[T], whole: usize, percent: usize) -> Option<T> {
    sorted.get((whole * percent).div_ceil(100).saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_lies_above_every_percentile() {
        let sorted = [1, 2, 3, 4];
        assert_eq!((percentile(&sorted, 4, 50), percentile(&sorted, 4, 95)), (Some(2), Some(4)));
        assert_eq!((percentile(&sorted, 8, 50), percentile(&sorted, 8, 95)), (Some(4), None));
        assert_eq!(percentile::<i64>(&[], 3, 50), None);
    }
}
