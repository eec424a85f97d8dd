//! The statements of docs/rotation.md, checked on the figures of the default run.

#![expect(clippy::unwrap_used, reason = "a test that misses a figure fails")]

use std::sync::OnceLock;

use clap::Parser;
use sim::figures::{self, Figures, RuleFigures, ThiefFigures};
use sim::rules::ALL;
use sim::{Kind, Options};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

fn options(arguments: &[&str]) -> Options {
    Command::parse_from(["sim"].iter().chain(arguments)).options
}

fn default_run() -> &'static Figures {
    static FIGURES: OnceLock<Figures> = OnceLock::new();
    FIGURES.get_or_init(|| figures::run(&options(&[])))
}

fn rule<'a>(figures: &'a Figures, name: &str) -> &'a RuleFigures {
    figures.rules.iter().find(|rule| rule.rule.starts_with(name)).unwrap()
}

fn thief<'a>(figures: &'a Figures, name: &str, kind: Kind) -> &'a ThiefFigures {
    rule(figures, name).thieves.iter().find(|thief| thief.thief == kind.name()).unwrap()
}

#[test]
fn the_published_figures_are_those_of_the_default_run() {
    let published = include_str!("../../docs/rotation/figures.json");
    let hint = "run scripts/simulate --write";
    assert_eq!(figures::json(default_run()).unwrap(), published, "{hint}");
}

#[test]
fn a_seed_gives_the_same_figures_each_time_and_another_one_others() {
    let run =
        |seed| figures::run(&options(&["--users", "3", "--days", "3", "--thefts", "5", "--seed", seed]));
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1").rules, run("2").rules);
}

#[test]
fn g3_with_keys_no_honest_device_is_signed_out() {
    let keyed = rule(default_run(), "Ratchet with retry keys");
    assert_eq!((keyed.sign_outs, keyed.sign_outs_laptop), (0, 0));
    let rough = ["--lost", "0.2", "--laptop-lost", "0.3", "--lost-to-sleep", "0.5", "--second-tab", "0.2"];
    for seed in ["1", "2"] {
        let few = ["--users", "20", "--days", "3", "--thefts", "1", "--seed", seed];
        let options = options(&[&rough[..], &few[..]].concat());
        let [keyed, keyless] = [true, false].map(|with_keys| {
            let rule = ALL.iter().find(|rule| rule.with_keys == with_keys).unwrap();
            figures::of_rule(rule, &options)
        });
        assert_eq!((keyed.sign_outs, keyed.sign_outs_laptop), (0, 0), "seed {seed}");
        assert!(keyless.sign_outs_laptop > 1000, "the devices are rough");
    }
}

#[test]
fn g4_with_keys_every_thief_of_a_token_is_noticed() {
    let figures = default_run();
    for kind in [Kind::AtOnce, Kind::Later, Kind::Beside, Kind::Away] {
        let noticed = thief(figures, "Ratchet with retry keys", kind).noticed;
        assert_eq!(noticed, figures.thefts, "{}", kind.name());
    }
    let beside = |name| thief(figures, name, Kind::Beside).median.unwrap();
    assert!(beside("Ratchet with retry keys") < beside("Ratchet without keys") / 2);
}

#[test]
fn a_thief_with_the_store_and_its_key_is_noticed_once_both_have_gone_on() {
    let figures = default_run();
    let store = thief(figures, "Ratchet with retry keys", Kind::Store);
    // One that comes two or three rotations late, with the key of its rotation, is refused and ends nothing.
    assert!(store.noticed * 100 >= figures.thefts * 95, "{store:?}");
    assert!(store.answers >= 1, "it has the key");
}

#[test]
fn a_captured_request_is_answered_16_times_and_not_noticed_while_the_user_is_away() {
    let captured = thief(default_run(), "Ratchet with retry keys", Kind::Captured);
    assert_eq!((captured.noticed, captured.answers), (0, shared::session::MAX_PROVEN_REPLAYS));
}

#[test]
fn under_parent_always_good_a_thief_while_the_user_is_away_is_never_noticed() {
    let away = thief(default_run(), "Supabase", Kind::Away);
    assert_eq!((away.noticed, away.median), (0, None));
    assert!(away.answers > 100, "{}", away.answers);
    assert_eq!(rule(default_run(), "Supabase").sign_outs, 0);
    let beside = |name| thief(default_run(), name, Kind::Beside).median.unwrap();
    assert!(beside("Supabase") > 10 * beside("Ratchet with retry keys"));
}

#[test]
fn a_wider_window_signs_out_fewer_and_notices_a_thief_later() {
    let narrow_to_wide = ["strict single use", "a window of 30 s", "a window of 10 minutes"];
    let figures = narrow_to_wide
        .map(|name| (rule(default_run(), name).sign_outs, thief(default_run(), name, Kind::Beside).median));
    assert!(figures.windows(2).all(|pair| pair[0].0 > 2 * pair[1].0 && pair[0].1 < pair[1].1), "{figures:?}");
}

#[test]
fn a_budget_signs_out_about_as_many_as_its_window_and_notices_a_thief_earlier() {
    let (budget, window) = ("Ratchet without keys", "a window of 10 minutes");
    let sign_outs = |name| rule(default_run(), name).sign_outs;
    assert!(sign_outs(budget) < 2 * sign_outs(window) && sign_outs(budget) * 10 < sign_outs("strict"));
    let beside = |name| thief(default_run(), name, Kind::Beside).median;
    assert!(beside(budget) < beside(window));
}

#[test]
fn where_a_refusal_ends_nothing_a_thief_beside_the_user_is_never_noticed() {
    for name in ["Amazon Cognito", "SST OpenAuth", "Rauthy"] {
        assert_eq!(thief(default_run(), name, Kind::Beside).noticed, 0, "{name}");
    }
}
