//! Test vectors of others, against what verifies access tokens and against a refresh that sends one along.

mod libraries;
mod wycheproof;
