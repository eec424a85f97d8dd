use super::*;
use proptest::prelude::*;

fn rules(text: &str) -> RouteRoles {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Returns the decision of the rules for a user with these roles who requests `METHOD /path`.
fn ask(rules: &RouteRoles, request: &str, roles: &[&str]) -> Result<(), AuthorizationError> {
    let (method, path) = request.split_once(' ').unwrap();
    let path = Path::parse(path).ok_or(AuthorizationError::Unclear)?;
    let roles: Vec<_> = roles.iter().filter_map(|role| role.parse().ok()).collect();
    rules.check(&Route::Http { method, path }, &roles)
}

#[test]
fn the_first_rule_that_fits_decides_and_what_none_fits_is_refused() {
    let rules = rules("GET /admin/help *; * /admin/** admin; GET /reports/* auditor,admin; GET /weather *");
    for (request, roles, expected) in [
        ("GET /admin/help", &[][..], Ok(())),
        ("POST /admin/help", &[], Err(AuthorizationError::Role)),
        ("GET /admin", &["auditor"], Err(AuthorizationError::Role)),
        ("GET /admin", &["admin"], Ok(())),
        ("DELETE /admin/users/7", &["admin"], Ok(())),
        ("DELETE /admin/users/7", &["Admin", "adm", "admin2", ""], Err(AuthorizationError::Role)),
        ("GET /reports/7", &["auditor"], Ok(())),
        ("GET /reports/7", &["owner"], Err(AuthorizationError::Role)),
        ("GET /reports", &["admin"], Err(AuthorizationError::Unlisted)),
        ("GET /reports/7/8", &["admin"], Err(AuthorizationError::Unlisted)),
        ("PUT /reports/7", &["admin"], Err(AuthorizationError::Unlisted)),
        ("GET /administration", &["admin"], Err(AuthorizationError::Unlisted)),
        ("GET /", &["admin"], Err(AuthorizationError::Unlisted)),
        ("HEAD /weather", &[], Ok(())),
        ("get /weather", &[], Err(AuthorizationError::Unlisted)),
    ] {
        assert_eq!(ask(&rules, request, roles), expected, "{request} {roles:?}");
    }
    assert_eq!(rules.check(&Route::Connect, &["admin".parse().unwrap()]), Err(AuthorizationError::Unlisted));
}

#[test]
fn head_goes_by_get_and_a_handshake_by_a_rule_of_its_own() {
    let rules = rules("GET /a admin; $connect member; * /** *");
    assert_eq!(ask(&rules, "HEAD /a", &[]), Err(AuthorizationError::Role));
    assert_eq!(ask(&rules, "POST /a", &[]), Ok(()));
    assert_eq!(rules.check(&Route::Connect, &[]), Err(AuthorizationError::Role));
    assert_eq!(rules.check(&Route::Connect, &["member".parse().unwrap()]), Ok(()));
}

#[test]
fn no_encoding_case_or_slash_gets_around_a_rule() {
    let rules = rules("* /admin/** admin; * /** *");
    for path in [
        "/admin",
        "/admin/",
        "/ADMIN/x",
        "/%61dmin/x",
        "/%61%64min",
        "/admin/x/",
        "/admin/a%20b",
        "/Admin/.a.b",
    ] {
        assert_eq!(ask(&rules, &format!("GET {path}"), &["user"]), Err(AuthorizationError::Role), "{path}");
    }
    for path in [
        "//admin",
        "/x//admin",
        "/admin//",
        "/./admin",
        "/x/../admin",
        "/%2e/admin",
        "/x/%2E%2e/admin",
        "/x%2f..%2Fadmin",
        "/%2Fadmin",
        "/%5cadmin",
        "\\admin",
        "/admin;a=1/x",
        "/x;/admin",
        "/%2561dmin",
        "/%admin",
        "/%zz",
        "/admin%00",
        "/a\tb",
        "/%ff",
        "/*",
        "/a?b",
        "/${x}",
        "/%7Bproxy+%7D",
        "",
        "admin",
        "//",
        "/admin%0a",
        // For readers that trim.
        "/admin.",
        "/admin%2e",
        "/admin.../x",
        "/admin%20",
        "/admin ",
        "/%20admin",
        "/admin/%20",
        // For readers that decode once more, as the `http` crate does.
        "/admin#x",
        "/admin%23",
        // For readers that fold, normalise or drop: full width, U+017F, U+212A, an accent, a soft hyphen, a wide space.
        "/ａdmin",
        "/%EF%BD%81dmin",
        "/u\u{17f}ers",
        "/\u{212a}eys",
        "/%C3%A1dmin",
        "/ad%C2%ADmin",
        "/admin\u{a0}",
        "/admin\u{3000}",
        "/caf%C3%A9/a",
    ] {
        assert_eq!(
            ask(&rules, &format!("GET {path}"), &["admin"]),
            Err(AuthorizationError::Unclear),
            "{path}"
        );
    }
    for path in ["/a%20b/.well-known/x.y", "/a@b.c/~me/(1)!$&'+,:=", "/%22%3c%3e%5b%5d%5e%60%7c%7d"] {
        assert_eq!(ask(&rules, &format!("GET {path}"), &["user"]), Ok(()), "{path}");
    }
    // Only the router behind the authorizer treats these alike.
    assert_eq!(ask(&rules, "GET /admin.json", &["user"]), Ok(()));
    assert_eq!(ask(&rules, "GET /", &["user"]), Ok(()));
}

#[test]
fn a_path_may_stand_behind_a_stage_and_not_within_another() {
    let path = |text| Path::parse(text).unwrap();
    assert!(path("/prod/admin/x/").ends_with(&path("/admin/%78")));
    assert!(path("/admin").ends_with(&path("/admin")));
    assert!(!path("/admin/x").ends_with(&path("/admin")));
    assert!(!path("/xadmin").ends_with(&path("/admin")));
}

#[test]
fn bad_rules_are_named() {
    let form = "must be rules such as `GET /reports/* auditor,admin` with `;` between them, up to 1024 characters in all; ";
    for (text, problem) in [
        (" ; ", "it has no rule"),
        ("GET /a", "rule 1, \"GET /a\", has neither method, path and roles, nor $connect and roles"),
        (
            "GET /a *; GET /b a b",
            "rule 2, \"GET /b a b\", has neither method, path and roles, nor $connect and roles",
        ),
        (
            "get /a *",
            "rule 1, \"get /a *\", needs GET, POST, PUT, PATCH, DELETE, OPTIONS or *; HEAD goes by GET",
        ),
        (
            "PSOT /a *",
            "rule 1, \"PSOT /a *\", needs GET, POST, PUT, PATCH, DELETE, OPTIONS or *; HEAD goes by GET",
        ),
        (
            "HEAD /a *",
            "rule 1, \"HEAD /a *\", needs GET, POST, PUT, PATCH, DELETE, OPTIONS or *; HEAD goes by GET",
        ),
        ("GET /** *; GET /a x", "rule 2, \"GET /a x\", never decides, since rule 1 names all that it names"),
        (
            "$connect a; $connect b",
            "rule 2, \"$connect b\", never decides, since rule 1 names all that it names",
        ),
    ] {
        assert_eq!(text.parse::<RouteRoles>().unwrap_err().to_string(), format!("{form}{problem}"), "{text}");
    }
    let long = format!("GET /{} *", "a".repeat(1024));
    assert_eq!(long.parse::<RouteRoles>().unwrap_err().to_string(), format!("{form}it has 1031"));
}

#[test]
fn paths_and_roles_of_another_form_are_refused() {
    for path in [
        "a", "", "/a/", "//", "/a//b", "/**/a", "/a**", "/***", "/.", "/a/..", "/a.", "/{id}", "/a%20b",
        "/é", "/a?b", "/$x",
    ] {
        assert!(format!("GET {path} *").parse::<RouteRoles>().is_err(), "{path}");
    }
    let long = "a".repeat(65);
    for roles in ["", ",", "a,", ",a", "a,,b", "a,*", "**", "\"a\"", "a\\b", "é", &long] {
        assert!(format!("GET /a {roles}").parse::<RouteRoles>().is_err(), "{roles}");
    }
    rules("GET /a-b._~@:+=/* scope:read,role/x; PATCH /** *;");
    rules("GET / a;\n  * / b; GET /* c");
}

#[test]
fn rules_that_cover_each_other_in_part_may_stand_in_either_order() {
    rules("GET /*/b x; GET /a/* y; * /a/b z");
    rules("GET /a/** x; GET /** y");
    for (first, second) in [
        ("* /a", "GET /A"),
        ("GET /*", "GET /a"),
        ("GET /a/**", "GET /a"),
        ("GET /a/**", "GET /a/*/**"),
        ("* /**", "PUT /"),
    ] {
        assert!(format!("{first} x; {second} y").parse::<RouteRoles>().is_err(), "{first}, {second}");
        rules(&format!("{second} y; {first} x"));
    }
}

fn a_pattern() -> impl Strategy<Value = String> {
    let segments = prop::collection::vec(prop::sample::select(vec!["a", "b", "B", "*"]), 0..4);
    (prop::sample::select(vec!["*", "GET", "POST"]), segments, any::<bool>()).prop_map(
        |(method, mut path, open)| {
            path.extend(open.then_some("**"));
            format!("{method} /{}", path.join("/"))
        },
    )
}

fn a_request() -> impl Strategy<Value = String> {
    let segments = prop::collection::vec(prop::sample::select(vec!["a", "A", "b", "%62", "c"]), 0..5);
    (prop::sample::select(vec!["GET", "HEAD", "POST", "PUT"]), segments, any::<bool>()).prop_map(
        |(method, path, slash)| {
            let end = if slash && !path.is_empty() { "/" } else { "" };
            format!("{method} /{}{end}", path.join("/"))
        },
    )
}

proptest! {
    #[test]
    fn a_rule_that_is_covered_never_matches_first(earlier in a_pattern(), later in a_pattern(), request in a_request()) {
        let covered = format!("{earlier} first; {later} second").parse::<RouteRoles>().is_err();
        let alone = |pattern: &str| ask(&rules(&format!("{pattern} *")), &request, &[]).is_ok();
        prop_assert!(!covered || !alone(&later) || alone(&earlier), "{request}");
    }

    #[test]
    fn each_of_two_rules_decides_about_what_it_names(one in a_pattern(), two in a_pattern(), request in a_request()) {
        let Ok(both) = format!("{one} first; {two} second").parse::<RouteRoles>() else { return Ok(()) };
        let alone = |pattern: &str| ask(&rules(&format!("{pattern} *")), &request, &[]).is_ok();
        let first = ask(&both, &request, &["first"]);
        let second = ask(&both, &request, &["second"]);
        prop_assert_eq!(ask(&both, &request, &[]), first.and(second));
        prop_assert_eq!(first.is_ok(), alone(&one));
        prop_assert_eq!(second.is_ok(), alone(&two) && !alone(&one));
    }

    #[test]
    fn encoding_case_and_a_slash_at_the_end_change_nothing(request in a_request(), pattern in a_pattern()) {
        let rules = rules(&format!("{pattern} admin"));
        let (method, path) = request.split_once(' ').unwrap();
        let encoded: String = path.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' if !path.contains('%') => format!("%{byte:02x}"),
            _ => char::from(byte).to_string(),
        }).collect();
        for other in [encoded, path.to_ascii_uppercase(), format!("{}/", path.trim_end_matches('/'))] {
            let other = format!("{method} {other}");
            prop_assert_eq!(ask(&rules, &other, &["admin"]), ask(&rules, &request, &["admin"]), "{}", other);
        }
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_no_wildcard(text in ".{0,40}", path in "/[a-z/%.;*?{}$0-9A-F]{0,20}") {
        let _ = text.parse::<RouteRoles>();
        if let Some(read) = Path::parse(&path) {
            prop_assert!(!path.contains(['*', '?', '{', ';']) && !path.contains("//"), "{}", path);
            prop_assert!(read.segments().iter().all(|segment| !segment.is_empty() && !segment.contains('/')));
            prop_assert!(read.segments().iter().all(|segment| segment.is_ascii() && segment.trim() == segment));
        }
    }
}
