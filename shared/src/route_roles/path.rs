//! Paths that every reader interprets alike.

use percent_encoding::percent_decode_str;

/// A path in segments, each percent-decoded once (RFC 3986 section 3.3). A trailing slash makes no difference.
///
/// A path that a gateway, a framework and a rule could interpret differently is refused: one with a segment that is
/// empty, begins with a space, ends in a space or a dot (as the dot segments do), or contains, literally or encoded, a slash,
/// backslash, percent sign, semicolon, `#`, or a character that is not printable ASCII. Other characters can become
/// ASCII where they are folded, normalised or dropped (U+212A is a K to some, U+FF41 an a). Also refused are wildcards
/// and the beginnings of variables in IAM policies: `*`, `?` and `{`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Reads a path that begins with a slash.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "/" {
            return Some(Self(Vec::new()));
        }
        let inner = text.strip_prefix('/')?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        inner.split('/').map(segment).collect::<Option<_>>().map(Self)
    }

    /// Returns whether it is the other path, or the other path after further segments: a stage or a mapping of a custom domain.
    #[must_use]
    pub fn ends_with(&self, other: &Self) -> bool {
        self.0.ends_with(&other.0)
    }

    /// Returns whether it is `/`, with which every path ends.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn segments(&self) -> &[String] {
        &self.0
    }
}

fn segment(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    is_clear(&decoded).then(|| decoded.into_owned())
}

/// Returns whether all readers interpret this decoded segment alike.
pub(super) fn is_clear(segment: &str) -> bool {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && !br"/\%;#*?{".contains(&byte);
    let trimmed = segment.starts_with(' ') || segment.ends_with([' ', '.']);
    !segment.is_empty() && !trimmed && segment.bytes().all(is_plain)
}
