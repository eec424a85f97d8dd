//! The routes of the function, by method and path.

use http::Method;
use runtime::Request;
use shared::api::ApiError;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST /password/reset-request`
    RequestReset,
    /// `POST /password/reset`
    ResetPassword,
    /// `POST /email/verify-request`
    RequestVerification,
    /// `POST /email/verify`
    VerifyEmail,
    /// `POST /email`
    ChangeAddress,
    /// `POST /email/confirm`
    ConfirmAddress,
    /// `POST /email/undo`
    UndoAddress,
    /// `PATCH /me`
    ChangeName,
    /// `DELETE /me`
    DeleteAccount,
    /// `GET /me/data`
    OwnData,
}

/// Reads the route. A path may be preceded by the name of a stage.
const ROUTES: [(Method, &str, Route); 10] = [
    (Method::POST, "/password/reset-request", Route::RequestReset),
    (Method::POST, "/password/reset", Route::ResetPassword),
    (Method::POST, "/email/verify-request", Route::RequestVerification),
    (Method::POST, "/email/verify", Route::VerifyEmail),
    (Method::POST, "/email", Route::ChangeAddress),
    (Method::POST, "/email/confirm", Route::ConfirmAddress),
    (Method::POST, "/email/undo", Route::UndoAddress),
    (Method::PATCH, "/me", Route::ChangeName),
    (Method::DELETE, "/me", Route::DeleteAccount),
    (Method::GET, "/me/data", Route::OwnData),
];

impl Route {
    /// A route that the template lacks is not found, so that it is never taken for one that deletes an account.
    pub(crate) fn of(request: &Request) -> Result<Self, ApiError> {
        let (method, path) = (request.method(), request.uri().path());
        let is_this = |(own, end, _): &&(Method, &str, Self)| own == method && path.ends_with(end);
        ROUTES.iter().find(is_this).map(|(.., route)| *route).ok_or(ApiError::NotFound("route"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Result<Route, ApiError> {
        let request = http::Request::builder().method(method).uri(format!("https://api.example{path}"));
        Route::of(&request.body(runtime::Body::Empty).unwrap())
    }

    #[test]
    fn a_route_is_found_by_method_and_path_with_a_stage_or_without() {
        for (method, path, expected) in ROUTES {
            for stage in ["", "/prod"] {
                assert_eq!(route(method.as_str(), &format!("{stage}{path}")), Ok(expected));
            }
        }
    }

    #[test]
    fn what_is_no_route_deletes_and_changes_nothing() {
        for (method, path) in [
            ("DELETE", "/"),
            ("DELETE", "/me/"),
            ("DELETE", "/me/data"),
            ("DELETE", "/name"),
            ("POST", "/me"),
            ("GET", "/me"),
            ("PUT", "/me"),
            ("GET", "/password/reset"),
            ("GET", "/email/verify"),
            ("GET", "/email/undo"),
            ("GET", "/email"),
            ("DELETE", "/email"),
            ("POST", "/reset"),
        ] {
            assert_eq!(route(method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
