//! The routes of the function, by method and path.

use http::Method;
use runtime::RouteTable;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    RequestReset,
    ResetPassword,
    RequestVerification,
    VerifyEmail,
    ChangeAddress,
    ConfirmAddress,
    UndoAddress,
    ChangeName,
    DeleteAccount,
    OwnData,
}

pub(crate) const ROUTES: RouteTable<Route> = RouteTable(&[
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
]);

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::ApiError;

    #[test]
    fn what_is_no_route_deletes_and_changes_nothing() {
        for (method, path) in [
            (Method::DELETE, "/"),
            (Method::DELETE, "/me/"),
            (Method::DELETE, "/me/data"),
            (Method::DELETE, "/name"),
            (Method::POST, "/me"),
            (Method::GET, "/me"),
            (Method::PUT, "/me"),
            (Method::GET, "/password/reset"),
            (Method::GET, "/email/verify"),
            (Method::GET, "/email/undo"),
            (Method::GET, "/email"),
            (Method::DELETE, "/email"),
            (Method::POST, "/reset"),
        ] {
            assert_eq!(ROUTES.find(&method, path), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
