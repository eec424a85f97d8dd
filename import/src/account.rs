//! An account of an import.

use serde_json::{Map, Value};
use shared::Timestamp;
use shared::account::Account;
use shared::custom_claims::CustomClaims;
use shared::data_key::{DataKeyError, DataKeys, SealingNonce};
use shared::email::Email;
use shared::factor::{Factors, Totp, TotpSecret};
use shared::flow::operation::MAX_ROLES_BYTES;
use shared::ids::UserId;
use shared::name;
use shared::role::{self, Role};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::members::Members;
use crate::password::ImportedPassword;
use crate::reason::Reason;
use crate::totp;

/// All members of an account.
pub(crate) const MEMBERS: [&str; 10] = [
    "email",
    "name",
    "roles",
    "claims",
    "email_verified",
    "password",
    "totp",
    "created_at",
    "user_id",
    "disabled",
];

/// An account that can be stored. It has no `Debug`, because it may contain a password hash and the secret of an authenticator app.
#[derive(Clone, PartialEq)]
pub struct ImportedAccount {
    /// The address, normalised.
    pub email: Email,
    /// The display name. The default is the part of the address before the `@`.
    pub name: String,
    /// The roles, each once.
    pub roles: Vec<Role>,
    /// The custom claims.
    pub claims: CustomClaims,
    /// Whether the other system has verified the address.
    pub email_verified: bool,
    /// The password hash. `None` for a user who is invited, or resets the password.
    pub password: Option<ImportedPassword>,
    /// The secret of the authenticator app, if there is one.
    pub totp: Option<TotpSecret>,
    /// When the account was created in the other system, if the line states it.
    pub created_at: Option<Timestamp>,
    /// The user's id, if it must stay that of the other system.
    pub user_id: Option<UserId>,
    /// Whether the account is disabled.
    pub disabled: bool,
}

/// What an account needs beside its line.
pub struct Added<'a> {
    /// The user's id, unless the line has one.
    pub user_id: UserId,
    /// The result of [`ImportedPassword::stored`].
    pub password_hash: Option<String>,
    /// The keys that encrypt the secret of an authenticator app.
    pub keys: &'a DataKeys,
    /// The nonce for that.
    pub nonce: SealingNonce,
    /// The clock reading of the request.
    pub now: Timestamp,
}

impl ImportedAccount {
    /// Reads an account, or returns all its errors.
    pub(crate) fn read(object: &Map<String, Value>) -> Result<Self, Vec<Reason>> {
        let members = Members(object);
        let mut reasons: Vec<_> = members.only("line", &MEMBERS).err().into_iter().collect();
        let mut taken = Reasons(&mut reasons);
        let email = taken.of(email(&members));
        let name = taken.of(name(&members));
        let roles = taken.of(roles(&members));
        let claims = taken.of(claims(&members));
        let email_verified = taken.of(members.optional("email_verified", "true or false", Value::as_bool));
        let password = taken.of(password(&members));
        let totp = taken.of(totp(&members));
        let created_at = taken.of(created_at(&members));
        let user_id = taken.of(user_id(&members));
        let disabled = taken.of(members.optional("disabled", "true or false", Value::as_bool));
        let account = || {
            let (email, name) = (email?, name?);
            Some(Self {
                name: name.unwrap_or_else(|| name::of_address(&email)),
                email,
                roles: roles?,
                claims: claims?,
                email_verified: email_verified?.unwrap_or_default(),
                password: password?,
                totp: totp?,
                created_at: created_at?,
                user_id: user_id?,
                disabled: disabled?.unwrap_or_default(),
            })
        };
        account().filter(|_| reasons.is_empty()).ok_or(reasons)
    }

    /// Returns the account to store. Its authenticator app counts as confirmed, and has no recovery codes.
    ///
    /// # Errors
    /// [`DataKeyError`] if the secret of the app cannot be encrypted.
    pub fn account(&self, added: Added<'_>) -> Result<Account, DataKeyError> {
        let Added { user_id, password_hash, keys, nonce, now } = added;
        // The secret is encrypted for the id that is stored.
        let user_id = self.user_id.unwrap_or(user_id);
        let created_at = self.created_at.unwrap_or(now);
        let sealed = self.totp.as_ref().map(|secret| secret.sealed(user_id, keys, nonce)).transpose()?;
        let totp = sealed.map(|secret| Totp { secret, confirmed_at: now, last_step: 0 });
        Ok(Account {
            password_hash,
            roles: self.roles.clone(),
            claims: self.claims.clone(),
            email_verified_at: self.email_verified.then_some(now),
            disabled_at: self.disabled.then_some(now),
            factors: Factors { totp, ..Factors::default() },
            ..Account::new(self.email.clone(), user_id, self.name.clone(), created_at)
        })
    }

    /// Refuses a time of creation that is not over yet.
    ///
    /// # Errors
    /// Returns the reason.
    pub fn check_time(&self, now: Timestamp) -> Result<(), Reason> {
        match self.created_at {
            Some(created_at) if created_at > now => {
                Err(Reason::new("created_at", "must not be in the future"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns whether an account matches the line, without its password. An app whose secret cannot be decrypted does not match.
    #[must_use]
    pub fn is_in(&self, account: &Account, keys: &DataKeys) -> bool {
        self.email == account.email
            && self.name == account.name
            && self.roles == account.roles
            && self.claims == account.claims
            && self.email_verified == account.email_verified_at.is_some()
            && self.disabled == account.is_disabled()
            && self.password.is_some() == account.password_hash.is_some()
            && self.has_totp_of(account, keys)
            && self.created_at.is_none_or(|created_at| created_at == account.created_at)
            && self.user_id.is_none_or(|user_id| user_id == account.user_id)
    }

    fn has_totp_of(&self, account: &Account, keys: &DataKeys) -> bool {
        match (&self.totp, &account.factors.totp) {
            (Some(secret), Some(stored)) => TotpSecret::opened(&stored.secret, account.user_id, keys)
                .is_ok_and(|stored| stored == *secret),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// Records the error of one member, so that the next ones are read too.
struct Reasons<'a>(&'a mut Vec<Reason>);

impl Reasons<'_> {
    fn of<T>(&mut self, result: Result<T, Reason>) -> Option<T> {
        result.map_err(|reason| self.0.push(reason)).ok()
    }
}

fn email(members: &Members<'_>) -> Result<Email, Reason> {
    Email::parse(members.text("email")?).map_err(|error| Reason::new("email", error))
}

fn name(members: &Members<'_>) -> Result<Option<String>, Reason> {
    let name = members.optional("name", "a text", Value::as_str)?;
    let check = |name: &str| name::check(name).map_err(|error| Reason::new("name", error));
    name.map(|name| check(name).map(|()| name.to_owned())).transpose()
}

fn roles(members: &Members<'_>) -> Result<Vec<Role>, Reason> {
    const WHAT: &str = "a list of texts";
    let mut roles: Vec<Role> = Vec::new();
    for value in members.optional("roles", WHAT, Value::as_array)?.into_iter().flatten() {
        let text = value.as_str().ok_or_else(|| Reason::new("roles", format!("must be {WHAT}")))?;
        roles.push(text.parse().map_err(|error| Reason::new("roles", format!("each {error}")))?);
    }
    let roles = role::distinct(roles);
    if role::joined(&roles).len() > MAX_ROLES_BYTES {
        return Err(Reason::new("roles", format!("must be at most {MAX_ROLES_BYTES} bytes together")));
    }
    Ok(roles)
}

fn claims(members: &Members<'_>) -> Result<CustomClaims, Reason> {
    let Some(claims) = members.value("claims") else { return Ok(CustomClaims::default()) };
    CustomClaims::new(claims.clone()).map_err(|error| Reason::new("claims", error))
}

fn user_id(members: &Members<'_>) -> Result<Option<UserId>, Reason> {
    members.optional("user_id", "a UUID", |value| value.as_str()?.parse().ok())
}

fn password(members: &Members<'_>) -> Result<Option<ImportedPassword>, Reason> {
    let object = members.optional("password", "an object", Value::as_object)?;
    object.map(|object| ImportedPassword::read(&Members(object))).transpose()
}

fn totp(members: &Members<'_>) -> Result<Option<TotpSecret>, Reason> {
    let object = members.optional("totp", "an object", Value::as_object)?;
    object.map(|object| totp::read(&Members(object))).transpose()
}

fn created_at(members: &Members<'_>) -> Result<Option<Timestamp>, Reason> {
    members.optional("created_at", "a date and time of RFC 3339", |value| {
        let time = OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?;
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
    })
}
