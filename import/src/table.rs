//! CSV: the members of an account as columns, those of its password as `password.format`, `password.hash` and so on, those of its
//! authenticator app as `totp.secret` and so on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::ErrorKind::InvalidData;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::account::ImportedAccount;
use crate::line::{MAX_LINE_BYTES, account};
use crate::reason::{BadLineError, Reason};
use crate::record::Record;
use crate::unique::Unique;

/// The maximum that is read for one record, by a reader with its own buffer.
const MAX_RECORD_BYTES: usize = 4 * MAX_LINE_BYTES;

/// Members of an account, of its password and of its authenticator app.
const COLUMNS: [&str; 21] = [
    "email",
    "name",
    "roles",
    "claims",
    "email_verified",
    "created_at",
    "user_id",
    "disabled",
    "password.format",
    "password.hash",
    "password.salt",
    "password.signer_key",
    "password.salt_separator",
    "password.rounds",
    "password.memory_cost",
    "password.iterations",
    "password.algorithm",
    "totp.secret",
    "totp.digits",
    "totp.period",
    "totp.algorithm",
];

/// A table of accounts, read record by record. The first record names the columns, in any order.
///
/// An empty cell is an absent member. `roles` are separated by spaces, `claims` is JSON, `email_verified` and `disabled` are
/// `true`, `false`, 1 or 0.
pub struct Table<R> {
    records: Reader<Limited<R>>,
    room: Rc<Cell<usize>>,
    columns: Vec<&'static str>,
}

/// The reason why a table cannot be read, or not further.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Its first record does not name columns.
    #[error(transparent)]
    Columns(#[from] BadLineError),
    /// Its source failed.
    #[error("the file can't be read: {0}")]
    Io(#[from] io::Error),
}

impl<R: Read> Table<R> {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// Returns [`TableError`] if there are none, or others than those of an account.
    pub fn open(reader: R) -> Result<Self, TableError> {
        let room = Rc::new(Cell::new(MAX_RECORD_BYTES));
        let limited = Limited { reader, room: Rc::clone(&room) };
        let mut records = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(limited);
        let mut names = ByteRecord::new();
        records.read_byte_record(&mut names).map_err(failure)?;
        let columns = columns(&names).map_err(|reason| BadLineError { number: 1, reasons: vec![reason] })?;
        Ok(Self { records, room, columns })
    }

    /// Returns the next record as the object of a JSON line.
    pub(crate) fn next_record(&mut self) -> Option<Result<Record, TableError>> {
        let mut record = ByteRecord::new();
        self.room.set(MAX_RECORD_BYTES);
        match self.records.read_byte_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let number = record.position().map_or(0, csv::Position::line);
                let bad = |reason| BadLineError { number, reasons: vec![reason] };
                Some(Ok(Record { number, object: self.object(&record).map_err(bad) }))
            }
            Err(error) => Some(Err(failure(error))),
        }
    }

    /// Returns the record as the object of a JSON line.
    fn object(&self, record: &ByteRecord) -> Result<Map<String, Value>, Reason> {
        if record.len() != self.columns.len() {
            return Err(Reason::new("line", format!("must have {} cells", self.columns.len())));
        }
        let (mut object, mut parts) = (Map::new(), BTreeMap::<_, Map<_, _>>::new());
        for (column, cell) in self.columns.iter().zip(record) {
            let cell = str::from_utf8(cell).map_err(|_| Reason::new(column, "must be UTF-8"))?;
            match column.split_once('.') {
                _ if cell.is_empty() => None,
                Some((part, name)) => {
                    parts.entry(part.to_owned()).or_default().insert(name.to_owned(), of_part(name, cell))
                }
                None => object.insert((*column).to_owned(), of_account(column, cell)),
            };
        }
        object.extend(parts.into_iter().map(|(part, members)| (part, members.into())));
        Ok(object)
    }
}

impl<R: Read> Iterator for Table<R> {
    /// Returns the number of the record's first line, and its account.
    type Item = Result<(u64, Result<ImportedAccount, BadLineError>), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Record { number, object } = match self.next_record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        Some(Ok((number, object.and_then(|object| account(number, &object)))))
    }
}

/// Reads only up to the maximum length of a record, so that an unclosed quotation mark does not load the whole file into
/// memory.
struct Limited<R> {
    reader: R,
    room: Rc<Cell<usize>>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(room) = self.room.get().checked_sub(buffer.len()) else {
            return Err(io::Error::new(InvalidData, "a record is too long: is a quotation mark not closed?"));
        };
        self.room.set(room);
        self.reader.read(buffer)
    }
}

fn columns(names: &ByteRecord) -> Result<Vec<&'static str>, Reason> {
    let mut columns = Vec::new();
    for name in names {
        let column = str::from_utf8(name).ok().and_then(column).ok_or_else(unknown)?;
        if columns.contains(&column) {
            return Err(Reason::new(column, "must be one column"));
        }
        columns.push(column);
    }
    if columns.contains(&"email") { Ok(columns) } else { Err(Reason::new("email", "must be a column")) }
}

fn column(name: &str) -> Option<&'static str> {
    COLUMNS.into_iter().find(|column| *column == name)
}

fn unknown() -> Reason {
    Reason::new("line", format!("must name no columns but {}", COLUMNS.join(", ")))
}

fn of_account(column: &str, cell: &str) -> Value {
    match column {
        "roles" => cell.split_whitespace().collect(),
        // A value that is not JSON stays text, and is refused as such.
        "claims" => serde_json::from_str(cell).map_or_else(|_| cell.into(), |Unique(claims)| claims),
        "email_verified" | "disabled" => match cell.to_ascii_lowercase().as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => cell.into(),
        },
        _ => cell.into(),
    }
}

/// A member of the password, or of the authenticator app.
fn of_part(name: &str, cell: &str) -> Value {
    match (name, cell.parse::<u64>()) {
        ("rounds" | "memory_cost" | "iterations" | "digits" | "period", Ok(number)) => number.into(),
        _ => cell.into(),
    }
}

fn failure(error: csv::Error) -> TableError {
    // Records of any length and bytes of any kind are read, so there is no other kind.
    let ErrorKind::Io(error) = error.into_kind() else { return io::Error::from(InvalidData).into() };
    error.into()
}

#[cfg(test)]
mod tests;
