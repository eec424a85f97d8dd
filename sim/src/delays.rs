//! Random delays: spans of seconds, each with a weight.

use std::str::FromStr;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::{Millis, SECOND};

/// Spans of seconds with weights, as text `WEIGHT:FROM-TO,...`. A span is drawn by its weight, a delay uniformly from the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays(Vec<Span>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    weight: u32,
    from: u32,
    to: u32,
}

/// The text is not a list of delays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelaysError(String);

impl std::fmt::Display for DelaysError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.0;
        write!(
            f,
            "{shown:?} is not WEIGHT:FROM-TO in whole seconds, with a weight of 1 to 1000 and FROM <= TO <= 604800"
        )
    }
}

impl std::error::Error for DelaysError {}

impl Delays {
    /// Draws a delay.
    pub(crate) fn draw(&self, rng: &mut StdRng) -> Millis {
        let whole: u32 = self.0.iter().map(|span| span.weight).sum();
        let mut at = rng.random_range(0..whole.max(1));
        for span in &self.0 {
            if at < span.weight {
                return rng.random_range(Millis::from(span.from) * SECOND..=Millis::from(span.to) * SECOND);
            }
            at -= span.weight;
        }
        0
    }
}

impl FromStr for Delays {
    type Err = DelaysError;

    fn from_str(text: &str) -> Result<Self, DelaysError> {
        let spans: Result<Vec<Span>, DelaysError> = text
            .split(',')
            .map(|part| Span::parse(part).ok_or_else(|| DelaysError(part.to_owned())))
            .collect();
        spans.map(Self)
    }
}

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let (weight, span) = text.trim().split_once(':')?;
        let (from, to) = span.split_once('-')?;
        let span = Self { weight: weight.parse().ok()?, from: from.parse().ok()?, to: to.parse().ok()? };
        let is_good = (1..=1000).contains(&span.weight) && span.from <= span.to && span.to <= 604_800;
        is_good.then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_delay_lies_in_a_span_that_is_drawn_by_its_weight() {
        let delays: Delays = "3:1-2, 1:100-100".parse().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let drawn: Vec<Millis> = (0..4000).map(|_| delays.draw(&mut rng)).collect();
        assert!(drawn.iter().all(|&delay| (1000..=2000).contains(&delay) || delay == 100_000));
        let long = drawn.iter().filter(|&&delay| delay == 100_000).count();
        assert!((900..1100).contains(&long), "{long}");
    }

    #[test]
    fn other_text_is_refused_and_named() {
        for text in ["", "1", "1:2", "0:1-2", "1:3-2", "1:1-2,", "1:1-604801", "1001:1-2", "x:1-2"] {
            assert!(text.parse::<Delays>().is_err(), "{text}");
        }
        let error = "1:1-2,1:9-3".parse::<Delays>().unwrap_err().to_string();
        assert!(error.starts_with("\"1:9-3\" is not WEIGHT:FROM-TO"), "{error}");
    }
}
