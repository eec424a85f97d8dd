//! The routes of the function, by method and path.

use http::Method;
use runtime::RouteTable;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Me,
    List,
    End,
    EndOne,
}

pub(crate) const ROUTES: RouteTable<Route> = RouteTable(&[
    (Method::GET, "/me", Route::Me),
    (Method::GET, "/sessions", Route::List),
    (Method::DELETE, "/sessions", Route::End),
    (Method::DELETE, "/sessions/{id}", Route::EndOne),
]);

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::ApiError;

    #[test]
    fn what_is_no_route_ends_nothing() {
        for (method, path) in [
            (Method::DELETE, "/me"),
            (Method::DELETE, "/"),
            (Method::DELETE, "/sessions/"),
            (Method::GET, "/sessions/7"),
            (Method::POST, "/sessions"),
            (Method::PUT, "/sessions"),
            (Method::GET, "/session"),
        ] {
            assert_eq!(ROUTES.find(&method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
