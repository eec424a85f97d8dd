//! The allowed results of each step of a refresh, by the history.

use shared::Timestamp;
use shared::session::LATE_DUPLICATE;

use super::history::{Expected, History, Superseded};
use super::state::{Refresh, State};
use crate::exchange::{Answer, Decided, Event};
use crate::guarantee::{Guarantee, Violations};
use crate::rule::Rule;
use crate::token::{Key, Token};

/// The result of a step, in the terms of [`Expected`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Got {
    Rotated,
    Success,
    RefusalReason,
    End,
    /// The rule said "rotate" for a row that had just failed the condition.
    Contradiction,
}

/// Records the violations of the event, given the history before it. Returns whether the session is rightly about to end.
pub(crate) fn judge(
    rule: &Rule,
    before: &State,
    refresh: &Refresh,
    event: Event,
    note: &mut Violations,
) -> bool {
    let expected = before.history.expects(rule, &refresh.exchange, before.row.is_some());
    let got = match event {
        Event::Rotated => Got::Rotated,
        Event::ReplayedLate | Event::ReplayedProven => Got::Success,
        Event::Decided(decided) | Event::LostRace(decided) => match decided {
            Decided::ConditionBroken => Got::Contradiction,
            Decided::OwnWrite
            | Decided::PromptReplay
            | Decided::LateReplay
            | Decided::ProvenReplay
            | Decided::CountProvenReplay => Got::Success,
            Decided::Refuse(_) => Got::RefusalReason,
            Decided::End(_) => Got::End,
            // A 503: the client repeats its request.
            Decided::GaveUp => return false,
        },
        Event::Deleted => return refresh.guilty,
    };
    for guarantee in violated(expected, got) {
        note.note(*guarantee);
    }
    note.note_if(
        expected == Expected::Replay && got != Got::Success && refresh.is_retry,
        Guarantee::CrashRecovers,
    );
    expected == Expected::End
}

fn violated(expected: Expected, got: Got) -> &'static [Guarantee] {
    use Guarantee as G;
    match (expected, got) {
        (Expected::Rotate, Got::Rotated)
        | (Expected::OwnWrite | Expected::Replay, Got::Success)
        | (Expected::Over | Expected::Keep, Got::RefusalReason)
        | (Expected::End, Got::End) => &[],
        (_, Got::Contradiction) | (Expected::Rotate, Got::RefusalReason | Got::Success) => {
            &[G::ConditionIsTheRule]
        }
        (Expected::Over, Got::Rotated | Got::Success) => &[G::LifetimesEnd],
        (_, Got::Rotated) => &[G::NoFork, G::ConditionIsTheRule],
        (Expected::OwnWrite, Got::RefusalReason) => &[G::OwnWriteIsRecognised],
        (Expected::OwnWrite, Got::End) => &[G::OwnWriteIsRecognised, G::OnlyReuseEnds],
        (Expected::Replay, Got::RefusalReason) => &[G::RepeatGetsSuccessor],
        (Expected::Replay, Got::End) => &[G::RepeatGetsSuccessor, G::OnlyReuseEnds],
        (Expected::Keep, Got::End) => &[G::LateDuplicateKeeps, G::OnlyReuseEnds],
        (Expected::Over | Expected::Rotate, Got::End) => &[G::OnlyReuseEnds],
        (Expected::Keep | Expected::End, Got::Success) | (Expected::End, Got::RefusalReason) => {
            &[G::ReuseEnds]
        }
    }
}

/// Records a violation if an honest client with keys is refused with the newest token, or with the previous one that a
/// client with keys has superseded. Keys are not compared here, so that a client which loses or confuses its keys is
/// noticed.
pub(crate) fn judge_keyed(
    rule: &Rule,
    before: &State,
    index: usize,
    (refresh, event): (&Refresh, Event),
    note: &mut Violations,
) {
    let (history, exchange) = (&before.history, &refresh.exchange);
    let keeps_keys = before.tabs.get(index).is_some_and(|tab| tab.keeps_keys);
    let strict = rule.limits.grace.millis() == 0;
    let is_over = before.row.as_ref().is_none_or(|row| row.is_over(exchange.now));
    if !keeps_keys || exchange.is_keyless_function || strict || is_over {
        return;
    }
    let is_honest = |superseded: &Superseded| superseded.key.is_some_and(|key| key != Key::THIEFS);
    let is_owed = match history.age(exchange.presented) {
        Some((0, _)) => exchange.presented.genuine().generation.next().is_some(),
        Some((1, superseded)) => {
            superseded.as_ref().is_some_and(is_honest) && history.has_proven_replay(rule, exchange.now)
        }
        Some(_) | None => false,
    };
    let decided = match event {
        Event::Decided(decided) | Event::LostRace(decided) => decided,
        Event::Rotated | Event::ReplayedLate | Event::ReplayedProven | Event::Deleted => return,
    };
    let is_refused = matches!(decided, Decided::Refuse(_) | Decided::End(_));
    note.note_if(is_owed && is_refused, Guarantee::KeyIsAnswered);
}

/// Records the violations of the answer.
pub(crate) fn judge_answer(after: &mut State, refresh: &Refresh, answer: Answer) {
    let note = &mut after.violations;
    match answer {
        Answer::Success(token) => {
            let successor = after.history.successor(refresh.exchange.presented);
            note.note_if(successor != Some(token), Guarantee::OneSuccessor);
            note.note_if(refresh.after_end, Guarantee::EndedRefusesRefresh);
        }
        // A thief may be refused only after the session is gone.
        Answer::Refused => note.note_if(refresh.guilty && after.row.is_some(), Guarantee::ReuseEnds),
        Answer::Unavailable => {}
    }
}

/// Records the event's violations of section 6, read literally. `model/README.md` states under which
/// condition each of these holds.
pub(crate) fn judge_wording(
    rule: &Rule,
    before: &State,
    refresh: &Refresh,
    event: Event,
    note: &mut Violations,
) {
    let (Event::Decided(Decided::End(_)) | Event::LostRace(Decided::End(_))) = event else {
        judge_refusal(before, refresh, event, note);
        return;
    };
    let (history, exchange) = (&before.history, &refresh.exchange);
    let Some((age, Some(superseded))) = history.age(exchange.presented) else { return };
    let within_grace = age == 1 && exchange.now <= superseded.written + rule.limits.grace;
    note.note_if(within_grace && history.has_budget(rule, exchange.now), Guarantee::AsWordedGrace);
    note.note_if(within_grace && refresh.is_retry, Guarantee::AsWordedCrash);
    let mut answers = history.answered.iter().filter(|answer| answer.0 == exchange.presented);
    let is_late_duplicate = refresh.copy_of.is_some_and(|sent| answers.any(|answer| answer.1 >= sent));
    note.note_if(is_late_duplicate, Guarantee::AsWordedDuplicate);
    note.note_if(exchange.wrote.is_some(), Guarantee::AsWordedResend);
}

fn judge_refusal(before: &State, refresh: &Refresh, event: Event, note: &mut Violations) {
    let refused = matches!(event, Event::Decided(Decided::Refuse(_)) | Event::LostRace(Decided::Refuse(_)));
    let exchange = &refresh.exchange;
    let expected_over = before.row.as_ref().is_none_or(|row| row.is_over(exchange.now));
    note.note_if(refused && !expected_over && exchange.wrote.is_some(), Guarantee::AsWordedResend);
}

/// Returns whether a copy sent then can still arrive.
pub(crate) fn can_arrive(sent: Timestamp, now: Timestamp) -> bool {
    now <= sent + LATE_DUPLICATE
}

/// Records a violation if the row differs from the result of the last whole rotation.
pub(crate) fn is_whole(state: &State) -> bool {
    let Some(row) = &state.row else { return true };
    let history: &History = &state.history;
    let mut newest_first = history.issued.iter().rev().map(|issued| issued.token);
    let newest = newest_first.next();
    let previous = newest_first.next().map(|token| token.genuine().nonce);
    newest == Some(Token::of(&row.newest_token())) && previous == row.previous_nonce
}
