//! Errors as a client sees them.

use http::{HeaderName, StatusCode};

use crate::Seconds;
use crate::factor::FactorKinds;
use crate::session::FRESH_FOR;

/// The header that states whether a refused access token was genuine but expired: `true` or `false`.
const IS_TOKEN_EXPIRED: HeaderName = HeaderName::from_static("is-token-expired");

/// The challenge to a client that named itself in the header `Authorization` (RFC 7617 section 2).
const CLIENT_CHALLENGE: &str = r#"Basic realm="oauth2", charset="UTF-8""#;

/// How long a client should wait after a 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

/// Every error of a request, as far as a client may know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 400: the request is malformed; the value states how.
    #[error("{0}.")]
    InvalidRequest(InvalidRequest),
    /// 400: the refresh token is refused (RFC 6749 section 5.2). The reason is never disclosed.
    #[error("The refresh token is not valid.")]
    InvalidGrant,
    /// 400: the grant type is not supported (RFC 6749 section 5.2).
    #[error("The grant_type must be refresh_token.")]
    UnsupportedGrantType,
    /// 401: the request names another client than `CLIENT_ID` (RFC 6749 section 5.2).
    #[error("There is no such client.")]
    InvalidClient {
        /// Whether it names it in the header `Authorization`, which is then challenged.
        by_header: bool,
    },
    /// 400: a mailed code is refused. The reason is never disclosed.
    #[error("The code does not work. It may be used, too old, or replaced by a newer change of the account.")]
    InvalidCode,
    /// 400: what the browser made of a request for a passkey is refused; never which reason.
    #[error("The passkey can't be added. The request for it may be used or too old; begin anew.")]
    InvalidPasskey,
    /// 401: a sign-in with a passkey is refused; never which reason.
    #[error("The passkey is not accepted.")]
    PasskeyRefused,
    /// 401: a passkey must have begun the session not long ago, or the present password is needed (RFC 9470 section 3).
    #[error("Sign in with a passkey anew, or send the current password.")]
    NotFresh,
    /// 409: the user has this passkey already.
    #[error("This passkey is there already.")]
    PasskeyExists,
    /// 409: the user has as many as there can be.
    #[error("There can be no more than 20 passkeys.")]
    TooManyPasskeys,
    /// 409: without it the user could not sign in.
    #[error("This is all that the user can sign in with.")]
    LastFactor,
    /// 401: unknown email or wrong password, in the same words.
    #[error("The email or the password is wrong.")]
    InvalidCredentials,
    /// 401: the current password is wrong for the account of the access token. The code is the same.
    #[error("The current password is wrong.")]
    WrongCurrentPassword,
    /// 401: the password is right, and one of these is asked for too: the same request again, with it.
    #[error("This account asks for a second factor too: send it with the password.")]
    FactorRequired(FactorKinds),
    /// 401: the access token is missing, invalid or expired (RFC 6750 section 3.1).
    #[error("{}", if *.expired { "The access token has expired." } else { "The access token is not valid." })]
    InvalidToken {
        /// Whether it is genuine but expired.
        expired: bool,
    },
    /// 401: the access token is genuine, but its session has ended. It is not called expired, because no refresh helps.
    #[error("The session of the access token is over.")]
    SessionOver,
    /// 401: the access token is good, but the user must have signed in with a second factor (RFC 9470 section 3).
    #[error("This needs a sign-in with a second factor.")]
    InsufficientUserAuthentication,
    /// 403: the user lacks a role (RFC 6750 section 3.1).
    #[error("The user lacks a role that this needs.")]
    InsufficientScope,
    /// 404: the resource does not exist, or not for this user.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// 409: the email has an account.
    #[error("This email already has an account.")]
    EmailTaken,
    /// 413: the body is larger than [`super::MAX_BODY_BYTES`].
    #[error("The body must be at most 16384 bytes long.")]
    PayloadTooLarge,
    /// 415: the body is not declared to be JSON.
    #[error("The Content-Type must be application/json.")]
    UnsupportedMediaType,
    /// 415: the body is declared to be in another charset than UTF-8.
    #[error("The charset of the Content-Type must be UTF-8.")]
    UnsupportedCharset,
    /// 429: too many sign-in attempts for this account, whether it exists or not.
    #[error("There were too many attempts to sign in to this account; wait before the next one.")]
    TooManyAttempts {
        /// The seconds to wait.
        retry_after: Seconds,
    },
    /// 429: too many mails were requested, for this address or in total, whether it has an account or not.
    #[error("There were too many requests for mail; wait before the next one.")]
    TooManyMails {
        /// The seconds to wait.
        retry_after: Seconds,
    },
    /// 503: a retry may succeed.
    #[error("The service can't answer at the moment; try again.")]
    Unavailable,
}

/// The reason why a request is malformed. Each names the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// The body is not UTF-8.
    #[error("The body is not UTF-8")]
    NotUtf8,
    /// The body is not JSON.
    #[error("The body is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The body of an OAuth route is not declared to be a form.
    #[error("The Content-Type must be application/x-www-form-urlencoded, in UTF-8")]
    NotAForm,
    /// The body is JSON but not an object.
    #[error("The body must be a JSON object")]
    NotAnObject,
    /// The field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The field is repeated.
    #[error("{0} must be there once only")]
    Repeated(&'static str),
    /// The field has another type.
    #[error("{0} must be a string")]
    NotAString(&'static str),
    /// The field has the right type but an unacceptable value.
    #[error("{field} {problem}")]
    Refused {
        /// The field.
        field: &'static str,
        /// Why: "must be ...".
        problem: String,
    },
    /// The query has another parameter than this one. Not its name, which is a stranger's text.
    #[error("The query can have no other parameter than {0}")]
    UnknownParameter(&'static str),
}

impl InvalidRequest {
    /// The field `field` can't be taken as it is: "must be ...".
    pub fn refused(field: &'static str, problem: impl std::fmt::Display) -> ApiError {
        ApiError::InvalidRequest(Self::Refused { field, problem: problem.to_string() })
    }
}

impl From<InvalidRequest> for ApiError {
    fn from(problem: InvalidRequest) -> Self {
        Self::InvalidRequest(problem)
    }
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_)
            | Self::InvalidGrant
            | Self::UnsupportedGrantType
            | Self::InvalidCode
            | Self::InvalidPasskey => StatusCode::BAD_REQUEST,
            Self::InvalidCredentials
            | Self::PasskeyRefused
            | Self::NotFresh
            | Self::InvalidClient { .. }
            | Self::WrongCurrentPassword
            | Self::FactorRequired(_)
            | Self::InvalidToken { .. }
            | Self::SessionOver
            | Self::InsufficientUserAuthentication => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::EmailTaken | Self::PasskeyExists | Self::TooManyPasskeys | Self::LastFactor => {
                StatusCode::CONFLICT
            }
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::UnsupportedCharset => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyAttempts { .. } | Self::TooManyMails { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code in the member `error`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidClient { .. } => "invalid_client",
            Self::InvalidCode => "invalid_code",
            Self::InvalidPasskey => "invalid_passkey",
            Self::NotFresh => "insufficient_user_authentication",
            Self::PasskeyExists => "passkey_exists",
            Self::TooManyPasskeys => "too_many_passkeys",
            Self::LastFactor => "last_factor",
            Self::FactorRequired(_) => "mfa_required",
            Self::InvalidCredentials | Self::PasskeyRefused | Self::WrongCurrentPassword => {
                "invalid_credentials"
            }
            Self::InvalidToken { .. } | Self::SessionOver => "invalid_token",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::InsufficientScope => "insufficient_scope",
            Self::NotFound(_) => "not_found",
            Self::EmailTaken => "email_taken",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType | Self::UnsupportedCharset => "unsupported_media_type",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::TooManyMails { .. } => "too_many_mails",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// Returns the headers of this error, in addition to those of every answer.
    #[must_use]
    pub fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::InvalidToken { .. } | Self::SessionOver => vec![
                (http::header::WWW_AUTHENTICATE, self.challenge()),
                (IS_TOKEN_EXPIRED, self.is_token_expired().to_string()),
            ],
            Self::TooManyAttempts { retry_after } | Self::TooManyMails { retry_after } => {
                vec![(http::header::RETRY_AFTER, retry_after.0.to_string())]
            }
            Self::InsufficientUserAuthentication | Self::InsufficientScope => {
                vec![(http::header::WWW_AUTHENTICATE, self.challenge())]
            }
            // No access token of this session will do, so nothing says that it has expired.
            Self::NotFresh => {
                let challenge = format!(r#"{}, max_age="{}""#, self.challenge(), FRESH_FOR.0);
                vec![(http::header::WWW_AUTHENTICATE, challenge)]
            }
            Self::InvalidClient { by_header: true } => {
                vec![(http::header::WWW_AUTHENTICATE, CLIENT_CHALLENGE.to_owned())]
            }
            Self::Unavailable => vec![(http::header::RETRY_AFTER, RETRY_AFTER_SECONDS.to_owned())],
            Self::InvalidRequest(_)
            | Self::InvalidGrant
            | Self::UnsupportedGrantType
            | Self::InvalidClient { by_header: false }
            | Self::InvalidCode
            | Self::InvalidPasskey
            | Self::PasskeyRefused
            | Self::PasskeyExists
            | Self::TooManyPasskeys
            | Self::LastFactor
            | Self::InvalidCredentials
            | Self::WrongCurrentPassword
            | Self::FactorRequired(_)
            | Self::NotFound(_)
            | Self::EmailTaken
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::UnsupportedCharset => vec![],
        }
    }

    /// Returns the seconds to wait if the body states them too, for scripts that cannot read headers.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyAttempts { retry_after } | Self::TooManyMails { retry_after } => Some(retry_after.0),
            Self::InvalidRequest(_)
            | Self::InvalidGrant
            | Self::UnsupportedGrantType
            | Self::InvalidClient { .. }
            | Self::InvalidCode
            | Self::InvalidPasskey
            | Self::PasskeyRefused
            | Self::PasskeyExists
            | Self::TooManyPasskeys
            | Self::LastFactor
            | Self::NotFresh
            | Self::InvalidCredentials
            | Self::WrongCurrentPassword
            | Self::FactorRequired(_)
            | Self::InvalidToken { .. }
            | Self::SessionOver
            | Self::InsufficientUserAuthentication
            | Self::InsufficientScope
            | Self::NotFound(_)
            | Self::EmailTaken
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::UnsupportedCharset
            | Self::Unavailable => None,
        }
    }

    /// What may be sent as a second factor, where the body says so.
    #[must_use]
    pub fn factors(&self) -> Option<FactorKinds> {
        if let Self::FactorRequired(factors) = self { Some(*factors) } else { None }
    }

    fn is_token_expired(&self) -> bool {
        *self == Self::InvalidToken { expired: true }
    }

    /// Returns the challenge for the header `WWW-Authenticate` (RFC 6750 section 3).
    #[must_use]
    pub fn challenge(&self) -> String {
        format!(r#"Bearer error="{}", error_description="{self}""#, self.code())
    }
}
