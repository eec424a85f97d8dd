//! What is written down in more than one place says the same, and what every answer has.

mod browsers;
mod cookies;
mod event_files;
mod examples;
mod gateway;
mod metadata;
mod readme;
mod request_errors;
mod template;
mod text;
