//! The routes of the function, by method and path.

use http::Method;
use runtime::RouteTable;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    List,
    Enrol,
    Confirm,
    Remove,
    Replace,
}

pub(crate) const ROUTES: RouteTable<Route> = RouteTable(&[
    (Method::GET, "/factors", Route::List),
    (Method::POST, "/factors/totp", Route::Enrol),
    (Method::POST, "/factors/totp/confirm", Route::Confirm),
    (Method::DELETE, "/factors/totp", Route::Remove),
    (Method::POST, "/factors/recovery-codes", Route::Replace),
]);

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::ApiError;

    #[test]
    fn what_is_no_route_adds_and_removes_nothing() {
        for (method, path) in [
            (Method::DELETE, "/factors"),
            (Method::GET, "/factors/totp"),
            (Method::DELETE, "/factors/totp/"),
            (Method::DELETE, "/factors/recovery-codes"),
            (Method::POST, "/totp/confirm"),
        ] {
            assert_eq!(ROUTES.find(&method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
