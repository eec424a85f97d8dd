//! CSV: the members of an account as columns, those of its password as `password.format`, `password.hash` and so on.

use std::io::ErrorKind::InvalidData;
use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::account::ImportedAccount;
use crate::reason::{BadLineError, Reason};

/// What the columns of a password begin with.
const PASSWORD: &str = "password.";

/// Members of an account and of its password.
const COLUMNS: [&str; 15] = [
    "email",
    "name",
    "roles",
    "claims",
    "email_verified",
    "created_at",
    "password.format",
    "password.hash",
    "password.salt",
    "password.signer_key",
    "password.salt_separator",
    "password.rounds",
    "password.memory_cost",
    "password.iterations",
    "password.algorithm",
];

/// A table of accounts, read record by record. The first record names the columns, in any order.
///
/// An empty cell is an absent member. `roles` has spaces between them, `claims` is JSON, `email_verified` is `true`, `false`,
/// 1 or 0.
pub struct Table<R> {
    records: Reader<R>,
    columns: Vec<&'static str>,
}

/// Why a table can't be read, or not further.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Its first record does not name columns.
    #[error(transparent)]
    Columns(#[from] BadLineError),
    /// What it is read from fails.
    #[error("the table can't be read")]
    Io(#[from] io::Error),
}

impl<R: Read> Table<R> {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// [`TableError`] if there are none, or others than those of an account.
    pub fn open(reader: R) -> Result<Self, TableError> {
        let mut records = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(reader);
        let mut names = ByteRecord::new();
        records.read_byte_record(&mut names).map_err(failure)?;
        let columns = columns(&names).map_err(|reason| BadLineError { number: 1, reasons: vec![reason] })?;
        Ok(Self { records, columns })
    }

    fn account(&self, record: &ByteRecord) -> Result<ImportedAccount, Vec<Reason>> {
        ImportedAccount::read(&self.object(record).map_err(|reason| vec![reason])?)
    }

    /// The record as the object that a line of JSON would be.
    fn object(&self, record: &ByteRecord) -> Result<Map<String, Value>, Reason> {
        if record.len() != self.columns.len() {
            return Err(Reason::new("line", format!("must have {} cells", self.columns.len())));
        }
        let (mut object, mut password) = (Map::new(), Map::new());
        for (column, cell) in self.columns.iter().zip(record) {
            let cell = str::from_utf8(cell).map_err(|_| Reason::new(column, "must be UTF-8"))?;
            match column.strip_prefix(PASSWORD) {
                _ if cell.is_empty() => None,
                Some(name) => password.insert(name.to_owned(), of_password(name, cell)),
                None => object.insert((*column).to_owned(), of_account(column, cell)),
            };
        }
        if !password.is_empty() {
            object.insert("password".to_owned(), password.into());
        }
        Ok(object)
    }
}

impl<R: Read> Iterator for Table<R> {
    /// The number of the line at which the record begins, and its account.
    type Item = Result<(u64, Result<ImportedAccount, BadLineError>), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = ByteRecord::new();
        match self.records.read_byte_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let number = record.position().map_or(0, csv::Position::line);
                let account = self.account(&record).map_err(|reasons| BadLineError { number, reasons });
                Some(Ok((number, account)))
            }
            Err(error) => Some(Err(failure(error))),
        }
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
        // What is no JSON stays a text, and is refused as one.
        "claims" => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
        "email_verified" => match cell.to_ascii_lowercase().as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => cell.into(),
        },
        _ => cell.into(),
    }
}

fn of_password(name: &str, cell: &str) -> Value {
    match (name, cell.parse::<u64>()) {
        ("rounds" | "memory_cost" | "iterations", Ok(number)) => number.into(),
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
