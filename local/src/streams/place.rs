//! The position of a function in its stream, kept in the data directory: after a restart it continues there.
//!
//! It is written after the function has processed a record. If the process is killed in between, the function is called with that
//! record again, as Lambda may.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::private_file;

/// The last processed record of each shard.
#[derive(Debug)]
pub(super) struct Place {
    /// `None` without a data directory.
    path: Option<PathBuf>,
    note: Note,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    stream: String,
    /// Sequence numbers by shard.
    shards: BTreeMap<String, String>,
}

impl Place {
    /// Returns the position in this stream, and whether it is an old one: a recreated table has another
    /// stream. Without a file of its own it is the position of `other`.
    pub(super) fn open(path: Option<PathBuf>, other: Option<PathBuf>, stream: &str) -> (Self, bool) {
        let kept = [path.as_ref(), other.as_ref()].into_iter().flatten().find_map(|path| note(path, stream));
        let is_known = kept.is_some();
        let note = kept.unwrap_or_else(|| Note { stream: stream.to_owned(), ..Note::default() });
        (Self { path, note }, is_known)
    }

    /// Returns the last processed record of the shard.
    pub(super) fn after(&self, shard: &str) -> Option<&str> {
        self.note.shards.get(shard).map(String::as_str)
    }

    /// Records that the function has processed this record and those before it.
    pub(super) fn advance(&mut self, shard: &str, sequence_number: &str) {
        self.note.shards.insert(shard.to_owned(), sequence_number.to_owned());
        self.write();
    }

    /// Forgets a shard whose records the stream no longer has.
    pub(super) fn forget(&mut self, shard: &str) {
        self.note.shards.remove(shard);
        self.write();
    }

    fn write(&self) {
        let text = serde_json::to_string(&self.note).unwrap_or_default();
        if let Some(path) = &self.path
            && let Err(error) = private_file::create(path, &text)
        {
            tracing::warn!(path = %path.display(), %error, "mails may be sent again after the next start");
        }
    }
}

fn note(path: &Path, stream: &str) -> Option<Note> {
    let text = std::fs::read_to_string(path).ok()?;
    let note: Note = serde_json::from_str(&text).ok()?;
    (note.stream == stream).then_some(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_for_the_same_stream_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = Some(directory.path().join("stream.json"));
        let (mut place, is_known) = Place::open(path.clone(), None, "one");
        assert!(!is_known && place.after("shard").is_none());
        place.advance("shard", "7");
        let (place, is_known) = Place::open(path.clone(), None, "one");
        assert!(is_known);
        assert_eq!((place.after("shard"), place.after("other")), (Some("7"), None));
        let (place, is_known) = Place::open(path.clone(), None, "two");
        assert!(!is_known && place.after("shard").is_none());
        let (place, is_known) = Place::open(Some(directory.path().join("new.json")), path, "one");
        assert!(is_known && place.after("shard") == Some("7"), "as the other one");
    }

    #[test]
    fn a_file_that_is_no_place_is_as_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stream.json");
        std::fs::write(&path, "{").unwrap();
        assert!(!Place::open(Some(path), None, "one").1);
    }
}
