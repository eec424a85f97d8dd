//! Facts that are written down in more than one place agree, and every answer has its common parts.

mod browsers;
mod cookies;
mod event_files;
mod examples;
mod gateway;
mod metadata;
mod permissions;
mod readme;
mod request_errors;
mod template;
mod text;
