//! What is promised of the authorizer.

use super::{BUNDLED, FLOOR, PEERS, RATCHET};
use crate::budget::Budget;
use crate::figures::Figures;

/// What became of it. A program that was not measured keeps no promise.
pub(super) fn budgets(programs: &[Figures]) -> Vec<Budget> {
    let of = |name: &str, figure: fn(&Figures) -> f64| {
        programs.iter().find(|program| program.name == name).map_or(f64::NAN, figure)
    };
    let ratio = |name: &str, to: &str, figure: fn(&Figures) -> f64| of(name, figure) / of(to, figure);
    let cold: fn(&Figures) -> f64 = |figures| figures.cold_ms;
    let paced: fn(&Figures) -> f64 = |figures| figures.paced_ms;
    let peers = |kind: &'static str, bound, figure| {
        PEERS.into_iter().chain(BUNDLED).map(move |peer| {
            Budget::at_least(format!("{kind}: {peer} to ours"), bound, "x", ratio(peer, RATCHET, figure))
        })
    };
    let mut budgets =
        vec![Budget::at_most(format!("cold: ours to a {FLOOR}"), 1.25, "x", ratio(RATCHET, FLOOR, cold))];
    budgets.extend(peers("cold", 40.0, cold));
    budgets.push(Budget::at_most(
        format!("warm, paced: ours to a {FLOOR}"),
        1.35,
        "x",
        ratio(RATCHET, FLOOR, paced),
    ));
    budgets.extend(peers("warm, paced", 4.0, paced));
    let own = programs.iter().find(|program| program.name == RATCHET);
    budgets.push(Budget::memory("memory, peak", 6.0, own.map_or(u64::MAX, |own| own.peak_bytes)));
    budgets
}

#[cfg(test)]
mod tests {
    use super::super::EDDSA;
    use super::*;

    fn figures(name: &str, cold_ms: f64, paced_ms: f64) -> Figures {
        Figures { name: name.to_owned(), cold_ms, paced_ms, peak_bytes: 5 << 20, ..Figures::default() }
    }

    #[test]
    fn ratios_are_of_one_run_and_in_the_direction_that_is_promised() {
        let ([aws, jose, pyjwt], [aws_bundled, jose_bundled]) = (PEERS, BUNDLED);
        let budgets = budgets(&[
            // Nothing is promised of it.
            figures(EDDSA, 64.0, 8.0),
            figures(RATCHET, 2.0, 0.25),
            figures(FLOOR, 1.0, 0.25),
            figures(aws, 100.0, 2.0),
            figures(jose, 20.0, 0.5),
            figures(pyjwt, 80.0, 1.0),
            figures(aws_bundled, 60.0, 1.5),
            figures(jose_bundled, 90.0, 0.75),
        ]);
        let got: Vec<_> = budgets.iter().map(|budget| (budget.measured, budget.holds)).collect();
        let cold = [(2.0, false), (50.0, true), (10.0, false), (40.0, true), (30.0, false), (45.0, true)];
        let paced = [(1.0, true), (8.0, true), (2.0, false), (4.0, true), (6.0, true), (3.0, false)];
        assert_eq!(got, [&cold[..], &paced[..], &[(5.0, true)]].concat());
    }

    #[test]
    fn what_was_not_measured_holds_no_promise() {
        assert!(budgets(&[]).iter().all(|budget| !budget.holds));
    }
}
