//! What a request asks for, by its method and path.

use http::Method;
use runtime::{Request, RequestExt};
use shared::api::ApiError;
use shared::passkey::CredentialId;

/// One of the function's routes, with what the request says beyond who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST /passkeys/creation-options`
    CreationOptions,
    /// `POST /passkeys`
    Create,
    /// `GET /passkeys`
    List,
    /// `PUT /passkeys/{id}`
    Name(CredentialId),
    /// `DELETE /passkeys/{id}`
    Remove(CredentialId),
    /// `POST /passkeys/options`
    Options,
    /// `POST /passkeys/sign-in`
    SignIn,
}

/// Those without an id. A path may begin with the name of a stage.
const ROUTES: [(Method, &str, Route); 5] = [
    (Method::POST, "/passkeys/creation-options", Route::CreationOptions),
    (Method::POST, "/passkeys/options", Route::Options),
    (Method::POST, "/passkeys/sign-in", Route::SignIn),
    (Method::POST, "/passkeys", Route::Create),
    (Method::GET, "/passkeys", Route::List),
];

impl Route {
    /// Another route than those of the template is not found, rather than taken for one that removes a passkey.
    pub(crate) fn of(request: &Request) -> Result<Self, ApiError> {
        let (method, path) = (request.method(), request.uri().path());
        if let Some(id) = request.path_parameters().first("id") {
            let id = id.parse().map_err(|_| ApiError::NotFound("passkey"));
            return match *method {
                Method::PUT => id.map(Self::Name),
                Method::DELETE => id.map(Self::Remove),
                _ => Err(ApiError::NotFound("route")),
            };
        }
        let is_this = |(own, end, _): &&(Method, &str, Self)| own == method && path.ends_with(end);
        let found = ROUTES.iter().find(is_this);
        found.map(|(.., route)| route.clone()).ok_or(ApiError::NotFound("route"))
    }

    /// Whether it signs somebody in, without an access token.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self, Self::Options | Self::SignIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn route(method: &str, path: &str, id: Option<&str>) -> Result<Route, ApiError> {
        let request = http::Request::builder().method(method).uri(format!("https://api.example{path}"));
        let parameters: HashMap<_, _> = id.map(|id| ("id".to_owned(), id.to_owned())).into_iter().collect();
        Route::of(&request.body(runtime::Body::Empty).unwrap().with_path_parameters(parameters))
    }

    #[test]
    fn a_route_is_found_by_method_and_path_with_a_stage_or_without() {
        for (method, path, expected) in ROUTES {
            for stage in ["", "/prod"] {
                assert_eq!(route(method.as_str(), &format!("{stage}{path}"), None), Ok(expected.clone()));
            }
        }
    }

    #[test]
    fn an_id_is_of_a_passkey_to_name_or_to_remove_and_of_nothing_else() {
        let id: CredentialId = "AQID".parse().unwrap();
        assert_eq!(route("PUT", "/passkeys/AQID", Some("AQID")), Ok(Route::Name(id.clone())));
        assert_eq!(route("DELETE", "/passkeys/AQID", Some("AQID")), Ok(Route::Remove(id)));
        assert_eq!(route("GET", "/passkeys/AQID", Some("AQID")), Err(ApiError::NotFound("route")));
        assert_eq!(route("DELETE", "/passkeys/x", Some("!")), Err(ApiError::NotFound("passkey")));
    }

    #[test]
    fn what_is_no_route_adds_and_removes_nothing() {
        for (method, path) in [
            ("DELETE", "/passkeys"),
            ("PUT", "/passkeys"),
            ("GET", "/passkeys/options"),
            ("GET", "/passkeys/sign-in"),
            ("POST", "/passkeys/"),
            ("POST", "/options"),
        ] {
            assert_eq!(route(method, path, None), Err(ApiError::NotFound("route")), "{method} {path}");
        }
    }
}
