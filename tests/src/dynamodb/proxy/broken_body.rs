//! A body that ends in its middle, as a connection that is cut.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::Close;

/// Announces all of its bytes, sends half of them, and breaks.
pub(super) struct BrokenBody {
    half: Option<Bytes>,
    announced: u64,
    is_flushed: bool,
}

impl BrokenBody {
    pub(super) fn new(whole: &Bytes) -> Self {
        let half = whole.slice(..whole.len() / 2);
        Self { half: Some(half), announced: whole.len() as u64, is_flushed: false }
    }
}

impl Body for BrokenBody {
    type Data = Bytes;
    type Error = Close;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Close>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        // The data so far are written while there is nothing to read.
        if !std::mem::replace(&mut self.is_flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Close)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
