//! The resistance of a password to guessing, as zxcvbn estimates it, and the reason in words.
//!
//! zxcvbn knows common passwords, words, names, dates, keyboard rows, repetitions and sequences, also capitalised,
//! reversed and with symbols for letters, and counts every other character as ten guesses.

mod scripts;
mod words;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Match};

use super::forms;
pub use words::OwnWords;

/// The reason why a password is easy to guess, and a suggestion. It discloses only the pattern of the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guessable(Vec<&'static str>);

/// Checks that the score of each form of the password is at least `least`.
pub(super) fn check(password: &str, least: u8, own: &OwnWords) -> Result<(), Guessable> {
    judged(password, own).iter().try_for_each(|form| {
        let mut inputs = own.as_inputs();
        for word in scripts::common_words(form) {
            inputs.push(word);
        }
        let entropy = caught(|| zxcvbn::zxcvbn(form, &inputs)).ok_or_else(Guessable::unjudged)?;
        if u8::from(entropy.score()) >= least { Ok(()) } else { Err(Guessable::because(form, &entropy, own)) }
    })
}

/// Returns the forms of the password, and the keys that type it, up to the bound of the work.
fn judged(password: &str, own: &OwnWords) -> Vec<String> {
    let mut forms = forms::forms(password);
    forms.extend(forms.first().and_then(|plain| scripts::as_keys(plain)));
    let joined: Vec<_> = forms.iter().filter_map(|form| joined(form)).collect();
    forms.extend(joined);
    forms.iter().map(|form| forms::beginning(&own.condensed(form))).collect()
}

/// Returns the text without what separates its parts, if the parts are equal or single characters: `password password`,
/// `q w e r t y`. Others are not joined, so that a random password with signs in it is judged as it is.
fn joined(form: &str) -> Option<String> {
    let lower = form.to_lowercase();
    let parts: Vec<_> = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let (first, others) = parts.split_first()?;
    let are_equal = !others.is_empty() && others.iter().all(|part| part == first);
    let are_characters = parts.len() > 2 && parts.iter().all(|part| part.chars().count() == 1);
    (are_equal || are_characters).then(|| parts.concat())
}

/// Returns `None` if the library panics: a password must not cause a crash, and one that cannot be judged is refused.
fn caught(judge: impl FnOnce() -> Entropy) -> Option<Entropy> {
    catch_unwind(AssertUnwindSafe(judge)).ok()
}

impl Guessable {
    fn unjudged() -> Self {
        Self(vec!["it can't be judged", "Use another one"])
    }

    fn because(form: &str, entropy: &Entropy, own: &OwnWords) -> Self {
        let feedback = entropy.feedback();
        let warning = feedback.and_then(|feedback| feedback.warning());
        let reason = if is_made_of(form, entropy, own) {
            "it is made of your own name or email address"
        } else if is_common(entropy) {
            "it is a common password"
        } else {
            warning.map_or("it takes too few tries", reason)
        };
        // Above its own threshold zxcvbn gives no advice, but a deployment may require a higher score.
        let advice =
            feedback.map_or(&[Suggestion::AddAnotherWordOrTwo][..], |feedback| feedback.suggestions());
        Self([reason].into_iter().chain(advice.iter().map(suggestion)).collect())
    }
}

/// Returns whether the longest known part of the password is one of the user's own words, or any part is a longer text of theirs.
fn is_made_of(form: &str, entropy: &Entropy, own: &OwnWords) -> bool {
    let parts = entropy.sequence().iter();
    let known = parts.filter(|part| part.pattern != MatchPattern::BruteForce);
    let longest = known.max_by_key(|part| part.j - part.i).and_then(word);
    form.contains(words::OWN) || longest.is_some_and(|word| own.has(word))
}

fn is_common(entropy: &Entropy) -> bool {
    entropy.sequence().iter().filter_map(word).any(scripts::is_common)
}

/// Returns the dictionary word that this part of a password is.
fn word(part: &Match) -> Option<&str> {
    if let MatchPattern::Dictionary(found) = &part.pattern { Some(&found.matched_word) } else { None }
}

fn reason(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => "rows of keys are tried first",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "short patterns on a keyboard are tried first",
        Warning::RepeatsLikeAaaAreEasyToGuess => "a repeated character is tried first",
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "a repeated pattern is hardly better than the pattern once"
        }
        Warning::ThisIsATop10Password => "it is one of the ten most common passwords",
        Warning::ThisIsATop100Password => "it is one of the hundred most common passwords",
        Warning::ThisIsACommonPassword => "it is a common password",
        Warning::ThisIsSimilarToACommonlyUsedPassword => "it is like a common password",
        Warning::SequencesLikeAbcAreEasyToGuess => "sequences such as abc or 6543 are tried first",
        Warning::RecentYearsAreEasyToGuess => "recent years are tried first",
        Warning::AWordByItselfIsEasyToGuess => "it is a single word",
        Warning::DatesAreOftenEasyToGuess => "dates are tried first",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => "it is a single name",
        Warning::CommonNamesAndSurnamesAreEasyToGuess => "common names are tried first",
    }
}

fn suggestion(suggestion: &Suggestion) -> &'static str {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => "Use a few words that don't belong together",
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => "Digits, signs and capitals are not needed",
        Suggestion::AddAnotherWordOrTwo => "Add another word or two",
        Suggestion::CapitalizationDoesntHelpVeryMuch => "A capital at the beginning helps little",
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => "Capitals throughout help little",
        Suggestion::ReversedWordsArentMuchHarderToGuess => "A word backwards helps little",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => "Signs in place of letters help little",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "Use a longer pattern with more turns",
        Suggestion::AvoidRepeatedWordsAndCharacters => "Avoid repetitions",
        Suggestion::AvoidSequences => "Avoid sequences",
        Suggestion::AvoidRecentYears => "Avoid recent years",
        Suggestion::AvoidYearsThatAreAssociatedWithYou => "Avoid years that have to do with you",
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => "Avoid dates that have to do with you",
    }
}

impl fmt::Display for Guessable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(". "))
    }
}

#[cfg(test)]
mod tests;
