//! The routes of the function, by method and path.

use http::Method;
use runtime::RouteTable;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    CreationOptions,
    Create,
    List,
    Name,
    Remove,
    Options,
    SignIn,
}

pub(crate) const ROUTES: RouteTable<Route> = RouteTable(&[
    (Method::POST, "/passkeys/creation-options", Route::CreationOptions),
    (Method::POST, "/passkeys", Route::Create),
    (Method::GET, "/passkeys", Route::List),
    (Method::PUT, "/passkeys/{id}", Route::Name),
    (Method::DELETE, "/passkeys/{id}", Route::Remove),
    (Method::POST, "/passkeys/options", Route::Options),
    (Method::POST, "/passkeys/sign-in", Route::SignIn),
]);

impl Route {
    /// Whether it signs somebody in, without an access token.
    pub(crate) fn is_public(self) -> bool {
        matches!(self, Self::Options | Self::SignIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::ApiError;

    #[test]
    fn what_is_no_route_adds_and_removes_nothing() {
        for (method, path) in [
            (Method::DELETE, "/passkeys"),
            (Method::PUT, "/passkeys"),
            (Method::GET, "/passkeys/AQID"),
            (Method::GET, "/passkeys/options"),
            (Method::GET, "/passkeys/sign-in"),
            (Method::POST, "/passkeys/"),
            (Method::POST, "/options"),
        ] {
            assert_eq!(ROUTES.find(&method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
