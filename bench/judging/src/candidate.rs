//! Registrations that may take long to judge.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// A registration.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

/// The most characters of a password.
const LENGTH: usize = 128;

/// Signs that stand for letters, words that are short and common, words that read backwards too, dates and rows of keys.
const PIECES: &[&str] = &[
    "4", "@", "8", "(", "{", "[", "<", "3", "6", "9", "1", "!", "|", "7", "0", "$", "5", "+", "%", "2", "a",
    "i", "an", "as", "at", "in", "is", "it", "of", "on", "the", "ass", "las", "sal", "lil", "lol", "sis",
    "tat", "ana", "ali", "love", "pass", "qa", "qwe", "asd", "123", "321", "19", "20", "1/1/91", "aa", "ab",
    " ", "-", "й", "ц", "ä", "Ä",
];

impl Candidate {
    /// Draws one: pieces in any order, or a few of them again and again.
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        let (repeated, few) = (rng.random_bool(0.5), rng.random_range(1..=10));
        let cycle: Vec<&str> = (0..few).map(|_| piece(rng)).collect();
        let mut password = String::new();
        let mut cycled = cycle.iter().cycle();
        while password.chars().count() < LENGTH {
            password.push_str(if repeated { cycled.next().copied().unwrap_or("a") } else { piece(rng) });
        }
        let password = password.chars().take(LENGTH).collect();
        Self {
            email: format!("{}@{}.example", words(rng, 12, "."), words(rng, 8, ".")),
            name: words(rng, 60, " "),
            password,
        }
    }

    /// A few characters are replaced by a piece or by others of the password, or the words by others.
    pub(crate) fn changed(&self, rng: &mut impl Rng) -> Self {
        let mut changed = self.clone();
        let mut characters: Vec<char> = self.password.chars().collect();
        for _ in 0..rng.random_range(1..4) {
            let (from, to) = (rng.random_range(0..LENGTH), rng.random_range(0..LENGTH));
            let copied: String = characters.iter().skip(from).take(rng.random_range(1..8)).collect();
            let inserted = if rng.random_bool(0.5) { piece(rng).to_owned() } else { copied };
            for (place, character) in characters.iter_mut().skip(to).zip(inserted.chars()) {
                *place = character;
            }
        }
        changed.password = characters.into_iter().collect();
        if rng.random_bool(0.2) {
            changed.name = words(rng, 60, " ");
        }
        changed
    }
}

fn piece(rng: &mut impl Rng) -> &'static str {
    PIECES.choose(rng).copied().unwrap_or("a")
}

/// Many short words, of which signs can be read as parts.
fn words(rng: &mut impl Rng, most: usize, between: &str) -> String {
    const LETTERS: &[char] = &['a', 'i', 'l', 't', 's', 'o', 'e', '1', '4', '0', '3', '5', '7'];
    let word = |rng: &mut _| (0..3).filter_map(|_| LETTERS.choose(rng)).collect::<String>();
    let number = rng.random_range(1..=most);
    (0..number).map(|_| word(rng)).collect::<Vec<_>>().join(between)
}
