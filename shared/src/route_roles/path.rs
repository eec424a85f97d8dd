//! Paths that every reader takes for the same.

use percent_encoding::percent_decode_str;

/// A path in its segments, each percent-decoded once (RFC 3986 section 3.3); a slash at the end makes no difference.
///
/// There is none for a path that a gateway, a framework and a rule could each read differently: with a segment that is
/// empty, begins with a space, ends in a space or a dot (the dot segments do), or holds, written out or encoded, a slash,
/// backslash, percent sign, semicolon, `#`, or what is no printable character of ASCII. Others of Unicode can become
/// ASCII where they are folded, normalised or dropped (U+212A is a K to some, U+FF41 an a). Nor with what is a wildcard
/// or begins a variable in an IAM policy: `*`, `?` and `{`.
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

    /// Whether it is the other one, or that behind more segments: those of a stage or of a custom domain's mapping.
    #[must_use]
    pub fn ends_with(&self, other: &Self) -> bool {
        self.0.ends_with(&other.0)
    }

    /// Whether it is `/`, with which every path ends.
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

/// Whether all readers take this segment, once decoded, for the same.
pub(super) fn is_clear(segment: &str) -> bool {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && !br"/\%;#*?{".contains(&byte);
    let trimmed = segment.starts_with(' ') || segment.ends_with([' ', '.']);
    !segment.is_empty() && !trimmed && segment.bytes().all(is_plain)
}
