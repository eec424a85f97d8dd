//! The routes of the function, by method and path.

use http::Method;
use runtime::{Request, RequestExt};
use shared::api::{ApiError, EndSessions};

/// One of the function's routes, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /me`
    Me,
    /// `GET /sessions`
    List,
    /// `DELETE /sessions`
    End(EndSessions),
    /// `DELETE /sessions/{id}`: the text at the place of the id.
    EndOne(String),
}

impl Route {
    /// Reads the route. A path may be preceded by the name of a stage. A route that the template lacks is not found, so
    /// that it is never taken for one that ends sessions.
    pub(crate) fn of(request: &Request) -> Result<Self, ApiError> {
        let (method, path) = (request.method(), request.uri().path());
        let parameters = request.path_parameters();
        match parameters.first("id") {
            Some(id) if method == Method::DELETE => Ok(Self::EndOne(id.to_owned())),
            None if method == Method::GET && path.ends_with("/me") => Ok(Self::Me),
            None if method == Method::GET && path.ends_with("/sessions") => Ok(Self::List),
            None if method == Method::DELETE && path.ends_with("/sessions") => {
                EndSessions::read(request.query_string_parameters().iter()).map(Self::End)
            }
            Some(_) | None => Err(ApiError::NotFound("route")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn route(method: &str, path: &str) -> Result<Route, String> {
        let request = http::Request::builder().method(method).uri(format!("https://api.example{path}"));
        Route::of(&request.body(runtime::Body::Empty).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_route_is_found_by_method_and_path_with_a_stage_or_without() {
        for stage in ["", "/prod"] {
            assert_eq!(route("GET", &format!("{stage}/me")), Ok(Route::Me));
            assert_eq!(route("GET", &format!("{stage}/sessions")), Ok(Route::List));
            assert_eq!(route("DELETE", &format!("{stage}/sessions")), Ok(Route::End(EndSessions::All)));
        }
    }

    #[test]
    fn what_is_no_route_ends_nothing() {
        for (method, path) in [
            ("DELETE", "/me"),
            ("DELETE", "/"),
            ("DELETE", "/sessions/"),
            ("DELETE", "/sessions/x"),
            ("POST", "/sessions"),
            ("PUT", "/sessions"),
            ("GET", "/session"),
        ] {
            assert_eq!(route(method, path), Err("There is no such route.".to_owned()), "{method} {path}");
        }
    }

    #[test]
    fn an_id_is_of_a_session_to_end_and_of_nothing_else() {
        let with_id = |method: &str| {
            let request = http::Request::builder().method(method).uri("https://api.example/sessions/7");
            let parameters = HashMap::from([("id".to_owned(), "7".to_owned())]);
            let request = request.body(runtime::Body::Empty).unwrap().with_path_parameters(parameters);
            Route::of(&request)
        };
        assert_eq!(with_id("DELETE"), Ok(Route::EndOne("7".to_owned())));
        assert_eq!(with_id("GET"), Err(ApiError::NotFound("route")));
    }
}
