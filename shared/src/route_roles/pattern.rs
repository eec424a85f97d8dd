//! The left side of a rule: the requests that it matches.

use super::{Path, Route};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Connect,
    Http { method: Method, path: PathPattern },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Any,
    One(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathPattern {
    pub(super) segments: Vec<Segment>,
    /// Whether more segments may follow (`**`).
    pub(super) open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Any,
    One(String),
}

impl Pattern {
    pub(super) fn matches(&self, route: &Route<'_>) -> bool {
        match (self, route) {
            (Self::Connect, Route::Connect) => true,
            (Self::Http { method, path }, Route::Http { method: asked, path: at }) => {
                method.matches(asked) && path.matches(at)
            }
            (Self::Connect, Route::Http { .. }) | (Self::Http { .. }, Route::Connect) => false,
        }
    }

    /// Returns whether it matches everything that the other pattern matches.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Connect, Self::Connect) => true,
            (Self::Http { method, path }, Self::Http { method: others, path: behind }) => {
                (*method == Method::Any || method == others) && path.covers(behind)
            }
            (Self::Connect, Self::Http { .. }) | (Self::Http { .. }, Self::Connect) => false,
        }
    }
}

impl Method {
    fn matches(&self, asked: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(method) => method == if asked == "HEAD" { "GET" } else { asked },
        }
    }
}

impl PathPattern {
    fn matches(&self, path: &Path) -> bool {
        let (own, asked) = (self.segments.len(), path.segments().len());
        (asked == own || self.open && asked > own)
            && self.segments.iter().zip(path.segments()).all(|(own, asked)| own.matches(asked))
    }

    fn covers(&self, other: &Self) -> bool {
        let (own, others) = (self.segments.len(), other.segments.len());
        let every_length = if self.open { others >= own } else { others == own && !other.open };
        every_length && self.segments.iter().zip(&other.segments).all(|(own, other)| own.covers(other))
    }
}

impl Segment {
    fn matches(&self, asked: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(text) => text.eq_ignore_ascii_case(asked),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::One(_), Self::Any) => false,
            (Self::One(own), Self::One(other)) => own.eq_ignore_ascii_case(other),
        }
    }
}
