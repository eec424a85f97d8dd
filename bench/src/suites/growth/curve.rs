//! Curves, whose points are measured in turn.

use crate::contest::Work;
use crate::figures::Series;
use crate::lambda::Environment;
use crate::program::Program;
use crate::samples::Samples;
use crate::suites::hash_times::without_hashes;
use crate::{Arguments, Failure};

/// Events that a point answers in a turn, of each thousand in all.
const TURNS: usize = 10;

/// Events before the first that is timed.
const WARM_UP: usize = 20;

/// How long something takes as something else grows.
pub(super) struct Curve {
    pub(super) name: &'static str,
    /// Whether it should not grow.
    pub(super) is_flat: bool,
    pub(super) points: Vec<Point>,
}

/// One function that was started, and what it is asked.
pub(super) struct Point {
    x: f64,
    environment: Environment,
    work: Box<dyn Work>,
    /// A password's hash takes so long that there are fewer of them, and is taken out of each time.
    is_sign_in: bool,
    answered: usize,
    samples: Samples,
}

/// All points take turns, so that what slows the machine slows them all.
pub(super) async fn measure(curves: &mut [Curve], arguments: &Arguments) -> Result<(), Failure> {
    for _ in 0..TURNS {
        for curve in &mut *curves {
            for point in &mut curve.points {
                let often = arguments.events / if point.is_sign_in { 10 * TURNS } else { TURNS };
                point
                    .take_turn(often.max(1))
                    .await
                    .map_err(|failure| format!("{}: {failure}", curve.name))?;
            }
        }
    }
    Ok(())
}

impl Curve {
    pub(super) fn new(name: &'static str, is_flat: bool) -> Self {
        Self { name, is_flat, points: Vec::new() }
    }

    pub(super) fn series(&self) -> Series {
        let points = self.points.iter().map(|point| (point.x, point.samples.millis(0.5))).collect();
        Series { name: self.name.to_owned(), unit: "ms", points }
    }

    /// The slowest point to the fastest.
    pub(super) fn spread(&self) -> f64 {
        spread(self.points.iter().map(|point| point.samples.millis(0.5)))
    }
}

/// Not a number of none.
fn spread(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().fold(f64::NAN, f64::max) / values.fold(f64::NAN, f64::min)
}

impl Point {
    pub(super) async fn start(
        x: f64,
        program: Program,
        mut work: impl Work + 'static,
    ) -> Result<Self, Failure> {
        let is_sign_in = program.executable.ends_with("login/bootstrap");
        let (environment, first) = Environment::start(&program, &work.event()).await?;
        work.check(&first.answer)?;
        let samples = Samples::default();
        let mut point = Self { x, environment, work: Box::new(work), is_sign_in, answered: 1, samples };
        point.take_turn(WARM_UP).await?;
        point.samples = Samples::default();
        Ok(point)
    }

    async fn take_turn(&mut self, events: usize) -> Result<(), Failure> {
        let mut took = Vec::new();
        for _ in 0..events {
            let timed = self.environment.invoke(&self.work.event()).await?;
            self.work.check(&timed.answer)?;
            took.push(timed.took);
        }
        if self.is_sign_in {
            took = without_hashes(&took, self.answered, &self.environment)?;
        }
        self.answered += events;
        took.into_iter().for_each(|took| self.samples.add(took));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_the_extremes_wherever_they_stand() {
        assert!((spread([2.0, 1.0, 3.0].into_iter()) - 3.0).abs() < 1e-9);
        assert!((spread([1.0].into_iter()) - 1.0).abs() < 1e-9);
        assert!(spread([].into_iter()).is_nan());
    }
}
