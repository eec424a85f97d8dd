//! The directory with the database and the keys, held by one process at a time.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::error::StartError;
use crate::private_file;

/// The data directory, for as long as this process has it.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// The system releases the lock when the file is closed, however the process ends.
    _lock: File,
}

impl DataDirectory {
    /// Creates the directory if it is missing, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let fail = |error| StartError::DataDirectory { path: path.to_owned(), error };
        private_file::create_directory(path).map_err(fail)?;
        let lock = private_file::touch(&path.join("lock")).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::DataDirectoryInUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
    }

    /// Returns the path of the embedded DynamoDB.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// Returns the path of the key set.
    pub(crate) fn key_set(&self) -> PathBuf {
        self.path.join("key-set.json")
    }

    /// Writes down the addresses of the service and the version of its key set, for the command `ratchet`, which makes links with
    /// these keys.
    pub(crate) fn describe(&self, api: &str, dynamodb: &str, key_set: &str) -> Result<(), StartError> {
        let path = self.path.join("service.json");
        let service = json!({ "api": api, "dynamodb": dynamodb, "key_set": key_set });
        private_file::create(&path, &format!("{service}\n")).map_err(|error| StartError::File { path, error })
    }

    /// Returns the path of a function's position in its stream.
    pub(crate) fn stream(&self, function: &str) -> PathBuf {
        self.path.join(format!("stream-{function}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_until_the_first_lets_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let first = DataDirectory::open(&path).unwrap();
        let error = DataDirectory::open(&path).unwrap_err();
        assert!(matches!(&error, StartError::DataDirectoryInUse(_)), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        drop(first);
        DataDirectory::open(&path).unwrap();
    }

    #[test]
    fn a_path_that_is_no_directory_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        std::fs::write(&path, "a file").unwrap();
        let error = DataDirectory::open(&path).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
