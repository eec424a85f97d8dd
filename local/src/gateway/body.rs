//! Reads a request's body, up to API Gateway's limit.

use axum::body::Body;
use http_body_util::BodyExt;

use super::failure::Failure;

/// The largest body of a REST API, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// How much more is read and discarded before the answer: a client that is still sending when the connection is
/// closed may never see the answer.
const LARGEST_IGNORED: usize = 10 * LARGEST;

/// Returns the body as text, or `None` if there is none.
///
/// A REST API without `BinaryMediaTypes` treats every body as UTF-8: other bytes become replacement
/// characters, and `isBase64Encoded` is never true.
pub(super) async fn read(mut body: Body) -> Result<Option<String>, Failure> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::BadRequest)?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        seen += data.len();
        if seen <= LARGEST {
            bytes.extend_from_slice(data);
        } else {
            bytes = Vec::new();
        }
        if seen > LARGEST_IGNORED {
            break;
        }
    }
    match seen {
        0 => Ok(None),
        1..=LARGEST => Ok(Some(
            String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        )),
        _ => Err(Failure::RequestTooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_text_whatever_its_bytes() {
        assert_eq!(read(Body::empty()).await, Ok(None));
        assert_eq!(read(Body::from("é")).await, Ok(Some("é".to_owned())));
        assert_eq!(read(Body::from(vec![b'a', 0xff])).await, Ok(Some("a\u{fffd}".to_owned())));
    }

    #[tokio::test]
    async fn a_body_is_too_large_from_one_byte_above_ten_mebibytes() {
        let largest = read(Body::from(vec![b'x'; LARGEST])).await.expect("the largest body");
        assert_eq!(largest.map(|text| text.len()), Some(LARGEST));
        assert_eq!(read(Body::from(vec![b'x'; LARGEST + 1])).await, Err(Failure::RequestTooLarge));
    }
}
