//! An account as it is imported.

use serde_json::{Map, Value};
use shared::Timestamp;
use shared::email::Email;
use shared::name;
use shared::role::Role;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::members::Members;
use crate::password::ImportedPassword;
use crate::reason::Reason;

/// All members of an account.
pub(crate) const MEMBERS: [&str; 7] =
    ["email", "name", "roles", "claims", "email_verified", "password", "created_at"];

/// The most that claims may take, in bytes of compact JSON.
const MAX_CLAIMS_BYTES: usize = 400;

/// An account that can be stored. It has no `Debug`, since it may hold a password hash.
#[derive(Clone, PartialEq)]
pub struct ImportedAccount {
    /// The address, normalised.
    pub email: Email,
    /// The display name: what stands before the `@` if the line has none.
    pub name: String,
    /// The roles, each once.
    pub roles: Vec<Role>,
    /// The custom claims. Their names have not been checked.
    pub claims: Map<String, Value>,
    /// Whether the other system knows that mail to the address reaches its user.
    pub email_verified: bool,
    /// The password hash. None for an account that is invited, or resets its password.
    pub password: Option<ImportedPassword>,
    /// When the account was opened in the other system, if the line says so.
    pub created_at: Option<Timestamp>,
}

impl ImportedAccount {
    /// Reads an account, or says everything that is wrong with it.
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
        let created_at = taken.of(created_at(&members));
        let account = || {
            let (email, name) = (email?, name?);
            Some(Self {
                name: name.unwrap_or_else(|| local_part(&email)),
                email,
                roles: roles?,
                claims: claims?,
                email_verified: email_verified?.unwrap_or_default(),
                password: password?,
                created_at: created_at?,
            })
        };
        account().filter(|_| reasons.is_empty()).ok_or(reasons)
    }
}

/// Keeps what is wrong with one member, so that the next ones are read too.
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

fn local_part(email: &Email) -> String {
    email.as_str().rsplit_once('@').map_or_else(String::new, |(local, _)| local.to_owned())
}

fn roles(members: &Members<'_>) -> Result<Vec<Role>, Reason> {
    const WHAT: &str = "a list of texts";
    let mut roles = Vec::new();
    for value in members.optional("roles", WHAT, Value::as_array)?.into_iter().flatten() {
        let text = value.as_str().ok_or_else(|| Reason::new("roles", format!("must be {WHAT}")))?;
        let role = text.parse().map_err(|error| Reason::new("roles", format!("each {error}")))?;
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    Ok(roles)
}

fn claims(members: &Members<'_>) -> Result<Map<String, Value>, Reason> {
    let claims = members.optional("claims", "an object", Value::as_object)?.cloned().unwrap_or_default();
    if serde_json::to_string(&claims).is_ok_and(|text| text.len() <= MAX_CLAIMS_BYTES) {
        Ok(claims)
    } else {
        Err(Reason::new("claims", format!("must be at most {MAX_CLAIMS_BYTES} bytes of JSON")))
    }
}

fn password(members: &Members<'_>) -> Result<Option<ImportedPassword>, Reason> {
    let object = members.optional("password", "an object", Value::as_object)?;
    object.map(|object| ImportedPassword::read(&Members(object))).transpose()
}

fn created_at(members: &Members<'_>) -> Result<Option<Timestamp>, Reason> {
    members.optional("created_at", "a date and time of RFC 3339", |value| {
        let time = OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?;
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
    })
}
