//! The forecast itself: as good as its random generator.

use rand::{Rng, RngExt};
use serde::Serialize;
use shared::{Seconds, Timestamp};
use time::{Date, UtcDateTime};

const DAY: Seconds = Seconds(24 * 60 * 60);

const SUMMARIES: [&str; 10] =
    ["Freezing", "Bracing", "Chilly", "Cool", "Mild", "Warm", "Balmy", "Hot", "Sweltering", "Scorching"];

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The day in UTC, `YYYY-MM-DD`.
    pub date: String,
    /// Degrees Celsius, -20 to 54.
    pub temperature_c: i32,
    /// Degrees Fahrenheit.
    pub temperature_f: i32,
    /// The weather in a word.
    pub summary: &'static str,
}

/// Five days, from tomorrow.
pub fn forecast(now: Timestamp, rng: &mut impl Rng) -> Vec<Forecast> {
    (1..=5u32).map(|days| day(date(now + Seconds(days * DAY.0)), rng)).collect()
}

fn day(date: String, rng: &mut impl Rng) -> Forecast {
    let temperature_c = rng.random_range(-20..=54);
    let summary = SUMMARIES.get(rng.random_range(0..SUMMARIES.len())).copied().unwrap_or_default();
    Forecast { date, temperature_c, temperature_f: fahrenheit(temperature_c), summary }
}

/// The formula of the tutorials' forecast, truncated: about 9/5, so 0 to 1 degree off.
#[expect(clippy::cast_possible_truncation, reason = "the fraction is meant to be cut, and -4 to 129 fit")]
fn fahrenheit(celsius: i32) -> i32 {
    32 + (f64::from(celsius) / 0.5556) as i32
}

fn date(time: Timestamp) -> String {
    let date = UtcDateTime::from_unix_timestamp(time.seconds()).map_or(Date::MAX, UtcDateTime::date);
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn five_days_from_tomorrow() {
        // 2028-02-26T23:59:59Z: the days cross the end of February in a leap year.
        let days = forecast(Timestamp::from_seconds(1_835_222_399), &mut StdRng::seed_from_u64(1));
        let dates: Vec<_> = days.iter().map(|day| day.date.as_str()).collect();
        assert_eq!(dates, ["2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01", "2028-03-02"]);
    }

    #[test]
    fn temperatures_and_summaries_stay_in_their_ranges_and_reach_their_ends() {
        let mut rng = StdRng::seed_from_u64(1);
        let days: Vec<_> = (0..2000).flat_map(|_| forecast(Timestamp::default(), &mut rng)).collect();
        let celsius = || days.iter().map(|day| day.temperature_c);
        assert_eq!((celsius().min(), celsius().max()), (Some(-20), Some(54)));
        assert!(days.iter().all(|day| day.temperature_f == fahrenheit(day.temperature_c)));
        assert!(SUMMARIES.iter().all(|word| days.iter().any(|day| day.summary == *word)));
    }

    #[test]
    fn fahrenheit_is_truncated() {
        for (celsius, expected) in [(-20, -3), (-1, 31), (0, 32), (1, 33), (25, 76), (54, 129)] {
            assert_eq!(fahrenheit(celsius), expected, "{celsius} C");
        }
    }
}
