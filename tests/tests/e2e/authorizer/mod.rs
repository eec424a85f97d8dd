//! The authorizer, by itself and in front of a protected route.

mod formats;
mod protected_routes;
mod samples;
