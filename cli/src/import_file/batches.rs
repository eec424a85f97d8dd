//! Lines in batches, for one event each.

use std::collections::HashSet;
use std::io::BufRead;

use import::{BadLineError, Reason, Record, Records, TableError};
use serde_json::{Map, Value};
use shared::ids::UserId;

/// The maximum number of lines in a batch. A hash at the default cost takes the function about 20 milliseconds.
const LINES: usize = 50;

/// The maximum length of its lines in bytes of JSON, without the last one. Lambda's limit is 6 MB.
const BYTES: usize = 1_000_000;

/// Some lines of the file.
#[derive(Default)]
pub(super) struct Batch {
    /// The number of the last line.
    pub(super) last_line: u64,
    /// Lines that can be sent.
    pub(super) lines: Vec<(u64, Map<String, Value>)>,
    /// Lines that cannot be imported.
    pub(super) bad: Vec<BadLineError>,
    bytes: usize,
}

/// The batches of a file.
pub(super) struct Batches<R> {
    records: Records<R>,
    from_line: u64,
    has_failed: bool,
    /// The ids of all lines that can be imported. The index that finds an id lags behind, so it does not tell two lines apart.
    user_ids: HashSet<UserId>,
}

impl<R: BufRead> Batches<R> {
    /// Returns the batches of the lines from this one on.
    pub(super) fn new(records: Records<R>, from_line: u64) -> Self {
        Self { records, from_line, has_failed: false, user_ids: HashSet::new() }
    }
}

impl<R: BufRead> Iterator for Batches<R> {
    type Item = Result<Batch, TableError>;

    /// The lines before a failure are a batch of their own.
    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let mut batch = Batch::default();
        while !batch.is_full() {
            match self.records.next() {
                None => break,
                Some(Ok(record)) => {
                    let number = record.number;
                    let checked = self.checked(record);
                    if number >= self.from_line {
                        batch.add(number, checked);
                    }
                }
                Some(Err(error)) => {
                    self.has_failed = true;
                    return Some(Err(error));
                }
            }
        }
        (batch.last_line > 0).then_some(Ok(batch))
    }
}

impl<R> Batches<R> {
    /// Returns the object of a line that can be imported.
    fn checked(&mut self, Record { number, object }: Record) -> Result<Map<String, Value>, BadLineError> {
        let object = object?;
        let account = import::account(number, &object)?;
        match account.user_id {
            Some(user_id) if !self.user_ids.insert(user_id) => {
                Err(BadLineError { number, reasons: vec![Reason::user_id_twice()] })
            }
            Some(_) | None => Ok(object),
        }
    }
}

impl Batch {
    fn is_full(&self) -> bool {
        self.lines.len() + self.bad.len() >= LINES || self.bytes >= BYTES
    }

    /// A line that cannot be imported is not sent.
    fn add(&mut self, number: u64, checked: Result<Map<String, Value>, BadLineError>) {
        self.last_line = number;
        match checked {
            Ok(object) => {
                self.bytes += serde_json::to_string(&object).map_or(0, |text| text.len());
                self.lines.push((number, object));
            }
            Err(bad) => self.bad.push(bad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(text: &str, from_line: u64) -> Vec<Batch> {
        Batches::new(Records::json_lines(text.as_bytes()), from_line).map(Result::unwrap).collect()
    }

    fn line(number: usize, name: &str) -> String {
        format!("{{\"email\":\"u{number}@example.com\",\"name\":\"{name}\"}}\n")
    }

    #[test]
    fn every_line_from_the_first_one_on_is_in_one_batch_in_its_order() {
        let text: String =
            (1..=120).map(|n| if n % 7 == 0 { "bad\n".to_owned() } else { line(n, "Ada") }).collect();
        let batches = batches(&text, 5);
        assert!(batches.iter().all(|batch| batch.lines.len() + batch.bad.len() <= LINES));
        let mut numbers: Vec<_> = batches
            .iter()
            .flat_map(|batch| {
                batch.lines.iter().map(|(number, _)| *number).chain(batch.bad.iter().map(|bad| bad.number))
            })
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (5..=120).collect::<Vec<_>>());
        assert_eq!(batches.last().unwrap().last_line, 120);
    }

    #[test]
    fn a_batch_of_the_longest_lines_is_below_what_lambda_takes() {
        let claims = "x".repeat(60_000);
        let long = format!(
            "{{\"email\":\"a@example.com\",\"name\":\"Ada\",\"password\":null,\"created_at\":null,\"roles\":[\"a\"],\"claims\":null}}{}\n",
            " ".repeat(100)
        );
        let too_long = format!("{{\"email\":\"a@example.com\",\"name\":\"{claims}\"}}\n");
        let batches = batches(&(long.repeat(80) + &too_long.repeat(40)), 1);
        assert!(batches.iter().all(|batch| batch.bytes < BYTES + import::MAX_LINE_BYTES));
        assert_eq!(batches.iter().map(|batch| batch.bad.len()).sum::<usize>(), 40);
    }
}
