//! The declared content type of a request body.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The media type of most routes.
pub(super) const JSON: &str = "application/json";
/// The media type of the routes that OAuth defines.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The reason why a declaration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentTypeError {
    /// It is missing, repeated, or of another media type.
    MediaType,
    /// It names another charset than UTF-8.
    Charset,
}

/// Checks that the body is declared once as `media_type` and with no charset but UTF-8. JSON is always UTF-8 (RFC 8259
/// section 8.1), and so is a form (RFC 6749 appendix B). A client that declares another charset means other characters than
/// those that we would read.
pub(super) fn check(headers: &HeaderMap, media_type: &str) -> Result<(), ContentTypeError> {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let (Some(declared), None) = (lines.next(), lines.next()) else {
        return Err(ContentTypeError::MediaType);
    };
    let mut parts = declared.to_str().unwrap_or_default().split(';').map(str::trim);
    if !parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(media_type)) {
        Err(ContentTypeError::MediaType)
    } else if parts.filter_map(charset).all(is_utf_8) {
        Ok(())
    } else {
        Err(ContentTypeError::Charset)
    }
}

/// Returns the value if this is the parameter `charset` (RFC 9110 section 8.3.2).
fn charset(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    name.trim().eq_ignore_ascii_case("charset").then(|| value.trim())
}

fn is_utf_8(value: &str) -> bool {
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let name = quoted.unwrap_or(value);
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}
