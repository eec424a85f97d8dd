//! What the two servers are asked.

use reqwest::{Client, RequestBuilder};
use serde_json::json;

use crate::openauth::{refresh_form, sign_in_form};
use crate::requests::Tokens;
use crate::rows::PASSWORD;

/// A server that rotates refresh tokens, and answers with a token response.
pub(super) trait Service {
    /// Begins a session of the user with this number.
    fn sign_in(&self, client: &Client, user: usize) -> RequestBuilder;
    /// Exchanges the tokens.
    fn refresh(&self, client: &Client, tokens: &Tokens) -> RequestBuilder;
}

pub(super) struct Ratchet {
    pub(super) url: String,
}

pub(super) struct OpenAuth {
    pub(super) url: String,
}

impl Service for Ratchet {
    fn sign_in(&self, client: &Client, user: usize) -> RequestBuilder {
        let email = format!("user{user}@example.com");
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada Lovelace" });
        client.post(format!("{}/register", self.url)).json(&body)
    }

    fn refresh(&self, client: &Client, tokens: &Tokens) -> RequestBuilder {
        let body = json!({ "refresh_token": tokens.refresh, "access_token": tokens.access });
        client.post(format!("{}/refresh", self.url)).json(&body)
    }
}

impl Service for OpenAuth {
    fn sign_in(&self, client: &Client, user: usize) -> RequestBuilder {
        self.post(client, sign_in_form(user))
    }

    fn refresh(&self, client: &Client, tokens: &Tokens) -> RequestBuilder {
        self.post(client, refresh_form(tokens))
    }
}

impl OpenAuth {
    fn post(&self, client: &Client, form: String) -> RequestBuilder {
        let request = client.post(format!("{}/token", self.url));
        request.header("content-type", "application/x-www-form-urlencoded").body(form)
    }
}
