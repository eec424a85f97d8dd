//! The words that are nearest at hand for somebody who guesses at one account: its own.

use unicode_normalization::UnicodeNormalization;

use crate::email::Email;

/// How many words are compared with. An address and a name rarely have more, and each costs work.
const MOST: usize = 32;

/// Shorter words are in every password by chance.
const SHORTEST: usize = 3;

/// What an account's owner is called: address, its parts, name and its words, in lower case. No `Debug`.
pub struct OwnWords(Vec<String>);

impl OwnWords {
    /// The words of this account.
    #[must_use]
    pub fn new(email: &Email, name: &str) -> Self {
        let (local, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
        let (readable, _) = idna::domain_to_unicode(domain);
        let mut own = Self(vec![]);
        own.add(email.as_str());
        for whole in [local, domain, &readable, name] {
            own.add(whole);
        }
        for whole in [local, &readable, name, domain] {
            whole.split(|c: char| !c.is_alphanumeric()).for_each(|word| own.add(word));
        }
        own
    }

    fn add(&mut self, word: &str) {
        let word: String = word.nfkc().collect::<String>().to_lowercase();
        if self.0.len() < MOST && word.chars().count() >= SHORTEST && !self.0.contains(&word) {
            self.0.push(word);
        }
    }

    pub(super) fn as_inputs(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(email: &str, name: &str) -> Vec<String> {
        OwnWords::new(&Email::parse(email).unwrap(), name).0
    }

    #[test]
    fn address_and_name_are_taken_whole_and_in_parts() {
        assert_eq!(
            words("Ada.Lovelace+x@b\u{fc}cher.example", "Countess Ad\u{e0} L."),
            [
                "ada.lovelace+x@xn--bcher-kva.example",
                "ada.lovelace+x",
                "xn--bcher-kva.example",
                "b\u{fc}cher.example",
                "countess ad\u{e0} l.",
                "ada",
                "lovelace",
                "b\u{fc}cher",
                "example",
                "countess",
                "ad\u{e0}",
                "bcher",
                "kva",
            ]
        );
    }

    #[test]
    fn a_name_of_many_words_is_cut() {
        let name: String = (0..100).map(|number| format!("w{number:03} ")).collect();
        assert_eq!(words("ada@example.com", name.trim()).len(), MOST);
    }
}
