//! A function that panics when asked to, for want of an event that makes one of ours panic: it shows that the runtime
//! that all of them have makes an error of a panic, and goes on to the next event.

use lambda_http::{Error, Request, RequestExt, run, service_fn};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::panic, reason = "what it is for")]
async fn main() -> Result<(), Error> {
    run(service_fn(|request: Request| async move {
        if request.raw_http_path().ends_with("/panic") {
            panic!("as asked");
        }
        Ok::<_, Error>("no panic")
    }))
    .await
}
