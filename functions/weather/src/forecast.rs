//! The forecast itself: random temperatures, and the words for them.

use rand::{Rng, RngExt};
use serde::Serialize;
use shared::{Seconds, Timestamp};
use time::{Date, UtcDateTime};

const DAY: Seconds = Seconds(24 * 60 * 60);

const COLDEST: i32 = -20;
const HOTTEST: i32 = 54;

/// The highest temperature of each word, in degrees Celsius.
const SUMMARIES: [(i32, &str); 10] = [
    (0, "Freezing"),
    (5, "Bracing"),
    (10, "Chilly"),
    (15, "Cool"),
    (20, "Mild"),
    (25, "Warm"),
    (30, "Balmy"),
    (35, "Hot"),
    (40, "Sweltering"),
    (i32::MAX, "Scorching"),
];

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

impl Forecast {
    /// Returns the forecast of a day with this temperature in degrees Celsius.
    #[must_use]
    pub fn new(date: String, temperature_c: i32) -> Self {
        let fits = |(highest, _): &&(i32, &str)| temperature_c <= *highest;
        let summary = SUMMARIES.iter().find(fits).map_or("", |(_, word)| word);
        Self { date, temperature_c, temperature_f: fahrenheit(temperature_c), summary }
    }
}

/// Returns five days, from tomorrow.
pub fn forecast(now: Timestamp, rng: &mut impl Rng) -> Vec<Forecast> {
    let day = |days| Forecast::new(date(now + Seconds(days * DAY.0)), rng.random_range(COLDEST..=HOTTEST));
    (1..=5u32).map(day).collect()
}

/// Converts as the tutorials' forecast does: about 9/5, truncated, so 0 to 1 degree off.
#[expect(clippy::cast_possible_truncation, reason = "the fraction is to be cut, and all degrees fit")]
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
        assert!(SUMMARIES.iter().all(|(_, word)| days.iter().any(|day| day.summary == *word)));
    }

    #[test]
    fn a_summary_fits_its_temperature() {
        for (celsius, expected) in [
            (-20, "Freezing"),
            (-18, "Freezing"),
            (0, "Freezing"),
            (1, "Bracing"),
            (8, "Chilly"),
            (12, "Cool"),
            (18, "Mild"),
            (21, "Warm"),
            (30, "Balmy"),
            (31, "Hot"),
            (40, "Sweltering"),
            (41, "Scorching"),
            (54, "Scorching"),
        ] {
            assert_eq!(Forecast::new(String::new(), celsius).summary, expected, "{celsius} C");
        }
    }

    #[test]
    fn every_forecast_has_the_summary_of_its_temperature() {
        let mut rng = StdRng::seed_from_u64(1);
        for day in (0..2000).flat_map(|_| forecast(Timestamp::default(), &mut rng)) {
            assert_eq!(day, Forecast::new(day.date.clone(), day.temperature_c));
        }
    }

    #[test]
    fn fahrenheit_is_truncated() {
        for (celsius, expected) in [(-20, -3), (-1, 31), (0, 32), (1, 33), (25, 76), (54, 129)] {
            assert_eq!(fahrenheit(celsius), expected, "{celsius} C");
        }
    }
}
