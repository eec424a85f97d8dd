//! Expressions that change the row of an account: what is written, and what must hold.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use shared::account::Account;
use shared::factor::FactorUse;
use shared::ids::AttemptId;

use crate::attributes::{number, text};
use crate::factors::{self, FACTOR_USED_BY, LAST_STEP, RECOVERY_CODES};

/// The account is as it was read. Its user belongs to that: a version tells only the states of one account apart, and who
/// registers the address of a deleted account begins with the same one.
const IS_AS_READ: &str = "version = :version AND user_id = :user_id";

/// An expression with what it refers to, so that an `UpdateItem` and a part of a transaction can be made of it.
#[derive(Debug)]
pub(crate) struct Expression {
    set: Vec<String>,
    remove: Vec<String>,
    delete: Option<&'static str>,
    pub(crate) condition: String,
    names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// Nothing is written, and the account must be as it was read.
    pub(crate) fn of(read: &Account) -> Self {
        let mut expression = Self::of_user(read);
        IS_AS_READ.clone_into(&mut expression.condition);
        expression.values.insert(":version".to_owned(), number(read.version));
        expression
    }

    /// Nothing is written, and the account must be of the same user.
    pub(crate) fn of_user(read: &Account) -> Self {
        Self {
            set: Vec::new(),
            remove: Vec::new(),
            delete: None,
            condition: "user_id = :user_id".to_owned(),
            names: HashMap::new(),
            values: HashMap::from([(":user_id".to_owned(), text(read.user_id))]),
        }
    }

    /// Writes an attribute. None removes it.
    pub(crate) fn write(&mut self, name: &'static str, value: Option<AttributeValue>) {
        // DynamoDB reserves some of the names.
        self.names.insert(format!("#{name}"), name.to_owned());
        match value {
            Some(value) => {
                self.set.push(format!("#{name} = :new_{name}"));
                self.values.insert(format!(":new_{name}"), value);
            }
            None => self.remove.push(format!("#{name}")),
        }
    }

    /// Uses a second factor too, if there is one to use: the write fails if it was used meanwhile.
    pub(crate) fn using(mut self, used: Option<&FactorUse>) -> Self {
        match used {
            None => {}
            Some(FactorUse::Totp { step, resealed }) => {
                self.write(LAST_STEP, Some(number(*step)));
                for (name, value) in resealed.iter().flat_map(factors::sealed_totp) {
                    self.write(name, Some(value));
                }
            }
            Some(FactorUse::Recovery { hash, .. }) => {
                self.values.insert(":used".to_owned(), AttributeValue::Ss(vec![hash.clone()]));
                self.delete = Some(RECOVERY_CODES);
            }
        }
        self.unless_used(used)
    }

    /// Names the request that uses the factor.
    pub(crate) fn by(mut self, by: AttemptId) -> Self {
        self.write(FACTOR_USED_BY, Some(AttributeValue::B(Blob::new(*by.as_bytes()))));
        self
    }

    /// The same without a write, for one that has the use already.
    pub(crate) fn unless_used(mut self, used: Option<&FactorUse>) -> Self {
        match used {
            None => {}
            Some(FactorUse::Totp { step, .. }) => {
                self.condition += &format!(" AND (attribute_not_exists({LAST_STEP}) OR {LAST_STEP} < :step)");
                self.values.insert(":step".to_owned(), number(*step));
            }
            Some(FactorUse::Recovery { hash, .. }) => {
                self.condition += &format!(" AND contains({RECOVERY_CODES}, :code)");
                self.values.insert(":code".to_owned(), text(hash));
            }
        }
        self
    }

    /// No second factor was used since the account was read, for a write that puts the whole row somewhere else.
    pub(crate) fn unless_any_factor_was_used(mut self, read: &Account) -> Self {
        let is_none = |name: &str| format!(" AND attribute_not_exists({name})");
        self.condition +=
            &match read.factors.totp.as_ref().map(|totp| totp.last_step).filter(|step| *step > 0) {
                Some(step) => {
                    self.values.insert(":step".to_owned(), number(step));
                    format!(" AND {LAST_STEP} = :step")
                }
                None => is_none(LAST_STEP),
            };
        self.condition += &match &read.factors.recovery_codes {
            // They only get fewer, but for changes of the version.
            Some(codes) => {
                let left = i64::try_from(codes.left()).unwrap_or_default();
                self.values.insert(":left".to_owned(), number(left));
                format!(" AND size({RECOVERY_CODES}) = :left")
            }
            None => is_none(RECOVERY_CODES),
        };
        self
    }

    /// Whether it writes nothing.
    pub(crate) fn is_check(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.delete.is_none()
    }

    /// The names, or none: DynamoDB takes no empty map.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// The text of what is written.
    pub(crate) fn update(&self) -> String {
        let clause = |word: &str, parts: &[String]| match parts {
            [] => None,
            parts => Some(format!("{word} {}", parts.join(", "))),
        };
        let delete = self.delete.map(|name| format!("DELETE {name} :used"));
        let clauses = [clause("SET", &self.set), clause("REMOVE", &self.remove), delete];
        clauses.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
