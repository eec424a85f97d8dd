//! HTTP clients.

/// Returns a client for servers at this URL. Servers on this machine use plain HTTP, and reading the root certificates
/// for each client takes a fifth of the processor time of the whole suite, so they are read only for `https`.
///
/// # Panics
/// Panics if no client can be made.
#[must_use]
pub fn client(url: &str) -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy();
    let builder = if url.starts_with("https:") { builder } else { builder.tls_certs_only([]) };
    builder.build().expect("an HTTP client")
}
