//! The environment of each function: the template's settings, and their replacements.

use std::collections::{BTreeMap, BTreeSet};

use shared::api::AllowedOrigin;
use shared::config::SIGNING_ALGORITHM;

use crate::error::StartError;
use crate::keys::Keys;
use crate::options::Mail;
use template::{Function, Variable};

/// Returns the environments of the functions by logical id, each with exactly the variables of the template. `KEY_SET`
/// replaces the name of its secret.
pub(crate) fn environments(
    functions: &[Function],
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, StartError> {
    let of = |function: &Function| Ok((function.id.clone(), environment(function, overrides, keys)?));
    functions.iter().map(of).collect()
}

fn environment(
    function: &Function,
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<BTreeMap<String, String>, StartError> {
    let variables = function.environment.iter();
    variables.map(|(name, variable)| Ok((name.clone(), value(name, variable, overrides, keys)?))).collect()
}

/// An empty variable of the process replaces nothing, because it would not be a setting on Lambda either.
fn value(
    name: &str,
    variable: &Variable,
    overrides: &dyn Fn(&str) -> Option<String>,
    keys: &Keys,
) -> Result<String, StartError> {
    // Tables are created under their names in the template, so another name would only name a missing table.
    if let Variable::Table(table) = variable {
        return Ok(table.clone());
    }
    if let Some(replacement) = overrides(name).filter(|text| !text.is_empty()) {
        return Ok(replacement);
    }
    match variable {
        Variable::Text(text) | Variable::Table(text) => Ok(text.clone()),
        Variable::KeySet => Ok(keys.secret.clone()),
        Variable::PublicKeys => Ok(keys.public.clone()),
        Variable::Unset { parameter } => {
            Err(StartError::Unset { variable: name.to_owned(), parameter: parameter.clone() })
        }
    }
}

/// Returns a setting as the functions read it: an origin is normalised.
pub(crate) fn as_read(name: &str, value: String) -> String {
    let origin = (name == "ALLOWED_ORIGIN").then(|| AllowedOrigin::parse(&value)).flatten();
    let spelt = origin.and_then(|origin| origin.as_header().to_str().ok().map(ToOwned::to_owned));
    spelt.unwrap_or(value)
}

/// Returns a setting, or what follows from where this server is: it issues the tokens, as discovery has it, its passkeys are
/// those of `localhost`, and what has to do with mail ([`of_mail`]).
pub(crate) fn of_place(
    name: &str,
    given: &dyn Fn(&str) -> Option<String>,
    mail: Mail,
    base_url: &str,
) -> Option<String> {
    let setting = of_mail(name, given, mail, base_url);
    if setting.as_ref().is_some_and(|setting| !setting.is_empty()) {
        return setting;
    }
    match name {
        "ISSUER" => Some(base_url.to_owned()),
        // Browsers have no passkeys for an address such as 127.0.0.1, and for localhost even without TLS.
        RP_ID => Some(LOCALHOST.to_owned()),
        "PASSKEY_ORIGINS" if given(RP_ID).is_none_or(|id| id.is_empty() || id == LOCALHOST) => {
            let port = base_url.rsplit_once(':').map_or("", |(_, port)| port);
            Some(format!("http://{LOCALHOST}:{port}"))
        }
        _ => setting,
    }
}

const RP_ID: &str = "RP_ID";
const LOCALHOST: &str = "localhost";

const MAIL_FROM: &str = "MAIL_FROM";
const MAIL_FUNCTION_ARN: &str = "MAIL_FUNCTION_ARN";

/// Returns a setting for mail. None is set if mail is off.
fn of_mail(name: &str, given: &dyn Fn(&str) -> Option<String>, mail: Mail, base_url: &str) -> Option<String> {
    match (name, mail) {
        (MAIL_FROM | MAIL_FUNCTION_ARN, Mail::Off) => None,
        (_, Mail::Off) => given(name).filter(|text| !text.is_empty()),
        (_, Mail::Inbox | Mail::Smtp(_)) => template::with_local_mail(name, given, base_url),
    }
}

/// The variables that this server reads itself.
const OWN: [&str; 1] = [SIGNING_ALGORITHM];

/// Returns the unknown names that resemble a variable of a function or of this server, each with that variable.
pub(crate) fn near_misses<'a>(
    names: &'a [String],
    environments: &'a BTreeMap<String, BTreeMap<String, String>>,
) -> Vec<(&'a str, &'a str)> {
    let of_functions = environments.values().flat_map(BTreeMap::keys).map(String::as_str);
    let known: BTreeSet<&str> = of_functions.chain(OWN).collect();
    let nearest = |name: &str| {
        let near = known.iter().filter(|other| is_slip(name, other));
        let near = near.min_by_key(|other| (slips(name, other), **other));
        near.or_else(|| known.iter().find(|other| lacks_or_adds_words(name, other))).copied()
    };
    let unknown = names.iter().map(String::as_str).filter(|name| !known.contains(name));
    unknown.filter_map(|name| Some((name, nearest(name)?))).collect()
}

/// The maximum number of edits in a typing error.
const MOST_SLIPS: usize = 3;

/// Returns whether one name is a few letters away from the other. In a short name another letter makes another word, unless both
/// begin with the same word.
fn is_slip(name: &str, other: &str) -> bool {
    let first_word = |name: &str| name.split_once('_').map(|(word, _)| word.to_ascii_uppercase());
    let begin_alike = first_word(name).is_some() && first_word(name) == first_word(other);
    let slips = slips(name, other);
    slips <= MOST_SLIPS && slips * if begin_alike { 3 } else { 4 } <= name.len()
}

/// Returns whether one name is the other without some of its words (`REFRESH_GRACE`), or with a word before it
/// (`RATCHET_LOG_LEVEL`).
/// A single word is too common for that.
fn lacks_or_adds_words(name: &str, other: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let lacks = name.contains('_') && other.strip_prefix(&name).is_some_and(|rest| rest.starts_with('_'));
    let adds = other.contains('_') && name.strip_suffix(other).is_some_and(|rest| rest.ends_with('_'));
    lacks || adds || lacks_first_words(&name, other)
}

/// Returns whether the words of one name, two or more, are words of the other in the same order (`GRACE_SECONDS`).
fn lacks_first_words(name: &str, other: &str) -> bool {
    let mut words = other.split('_');
    name.contains('_') && name != other && name.split('_').all(|word| words.any(|its| its == word))
}

/// Returns the number of letters to add, remove or replace to turn one name into the other, ignoring case (Levenshtein).
fn slips(one: &str, other: &str) -> usize {
    strsim::levenshtein(&one.to_ascii_uppercase(), &other.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_setting_is_found_with_that_setting() {
        let known =
            ["ACCESS_TOKEN_SECONDS", "ALLOWED_ORIGIN", "ISSUER", "LOG_LEVEL", "REFRESH_GRACE_SECONDS"];
        let variables = known.map(|name| (name.to_owned(), String::new())).into();
        let environments = BTreeMap::from([("F".to_owned(), variables)]);
        for (name, setting) in [
            ("ACCESS_TOKEN_SECOND", Some("ACCESS_TOKEN_SECONDS")),
            ("ACESS_TOKEN_SECONDS", Some("ACCESS_TOKEN_SECONDS")),
            ("access_token_seconds", Some("ACCESS_TOKEN_SECONDS")),
            ("ACCESS_TOKENS_SECOND", Some("ACCESS_TOKEN_SECONDS")),
            ("ALLOWED_ORIGINS", Some("ALLOWED_ORIGIN")),
            ("ALLOW_ORIGIN", Some("ALLOWED_ORIGIN")),
            ("LOGLEVEL", Some("LOG_LEVEL")),
            ("ISUER", Some("ISSUER")),
            ("LOG_LVL", Some("LOG_LEVEL")),
            ("REFRESH_GRACE", Some("REFRESH_GRACE_SECONDS")),
            ("RATCHET_ACCESS_TOKEN_SECONDS", Some("ACCESS_TOKEN_SECONDS")),
            ("GRACE_SECONDS", Some("REFRESH_GRACE_SECONDS")),
            ("REFRESH_SECONDS", Some("REFRESH_GRACE_SECONDS")),
            ("my_log_level", Some("LOG_LEVEL")),
            ("SIGNING_ALGORITHMS", Some("SIGNING_ALGORITHM")),
            ("SIGN_ALGORITHM", Some("SIGNING_ALGORITHM")),
            ("SIGNING_ALGORITHM", None),
            ("ACCESS", None),
            ("REFRESH", None),
            ("TOKEN_ISSUER", None),
            ("LOG_DIR", None),
            ("ISSUER", None),
            ("USER", None),
            ("HOME", None),
            ("PATH", None),
            ("RUST_LOG", None),
            ("SHELL", None),
            ("", None),
        ] {
            let expected: Vec<_> = setting.map(|setting| (name, setting)).into_iter().collect();
            assert_eq!(near_misses(&[name.to_owned()], &environments), expected, "{name}");
        }
    }

    #[test]
    fn where_there_is_to_be_no_mail_no_sender_is_set() {
        let of = |name: &str, mail: Mail| {
            let given = |_: &str| Some("a@b.c".to_owned());
            of_mail(name, &given, mail, "http://127.0.0.1:3000")
        };
        for name in ["MAIL_FROM", "MAIL_FUNCTION_ARN"] {
            assert_eq!(of(name, Mail::Off), None);
            assert_eq!(of(name, Mail::Inbox).as_deref(), Some("a@b.c"));
        }
        assert_eq!(of("ISSUER", Mail::Off).as_deref(), Some("a@b.c"));
        assert_eq!(of_mail("APP_URL", &|_| None, Mail::Off, "http://127.0.0.1:3000"), None);
    }

    #[test]
    fn the_server_is_the_issuer_unless_another_is_set() {
        for (set, expected) in [
            (None, Some("http://127.0.0.1:3000")),
            (Some(""), Some("http://127.0.0.1:3000")),
            (Some("urn:x"), Some("urn:x")),
        ] {
            let given = |_: &str| set.map(ToOwned::to_owned);
            let of = |name: &str| of_place(name, &given, Mail::Inbox, "http://127.0.0.1:3000");
            assert_eq!(of("ISSUER").as_deref(), expected);
            assert_eq!(of("AUDIENCE").as_deref(), set.filter(|text| !text.is_empty()));
        }
    }

    #[test]
    fn slips_are_letters_added_taken_away_and_replaced() {
        for (one, other, count) in
            [("", "", 0), ("A", "", 1), ("", "AB", 2), ("KITTEN", "SITTING", 3), ("A_B", "AB", 1)]
        {
            assert_eq!((slips(one, other), slips(other, one)), (count, count), "{one} {other}");
        }
    }

    fn keys() -> Keys {
        Keys {
            secret: "the key set".to_owned(),
            public: "the public keys".to_owned(),
            version: String::new(),
        }
    }

    fn with(variable: Variable, replacement: Option<&str>) -> Result<String, StartError> {
        let function = Function {
            id: "F".to_owned(),
            binary: "f".to_owned(),
            environment: BTreeMap::from([("NAME".to_owned(), variable)]),
        };
        let overrides = |name: &str| (name == "NAME").then_some(replacement?.to_owned());
        let environments = environments(&[function], &overrides, &keys())?;
        assert_eq!(environments["F"].len(), 1, "exactly the variables of the template");
        Ok(environments["F"]["NAME"].clone())
    }

    #[test]
    fn a_variable_of_the_process_replaces_the_templates() {
        assert_eq!(with(Variable::Text("60".to_owned()), None).unwrap(), "60");
        assert_eq!(with(Variable::Text("60".to_owned()), Some("2")).unwrap(), "2");
        assert_eq!(with(Variable::Text("60".to_owned()), Some("")).unwrap(), "60");
    }

    #[test]
    fn the_name_of_a_table_is_never_replaced() {
        assert_eq!(with(Variable::Table("Users".to_owned()), Some("Other")).unwrap(), "Users");
    }

    #[test]
    fn keys_come_from_the_data_directory_unless_replaced() {
        assert_eq!(with(Variable::KeySet, None).unwrap(), "the key set");
        assert_eq!(with(Variable::PublicKeys, None).unwrap(), "the public keys");
        assert_eq!(with(Variable::PublicKeys, Some("{}")).unwrap(), "{}");
    }

    #[test]
    fn a_parameter_without_a_default_needs_a_variable_of_the_process() {
        let unset = || Variable::Unset { parameter: "Name".to_owned() };
        assert_eq!(with(unset(), Some("x")).unwrap(), "x");
        let error = with(unset(), None).unwrap_err().to_string();
        assert_eq!(error, "NAME must be set: the parameter Name of template.yaml has no default");
    }
}
