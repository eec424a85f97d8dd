//! What a request asks for, by its method and path.

use http::Method;
use runtime::Request;
use shared::api::ApiError;

/// One of the function's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /factors`
    List,
    /// `POST /factors/totp`
    Enrol,
    /// `POST /factors/totp/confirm`
    Confirm,
    /// `DELETE /factors/totp`
    Remove,
    /// `POST /factors/recovery-codes`
    Replace,
}

impl Route {
    /// A path may begin with the name of a stage.
    pub(crate) fn of(request: &Request) -> Result<Self, ApiError> {
        let path = request.uri().path();
        let ends = |end| path.ends_with(end);
        match *request.method() {
            Method::GET if ends("/factors") => Ok(Self::List),
            Method::POST if ends("/factors/totp") => Ok(Self::Enrol),
            Method::POST if ends("/factors/totp/confirm") => Ok(Self::Confirm),
            Method::DELETE if ends("/factors/totp") => Ok(Self::Remove),
            Method::POST if ends("/factors/recovery-codes") => Ok(Self::Replace),
            _ => Err(ApiError::NotFound("route")),
        }
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
    fn a_route_is_found_by_method_and_path_with_a_stage_or_without_and_nothing_else_is_one() {
        for (method, path, expected) in [
            ("GET", "/factors", Some(Route::List)),
            ("POST", "/factors/totp", Some(Route::Enrol)),
            ("POST", "/factors/totp/confirm", Some(Route::Confirm)),
            ("DELETE", "/factors/totp", Some(Route::Remove)),
            ("POST", "/factors/recovery-codes", Some(Route::Replace)),
            ("DELETE", "/factors", None),
            ("GET", "/factors/totp", None),
            ("DELETE", "/factors/totp/", None),
            ("DELETE", "/factors/recovery-codes", None),
            ("POST", "/totp/confirm", None),
        ] {
            for stage in ["", "/prod"] {
                let found = route(method, &format!("{stage}{path}"));
                assert_eq!(found, expected.ok_or(ApiError::NotFound("route")), "{method} {path}");
            }
        }
    }
}
