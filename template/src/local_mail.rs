//! Defaults for mail on one machine: mail works without settings, and links lead to the server of this machine.

/// The default sender of mail on one machine.
pub const LOCAL_SENDER: &str = "noreply@localhost";

/// Returns a setting, or its default for mail on one machine: a sender, and `base_url` as the page that
/// links lead to. An empty setting counts as absent.
pub fn with_local_mail(name: &str, given: &dyn Fn(&str) -> Option<String>, base_url: &str) -> Option<String> {
    let given = |name: &str| given(name).filter(|text| !text.is_empty());
    match name {
        "MAIL_FROM" if given("MAIL_FUNCTION_ARN").is_none() => {
            given(name).or_else(|| Some(LOCAL_SENDER.to_owned()))
        }
        "APP_URL" => given(name).or_else(|| Some(format!("{base_url}/"))),
        _ => given(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_works_without_a_setting_and_leads_here() {
        let of = |name: &str, set: &'static [(&str, &str)]| {
            let given =
                |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            with_local_mail(name, &given, "http://127.0.0.1:3000")
        };
        assert_eq!(of("MAIL_FROM", &[]).as_deref(), Some("noreply@localhost"));
        assert_eq!(of("MAIL_FROM", &[("MAIL_FROM", "")]).as_deref(), Some("noreply@localhost"));
        assert_eq!(of("MAIL_FROM", &[("MAIL_FROM", "a@b.c")]).as_deref(), Some("a@b.c"));
        assert_eq!(of("MAIL_FROM", &[("MAIL_FUNCTION_ARN", "arn")]), None);
        assert_eq!(of("MAIL_FUNCTION_ARN", &[("MAIL_FUNCTION_ARN", "arn")]).as_deref(), Some("arn"));
        assert_eq!(of("APP_URL", &[]).as_deref(), Some("http://127.0.0.1:3000/"));
        assert_eq!(of("APP_URL", &[("APP_URL", "https://app")]).as_deref(), Some("https://app"));
        assert_eq!(of("AUDIENCE", &[("AUDIENCE", "")]), None);
    }
}
