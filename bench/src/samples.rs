//! Durations of the same thing, done many times.

use std::time::Duration;

/// How long something took, each time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// The value that a share of them are not above: 0.5 is the median. Zero of none.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is a small positive number"
    )]
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil().max(1.0);
        sorted.get(rank as usize - 1).copied().unwrap_or_default()
    }

    /// [`Samples::quantile`] in milliseconds.
    pub(crate) fn millis(&self, share: f64) -> f64 {
        self.quantile(share).as_secs_f64() * 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(millis: &[u64]) -> Samples {
        Samples(millis.iter().copied().map(Duration::from_millis).collect())
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let five = samples(&[50, 10, 40, 20, 30]);
        assert_eq!(five.quantile(0.5), Duration::from_millis(30));
        assert_eq!(five.quantile(0.95), Duration::from_millis(50));
        assert_eq!(five.quantile(0.0), Duration::from_millis(10));
        assert_eq!(samples(&[10, 20]).quantile(0.5), Duration::from_millis(10));
        assert_eq!(Samples::default().quantile(0.5), Duration::ZERO);
    }
}
