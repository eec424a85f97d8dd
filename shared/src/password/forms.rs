//! The forms in which a password is judged, and how much of each.
//!
//! zxcvbn tries every way of reading signs as letters, 4 for a and so on, and there are thousands of ways to read a
//! password made of nothing but such signs. So the part that is judged ends where the work would pass a bound. It is
//! the whole of any password that is not made for that purpose.

use unicode_normalization::UnicodeNormalization;

/// How much of a password is judged, in characters. More than that, NIST SP 800-63B-4 asks nobody to tell apart.
const JUDGED_CHARACTERS: usize = 72;

/// The most work on one form: readings times substrings. A password without such signs has at most 5,184.
const MAX_WORK: usize = 50_000;

/// For each letter that zxcvbn finds behind signs, those signs.
const SIGNS: [&str; 12] = ["4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2"];

/// What is judged: the password itself, and what it is without the difference between wide and narrow, or between
/// letters for mathematics and others (Unicode's form NFKC), if that is another text.
pub(super) fn forms(password: &str) -> Vec<String> {
    let plain: String = password.nfkc().collect();
    let own = (plain != password).then(|| password.to_owned());
    [plain].into_iter().chain(own).collect()
}

/// The part of a form that is judged.
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

/// At most how many ways there are to read the text's signs as letters. A sign that may stand for two letters doubles
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
        let hostile: String = "4@8({[<369!|17$5+%20".chars().cycle().take(72).collect();
        let part = judged(&hostile)[0].chars().count();
        assert!((10..25).contains(&part), "{part}");
    }
}
