//! Display names of users.

use crate::email::Email;
use crate::text::{is_damaged, is_invisible, is_variant};

/// The maximum length of a name, in bytes.
pub const MAX_BYTES: usize = 256;

/// The reason why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is longer than [`MAX_BYTES`].
    #[error("must be at most 256 bytes long")]
    TooLong,
    /// It consists of white space only.
    #[error("must not be empty")]
    Empty,
    /// It contains a control character or a line break.
    #[error("must not contain control characters")]
    Control,
    /// It contains an invisible character, or one that changes the direction of text.
    #[error("must not contain invisible characters")]
    Invisible,
    /// It contains U+FFFD.
    #[error("must not contain U+FFFD, which stands for text that was not UTF-8")]
    Damaged,
}

/// Returns the name of a user without one: the part of the address before the `@`, if it can be a name.
#[must_use]
pub fn of_address(email: &Email) -> String {
    let local = email.as_str().rsplit_once('@').map_or("", |(local, _)| local);
    if check(local).is_ok() { local.to_owned() } else { "User".to_owned() }
}

/// Checks a name.
///
/// # Errors
/// Returns [`NameError`], which does not repeat the text.
pub fn check(name: &str) -> Result<(), NameError> {
    let is_control = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.len() > MAX_BYTES {
        Err(NameError::TooLong)
    } else if name.trim().is_empty() {
        Err(NameError::Empty)
    } else if name.chars().any(is_control) {
        Err(NameError::Control)
    } else if has_invisible(name) {
        Err(NameError::Invisible)
    } else if is_damaged(name) {
        Err(NameError::Damaged)
    } else {
        Ok(())
    }
}

/// Returns whether a name has an invisible character. A joiner, part of the spelling in Persian, Sinhala and other scripts,
/// is allowed between two visible characters that are not ASCII. A variation selector is allowed after a character that
/// has variants.
fn has_invisible(name: &str) -> bool {
    let characters: Vec<_> = name.chars().collect();
    let joins = |at: Option<usize>| {
        let beside = at.and_then(|at| characters.get(at));
        beside.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_invisible(*c))
    };
    let is_selected = |at: usize, selector| {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        before.is_some_and(|before| is_variant(*before, selector))
    };
    let mut numbered = characters.iter().enumerate();
    numbered.any(|(at, c)| match c {
        '\u{200c}' | '\u{200d}' => !(joins(at.checked_sub(1)) && joins(at.checked_add(1))),
        _ => is_invisible(*c) && !is_selected(at, *c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_scripts_are_taken() {
        for name in [
            "Ada",
            " Ada Lovelace",
            "Zo\u{eb}",
            "Ng\u{169}g\u{129} wa Thiong\u{2019}o",
            "\u{738b}\u{3000}\u{82b3}",
            "\u{646}\u{6cc}\u{6a9}\u{200c}\u{627}\u{646}\u{62f}\u{6cc}\u{634}",
            "\u{0dc1}\u{0dca}\u{200d}\u{0dbb}\u{0dd3}",
            "\u{1f469}\u{200d}\u{1f680}",
            "\u{845b}\u{e0100}\u{57ce}",
            "\u{2764}\u{fe0f}",
            "\u{182e}\u{1823}\u{180b}",
            &"x".repeat(MAX_BYTES),
        ] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn a_name_that_nobody_can_see_is_refused() {
        for blank in ["", " ", "\t", "\u{a0}\u{3000}"] {
            assert_eq!(check(blank), Err(NameError::Empty), "{blank:?}");
        }
        for unseen in [
            "\u{200b}",
            "\u{feff}",
            "\u{3164}",
            "\u{115f}",
            "\u{ffa0}",
            "\u{ad}",
            "\u{2800}",
            "\u{202e}",
            "\u{2066}",
            "\u{200e}",
            "\u{2060}",
            "\u{34f}",
            "\u{180e}",
            "\u{fe0f}",
            "\u{e0041}",
            "\u{200d}",
            "\u{1d159}",
            "\u{13441}",
            "\u{fffc}",
            "\u{fdd0}",
            "\u{2d7f}",
            "\u{e0100}",
            "\u{180b}",
        ] {
            for name in
                [unseen.to_owned(), format!("Ada{unseen}"), format!("A{unseen}da"), format!("{unseen} ")]
            {
                assert_eq!(check(&name), Err(NameError::Invisible), "{name:?}");
            }
        }
        assert_eq!(check("\u{627}\u{200c}\u{200c}\u{627}"), Err(NameError::Invisible));
    }

    #[test]
    fn what_is_no_single_line_of_text_is_refused() {
        for name in ["Ada\n", "A\0da", "A\u{7f}", "A\u{85}da", "A\u{2028}da", "A\u{2029}"] {
            assert_eq!(check(name), Err(NameError::Control), "{name:?}");
        }
        assert_eq!(check("Zo\u{fffd}"), Err(NameError::Damaged));
        assert_eq!(check(&"x".repeat(MAX_BYTES + 1)), Err(NameError::TooLong));
    }
}
