use super::*;

fn with<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
}

fn check<T: std::fmt::Debug>(
    read: impl Fn(Lookup<'_>) -> Result<T, ConfigError>,
    variables: &[(&str, &str)],
    expected: &str,
) {
    let error = read(&with(variables)).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert!(expected.starts_with(error.variable()));
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let nothing = with(&[]);
    assert_eq!(lifetimes(&nothing), Ok(Lifetimes { idle: Seconds(604_800), absolute: Seconds(2_592_000) }));
    assert_eq!(limits(&nothing), Ok(Limits { retry: Seconds(5), grace: Seconds(600), late_replays: 3 }));
    assert_eq!(refresh_requires_access_token(&nothing), Ok(false));
    assert_eq!(sessions_per_user(&nothing), Ok(1000));
    assert_eq!(http_api_simple_responses(&nothing), Ok(true));
    assert_eq!(route_roles(&nothing), Ok(None));
    assert_eq!(password_rules(&nothing), Ok(password::Rules { min_length: 8, min_score: 2 }));
    let limits = attempts::Limits {
        free_attempts: 5,
        first_delay: Seconds(1),
        longest_delay: Seconds(900),
        remember: Seconds(86_400),
    };
    assert_eq!(sign_in_limits(&nothing), Ok(limits));
    let names = with(&[("ISSUER", "urn:x"), ("AUDIENCE", "api"), ("CLIENT_ID", "web")]);
    assert_eq!(access_tokens(&names).unwrap().lifetime, Seconds(60));
    assert!(format!("{:?}", hasher(&nothing).unwrap()).contains("19456"));
}

#[test]
fn a_missing_setting_is_named() {
    check(policy, &[], "ISSUER is not set");
    check(policy, &[("ISSUER", "urn:x"), ("AUDIENCE", "")], "AUDIENCE is not set");
    check(|lookup| table(lookup, "USERS_TABLE"), &[], "USERS_TABLE is not set");
    check(key_set, &[], "KEY_SET_SECRET is not set, nor is KEY_SET");
    check(|lookup| public_keys(lookup).map(|_| ()), &[], "PUBLIC_KEYS is not set");
}

#[test]
fn the_key_set_comes_from_one_place() {
    let secret = ("KEY_SET_SECRET", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-b");
    let source = key_source(&with(&[secret, ("KEY_SET", "")])).unwrap();
    assert!(matches!(source, KeySource::Secret(id) if id == secret.1));
    check(key_source, &[], "KEY_SET_SECRET is not set, nor is KEY_SET");
    let both = "KEY_SET_SECRET must not be set beside KEY_SET: the key set comes from one of the two";
    check(key_source, &[secret, ("KEY_SET", "{}")], both);
    check(key_source, &[("KEY_SET", "{}")], "KEY_SET is not a key-set document (line 1, column 2)");
}

#[test]
fn dynamodb_is_awss_own_unless_another_is_named() {
    let endpoint = |value| dynamodb_endpoint(&with(&[("DYNAMODB_ENDPOINT", value)])).unwrap();
    assert_eq!(endpoint(""), None, "as the template has it");
    assert_eq!(endpoint("http://127.0.0.1:8000").as_deref(), Some("http://127.0.0.1:8000"));
}

#[test]
fn a_bad_number_is_named_with_its_range_and_value() {
    let tokens = [("ISSUER", "urn:x"), ("AUDIENCE", "api"), ("CLIENT_ID", "web")];
    for bad in ["0", "-1", "86401", "1.5", "60s", " 60", "99999999999"] {
        let variables = [&tokens[..], &[("ACCESS_TOKEN_SECONDS", bad)]].concat();
        let expected = format!("ACCESS_TOKEN_SECONDS must be a whole number from 1 to 86400, not {bad:?}");
        check(access_tokens, &variables, &expected);
    }
    check(
        sessions_per_user,
        &[("SESSIONS_PER_USER", "1001")],
        r#"SESSIONS_PER_USER must be a whole number from 0 to 1000, not "1001""#,
    );
    check(
        password_rules,
        &[("PASSWORD_MIN_LENGTH", "7")],
        r#"PASSWORD_MIN_LENGTH must be a whole number from 8 to 128, not "7""#,
    );
    check(
        password_rules,
        &[("PASSWORD_MIN_SCORE", "5")],
        r#"PASSWORD_MIN_SCORE must be a whole number from 0 to 4, not "5""#,
    );
    check(
        sign_in_limits,
        &[("SIGN_IN_FREE_ATTEMPTS", "0")],
        r#"SIGN_IN_FREE_ATTEMPTS must be a whole number from 1 to 100, not "0""#,
    );
}

#[test]
fn the_ends_of_a_range_are_taken() {
    assert_eq!(sessions_per_user(&with(&[("SESSIONS_PER_USER", "1")])), Ok(1));
    assert_eq!(sessions_per_user(&with(&[("SESSIONS_PER_USER", "0")])), Ok(1000));
    assert_eq!(password_rules(&with(&[("PASSWORD_MIN_LENGTH", "128")])).unwrap().min_length, 128);
    assert_eq!(password_rules(&with(&[("PASSWORD_MIN_SCORE", "4")])).unwrap().min_score, 4);
}

#[test]
fn a_retry_window_above_the_grace_period_is_refused() {
    let variables = [("REFRESH_GRACE_SECONDS", "3")];
    check(limits, &variables, "REFRESH_RETRY_SECONDS must be at most REFRESH_GRACE_SECONDS (3), not 5");
    let strict = with(&[("REFRESH_GRACE_SECONDS", "0"), ("REFRESH_RETRY_SECONDS", "0")]);
    assert_eq!(limits(&strict).unwrap().grace, Seconds(0));
}

#[test]
fn delays_that_contradict_each_other_are_refused() {
    let (first, longest) = ("SIGN_IN_FIRST_DELAY_SECONDS", "SIGN_IN_LONGEST_DELAY_SECONDS");
    let above = "SIGN_IN_FIRST_DELAY_SECONDS must be at most SIGN_IN_LONGEST_DELAY_SECONDS (9), not 10";
    check(sign_in_limits, &[(first, "10"), (longest, "9")], above);
    assert!(sign_in_limits(&with(&[(first, "9"), (longest, "9")])).is_ok());
    let forgotten = "SIGN_IN_LONGEST_DELAY_SECONDS must be at most SIGN_IN_REMEMBER_SECONDS (3600), not 3601";
    check(sign_in_limits, &[(longest, "3601"), ("SIGN_IN_REMEMBER_SECONDS", "3600")], forgotten);
    assert!(sign_in_limits(&with(&[(longest, "3600"), ("SIGN_IN_REMEMBER_SECONDS", "3600")])).is_ok());
}

#[test]
fn breached_passwords_are_looked_up_where_an_api_is_named() {
    let api = |value| breached_passwords(&with(&[("BREACHED_PASSWORDS", value)]));
    assert_eq!((api("").unwrap(), api("off").unwrap()), (None, None));
    assert_eq!(api("https://api.pwnedpasswords.com/range/").unwrap().unwrap().patience, Seconds(1));
    check(
        breached_passwords,
        &[("BREACHED_PASSWORDS_SECONDS", "6")],
        r#"BREACHED_PASSWORDS_SECONDS must be a whole number from 1 to 5, not "6""#,
    );
    for bad in ["http://api.pwnedpasswords.com/range/", "OFF", "on", "https://a.example/?x=1"] {
        let expected = format!(
            "BREACHED_PASSWORDS must be off or a URL such as https://api.pwnedpasswords.com/range, \
             without a query or fragment, not {bad:?}"
        );
        check(breached_passwords, &[("BREACHED_PASSWORDS", bad)], &expected);
    }
}

#[test]
fn flags_origins_texts_and_levels_are_checked() {
    check(
        refresh_requires_access_token,
        &[("REFRESH_REQUIRES_ACCESS_TOKEN", "yes")],
        r#"REFRESH_REQUIRES_ACCESS_TOKEN must be true or false, not "yes""#,
    );
    check(
        responder,
        &[("ALLOWED_ORIGIN", "https://a.example/")],
        r#"ALLOWED_ORIGIN must be * or an origin such as https://app.example.com, not "https://a.example/""#,
    );
    let impossible = r#"ALLOWED_ORIGIN must be * or an origin such as https://app.example.com, not "https://app.example.com:99999""#;
    check(responder, &[("ALLOWED_ORIGIN", "https://app.example.com:99999")], impossible);
    check(
        dynamodb_endpoint,
        &[("DYNAMODB_ENDPOINT", "127.0.0.1:8000")],
        r#"DYNAMODB_ENDPOINT must be a URL such as http://127.0.0.1:8000, not "127.0.0.1:8000""#,
    );
    check(issuer, &[("ISSUER", "a b")], "ISSUER must be a text of 1 to 255 characters without white space");
    check(
        log_level,
        &[("LOG_LEVEL", "trace")],
        r#"LOG_LEVEL must be ERROR, WARN, INFO or DEBUG, not "trace""#,
    );
}

/// Returns the error for a value that was not UTF-8, as the runtime passes it.
#[test]
fn a_value_that_is_not_utf_8_is_an_error_and_not_the_default() {
    let damaged = "\u{fffd}";
    for variable in ["ISSUER", "STACK_NAME", "CLIENT_ID", "AUDIENCE"] {
        let names = [("ISSUER", "urn:x"), ("AUDIENCE", "api"), ("CLIENT_ID", "web"), (variable, damaged)];
        let lookup = |name: &str| {
            let of = |(known, value): &(&str, &str)| (*known == name).then(|| (*value).to_owned());
            names.iter().rev().find_map(of)
        };
        let error = access_tokens(&lookup).map(drop).and_then(|()| metrics(&lookup).map(drop)).unwrap_err();
        assert_eq!(error.to_string(), format!("{variable} must be UTF-8"));
    }
    for variable in [
        "ACCESS_TOKEN_SECONDS",
        "LOG_LEVEL",
        "ALLOWED_ORIGIN",
        "REFRESH_REQUIRES_ACCESS_TOKEN",
        "ROUTE_ROLES",
    ] {
        let names = [("ISSUER", "urn:x"), ("AUDIENCE", "api"), ("CLIENT_ID", "web"), (variable, damaged)];
        let read = with(&names);
        let errors = [
            access_tokens(&read).map(drop).err(),
            log_level(&read).map(drop).err(),
            responder(&read).map(drop).err(),
            refresh_requires_access_token(&read).map(drop).err(),
            route_roles(&read).map(drop).err(),
        ];
        let errors: Vec<_> = errors.into_iter().flatten().map(|error| error.variable()).collect();
        assert_eq!(errors, [variable]);
    }
}

#[test]
fn rules_of_roles_are_read_at_the_start() {
    assert_eq!(route_roles(&with(&[("ROUTE_ROLES", "")])), Ok(None), "as the template has it");
    assert!(route_roles(&with(&[("ROUTE_ROLES", "GET /admin/** admin")])).unwrap().is_some());
    let form = "ROUTE_ROLES must be rules such as `GET /reports/* auditor,admin` with `;` between them, \
                up to 1024 characters in all";
    check(
        route_roles,
        &[("ROUTE_ROLES", "GET /admin/**")],
        &format!(
            r#"{form}; rule 1, "GET /admin/**", has neither method, path and roles, nor $connect and roles"#
        ),
    );
    let flag = r#"HTTP_API_SIMPLE_RESPONSES must be true or false, not "no""#;
    check(http_api_simple_responses, &[("HTTP_API_SIMPLE_RESPONSES", "no")], flag);
}

#[test]
fn a_cost_that_argon2_is_not_defined_for_is_refused() {
    let variables = [("PASSWORD_MEMORY_KIB", "1000")];
    check(
        hasher,
        &variables,
        r#"PASSWORD_MEMORY_KIB must be a whole number from 7168 to 524288, not "1000""#,
    );
}

#[test]
fn a_bad_key_set_is_not_repeated_in_the_error() {
    let secret = r#"{"signing_keys": [{"kid": "a", "private_key": "c2VjcmV0"#;
    check(key_set, &[("KEY_SET", secret)], "KEY_SET is not a key-set document (line 1, column 55)");
    let error = public_keys(&with(&[("PUBLIC_KEYS", r#"{"keys":[]}"#)])).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "PUBLIC_KEYS has no key");
}
