//! Characters that make two texts look alike, or one look like none.

/// Whether the character is there and not seen: joiners, marks of direction, soft hyphens, variation selectors and tags
/// (Unicode's `Default_Ignorable_Code_Point`), blanks that are no white space, and code points that are no characters.
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

/// Braille without dots, marks of annotation, the place of an object, the filler of Khitan, marks of layout and blanks for
/// hieroglyphs, the note without a head, joiners of Tifinagh and Brahmi, and code points that are no characters.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2800}' | '\u{2d7f}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffc}' | '\u{1107f}'
            | '\u{13430}'..='\u{1343f}' | '\u{13441}'..='\u{13442}' | '\u{16fe4}' | '\u{1d159}'
    )
}

/// Whether the selector chooses a variant of the character before it that people write: an ideograph of a name, a letter of
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

/// Whether the text has U+FFFD, which a gateway puts in the place of bytes that are not UTF-8: then two texts that were
/// different may have become one.
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
