//! Finds the route of a request.

use http::Method;

use template::Route;

/// The routes of the API, by path and method.
pub(super) struct Routes(Vec<Route>);

/// The result of a search.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// There is no route.
    Nothing,
    /// `OPTIONS` on a path with these methods, and no route of its own for it.
    Preflight(Vec<&'a str>),
    /// A route, and the values of the parameters in its path.
    Route(&'a Route, Vec<(String, String)>),
}

/// The precision of a segment's match: the most precise match comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Text,
    Parameter,
    Rest,
}

impl Routes {
    pub(super) fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// Finds a route. The path is chosen first, by the most precise match from left to right, and the method within it:
    /// a method that only another path has is not found, as on AWS.
    pub(super) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let matching = self.0.iter().filter_map(|route| Some((closeness(&route.path, path)?, route)));
        let Some((_, closest)) = matching.min_by_key(|(closeness, _)| closeness.clone()) else {
            return Found::Nothing;
        };
        let here = || self.0.iter().filter(|route| route.path == closest.path);
        let own = here().find(|route| route.method == method.as_str());
        let any = || here().find(|route| route.method == "ANY");
        match own {
            Some(route) => Found::Route(route, parameters(&route.path, path)),
            None if method == Method::OPTIONS => {
                Found::Preflight(here().map(|route| route.method.as_str()).collect())
            }
            None => any().map_or(Found::Nothing, |route| Found::Route(route, parameters(&route.path, path))),
        }
    }
}

impl Routes {
    /// Returns the methods of a path, such as `POST /login`.
    pub(super) fn methods(&self, path: &str) -> Vec<String> {
        let at = self.0.iter().filter(|route| closeness(&route.path, path).is_some());
        at.map(|route| format!("{} {}", route.method, route.path)).collect()
    }
}

/// Returns `None` if the route's path does not match.
fn closeness(route: &str, path: &str) -> Option<Vec<Closeness>> {
    let mut segments = path.split('/');
    let mut result = Vec::new();
    for wanted in route.split('/') {
        let actual = segments.next()?;
        result.push(match parameter(wanted) {
            None if wanted == actual => Closeness::Text,
            None => return None,
            Some(_) if actual.is_empty() => return None,
            Some(name) if name.ends_with('+') => {
                result.push(Closeness::Rest);
                return Some(result);
            }
            Some(_) => Closeness::Parameter,
        });
    }
    segments.next().is_none().then_some(result)
}

fn parameters(route: &str, path: &str) -> Vec<(String, String)> {
    let mut rest = path;
    let mut result = Vec::new();
    for wanted in route.split('/') {
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        if let Some(name) = parameter(wanted) {
            let (name, value) = match name.strip_suffix('+') {
                Some(name) => (name, rest),
                None => (name, segment),
            };
            result.push((name.to_owned(), value.to_owned()));
        }
        rest = after;
    }
    result
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(routes: &[(&str, &str)]) -> Routes {
        let routes = routes.iter().map(|(method, path)| Route {
            path: (*path).to_owned(),
            method: (*method).to_owned(),
            function: "F".to_owned(),
            authorizer: None,
        });
        Routes::new(routes.collect())
    }

    /// Returns the result as "METHOD path name=value", "preflight METHODS" or "nothing".
    fn find(table: &[(&str, &str)], method: &str, path: &str) -> String {
        match routes(table).find(&method.parse().expect("a method"), path) {
            Found::Nothing => "nothing".to_owned(),
            Found::Preflight(methods) => format!("preflight {}", methods.join(",")),
            Found::Route(route, parameters) => {
                let parameters = parameters.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("{} {}{}", route.method, route.path, parameters.collect::<String>())
            }
        }
    }

    const TABLE: [(&str, &str); 8] = [
        ("GET", "/"),
        ("GET", "/weather"),
        ("POST", "/login"),
        ("DELETE", "/sessions"),
        ("GET", "/sessions/mine"),
        ("DELETE", "/sessions/{id}"),
        ("ANY", "/files/{path+}"),
        ("PUT", "/files/{a}/{b}"),
    ];

    #[test]
    fn a_route_is_found_by_method_and_whole_path() {
        assert_eq!(find(&TABLE, "GET", "/weather"), "GET /weather");
        assert_eq!(find(&TABLE, "GET", "/"), "GET /");
        for path in ["/Weather", "/weather/", "//weather", "/weather/x", "/weathe", "", "weather", "*"] {
            assert_eq!(find(&TABLE, "GET", path), "nothing", "{path}");
        }
    }

    #[test]
    fn a_method_the_path_does_not_have_is_not_found() {
        assert_eq!(find(&TABLE, "POST", "/weather"), "nothing");
        assert_eq!(find(&TABLE, "HEAD", "/weather"), "nothing");
        assert_eq!(find(&TABLE, "BREW", "/weather"), "nothing");
    }

    #[test]
    fn the_right_method_is_named_where_the_path_has_another() {
        assert_eq!(routes(&TABLE).methods("/login"), ["POST /login"]);
        assert_eq!(routes(&TABLE).methods("/sessions/mine"), ["GET /sessions/mine", "DELETE /sessions/{id}"]);
        assert_eq!(routes(&TABLE).methods("/unknown"), Vec::<String>::new());
    }

    #[test]
    fn options_on_a_known_path_is_a_preflight() {
        assert_eq!(find(&TABLE, "OPTIONS", "/login"), "preflight POST");
        assert_eq!(find(&TABLE, "OPTIONS", "/files/a"), "preflight ANY");
        assert_eq!(find(&TABLE, "OPTIONS", "/other"), "nothing");
        assert_eq!(find(&[("OPTIONS", "/x")], "OPTIONS", "/x"), "OPTIONS /x");
    }

    #[test]
    fn parameters_take_one_segment_or_the_rest() {
        assert_eq!(find(&TABLE, "DELETE", "/sessions/a%20b"), "DELETE /sessions/{id} id=a%20b");
        assert_eq!(find(&TABLE, "GET", "/files/a/b/c"), "ANY /files/{path+} path=a/b/c");
        assert_eq!(find(&TABLE, "PUT", "/files/a/b"), "PUT /files/{a}/{b} a=a b=b");
        assert_eq!(find(&TABLE, "DELETE", "/sessions/"), "nothing");
    }

    #[test]
    fn the_closest_path_is_chosen_before_the_method() {
        assert_eq!(find(&TABLE, "GET", "/sessions/mine"), "GET /sessions/mine");
        assert_eq!(find(&TABLE, "DELETE", "/sessions/mine"), "nothing");
    }
}
