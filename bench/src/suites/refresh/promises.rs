//! What is promised of a refresh.

use super::metered::Consumed;
use super::{FLOOR, OPENAUTH, RATCHET};
use crate::budget::Budget;
use crate::figures::Figures;

/// What became of it. A program that was not measured keeps no promise.
pub(super) fn budgets(programs: &[Figures], consumed: Consumed) -> Vec<Budget> {
    let of = |name: &str| programs.iter().find(|program| program.name == name);
    let ratio = |name: &str, to: &str, figure: fn(&Figures) -> f64| {
        of(name).map_or(f64::NAN, figure) / of(to).map_or(f64::NAN, figure)
    };
    let cold: fn(&Figures) -> f64 = |figures| figures.cold_ms;
    let warm: fn(&Figures) -> f64 = |figures| figures.warm_ms;
    let floor = |kind, bound, figure| {
        Budget::at_most(format!("{kind}: ours to {FLOOR}"), bound, "x", ratio(RATCHET, FLOOR, figure))
    };
    let openauth = |kind, bound, figure| {
        Budget::at_least(format!("{kind}: {OPENAUTH} to ours"), bound, "x", ratio(OPENAUTH, RATCHET, figure))
    };
    vec![
        floor("cold", 1.3, cold),
        openauth("cold", 25.0, cold),
        floor("warm", 1.2, warm),
        openauth("warm", 15.0, warm),
        // Less can't be, since every answer is checked.
        Budget::at_most("requests to DynamoDB", 1.0, "a refresh", consumed.requests),
        Budget::at_most("write units", 1.0, "a refresh", consumed.write_units),
        Budget::at_most("read units", 0.0, "a refresh", consumed.read_units),
        Budget::memory("memory, peak", 14.0, of(RATCHET).map_or(u64::MAX, |own| own.peak_bytes)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_WRITE: Consumed = Consumed { requests: 1.0, read_units: 0.0, write_units: 1.0 };

    fn figures(name: &str, cold_ms: f64, warm_ms: f64, peak_bytes: u64) -> Figures {
        Figures { name: name.to_owned(), cold_ms, warm_ms, peak_bytes, ..Figures::default() }
    }

    #[test]
    fn ratios_are_of_one_run_and_in_the_direction_that_is_promised() {
        let programs = [
            figures(RATCHET, 10.0, 0.5, 14 << 20),
            figures(FLOOR, 8.0, 0.25, 0),
            figures(OPENAUTH, 300.0, 5.0, 0),
        ];
        let got: Vec<_> = budgets(&programs, ONE_WRITE).iter().map(|b| (b.measured, b.holds)).collect();
        let ratios = [(1.25, true), (30.0, true), (2.0, false), (10.0, false)];
        let consumed = [(1.0, true), (1.0, true), (0.0, true)];
        assert_eq!(got, [&ratios[..], &consumed, &[(14.0, true)]].concat());
    }

    #[test]
    fn what_was_not_measured_or_costs_more_holds_no_promise() {
        let two = Consumed { requests: 2.0, read_units: 1.0, write_units: 2.0 };
        assert!(budgets(&[], two).iter().all(|budget| !budget.holds));
    }
}
