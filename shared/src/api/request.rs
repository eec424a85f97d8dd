//! Request bodies.
//!
//! Fields are read one by one, not by a derived deserializer: its messages repeat a value of the wrong type, which
//! may be a password.

use std::fmt::Display;
use std::str::FromStr;

use http::Request;
use serde_json::Value;
use serde_json::error::Category;

use super::content_type::{self, ContentTypeError};
use super::members::{Members, Repeated};
use super::{ApiError, BrowserContext, InvalidRequest, OAuthClient, Transport};
use crate::account::Account;
use crate::authentication::AuthenticationMethods;
use crate::code::CodeToken;
use crate::email::Email;
use crate::factor::FactorCode;
use crate::name;
use crate::password::{OwnWords, Password, Rules};
use crate::retry_key::RetryKeyHash;

/// The largest accepted body, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// The members of a JSON object, or the parameters of a form. Unknown ones are ignored.
pub struct Fields(Members);

/// The body of `POST /register`.
pub struct Register {
    /// The email address of the account.
    pub email: Email,
    /// The password, checked as a new one.
    pub password: Password,
    /// The display name.
    pub name: String,
    /// The transport of the refresh token.
    pub transport: Transport,
}

/// The body of `POST /register/confirm`.
pub struct ConfirmRegistration<'a> {
    /// The code of the mail, as in [`ResetPassword`].
    pub token: Option<CodeToken>,
    /// The proof that the caller is the one who registered.
    pub registrant: Registrant<'a>,
    /// The transport of the refresh token.
    pub transport: Transport,
}

/// The proof that the caller of a confirmation is the one who registered.
pub enum Registrant<'a> {
    /// The `registration_token` that the registering browser received. None if the text cannot be one.
    Browser(Option<CodeToken>),
    /// The address and the password, from another browser.
    Password {
        /// The address.
        email: Email,
        /// The password as typed.
        password: Password,
        /// As in [`Login`].
        device_token: Option<&'a str>,
    },
}

/// The body of `POST /login`.
pub struct Login<'a> {
    /// The email address of the account.
    pub email: Email,
    /// The password as typed.
    pub password: Password,
    /// The second factor, if one came along.
    pub factor: Option<FactorCode>,
    /// The text of the device token, to be parsed with the keys. No text is an error.
    pub device_token: Option<&'a str>,
    /// The transport of the refresh token.
    pub transport: Transport,
}

/// The members by which a caller proves who they are.
pub struct ProofFields<'a> {
    /// What the password is now, as it was typed. None if it was left out: a passkey a moment ago does without.
    pub current_password: Option<Password>,
    /// The second factor, if one came along.
    pub factor: Option<FactorCode>,
    /// As in [`Login`].
    pub device_token: Option<&'a str>,
}

/// The body of `POST /password`.
pub struct ChangePassword<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
    /// The new password, checked as such.
    pub new_password: Password,
    /// The transport of the new session's refresh token.
    pub transport: Transport,
}

/// The body of `POST /password/reset-request`.
pub struct RequestReset<'a> {
    /// The email address of the account.
    pub email: Email,
    /// As in [`Login`].
    pub device_token: Option<&'a str>,
}

/// The body of `POST /password/reset`.
pub struct ResetPassword {
    /// The code. None if the text cannot be one: it is refused like a code that does not work.
    pub token: Option<CodeToken>,
    /// The new password. It is judged later, when the account and with it the user's own words are known.
    pub new_password: Password,
}

/// The body of `POST /email`.
pub struct ChangeAddress<'a> {
    /// The new address.
    pub new_email: Email,
    /// Who asks.
    pub proof: ProofFields<'a>,
}

/// The body of `POST /email/confirm`.
pub struct ConfirmAddress {
    /// As in [`ResetPassword`].
    pub token: Option<CodeToken>,
    /// The transport of the new session's refresh token.
    pub transport: Transport,
}

/// The body of `POST /email/verify` and of `POST /email/undo`.
pub struct UseCode {
    /// As in [`ResetPassword`].
    pub token: Option<CodeToken>,
}

/// The body of `PATCH /me`.
pub struct ChangeName {
    /// The display name.
    pub name: String,
}

/// The body of `DELETE /me`.
pub struct DeleteAccount<'a> {
    /// Who asks.
    pub proof: ProofFields<'a>,
}

/// The body of `POST /refresh`, or of `POST /oauth2/token`. Both tokens are parsed later, with the keys.
pub struct Refresh<'a> {
    /// The text of the refresh token.
    pub refresh_token: &'a str,
    /// The transport of the token and of its successor.
    pub transport: Transport,
    /// The text of the access token, which may have expired.
    pub access_token: Option<&'a str>,
    /// The hash of the retry key.
    pub retry_key: Option<RetryKeyHash>,
}

/// The body of `POST /logout`, or of `POST /oauth2/revoke`.
pub struct Logout<'a> {
    /// The text of the token.
    pub token: &'a str,
    /// The route.
    pub kind: LogoutKind,
}

/// The difference between the two routes that end the session of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutKind {
    /// `POST /logout`, with a refresh token by this transport. The answer clears the cookie unless the token was in the body.
    Logout(Transport),
    /// `POST /oauth2/revoke`, which accepts an access token too.
    Revocation,
}

impl Fields {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// Returns [`ApiError::UnsupportedMediaType`] unless it is declared as JSON, [`ApiError::UnsupportedCharset`] if it
    /// is declared in another charset than UTF-8, [`ApiError::PayloadTooLarge`] above [`MAX_BODY_BYTES`],
    /// [`ApiError::InvalidRequest`] if it is not UTF-8 or not a JSON object.
    pub fn read(request: &Request<impl AsRef<[u8]>>) -> Result<Self, ApiError> {
        content_type::check(request.headers(), content_type::JSON).map_err(|error| match error {
            ContentTypeError::MediaType => ApiError::UnsupportedMediaType,
            ContentTypeError::Charset => ApiError::UnsupportedCharset,
        })?;
        let text = text(request)?;
        serde_json::from_str(text).map(Self).map_err(|error| match error.classify() {
            Category::Data => InvalidRequest::NotAnObject.into(),
            Category::Syntax | Category::Eof | Category::Io => {
                InvalidRequest::NotJson { line: error.line(), column: error.column() }.into()
            }
        })
    }

    /// Reads a form, as OAuth's routes accept it (RFC 6749 appendix B). A parameter without a value counts as absent (section
    /// 3.2).
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidRequest`] unless it is declared as a form, and if it is not UTF-8;
    /// [`ApiError::PayloadTooLarge`] above [`MAX_BODY_BYTES`].
    pub fn read_form(request: &Request<impl AsRef<[u8]>>) -> Result<Self, ApiError> {
        content_type::check(request.headers(), content_type::FORM).map_err(|_| InvalidRequest::NotAForm)?;
        let mut members = Members::new();
        for (name, value) in form_urlencoded::parse(text(request)?.as_bytes()) {
            let value = Some(value).filter(|value| !value.is_empty()).map(String::from);
            members.add(name.into_owned(), value.into());
        }
        Ok(Self(members))
    }

    pub(super) fn required(&self, field: &'static str) -> Result<&str, ApiError> {
        self.optional(field)?.ok_or_else(|| InvalidRequest::Missing(field).into())
    }

    /// As [`Self::value`].
    pub(super) fn optional(&self, field: &'static str) -> Result<Option<&str>, ApiError> {
        match self.value(field)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InvalidRequest::NotAString(field).into()),
        }
    }

    /// Returns the member; `null` counts as absent.
    pub(super) fn value(&self, field: &'static str) -> Result<Option<&Value>, ApiError> {
        let value = self.0.get(field).map_err(|Repeated| InvalidRequest::Repeated(field))?;
        Ok(value.filter(|value| !value.is_null()))
    }

    fn email(&self, field: &'static str) -> Result<Email, ApiError> {
        Email::parse(self.required(field)?).map_err(|problem| InvalidRequest::refused(field, problem))
    }

    fn password(&self, field: &'static str) -> Result<Password, ApiError> {
        Password::parse(self.required(field)?).map_err(|problem| InvalidRequest::refused(field, problem))
    }

    /// The second factor.
    pub(super) fn factor(&self) -> Result<Option<FactorCode>, ApiError> {
        match (self.optional("totp")?, self.optional("recovery_code")?) {
            (None, None) => Ok(None),
            (Some(text), None) => read("totp", text).map(FactorCode::Totp).map(Some),
            (None, Some(text)) => read("recovery_code", text).map(FactorCode::Recovery).map(Some),
            (Some(_), Some(_)) => {
                Err(InvalidRequest::refused("totp", "and recovery_code can't be there both"))
            }
        }
    }

    fn code(&self) -> Result<Option<CodeToken>, ApiError> {
        self.required("token").map(CodeToken::read)
    }

    fn retry_key(&self) -> Result<Option<RetryKeyHash>, ApiError> {
        let hash = self.optional("retry_key")?.map(RetryKeyHash::of).transpose();
        hash.map_err(|problem| InvalidRequest::refused("retry_key", problem))
    }

    fn name(&self) -> Result<String, ApiError> {
        let name = self.required("name")?;
        name::check(name).map_err(|problem| InvalidRequest::refused("name", problem))?;
        Ok(name.to_owned())
    }
}

fn read<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|problem| InvalidRequest::refused(field, problem))
}

impl<'a> ProofFields<'a> {
    /// Reads the members. `amr` is how the caller has signed in: without a passkey, the password must be there.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, amr: AuthenticationMethods) -> Result<Self, ApiError> {
        const PASSWORD: &str = "current_password";
        let may_be_left_out = amr.has(AuthenticationMethods::PASSKEY) && fields.optional(PASSWORD)?.is_none();
        let current_password = if may_be_left_out { None } else { Some(fields.password(PASSWORD)?) };
        Ok(Self {
            current_password,
            factor: fields.factor()?,
            device_token: fields.optional("device_token")?,
        })
    }
}

impl Register {
    /// The name of the password field.
    pub const PASSWORD: &'static str = "password";

    /// Reads the body. The password must satisfy `rules`.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &Fields, browser: BrowserContext<'_>, rules: Rules) -> Result<Self, ApiError> {
        let (email, password, name) =
            (fields.email("email")?, fields.password(Self::PASSWORD)?, fields.name()?);
        check_new(Self::PASSWORD, &password, rules, &OwnWords::new(&email, &name))?;
        Ok(Self {
            email,
            password,
            name,
            transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)?,
        })
    }
}

impl<'a> ConfirmRegistration<'a> {
    /// Reads the body. If it has a `registration_token`, address and password are ignored.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        let token = fields.code()?;
        let registrant = match fields.optional("registration_token")? {
            Some(text) => Registrant::Browser(CodeToken::read(text)),
            None if fields.optional("email")?.is_none() => {
                return Err(InvalidRequest::Missing("registration_token, or email and password,").into());
            }
            None => {
                let (email, password) = (fields.email("email")?, fields.password("password")?);
                Registrant::Password { email, password, device_token: fields.optional("device_token")? }
            }
        };
        let transport = Transport::requested(fields.optional(Transport::FIELD)?, browser)?;
        Ok(Self { token, registrant, transport })
    }
}

impl<'a> Login<'a> {
    /// Reads the body. An address or password that no account can have is merely wrong, unless it breaks a limit.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        let (email, password) = (fields.email("email")?, fields.password("password")?);
        let (factor, device_token) = (fields.factor()?, fields.optional("device_token")?);
        Ok(Self {
            email,
            password,
            factor,
            device_token,
            transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)?,
        })
    }
}

impl<'a> ChangePassword<'a> {
    /// The name of the field of the new password.
    pub const NEW_PASSWORD: &'static str = "new_password";

    /// Reads the body. The new password must satisfy `rules`. The user's own words come from the access token.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(
        fields: &'a Fields,
        browser: BrowserContext<'_>,
        rules: Rules,
        (email, name): (&Email, &str),
        amr: AuthenticationMethods,
    ) -> Result<Self, ApiError> {
        let proof = ProofFields::read(fields, amr)?;
        let new_password = fields.password(Self::NEW_PASSWORD)?;
        check_new(Self::NEW_PASSWORD, &new_password, rules, &OwnWords::new(email, name))?;
        let transport = Transport::requested(fields.optional(Transport::FIELD)?, browser)?;
        Ok(Self { proof, new_password, transport })
    }
}

impl<'a> RequestReset<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields) -> Result<Self, ApiError> {
        Ok(Self { email: fields.email("email")?, device_token: fields.optional("device_token")? })
    }
}

impl ResetPassword {
    /// The name of the field of the new password.
    pub const NEW_PASSWORD: &'static str = ChangePassword::NEW_PASSWORD;

    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self { token: fields.code()?, new_password: fields.password(Self::NEW_PASSWORD)? })
    }

    /// Judges the new password for this account.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidRequest`] unless it satisfies `rules`.
    pub fn check(&self, rules: Rules, account: &Account) -> Result<(), ApiError> {
        check_new(
            Self::NEW_PASSWORD,
            &self.new_password,
            rules,
            &OwnWords::new(&account.email, &account.name),
        )
    }
}

impl<'a> ChangeAddress<'a> {
    /// Reads the body. `present` is the current address of the account.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, present: &Email, amr: AuthenticationMethods) -> Result<Self, ApiError> {
        let new_email = fields.email("new_email")?;
        if new_email == *present {
            return Err(InvalidRequest::refused("new_email", "must be another address than the present one"));
        }
        Ok(Self { new_email, proof: ProofFields::read(fields, amr)? })
    }
}

impl ConfirmAddress {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &Fields, browser: BrowserContext<'_>) -> Result<Self, ApiError> {
        let token = fields.code()?;
        Ok(Self { token, transport: Transport::requested(fields.optional(Transport::FIELD)?, browser)? })
    }
}

impl UseCode {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] if it has no code.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self { token: fields.code()? })
    }
}

impl ChangeName {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] unless it has a name.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self { name: fields.name()? })
    }
}

impl<'a> DeleteAccount<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, amr: AuthenticationMethods) -> Result<Self, ApiError> {
        Ok(Self { proof: ProofFields::read(fields, amr)? })
    }
}

impl<'a> Refresh<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'a>) -> Result<Self, ApiError> {
        Self::presenting(Transport::presented(fields.optional("refresh_token")?, browser)?, fields)
    }

    /// Reads the form of `POST /oauth2/token` (RFC 6749 section 6). The refresh token is never taken from a cookie:
    /// a page of any origin can send a form with the cookies of its target, without a preflight.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidClient`] for another client, [`ApiError::UnsupportedGrantType`] for another grant,
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read_form(fields: &'a Fields, client: OAuthClient<'_>) -> Result<Self, ApiError> {
        client.check(fields.optional("client_id")?)?;
        if fields.required("grant_type")? != "refresh_token" {
            return Err(ApiError::UnsupportedGrantType);
        }
        Self::presenting((fields.required("refresh_token")?, Transport::Body), fields)
    }

    fn presenting(
        (refresh_token, transport): (&'a str, Transport),
        fields: &'a Fields,
    ) -> Result<Self, ApiError> {
        let access_token = fields.optional("access_token")?;
        Ok(Self { refresh_token, transport, access_token, retry_key: fields.retry_key()? })
    }
}

impl<'a> Logout<'a> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read(fields: &'a Fields, browser: BrowserContext<'a>) -> Result<Self, ApiError> {
        let (token, transport) = Transport::presented(fields.optional("refresh_token")?, browser)?;
        Ok(Self { token, kind: LogoutKind::Logout(transport) })
    }

    /// Reads the form of `POST /oauth2/revoke` (RFC 7009 section 2.1). `token_type_hint` is ignored: the token itself shows
    /// its type.
    ///
    /// # Errors
    /// [`ApiError::InvalidClient`] if it is another client's, [`ApiError::InvalidRequest`] names the first field that is wrong.
    pub fn read_form(fields: &'a Fields, client: OAuthClient<'_>) -> Result<Self, ApiError> {
        client.check(fields.optional("client_id")?)?;
        Ok(Self { token: fields.required("token")?, kind: LogoutKind::Revocation })
    }
}

/// Returns the body as text.
fn text(request: &Request<impl AsRef<[u8]>>) -> Result<&str, ApiError> {
    let body = request.body().as_ref();
    if body.len() > MAX_BODY_BYTES {
        return Err(ApiError::PayloadTooLarge);
    }
    str::from_utf8(body).map_err(|_| InvalidRequest::NotUtf8.into())
}

fn check_new(field: &'static str, password: &Password, rules: Rules, own: &OwnWords) -> Result<(), ApiError> {
    password.check_new(rules, own).map_err(|problem| InvalidRequest::refused(field, problem))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
