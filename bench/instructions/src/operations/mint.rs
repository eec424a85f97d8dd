//! Tokens are made.

use super::Operation;
use crate::count::count;
use crate::material::{EDDSA, ES256, RS256, keys, session, settings, tokens};

pub(super) const OPERATIONS: &[Operation] =
    &[("mint EdDSA", || mint(EDDSA)), ("mint ES256", || mint(ES256)), ("mint RS256", || mint(RS256))];

/// An access token and a refresh token, as the answer to a sign-in or a refresh has them.
fn mint(document: &str) {
    let (keys, settings) = (keys(document), settings());
    let session = session(&keys);
    count(|| (), |()| tokens(&settings, &keys, &session));
}
