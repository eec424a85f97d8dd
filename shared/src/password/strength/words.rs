//! The words that a guesser would try first for an account: its own.

use unicode_normalization::UnicodeNormalization;

use crate::email::Email;

/// The maximum number of words. Each costs work for each way of reading the password.
const MOST: usize = 8;

/// The maximum number of texts that are searched for those words, and of longer texts.
const MOST_LOOKED_AT: usize = 32;

/// The minimum length of a word. Shorter ones occur in every password by chance.
const SHORTEST: usize = 3;

/// Replaces a longer text of the user's own, so that it counts as one word. It is a private-use character, so it occurs in no
/// text.
pub(super) const OWN: &str = "\u{f8ff}";

/// The names of an account's owner: address, its parts, name and its words, in lower case. No `Debug`.
///
/// # Invariants
/// There are at most 8 words, and none contains another. Therefore at most one begins at each position of a password.
pub struct OwnWords {
    words: Vec<String>,
    /// The texts that contain one of the words, such as the whole address, as [`folded`]: forwards and backwards, the
    /// longest first.
    longer: Vec<Vec<char>>,
}

impl OwnWords {
    /// Returns the words of this account.
    #[must_use]
    pub fn new(email: &Email, name: &str) -> Self {
        let texts = texts(email, name);
        let contains_another =
            |text: &String| texts.iter().any(|other| other != text && text.contains(other.as_str()));
        let (longer, words): (Vec<_>, Vec<_>) = texts.iter().partition(|text| contains_another(text));
        let forwards = longer.iter().map(|text| text.chars().map(folded).collect::<Vec<_>>());
        let backwards = longer.iter().map(|text| text.chars().rev().map(folded).collect());
        let mut longer: Vec<Vec<_>> = forwards.chain(backwards).collect();
        longer.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { words: words.into_iter().take(MOST).cloned().collect(), longer }
    }

    /// Returns the password with [`OWN`] for each longer text of the user's own in it, also capitalised, reversed and with
    /// symbols for letters.
    pub(super) fn condensed(&self, password: &str) -> String {
        let characters: Vec<_> = password.chars().collect();
        let signs: Vec<_> = password.chars().map(folded).collect();
        let (mut condensed, mut at) = (String::new(), 0);
        while let (Some(character), Some(rest)) = (characters.get(at), signs.get(at..)) {
            if let Some(text) = self.longer.iter().find(|text| rest.starts_with(text)) {
                condensed.push_str(OWN);
                at += text.len();
            } else {
                condensed.push(*character);
                at += 1;
            }
        }
        condensed
    }

    /// Returns the words for zxcvbn: the earlier, the sooner they are guessed.
    pub(super) fn as_inputs(&self) -> Vec<&str> {
        [OWN].into_iter().chain(self.words.iter().map(String::as_str)).collect()
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }
}

/// Returns address, domain and name, whole and in parts; name and local part also with their words joined.
fn texts(email: &Email, name: &str) -> Vec<String> {
    let (local, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
    let (readable, _) = idna::domain_to_unicode(domain);
    let wholes = [email.as_str(), local, domain, &readable, name];
    let joined = [local, name].map(|whole| whole.split(|c: char| !c.is_alphanumeric()).collect::<String>());
    let parts = [local, name, &readable, domain];
    let parts = parts.iter().flat_map(|whole| whole.split(|c: char| !c.is_alphanumeric()));
    let mut texts = Vec::new();
    for text in wholes.into_iter().chain(joined.iter().map(String::as_str)).chain(parts) {
        let text: String = text.nfkc().collect::<String>().to_lowercase();
        if texts.len() < MOST_LOOKED_AT && text.chars().count() >= SHORTEST && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Returns the letter that a symbol may represent, in lower case. Symbols and letters that may represent each other map to one.
fn folded(character: char) -> char {
    match character.to_lowercase().next().unwrap_or(character) {
        '4' | '@' => 'a',
        '8' => 'b',
        '(' | '{' | '[' | '<' => 'c',
        '3' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' | '7' | '+' | 'i' | 't' => 'l',
        '0' => 'o',
        '$' | '5' => 's',
        '%' => 'x',
        '2' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(email: &str, name: &str) -> OwnWords {
        OwnWords::new(&Email::parse(email).unwrap(), name)
    }

    #[test]
    fn words_are_parts_of_address_and_name_and_none_contains_another() {
        let own = own("Ada.Lovelace+x@b\u{fc}cher.example", "Countess Ad\u{e0} Love L.");
        assert_eq!(
            own.words,
            ["ada", "countess", "ad\u{e0}", "love", "b\u{fc}cher", "example", "bcher", "kva"]
        );
    }

    #[test]
    fn eight_words_are_kept_however_many_there_are() {
        let many: String = (0..60).map(|number| format!("w{number:02} ")).collect();
        let own = own("a1b.c2d.e3f@g4h.i5j.k6l.example", &many);
        assert_eq!(own.words.len(), MOST);
        let nested = (3..22).map(|length| "a".repeat(length)).collect::<Vec<_>>().join(" ");
        assert_eq!(super::OwnWords::new(&Email::parse("b@c.de").unwrap(), &nested).words, ["c.de", "aaa"]);
    }

    #[test]
    fn longer_texts_of_ones_own_are_one_word_in_every_spelling() {
        let own = own("ada.lovelace@analytical.example", "Ada Augusta Byron");
        for (password, condensed) in [
            ("ada.lovelace", OWN),
            ("ADA.Lovelace@analytical.example", OWN),
            ("@d4.10v3l4c3", OWN),
            ("norybatsuguaada", OWN),
            ("adaaugusta", "adaaugusta"),
            ("noryb atsugua ada", OWN),
            ("ada.lovelace1815", "\u{f8ff}1815"),
            ("xada augusta byronx", "x\u{f8ff}x"),
            ("ada", "ada"),
            ("", ""),
        ] {
            assert_eq!(own.condensed(password), condensed, "{password}");
        }
    }
}
