//! Access tokens are verified.

use shared::access_token;

use super::Operation;
use crate::count::count;
use crate::material::{EDDSA, ES256, NOW, RS256, keys, session, settings, tokens};

pub(super) const OPERATIONS: &[Operation] = &[
    ("verify EdDSA", || verify(EDDSA)),
    ("verify ES256", || verify(ES256)),
    ("verify RS256", || verify(RS256)),
];

fn verify(document: &str) {
    let (keys, settings) = (keys(document), settings());
    let text = tokens(&settings, &keys, &session(&keys)).access_token;
    count(
        || (),
        |()| {
            let token = access_token::verify(&text, &keys.verifying, &settings.policy).expect("genuine");
            token.unexpired_at(NOW).expect("not expired")
        },
    );
}
