//! The routes of a function, by method and path.

use std::str::FromStr;

use http::Method;
use lambda_http::{Request, RequestExt};
use shared::api::ApiError;

/// The routes of a function that has several: the method and the path of each, as the template spells them, and what is there.
///
/// # Invariants
/// A route that the table lacks is not found, so that it is never taken for one that changes or removes something.
pub struct RouteTable<R: 'static>(pub &'static [(Method, &'static str, R)]);

impl<R: Copy> RouteTable<R> {
    /// Finds the route of a request.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] if the table does not have it.
    pub fn of(&self, request: &Request) -> Result<R, ApiError> {
        self.find(request.method(), request.uri().path())
    }

    /// Finds the route at a method and path. A path may be preceded by the name of a stage.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] if the table does not have it.
    pub fn find(&self, method: &Method, path: &str) -> Result<R, ApiError> {
        let is_this = |(own, end, _): &&(Method, &str, R)| own == method && is_end(end, path);
        self.0.iter().find(is_this).map(|(.., route)| *route).ok_or(ApiError::NotFound("route"))
    }
}

/// Whether a path ends with these segments, of which `{id}` is any.
fn is_end(end: &str, path: &str) -> bool {
    let mut segments = path.rsplit('/');
    let is_segment = |own: &str| {
        segments.next().is_some_and(|given| given == own || (own.starts_with('{') && !given.is_empty()))
    };
    end.trim_start_matches('/').rsplit('/').all(is_segment) && segments.next().is_some()
}

/// Reads the id in the path of a request. `what` has it.
///
/// # Errors
/// [`ApiError::NotFound`] if there is none, or it can be none of `what`.
pub fn path_id<T: FromStr>(request: &Request, what: &'static str) -> Result<T, ApiError> {
    let parameters = request.path_parameters();
    let id = parameters.first("id").ok_or(ApiError::NotFound("route"))?;
    id.parse().map_err(|_| ApiError::NotFound(what))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const TABLE: RouteTable<u8> = RouteTable(&[
        (Method::GET, "/things", 1),
        (Method::DELETE, "/things/{id}", 2),
        (Method::POST, "/things/all/end", 3),
    ]);

    #[test]
    fn a_route_is_found_by_method_and_path_with_a_stage_or_without() {
        for stage in ["", "/prod"] {
            for (method, path, expected) in
                [("GET", "/things", 1), ("DELETE", "/things/7", 2), ("POST", "/things/all/end", 3)]
            {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                assert_eq!(TABLE.find(&method, &format!("{stage}{path}")), Ok(expected));
            }
        }
    }

    #[test]
    fn what_is_in_no_row_is_no_route() {
        for (method, path) in [
            (Method::DELETE, "/things"),
            (Method::DELETE, "/things/"),
            (Method::DELETE, "/things/7/8"),
            (Method::DELETE, "/others/7"),
            (Method::POST, "/things"),
            (Method::POST, "/all/end"),
            (Method::POST, "/things//end"),
            (Method::GET, "/things/"),
            (Method::GET, "/something/s"),
            (Method::GET, "/nothings"),
            (Method::GET, "things"),
            (Method::GET, "/"),
            (Method::GET, ""),
        ] {
            assert_eq!(TABLE.find(&method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }

    #[test]
    fn an_id_is_what_the_gateway_has_found_in_the_path() {
        let request = |parameters: &[(&str, &str)]| {
            let parameters: HashMap<_, _> =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Request::default().with_path_parameters(parameters)
        };
        assert_eq!(path_id(&request(&[("id", "7")]), "thing"), Ok(7));
        assert_eq!(path_id::<u8>(&request(&[("id", "x")]), "thing"), Err(ApiError::NotFound("thing")));
        assert_eq!(path_id::<u8>(&request(&[("name", "7")]), "thing"), Err(ApiError::NotFound("route")));
    }
}
