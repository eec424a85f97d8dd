//! Settings: environment variables, read once at cold start through a lookup function.
//!
//! # Invariants
//! * A bad value stops the start with an error that names the variable, its form and its range, and never repeats
//!   a key.
//! * The defaults are those of the parameters in `template.yaml`.

mod account;
mod authorizer;
mod level;
mod mail;
mod passkeys;
mod reader;

use crate::access_token::Policy;
use crate::api::{AllowedOrigin, Responder};
use crate::key_set::{Algorithm, AlgorithmError, JwkSetError, KeySet, KeySetError, VerifyingKeys};
use crate::metrics::Metrics;
use crate::password::{self, HashCost, Hasher, MAX_CODE_POINTS, RangeApi};
use crate::session::{Lifetimes, Limits};
use crate::{Seconds, attempts, issue};
pub use account::{Account, account, endpoint};
pub use authorizer::{context_claims, http_api_simple_responses, route_roles};
pub use level::Level;
pub use mail::{
    MailLimits, MailSink, MailWording, Registration, SUBJECT, app_url, is_mail_on, mail_limits, mail_sink,
    mail_wording, new_device_mail, registration, required_mail_sink, service_name,
};
pub use passkeys::{RelyingParty, relying_party};
use reader::Reader;
pub use reader::{ConfigError, Lookup, Problem};

const YEAR: u32 = 365 * 24 * 60 * 60;

/// Reads `ISSUER`: the issuer of the tokens, a URI (RFC 7519 section 4.1.1).
///
/// # Errors
/// Returns [`ConfigError`] if it is missing, empty or contains white space.
pub fn issuer(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    Reader(lookup).token("ISSUER")
}

/// Reads [`issuer`] and `AUDIENCE`, which accepted tokens must state.
///
/// # Errors
/// Returns [`ConfigError`] if one is missing, empty or contains white space.
pub fn policy(lookup: Lookup<'_>) -> Result<Policy, ConfigError> {
    Ok(Policy { issuer: issuer(lookup)?, audience: Reader(lookup).token("AUDIENCE")? })
}

/// Reads `CLIENT_ID`: the name of all clients.
///
/// # Errors
/// Returns [`ConfigError`] if it is missing, empty or contains white space.
pub fn client_id(lookup: Lookup<'_>) -> Result<String, ConfigError> {
    Reader(lookup).token("CLIENT_ID")
}

/// Reads the settings of access tokens: `ISSUER`, `AUDIENCE`, `CLIENT_ID`, `ACCESS_TOKEN_SECONDS` (60).
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub fn access_tokens(lookup: Lookup<'_>) -> Result<issue::AccessTokens, ConfigError> {
    let read = Reader(lookup);
    Ok(issue::AccessTokens {
        policy: policy(lookup)?,
        client_id: client_id(lookup)?,
        lifetime: Seconds(read.number("ACCESS_TOKEN_SECONDS", 60, 1..=86_400)?),
    })
}

/// Reads `STACK_NAME` (ratchet), which tells this stack's metrics from those of others in the AWS account.
///
/// # Errors
/// Returns [`ConfigError`] if it is empty or contains white space.
pub fn metrics(lookup: Lookup<'_>) -> Result<Metrics, ConfigError> {
    const STACK_NAME: &str = "STACK_NAME";
    let read = Reader(lookup);
    match read.optional(STACK_NAME) {
        Some(_) => read.token(STACK_NAME).map(Metrics::new),
        None => Ok(Metrics::new("ratchet".to_owned())),
    }
}

/// The name of the setting of [`signing_algorithm`].
pub const SIGNING_ALGORITHM: &str = "SIGNING_ALGORITHM";

/// Reads `SIGNING_ALGORITHM` (ES256): the algorithm of new signing keys.
///
/// # Errors
/// Returns [`ConfigError`] unless it is ES256, EdDSA or RS256.
pub fn signing_algorithm(lookup: Lookup<'_>) -> Result<Algorithm, ConfigError> {
    let algorithm = Reader(lookup).optional(SIGNING_ALGORITHM).map(|text| text.parse()).transpose();
    let algorithm = algorithm.map_err(|problem: AlgorithmError| ConfigError::new(SIGNING_ALGORITHM, problem));
    algorithm.map(Option::unwrap_or_default)
}

/// The source of the key set.
#[derive(Debug)]
pub enum KeySource {
    /// `KEY_SET`: the environment itself, for the local server and tests.
    Inline(Box<KeySet>),
    /// `KEY_SET_SECRET`: the secret with this id in Secrets Manager.
    Secret(String),
}

/// Reads `KEY_SET_SECRET` or [`key_set`]: exactly one of the two must be set.
///
/// # Errors
/// Returns [`ConfigError`] if both or neither are set, or if the inline set is invalid.
pub fn key_source(lookup: Lookup<'_>) -> Result<KeySource, ConfigError> {
    const SECRET: &str = "KEY_SET_SECRET";
    let read = Reader(lookup);
    match (read.optional(SECRET), read.optional("KEY_SET")) {
        (Some(_), Some(_)) => Err(ConfigError::new(SECRET, Problem::TwoKeySets)),
        (None, None) => Err(ConfigError::new(SECRET, Problem::NoKeySet)),
        (Some(_), None) => read.token(SECRET).map(KeySource::Secret),
        (None, Some(_)) => key_set(lookup).map(Box::new).map(KeySource::Inline),
    }
}

/// Returns whether one of the settings of [`key_source`] is set.
#[must_use]
pub fn names_key_set(lookup: Lookup<'_>) -> bool {
    ["KEY_SET_SECRET", "KEY_SET"].iter().any(|variable| Reader(lookup).optional(variable).is_some())
}

/// Reads `KEY_SET`: the whole key set inline, private halves included.
///
/// # Errors
/// Returns [`ConfigError`] if it is missing or invalid.
pub fn key_set(lookup: Lookup<'_>) -> Result<KeySet, ConfigError> {
    optional_key_set(lookup)?.ok_or_else(|| ConfigError::new("KEY_SET_SECRET", Problem::NoKeySet))
}

/// Reads `KEY_SET`, if it is set.
///
/// # Errors
/// Returns [`ConfigError`] if it is invalid.
pub fn optional_key_set(lookup: Lookup<'_>) -> Result<Option<KeySet>, ConfigError> {
    let read = Reader(lookup).optional("KEY_SET").map(|json| KeySet::parse(&json)).transpose();
    read.map_err(|problem: KeySetError| ConfigError::new("KEY_SET", problem))
}

/// Reads `PUBLIC_KEYS`: the public halves as a JWK set (RFC 7517 section 5), ready to verify with.
///
/// # Errors
/// Returns [`ConfigError`] if it is missing or has an invalid key.
pub fn public_keys(lookup: Lookup<'_>) -> Result<(VerifyingKeys, String), ConfigError> {
    let json = Reader(lookup).required("PUBLIC_KEYS")?;
    let keys = VerifyingKeys::from_jwk_set(&json)
        .map_err(|problem: JwkSetError| ConfigError::new("PUBLIC_KEYS", problem))?;
    Ok((keys, json))
}

/// Reads `REFRESH_IDLE_SECONDS` (604800): how long a session lives without a refresh.
///
/// # Errors
/// Returns [`ConfigError`] unless it is a whole number of seconds up to ten years.
pub fn idle_lifetime(lookup: Lookup<'_>) -> Result<Seconds, ConfigError> {
    Reader(lookup).number("REFRESH_IDLE_SECONDS", 604_800, 1..=10 * YEAR).map(Seconds)
}

/// Reads [`idle_lifetime`] and `REFRESH_ABSOLUTE_SECONDS` (2592000).
///
/// # Errors
/// Returns [`ConfigError`] unless both are whole numbers of seconds up to ten years.
pub fn lifetimes(lookup: Lookup<'_>) -> Result<Lifetimes, ConfigError> {
    let absolute = Reader(lookup).number("REFRESH_ABSOLUTE_SECONDS", 2_592_000, 1..=10 * YEAR)?;
    Ok(Lifetimes { idle: idle_lifetime(lookup)?, absolute: Seconds(absolute) })
}

/// Reads the settings for opening sessions: [`access_tokens`] and [`lifetimes`].
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub fn session_opener(lookup: Lookup<'_>) -> Result<issue::SessionOpener, ConfigError> {
    Ok(issue::SessionOpener { access_tokens: access_tokens(lookup)?, lifetimes: lifetimes(lookup)? })
}

/// Reads `REFRESH_RETRY_SECONDS` (5), `REFRESH_GRACE_SECONDS` (600), `REFRESH_LATE_REPLAYS` (3).
///
/// # Errors
/// Returns [`ConfigError`], which names the variable. A retry window above the grace period is refused.
pub fn limits(lookup: Lookup<'_>) -> Result<Limits, ConfigError> {
    let read = Reader(lookup);
    let grace = read.number("REFRESH_GRACE_SECONDS", 600, 0..=86_400)?;
    let retry = read.number("REFRESH_RETRY_SECONDS", 5, 0..=86_400)?;
    if retry > grace {
        let above = Problem::AboveAnother { value: retry, other: "REFRESH_GRACE_SECONDS", most: grace };
        return Err(ConfigError::new("REFRESH_RETRY_SECONDS", above));
    }
    let late_replays = read.number("REFRESH_LATE_REPLAYS", 3, 0..=1000)?;
    Ok(Limits { retry: Seconds(retry), grace: Seconds(grace), late_replays })
}

/// Reads `REFRESH_REQUIRES_ACCESS_TOKEN` (false): whether a refresh must include the access token.
///
/// # Errors
/// Returns [`ConfigError`] unless it is `true` or `false`.
pub fn refresh_requires_access_token(lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    Reader(lookup).flag("REFRESH_REQUIRES_ACCESS_TOKEN", false)
}

/// Reads `SESSIONS_PER_USER` (0): the maximum number of sessions per user; 0 means the upper limit, 1,000.
///
/// # Errors
/// Returns [`ConfigError`] unless it is a whole number from 0 to 1000.
pub fn sessions_per_user(lookup: Lookup<'_>) -> Result<usize, ConfigError> {
    const MOST: u32 = 1000;
    let number = Reader(lookup).number("SESSIONS_PER_USER", 0, 0..=MOST)?;
    Ok(if number == 0 { MOST } else { number } as usize)
}

/// Reads `PASSWORD_MEMORY_KIB` (19456), `PASSWORD_ITERATIONS` (2), `PASSWORD_PARALLELISM` (1): the cost of Argon2id.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub fn hasher(lookup: Lookup<'_>) -> Result<Hasher, ConfigError> {
    let read = Reader(lookup);
    let most = HashCost::GREATEST;
    let cost = HashCost {
        // OWASP's password storage advice allows at least 7 MiB for Argon2id, with five passes.
        memory_kib: read.number("PASSWORD_MEMORY_KIB", 19_456, 7_168..=most.memory_kib)?,
        iterations: read.number("PASSWORD_ITERATIONS", 2, 1..=most.iterations)?,
        parallelism: read.number("PASSWORD_PARALLELISM", 1, 1..=most.parallelism)?,
    };
    Hasher::new(cost).map_err(|problem| ConfigError::new("PASSWORD_MEMORY_KIB", problem))
}

/// Reads `PASSWORD_MIN_LENGTH` (8), the minimum number of code points of a new password, and `PASSWORD_MIN_SCORE` (2), its
/// minimum score, from 0 (any) to 4.
///
/// # Errors
/// Returns [`ConfigError`] unless they are whole numbers from 8 to 128 and from 0 to 4.
pub fn password_rules(lookup: Lookup<'_>) -> Result<password::Rules, ConfigError> {
    let read = Reader(lookup);
    let most = u32::try_from(MAX_CODE_POINTS).unwrap_or(u32::MAX);
    let min_length = read.number("PASSWORD_MIN_LENGTH", 8, 8..=most)? as usize;
    let min_score = read.number("PASSWORD_MIN_SCORE", 2, 0..=4)?;
    Ok(password::Rules { min_length, min_score: u8::try_from(min_score).unwrap_or(u8::MAX) })
}

/// Reads `BREACHED_PASSWORDS` (off), the range API that is asked whether a new password is known from breaches, and
/// `BREACHED_PASSWORDS_SECONDS` (1), how long its answer may take. Returns `None` if it is off.
///
/// # Errors
/// Returns [`ConfigError`] unless the first is `off` or an https URL, or an http one of this machine, without query and
/// fragment, and the second a whole number from 1 to 5: the functions have ten seconds.
pub fn breached_passwords(lookup: Lookup<'_>) -> Result<Option<RangeApi>, ConfigError> {
    const VARIABLE: &str = "BREACHED_PASSWORDS";
    let read = Reader(lookup);
    let patience = Seconds(read.number("BREACHED_PASSWORDS_SECONDS", 1, 1..=5)?);
    match read.optional(VARIABLE) {
        None => Ok(None),
        Some(text) if text == "off" => Ok(None),
        Some(text) => match RangeApi::parse(&text, patience) {
            Some(api) => Ok(Some(api)),
            None => Err(ConfigError::new(VARIABLE, Problem::NotARangeApi(text))),
        },
    }
}

/// Reads `SIGN_IN_FREE_ATTEMPTS` (5), `SIGN_IN_FIRST_DELAY_SECONDS` (1), `SIGN_IN_LONGEST_DELAY_SECONDS` (900),
/// `SIGN_IN_REMEMBER_SECONDS` (86400): the limits on guessing.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable. A first delay above the longest is refused, and so is a longest delay that
/// exceeds `SIGN_IN_REMEMBER_SECONDS`.
pub fn sign_in_limits(lookup: Lookup<'_>) -> Result<attempts::Limits, ConfigError> {
    const FIRST: &str = "SIGN_IN_FIRST_DELAY_SECONDS";
    const LONGEST: &str = "SIGN_IN_LONGEST_DELAY_SECONDS";
    const REMEMBER: &str = "SIGN_IN_REMEMBER_SECONDS";
    let read = Reader(lookup);
    // NIST SP 800-63B-4 section 3.2.2 allows at most 100 failures in a row.
    let free_attempts = read.number("SIGN_IN_FREE_ATTEMPTS", 5, 1..=100)?;
    let first = read.number(FIRST, 1, 1..=900)?;
    let longest = read.number(LONGEST, 900, 1..=86_400)?;
    let remember = read.number(REMEMBER, 86_400, 3_600..=30 * 86_400)?;
    let above = |variable, value, other, most| {
        Err(ConfigError::new(variable, Problem::AboveAnother { value, other, most }))
    };
    match (first, longest, remember) {
        _ if first > longest => above(FIRST, first, LONGEST, longest),
        _ if longest > remember => above(LONGEST, longest, REMEMBER, remember),
        _ => Ok(attempts::Limits {
            free_attempts,
            first_delay: Seconds(first),
            longest_delay: Seconds(longest),
            remember: Seconds(remember),
        }),
    }
}

/// Reads `ALLOWED_ORIGIN` (`*`): the web origin whose scripts may read answers.
///
/// # Errors
/// Returns [`ConfigError`] unless it is `*` or a possible origin of a page, such as `https://app.example.com`.
pub fn responder(lookup: Lookup<'_>) -> Result<Responder, ConfigError> {
    let text = Reader(lookup).optional("ALLOWED_ORIGIN").unwrap_or_else(|| "*".to_owned());
    let origin = AllowedOrigin::parse(&text).map(Responder::new);
    origin.ok_or_else(|| ConfigError::new("ALLOWED_ORIGIN", Problem::NotAnOrigin(text)))
}

/// The name of a table, `REFRESH_TOKENS_TABLE`, `USERS_TABLE`, `SIGN_IN_ATTEMPTS_TABLE`, `CODES_TABLE` or
/// `PASSKEYS_TABLE`.
///
/// # Errors
/// Returns [`ConfigError`] if it is missing or not a valid name in DynamoDB.
pub fn table(lookup: Lookup<'_>, variable: &'static str) -> Result<String, ConfigError> {
    Reader(lookup).token(variable)
}

/// Reads `DYNAMODB_ENDPOINT`: a DynamoDB instead of that of AWS, for `sam local`. Returns `None` if it is empty.
///
/// # Errors
/// Returns [`ConfigError`] unless it is a URL such as `http://127.0.0.1:8000`.
pub fn dynamodb_endpoint(lookup: Lookup<'_>) -> Result<Option<String>, ConfigError> {
    const VARIABLE: &str = "DYNAMODB_ENDPOINT";
    let Some(url) = Reader(lookup).optional(VARIABLE) else { return Ok(None) };
    let is_url = url.parse().is_ok_and(|url: http::Uri| url.scheme().is_some() && url.host().is_some());
    if is_url { Ok(Some(url)) } else { Err(ConfigError::new(VARIABLE, Problem::NotAUrl(url))) }
}

/// Reads `LOG_LEVEL` (INFO).
///
/// # Errors
/// Returns [`ConfigError`] unless it is ERROR, WARN, INFO or DEBUG. TRACE is refused: no build can print at it, and if one could,
/// the Lambda runtime would print raw events, passwords and tokens included.
pub fn log_level(lookup: Lookup<'_>) -> Result<Level, ConfigError> {
    let text = Reader(lookup).optional("LOG_LEVEL").unwrap_or_else(|| "INFO".to_owned());
    text.parse().map_err(|()| ConfigError::new("LOG_LEVEL", Problem::NotALevel(text)))
}

#[cfg(test)]
mod tests;
