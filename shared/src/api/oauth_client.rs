//! The client that sends a form. All clients are public (RFC 6749 section 2.1): they have a name and no secret. A secret that a
//! library sends is ignored, and a missing name is not an error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::ApiError;

/// The required name of a client, if it states one, and the headers that may state it.
#[derive(Clone, Copy)]
pub struct OAuthClient<'a> {
    id: &'a str,
    headers: &'a HeaderMap,
}

impl<'a> OAuthClient<'a> {
    /// Returns the client of a request with these headers. `name` is the setting `CLIENT_ID`.
    #[must_use]
    pub fn new(id: &'a str, headers: &'a HeaderMap) -> Self {
        Self { id, headers }
    }

    /// Compares the names in the header and in the form, wherever there is one.
    pub(super) fn check(self, in_form: Option<&str>) -> Result<(), ApiError> {
        let mut basic =
            self.headers.get_all(AUTHORIZATION).iter().filter_map(|value| basic(value.as_bytes()));
        if !basic.all(|credentials| self.is_in(credentials)) {
            return Err(ApiError::InvalidClient { by_header: true });
        }
        match in_form {
            Some(id) if id != self.id => Err(ApiError::InvalidClient { by_header: false }),
            Some(_) | None => Ok(()),
        }
    }

    /// Returns whether the name stands before the colon (RFC 7617 section 2). A client should encode it as in a form
    /// (RFC 6749 section
    /// 2.3.1), but some do not.
    fn is_in(self, credentials: &[u8]) -> bool {
        let text = STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((id, _)) = text.as_deref().and_then(|text| text.split_once(':')) else { return false };
        let decoded = || form_urlencoded::parse(id.as_bytes()).eq([(self.id.into(), "".into())]);
        id == self.id || decoded()
    }
}

/// Returns the text after the scheme `Basic`. Another scheme authenticates no client.
fn basic(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked("Basic".len())?;
    let ends = rest.first().is_none_or(|byte| *byte == b' ');
    (ends && scheme.eq_ignore_ascii_case(b"Basic")).then(|| rest.trim_ascii())
}
