//! The compared rules, and their sources.

mod family;
pub mod peers;
mod ratchet;

use shared::Seconds;
use shared::session::Limits;

use crate::Millis;
pub use family::{Family, Peer, Verdict};
use ratchet::Ratchet;

/// A refresh token of one session: its number in the order of issue.
pub type Token = usize;

/// The answer of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Token(Token),
    Refused,
}

/// A server with one session, whose first token is 0.
pub(crate) trait Server {
    /// Answers a refresh at `now`, with the number of a retry key if one was sent.
    fn refresh(&mut self, token: Token, key: Option<u64>, now: Millis) -> Reply;
    /// Returns whether the session has ended.
    fn has_ended(&self) -> bool;
    /// What a client does with its newest token after it is refused.
    fn log_out(&mut self);
}

/// A rule with its settings.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in the table.
    pub name: &'static str,
    /// The source of the rule.
    pub source: &'static str,
    /// The unverified part of it; empty if all is verified.
    pub unverified: &'static str,
    /// Whether clients send retry keys.
    pub with_keys: bool,
    judge: Judge,
}

#[derive(Clone, Copy, Debug)]
enum Judge {
    /// The product.
    Product(Limits),
    /// A peer's rule, as a function.
    Peer(Peer),
}

impl Rule {
    /// Returns a server with a session that begins at `now`.
    pub(crate) fn server(&self, now: Millis) -> Box<dyn Server> {
        match self.judge {
            Judge::Product(limits) => Box::new(Ratchet::begin(limits, now)),
            Judge::Peer(peer) => Box::new(Family::begin(peer)),
        }
    }
}

const DESIGN: &str = "`shared/src/session/rule.rs`";

/// Every rule, in the order of the table.
pub const ALL: [Rule; 14] = [
    Rule { with_keys: true, ..product("Ratchet with retry keys", limits(5, 600, 3)) },
    product("Ratchet without keys", limits(5, 600, 3)),
    product("strict single use (Ratchet, grace 0)", limits(0, 0, 0)),
    product("a window of 30 s", limits(30, 30, 0)),
    product("a window of 10 minutes", limits(600, 600, 0)),
    peer(
        "Amazon Cognito, 60 s",
        peers::cognito,
        "API reference, RefreshTokenRotationType",
        "what a repeat after the window does: here it is refused and the family lives on",
    ),
    peer("Auth0, leeway 0 s", peers::strict, "documentation, Configure Refresh Token Rotation", ""),
    peer("SST OpenAuth, 60 s", peers::openauth, "openauthjs/openauth@a4982f6 issuer.ts", ""),
    peer(
        "SuperTokens 12.1, 30 s",
        peers::supertokens,
        "supertokens-core@0c1739b Session.java",
        "what a dead child, or a parent whose child was used, gets: here reuse",
    ),
    peer("Supabase Auth, hosted", peers::supabase, "supabase/auth@bc32168 internal/tokens/service.go", ""),
    peer("Better Auth oauth-provider, 0 s", peers::strict, "better-auth@451aa4b oauth-provider.mdx", ""),
    peer("Ory Hydra, 0 s", peers::hydra, "ory/hydra@83127c5 config.schema.json", ""),
    peer(
        "Keycloak, rotation on, reuse 0",
        peers::strict,
        "its documentation",
        "all of it; rotation is off by default",
    ),
    peer("Rauthy, 5 s", peers::rauthy, "sebadob/rauthy@f622330", ""),
];

const fn product(name: &'static str, limits: Limits) -> Rule {
    Rule { name, source: DESIGN, unverified: "", with_keys: false, judge: Judge::Product(limits) }
}

const fn peer(name: &'static str, peer: Peer, source: &'static str, unverified: &'static str) -> Rule {
    Rule { name, source, unverified, with_keys: false, judge: Judge::Peer(peer) }
}

const fn limits(retry: u32, grace: u32, late_replays: u32) -> Limits {
    Limits { retry: Seconds(retry), grace: Seconds(grace), late_replays }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratchets_limits_are_the_products_defaults() {
        let nothing_is_set = |_: &str| None;
        let default = shared::config::limits(&nothing_is_set).unwrap();
        for rule in &ALL[..2] {
            assert!(matches!(rule.judge, Judge::Product(limits) if limits == default), "{}", rule.name);
        }
    }
}
