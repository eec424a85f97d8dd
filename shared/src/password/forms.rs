//! The forms in which a password is judged, and how much of each is judged.
//!
//! zxcvbn tries every way of reading symbols as letters, 4 for a and so on, and there are thousands of ways to read a
//! password made of nothing but such symbols. The judged part therefore ends where the work would exceed a bound. It is
//! the whole of any password that was not constructed for that purpose.

use unicode_normalization::UnicodeNormalization;

/// The maximum number of characters that are judged. NIST SP 800-63B-4 does not require to distinguish more.
const JUDGED_CHARACTERS: usize = 72;

/// The maximum work on one form: readings times substrings. A password without such symbols has at most 5,184.
const MAX_WORK: usize = 50_000;

/// For each letter that zxcvbn reads into symbols, those symbols.
const SIGNS: [&str; 12] = ["4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2"];

/// Returns the judged forms: the password itself, and its form without the distinction between wide and narrow letters, or
/// mathematical and plain ones (Unicode's form NFKC), if that differs.
pub(super) fn forms(password: &str) -> Vec<String> {
    let plain: String = password.nfkc().collect();
    let own = (plain != password).then(|| password.to_owned());
    [plain].into_iter().chain(own).collect()
}

/// Returns the judged part of a form.
pub(super) fn beginning(text: &str) -> String {
    let mut taken = String::new();
    for (length, next) in (1..=JUDGED_CHARACTERS).zip(text.chars()) {
        taken.push(next);
        if readings(&taken) * length * length > MAX_WORK {
            taken.pop();
            break;
        }
    }
    taken
}

/// Returns an upper bound of the ways to read the text's symbols as letters. A symbol that may represent two letters doubles
/// the readings at the second one.
fn readings(text: &str) -> usize {
    let ways = |sign: char| if matches!(sign, '1' | '|' | '7') { 2 } else { 1 };
    let choices =
        |signs: &str| signs.chars().filter(|sign| text.contains(*sign)).map(ways).sum::<usize>().max(1);
    SIGNS.into_iter().map(choices).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Vec<String> {
        forms(password).iter().map(|form| beginning(form)).collect()
    }

    #[test]
    fn seventy_two_characters_are_judged() {
        assert_eq!(judged(&"x".repeat(200)), ["x".repeat(72)]);
        assert_eq!(judged(&"\u{1f511}".repeat(128)), ["\u{1f511}".repeat(72)]);
        assert_eq!(judged("correct horse"), ["correct horse"]);
    }

    #[test]
    fn a_compatibility_form_is_judged_as_what_it_looks_like_too() {
        let wide = "\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}";
        assert_eq!(judged(wide), ["password", wide]);
        // One character can become eighteen.
        assert!(judged(&"\u{fdfa}".repeat(128)).iter().all(|form| form.chars().count() == 72));
    }

    #[test]
    fn only_what_is_made_of_many_kinds_of_signs_is_judged_in_part() {
        for whole in [
            "4711 0815 2468 1357 9999 1234567890 0987654321 5551234 31415926535897932",
            "P4$$w0rd! P4$$w0rd! P4$$w0rd! and more of it, up to seventy-two signs...",
            "https://example.com/a?b=c&d={e}|[f]+g%20h#i!j$k(l)m*n;o,p'q\"r~s^t`u\\v<w>",
        ] {
            assert_eq!(whole.chars().count(), 72);
            assert_eq!(readings(whole) * 72 * 72 <= MAX_WORK, judged(whole)[0] == whole);
        }
        for (signs, part) in [("4@", 72), ("1!|", 50), ("1|7", 32), ("4@8({[<369!|17$5+%20", 12)] {
            let hostile: String = signs.chars().cycle().take(128).collect();
            assert_eq!(judged(&hostile)[0].chars().count(), part, "{signs}");
        }
    }
}
