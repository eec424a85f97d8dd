//! What OAuth clients are answered: the forms of RFC 6749 and RFC 7009.

mod clients;
mod forms;
mod revocation;
mod token;

/// The origin whose cookies count.
const ORIGIN: &str = "https://app.example.com";
