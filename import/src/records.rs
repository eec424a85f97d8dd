//! A file of accounts, read line by line.

use std::io::{self, BufRead, Read};

use crate::line::{self, MAX_LINE_BYTES};
use crate::reason::BadLineError;
use crate::record::Record;
use crate::table::{Table, TableError};

/// The lines of a file, one after the other. It keeps only one of them in memory.
pub enum Records<R> {
    /// JSON Lines. Empty lines are skipped.
    JsonLines(JsonLines<R>),
    /// CSV.
    Csv(Table<R>),
}

/// Lines of JSON.
pub struct JsonLines<R> {
    reader: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Records<R> {
    /// Reads JSON Lines.
    #[must_use]
    pub fn json_lines(reader: R) -> Self {
        Self::JsonLines(JsonLines { reader, number: 0, line: Vec::new() })
    }

    /// Reads CSV.
    ///
    /// # Errors
    /// Returns [`TableError`] if its first record does not name columns.
    pub fn csv(reader: R) -> Result<Self, TableError> {
        Table::open(reader).map(Self::Csv)
    }
}

impl<R: BufRead> JsonLines<R> {
    /// Reads a line, and of one that is too long only enough to detect that. Returns whether there was one.
    fn read(&mut self) -> io::Result<bool> {
        // With room for the end of the line.
        let most = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(2);
        self.line.clear();
        if self.reader.by_ref().take(most).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        self.number = self.number.saturating_add(1);
        if self.line.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
        }
        Ok(true)
    }

    fn next_record(&mut self) -> io::Result<Option<Record>> {
        while self.read()? {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(u8::is_ascii_whitespace) && line.len() <= MAX_LINE_BYTES {
                continue;
            }
            let number = self.number;
            let bad = |reason| BadLineError { number, reasons: vec![reason] };
            return Ok(Some(Record { number, object: line::object(line).map_err(bad) }));
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::JsonLines(lines) => lines.next_record().map_err(TableError::from).transpose(),
            Self::Csv(table) => table.next_record(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &[u8]) -> Vec<(u64, bool)> {
        let records = Records::json_lines(text).map(Result::unwrap);
        records.map(|record| (record.number, record.object.is_ok())).collect()
    }

    #[test]
    fn lines_are_numbered_and_empty_ones_are_left_out() {
        assert_eq!(numbers(b"{}\r\n\n  \nx\n{}"), [(1, true), (4, false), (5, true)]);
        assert_eq!(numbers(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_and_the_next_one_is_read() {
        let padded = |bytes: usize| format!("{{}}{}\r\n", " ".repeat(bytes - 2));
        let text =
            [padded(MAX_LINE_BYTES), padded(MAX_LINE_BYTES + 1), padded(10 * MAX_LINE_BYTES), padded(2)];
        assert_eq!(numbers(text.concat().as_bytes()), [(1, true), (2, false), (3, false), (4, true)]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told_and_not_read_to_the_end() {
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len();
                assert!(self.0 < 10 * MAX_LINE_BYTES, "it is read to the end");
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let text = b"email\nada@example.com\n\"".chain(Endless(0));
        let mut records = Records::csv(io::BufReader::new(text)).ok().unwrap();
        assert!(records.next().unwrap().is_ok());
        let error = records.next().unwrap().err().unwrap().to_string();
        assert!(error.contains("quotation mark"), "{error}");
    }
}
