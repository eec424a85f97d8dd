//! The figures as a table for a terminal.

use crate::figures::{Figures, ThiefFigures};

/// Writes the table.
#[must_use]
pub fn text(figures: &Figures) -> String {
    let mut text = format!(
        "Seed {}, {} user-days and {} thefts of each kind for each rule.\n\
         Sign-outs per 1,000 user-days (laptop pattern in brackets), and the time until the session ends for a thief: median / 95 %, \
         and [refreshes that the thief was answered].\n",
        figures.seed, figures.user_days, figures.thefts
    );
    for rule in &figures.rules {
        text += &format!("\n{}: {} ({}) sign-outs\n", rule.rule, rule.sign_outs, rule.sign_outs_laptop);
        for thief in &rule.thieves {
            text += &format!("    {:<24} {}\n", thief.thief, times(thief, figures.thefts));
        }
    }
    text
}

fn times(thief: &ThiefFigures, thefts: u32) -> String {
    if thief.noticed == 0 && thief.answers == 0 {
        return "refused".to_owned();
    }
    let time = |seconds: Option<i64>| seconds.map_or_else(|| "never".to_owned(), |time| format!("{time} s"));
    let share = if thief.noticed == thefts || thief.noticed == 0 {
        String::new()
    } else {
        format!(", {} of {thefts} noticed", thief.noticed)
    };
    format!("{} / {}{share} [{}]", time(thief.median), time(thief.percentile_95), thief.answers)
}
