//! The options for readers.

use clap::Args;

use crate::Delays;

/// The devices, the thieves, and how much of both. Defaults are those of docs/rotation.md.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The same seed and options give the same numbers.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Honest users for each rule and pattern.
    #[arg(long, default_value_t = 100)]
    pub users: u32,
    /// Days of each honest user; sessions live for 30.
    #[arg(long, default_value_t = 10)]
    pub days: u32,
    /// Thefts of each kind, for each rule.
    #[arg(long, default_value_t = 100)]
    pub thefts: u32,
    /// Hours of use a day, at most 16.
    #[arg(long, default_value_t = 3.0)]
    pub hours: f64,
    /// Minutes from the beginning of use to the sleep that follows, in the mean.
    #[arg(long, default_value_t = 20.0)]
    pub stretch_minutes: f64,
    /// Lifetime of an access token in seconds. A client refreshes after 70 to 90 % of it.
    #[arg(long, default_value_t = 60)]
    pub access_token_seconds: u32,
    /// Share of answers that the network or a crash loses.
    #[arg(long, default_value_t = 0.01)]
    pub lost: f64,
    /// How long it takes until a client repeats after such a loss.
    #[arg(long, default_value = "60:1-5,20:5-30,20:30-600")]
    pub retry: Delays,
    /// Share of sleeps that begin in the middle of a refresh: the answer is lost, and the next use repeats it.
    #[arg(long, default_value_t = 0.005)]
    pub lost_to_sleep: f64,
    /// Share of refreshes that a second tab sends too, without a lock, up to two seconds later.
    #[arg(long, default_value_t = 0.002)]
    pub second_tab: f64,
    /// `lost` in the laptop pattern.
    #[arg(long, default_value_t = 0.02)]
    pub laptop_lost: f64,
    /// `retry` in the laptop pattern. The default is what users of one program reported (anthropics/claude-code#93014).
    #[arg(
        long,
        default_value = "1:1-1,1:100-100,1:300-300,1:1080-1080,1:1380-1380,1:10800-10800,1:27000-27000,1:34200-34200"
    )]
    pub laptop_retry: Delays,
    /// Seconds between two refreshes of a thief, 12.5 % more or less: by default as often as the client.
    #[arg(long, default_value_t = 48)]
    pub thief_every: u32,
    /// Minutes that the thief "later" waits.
    #[arg(long, default_value_t = 60)]
    pub thief_waits: u32,
    /// Hours after a theft until it counts as never noticed.
    #[arg(long, default_value_t = 48)]
    pub watch: u32,
}

/// An option is out of its range; which one, and the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsError(String);

impl std::fmt::Display for OptionsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptionsError {}

/// How honest devices lose answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults<'a> {
    pub lost: f64,
    pub retry: &'a Delays,
    pub lost_to_sleep: f64,
    pub second_tab: f64,
}

impl Options {
    /// Checks that every option is in its range.
    ///
    /// # Errors
    /// Returns [`OptionsError`] for the first one that is not.
    pub fn check(&self) -> Result<(), OptionsError> {
        self.problem().map_or(Ok(()), |problem| Err(OptionsError(problem)))
    }

    fn problem(&self) -> Option<String> {
        let shares = [
            ("--lost", self.lost),
            ("--lost-to-sleep", self.lost_to_sleep),
            ("--second-tab", self.second_tab),
            ("--laptop-lost", self.laptop_lost),
        ];
        if let Some((name, _)) = shares.iter().find(|(_, share)| !(0.0..=0.9).contains(share)) {
            return Some(format!("{name} must be a share from 0 to 0.9"));
        }
        if !(0.1..=16.0).contains(&self.hours) {
            return Some("--hours must be 0.1 to 16".to_owned());
        }
        if !(1.0..=240.0).contains(&self.stretch_minutes) {
            return Some("--stretch-minutes must be 1 to 240".to_owned());
        }
        let whole = [
            ("--users", self.users, 1, 100_000),
            ("--days", self.days, 1, 29),
            ("--thefts", self.thefts, 1, 100_000),
            ("--access-token-seconds", self.access_token_seconds, 10, 86_400),
            ("--thief-every", self.thief_every, 1, 86_400),
            ("--thief-waits", self.thief_waits, 0, 1440),
            ("--watch", self.watch, 1, 240),
        ];
        let (name, _, from, to) = whole.iter().find(|(_, value, from, to)| !(from..=to).contains(&value))?;
        Some(format!("{name} must be {from} to {to}"))
    }

    pub(crate) fn mixed(&self) -> Faults<'_> {
        let Self { lost, retry, lost_to_sleep, second_tab, .. } = self;
        Faults { lost: *lost, retry, lost_to_sleep: *lost_to_sleep, second_tab: *second_tab }
    }

    pub(crate) fn laptop(&self) -> Faults<'_> {
        Faults { lost: self.laptop_lost, retry: &self.laptop_retry, ..self.mixed() }
    }

    /// Nothing is lost: with thieves, every end of a session is then due to the thief.
    pub(crate) fn none(&self) -> Faults<'_> {
        Faults { lost: 0.0, lost_to_sleep: 0.0, second_tab: 0.0, ..self.mixed() }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    fn check(arguments: &[&str]) -> Result<(), String> {
        let command = Command::try_parse_from(["sim"].iter().chain(arguments));
        command.map_err(|error| error.to_string())?.options.check().map_err(|error| error.to_string())
    }

    #[test]
    fn an_option_out_of_its_range_is_named_with_the_range() {
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["--lost", "1.5"]), Err("--lost must be a share from 0 to 0.9".to_owned()));
        assert_eq!(check(&["--lost", "NaN"]), Err("--lost must be a share from 0 to 0.9".to_owned()));
        assert_eq!(check(&["--hours", "17"]), Err("--hours must be 0.1 to 16".to_owned()));
        assert_eq!(check(&["--days", "30"]), Err("--days must be 1 to 29".to_owned()));
        assert!(check(&["--retry", "1:5-1"]).unwrap_err().contains("WEIGHT:FROM-TO"));
    }
}
