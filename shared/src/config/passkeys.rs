//! Passkeys: for which relying party they are, and the pages that ask for them.

use url::{Host, Url};

use super::reader::Reader;
use super::{ConfigError, Lookup, Problem};
use crate::api::AllowedOrigin;

const RP_ID: &str = "RP_ID";
const ORIGINS: &str = "PASSKEY_ORIGINS";
const ALLOWED_ORIGIN: &str = "ALLOWED_ORIGIN";

/// The relying party of passkeys (Web Authentication level 3, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its id: a domain. Passkeys are bound to it, so that another one makes all of them useless.
    pub id: String,
    /// The origins of the pages that may ask for passkeys, of this domain and those below it. There is at least one.
    pub origins: Vec<Url>,
}

/// `RP_ID` (the host of `ISSUER`) and `PASSKEY_ORIGINS` (`ALLOWED_ORIGIN`, or else `https://` and the `RP_ID`). None if passkeys are
/// off, that is, where neither `RP_ID` is set nor the issuer an `https` URL whose domain fits the page's.
///
/// # Errors
/// [`ConfigError`] unless `RP_ID` is a domain, and each origin is one of it, over TLS or on this machine.
pub fn relying_party(lookup: Lookup<'_>) -> Result<Option<RelyingParty>, ConfigError> {
    let read = Reader(lookup);
    let (given, listed) = (read.optional(RP_ID), read.optional(ORIGINS));
    let is_asked_for = given.is_some() || listed.is_some();
    let Some(id) = given.or_else(|| issuer_domain(lookup)) else { return Ok(None) };
    if !is_domain(&id) {
        return Err(ConfigError::new(RP_ID, Problem::NotADomain(id)));
    }
    let origins = match listed {
        Some(list) => {
            list.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        }
        None => vec![page_origin(lookup).unwrap_or_else(|| format!("https://{id}"))],
    };
    let parsed = |text: &String| origin(text, &id).ok_or_else(|| text.clone());
    match origins.iter().map(parsed).collect::<Result<Vec<_>, _>>() {
        Ok(origins) if !origins.is_empty() => Ok(Some(RelyingParty { id, origins })),
        Ok(_) => Err(ConfigError::new(ORIGINS, Problem::NotOriginsOf { id, origin: String::new() })),
        // Nobody has asked for passkeys there.
        Err(_) if !is_asked_for => Ok(None),
        Err(origin) => Err(ConfigError::new(ORIGINS, Problem::NotOriginsOf { id, origin })),
    }
}

/// The domain of the issuer, if that is an `https` URL of one.
fn issuer_domain(lookup: Lookup<'_>) -> Option<String> {
    let issuer = Url::parse(&Reader(lookup).optional("ISSUER")?).ok()?;
    issuer.domain().filter(|domain| issuer.scheme() == "https" && is_domain(domain)).map(str::to_owned)
}

/// The one origin whose pages may call the API.
fn page_origin(lookup: Lookup<'_>) -> Option<String> {
    let allowed = AllowedOrigin::parse(&Reader(lookup).optional(ALLOWED_ORIGIN)?)?;
    if allowed.is_any() { None } else { allowed.as_header().to_str().ok().map(str::to_owned) }
}

/// A domain as browsers spell it: in lower case, with a dot in it unless it is this machine.
fn is_domain(text: &str) -> bool {
    let host = Host::parse(text);
    let is_spelt_so = matches!(&host, Ok(Host::Domain(domain)) if domain == text);
    is_spelt_so && !text.ends_with('.') && (text == "localhost" || text.contains('.'))
}

/// An origin of a page of this domain or of one below it. Without TLS browsers have passkeys on this machine alone.
fn origin(text: &str, id: &str) -> Option<Url> {
    let spelt = AllowedOrigin::parse(text).filter(|origin| !origin.is_any())?;
    let url = Url::parse(spelt.as_header().to_str().ok()?).ok()?;
    let domain = url.domain()?;
    let is_of_id = domain == id || domain.strip_suffix(id).is_some_and(|below| below.ends_with('.'));
    let is_local = domain == "localhost" || domain.ends_with(".localhost");
    (is_of_id && (url.scheme() == "https" || is_local)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Option<(String, Vec<String>)>, String> {
        let lookup = |name: &str| {
            let found = settings.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let origins = |urls: Vec<Url>| urls.iter().map(|url| url.origin().ascii_serialization()).collect();
        relying_party(&lookup)
            .map(|read| read.map(|RelyingParty { id, origins: urls }| (id, origins(urls))))
            .map_err(|error| error.to_string())
    }

    #[track_caller]
    fn check(settings: &[(&str, &str)], id: &str, origins: &[&str]) {
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        assert_eq!(read(settings), Ok(Some((id.to_owned(), origins))));
    }

    #[test]
    fn the_relying_party_is_the_domain_of_the_issuer_unless_it_is_named() {
        let issuer = ("ISSUER", "https://auth.example.com");
        check(&[issuer], "auth.example.com", &["https://auth.example.com"]);
        check(&[issuer, ("RP_ID", "example.com")], "example.com", &["https://example.com"]);
        check(&[("RP_ID", "localhost")], "localhost", &["https://localhost"]);
    }

    #[test]
    fn the_pages_are_those_that_may_call_the_api_unless_they_are_named() {
        let party = ("RP_ID", "example.com");
        let page = ("ALLOWED_ORIGIN", "https://app.example.com");
        check(&[party, page], "example.com", &["https://app.example.com"]);
        check(&[party, ("ALLOWED_ORIGIN", "*")], "example.com", &["https://example.com"]);
        let named = ("PASSKEY_ORIGINS", "https://example.com, https://b.example.com:8443");
        check(&[party, page, named], "example.com", &["https://example.com", "https://b.example.com:8443"]);
        let local = ("PASSKEY_ORIGINS", "http://localhost:3000 http://a.localhost");
        let here = ["http://localhost:3000", "http://a.localhost"];
        check(&[("RP_ID", "localhost"), local], "localhost", &here);
    }

    #[test]
    fn there_are_no_passkeys_without_a_domain_that_fits_the_page() {
        for issuer in ["urn:ratchet:x", "http://127.0.0.1:3000", "https://127.0.0.1", "http://example.com"] {
            assert_eq!(read(&[("ISSUER", issuer)]), Ok(None), "{issuer}");
        }
        assert_eq!(read(&[]), Ok(None));
        let issuer = ("ISSUER", "https://api.example.com");
        assert_eq!(read(&[issuer, ("ALLOWED_ORIGIN", "https://app.example.com")]), Ok(None));
    }

    #[test]
    fn what_no_browser_takes_is_refused_where_it_is_set() {
        for bad in [
            "127.0.0.1",
            "https://example.com",
            "Example.com",
            "com",
            "example.com.",
            "a b",
            "b\u{fc}cher.example",
        ] {
            assert!(read(&[("RP_ID", bad)]).unwrap_err().starts_with("RP_ID must be a domain"), "{bad}");
        }
        for bad in [
            "https://example.org",
            "https://badexample.com",
            "http://example.com",
            "https://example.com/path",
            "*",
            ",",
            "https://example.com null",
        ] {
            let error = read(&[("RP_ID", "example.com"), ("PASSKEY_ORIGINS", bad)]).unwrap_err();
            assert!(error.starts_with("PASSKEY_ORIGINS must be origins of pages of example.com"), "{error}");
        }
        let page = ("ALLOWED_ORIGIN", "https://app.example.org");
        assert!(read(&[("RP_ID", "example.com"), page]).is_err(), "the page could ask for none");
    }
}
