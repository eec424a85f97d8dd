//! HTTP clients.

/// Returns a client for servers at this URL. Those of this machine speak plain HTTP, and reading its root certificates
/// for each client takes a fifth of the processor time of the whole suite, so they are read for `https` alone.
///
/// # Panics
/// If there can be no client.
#[must_use]
pub fn client(url: &str) -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    let builder = if url.starts_with("https:") { builder } else { builder.tls_certs_only([]) };
    builder.build().expect("an HTTP client")
}
