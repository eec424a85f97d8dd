//! A function that panics on request, because no event makes one of ours panic: it shows that the runtime
//! that all of them have makes an error of a panic, and goes on to the next event.

use http::Response;
use runtime::{Error, Request, RequestExt};
use shared::Invocation;

fn main() -> Result<(), Error> {
    runtime::run(|_| Ok(()), async |_, request, invocation| answer(&request, invocation))
}

#[expect(clippy::panic, reason = "what it is for")]
fn answer(request: &Request, _: Invocation) -> Response<String> {
    if request.raw_http_path().ends_with("/panic") {
        panic!("as asked");
    }
    Response::new("no panic".to_owned())
}
