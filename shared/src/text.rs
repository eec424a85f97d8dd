//! Characters that make two texts look alike, or are invisible.

/// Returns whether the character is invisible: joiners, marks of direction, soft hyphens, variation selectors and tags
/// (Unicode's `Default_Ignorable_Code_Point`), blanks that are not white space, and noncharacters.
pub(crate) fn is_invisible(c: char) -> bool {
    is_ignorable(c) || is_blank(c) || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
}

fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether this is the braille blank, annotation marks, the object replacement character, the filler of Khitan, layout marks and blanks of
/// hieroglyphs, the null notehead, joiners of Tifinagh and Brahmi, and noncharacters.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2800}' | '\u{2d7f}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffc}' | '\u{1107f}'
            | '\u{13430}'..='\u{1343f}' | '\u{13441}'..='\u{13442}' | '\u{16fe4}' | '\u{1d159}'
    )
}

/// Returns whether the selector chooses a variant in actual use: of an ideograph in a name, a letter of
/// Mongolian, an emoji.
pub(crate) fn is_variant(before: char, selector: char) -> bool {
    match selector {
        '\u{e0100}'..='\u{e01ef}' => {
            matches!(before, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{fe0e}' | '\u{fe0f}' => {
            matches!(before, '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{1f000}'..='\u{1faff}')
        }
        _ => false,
    }
}

/// Returns whether the text contains U+FFFD, which gateways put in place of bytes that are not UTF-8: two different texts
/// may have become one.
pub(crate) fn is_damaged(text: &str) -> bool {
    text.contains(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_told_from_what_is_not() {
        let unseen = "\u{ad}\u{200b}\u{200d}\u{202e}\u{2066}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{ffff}\u{1fffe}\u{fffc}\u{fdd0}\u{13441}\u{2d7f}";
        assert!(unseen.chars().all(is_invisible));
        assert!(!"aé ه\u{301}国\u{1f511}\u{fffd}".chars().any(is_invisible));
    }
}
