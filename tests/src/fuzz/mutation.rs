//! Changes to inputs by chance, the same in each run: a little of what the fuzzer does, without its sense of where it
//! has not been.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// Makes changed inputs of known ones.
pub struct Mutator<'a> {
    rng: StdRng,
    inputs: &'a [Vec<u8>],
    words: &'a [&'a str],
}

impl<'a> Mutator<'a> {
    /// One that takes pieces of these inputs and words.
    #[must_use]
    pub fn new(inputs: &'a [Vec<u8>], words: &'a [&'a str]) -> Self {
        Self { rng: StdRng::seed_from_u64(0x66_75_7a_7a), inputs, words }
    }

    /// The input with one to four changes.
    pub fn changed(&mut self, input: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..self.rng.random_range(1..=4) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let from = self.below(bytes.len() + 1);
        let to = (from + self.below(9)).min(bytes.len());
        match self.rng.random_range(0..7) {
            0 => bytes.truncate(from),
            1 => drop(bytes.drain(from..to)),
            2 => drop(bytes.splice(from..from, bytes[from..to].to_vec())),
            3 => drop(bytes.splice(from..to, self.word())),
            4 => drop(bytes.splice(from.., self.tail())),
            5 => bytes.insert(from, self.rng.next_u32().to_le_bytes()[0]),
            _ => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << self.rng.random_range(0..8);
                }
            }
        }
    }

    fn word(&mut self) -> Vec<u8> {
        let place = self.below(self.words.len());
        self.words.get(place).map(|word| word.as_bytes().to_vec()).unwrap_or_default()
    }

    /// Returns the end of another input.
    fn tail(&mut self) -> Vec<u8> {
        let place = self.below(self.inputs.len());
        let Some(other) = self.inputs.get(place) else { return Vec::new() };
        let from = self.below(other.len() + 1);
        other[from..].to_vec()
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.rng.random_range(0..end) }
    }
}
