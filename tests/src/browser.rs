//! The persona: a browser, an app, a thief.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Form, Tokens};
use crate::service::Service;

/// A user with an account and, once signed in, a pair of tokens. A clone is a second tab, or a thief with a copy.
///
/// An answer with tokens replaces the old ones, as in a client; nothing else does.
#[derive(Clone)]
pub struct Browser {
    /// The service for its requests.
    pub service: Service,
    /// Its account.
    pub email: String,
    /// Its password.
    pub password: String,
    tokens: Option<Tokens>,
}

impl Browser {
    /// Returns a new user, without an account so far.
    #[must_use]
    pub fn at(service: &Service) -> Self {
        let id = uuid::Builder::from_random_bytes(rand::RngExt::random(&mut crate::rng())).into_uuid();
        let password = format!("{} {}", crate::log::PASSWORD_MARK, id.simple());
        service.keep_secret(&password);
        Self {
            service: service.clone(),
            email: format!("{}@example.com", id.simple()),
            password,
            tokens: None,
        }
    }

    /// Returns a user who has just registered at the service under test.
    pub async fn signed_in() -> Self {
        let mut browser = Self::at(&Service::any().await);
        browser.register().await.assert_ok();
        browser
    }

    /// Returns the same user on another device, not signed in there.
    #[must_use]
    pub fn other_device(&self) -> Self {
        Self { tokens: None, ..self.clone() }
    }

    /// Returns the newest tokens.
    ///
    /// # Panics
    /// Panics if it was never signed in.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        self.tokens.as_ref().expect("the browser is signed in")
    }

    /// `POST /register`.
    pub async fn register(&mut self) -> Answer {
        let answer = self.service.post("/register", &self.registration(), Form::NewTokens).await;
        self.adopt(answer)
    }

    /// The body of a registration.
    #[must_use]
    pub fn registration(&self) -> Value {
        json!({ "email": self.email, "password": self.password, "name": "Ada Lovelace" })
    }

    /// `POST /login`, with the device token of the last sign-in here.
    pub async fn login(&mut self) -> Answer {
        let mut body = json!({ "email": self.email, "password": self.password });
        if let Some(tokens) = &self.tokens {
            body["device_token"] = tokens.device_token.as_str().into();
        }
        let answer = self.service.post("/login", &body, Form::Tokens).await;
        self.adopt(answer)
    }

    /// `POST /refresh` with the refresh token alone.
    pub async fn refresh(&mut self) -> Answer {
        let body = json!({ "refresh_token": self.tokens().refresh_token });
        self.refresh_with(&body).await
    }

    /// `POST /refresh` with both tokens.
    pub async fn refresh_with_access_token(&mut self) -> Answer {
        let Tokens { refresh_token, access_token, .. } = self.tokens();
        let body = json!({ "refresh_token": refresh_token, "access_token": access_token });
        self.refresh_with(&body).await
    }

    /// `POST /refresh` with this refresh token and that access token.
    pub async fn refresh_beside(&mut self, access_token: &str) -> Answer {
        let body = json!({ "refresh_token": self.tokens().refresh_token, "access_token": access_token });
        self.refresh_with(&body).await
    }

    /// `POST /refresh` with a retry key.
    pub async fn refresh_with_key(&mut self, retry_key: &str) -> Answer {
        self.service.keep_secret(retry_key);
        let body = json!({ "refresh_token": self.tokens().refresh_token, "retry_key": retry_key });
        self.refresh_with(&body).await
    }

    async fn refresh_with(&mut self, body: &Value) -> Answer {
        let answer = self.service.post("/refresh", body, Form::Tokens).await;
        self.adopt(answer)
    }

    /// `POST /logout`.
    pub async fn logout(&self) -> Answer {
        let body = json!({ "refresh_token": self.tokens().refresh_token });
        self.service.post("/logout", &body, Form::Nothing).await
    }

    /// `POST /oauth2/token` with the refresh token alone.
    pub async fn refresh_by_form(&mut self) -> Answer {
        let parameters = [("grant_type", "refresh_token"), ("refresh_token", &self.tokens().refresh_token)];
        let answer = self.service.post_form("/oauth2/token", &parameters, Form::Tokens).await;
        self.adopt(answer)
    }

    /// `POST /oauth2/revoke` with the refresh token.
    pub async fn revoke(&self) -> Answer {
        self.revoke_token(&self.tokens().refresh_token).await
    }

    /// `POST /oauth2/revoke` with another token.
    pub async fn revoke_token(&self, token: &str) -> Answer {
        self.service.post_form("/oauth2/revoke", &[("token", token)], Form::Empty).await
    }

    /// `GET /weather` with the access token.
    pub async fn weather(&self) -> Answer {
        self.weather_with(&self.tokens().access_token).await
    }

    /// `GET /weather` with another access token.
    pub async fn weather_with(&self, access_token: &str) -> Answer {
        let request = self.service.request(Method::GET, "/weather").bearer_auth(access_token);
        self.service.send(request, Form::Forecast).await
    }

    /// Returns the same browser, whose user types another, wrong password.
    #[must_use]
    pub fn mistyping(&self) -> Self {
        Self { password: "a wrong guess".to_owned(), ..self.clone() }
    }

    /// Returns the same browser at another service.
    #[must_use]
    pub fn moved_to(&self, service: &Service) -> Self {
        Self { service: service.clone(), ..self.clone() }
    }

    /// `GET /me`.
    pub async fn me(&self) -> Answer {
        self.call(Method::GET, "/me", Form::Me).await
    }

    /// `GET /sessions`.
    pub async fn sessions(&self) -> Answer {
        self.call(Method::GET, "/sessions", Form::Sessions).await
    }

    /// `DELETE /sessions/{id}`.
    pub async fn end_session(&self, id: &str) -> Answer {
        self.call(Method::DELETE, &format!("/sessions/{id}"), Form::Nothing).await
    }

    /// `DELETE /sessions`.
    pub async fn end_all_sessions(&self) -> Answer {
        self.call(Method::DELETE, "/sessions", Form::Nothing).await
    }

    /// `DELETE /sessions?except=current`.
    pub async fn end_other_sessions(&self) -> Answer {
        self.call(Method::DELETE, "/sessions?except=current", Form::Nothing).await
    }

    /// `POST /password` with the device token of the last sign-in here. On success the persona remembers the new password.
    pub async fn change_password(&mut self, new_password: &str) -> Answer {
        let body = json!({
            "current_password": self.password,
            "new_password": new_password,
            "device_token": self.tokens().device_token,
        });
        self.service.keep_secret(new_password);
        let answer = self.change_password_with(&body).await;
        if answer.status == 200 {
            new_password.clone_into(&mut self.password);
        }
        self.adopt(answer)
    }

    /// `POST /password` with this body. The tokens stay.
    pub async fn change_password_with(&self, body: &Value) -> Answer {
        self.call_with(Method::POST, "/password", body, Form::Tokens).await
    }

    /// Any request with the access token.
    pub async fn call(&self, method: Method, path: &str, form: Form) -> Answer {
        let request = self.service.request(method, path).bearer_auth(&self.tokens().access_token);
        self.service.send(request, form).await
    }

    /// Any request with the access token and a body.
    pub async fn call_with(&self, method: Method, path: &str, body: &Value, form: Form) -> Answer {
        let request = self.service.request(method, path).bearer_auth(&self.tokens().access_token);
        self.service.send(request.json(body), form).await
    }

    /// Returns the same browser with another refresh token.
    #[must_use]
    pub fn with_refresh_token(&self, refresh_token: &str) -> Self {
        let tokens = Tokens { refresh_token: refresh_token.to_owned(), ..self.tokens().clone() };
        Self { tokens: Some(tokens), ..self.clone() }
    }

    /// Returns the same browser with another device token.
    #[must_use]
    pub fn with_device_token(&self, device_token: &str) -> Self {
        let tokens = Tokens { device_token: device_token.to_owned(), ..self.tokens().clone() };
        Self { tokens: Some(tokens), ..self.clone() }
    }

    pub(crate) fn adopt(&mut self, answer: Answer) -> Answer {
        if answer.status < 300 {
            let mut tokens = answer.tokens();
            if tokens.device_token.is_empty() {
                // A refresh returns none, and the old one stays valid.
                tokens.device_token = self.tokens().device_token.clone();
            }
            self.service.keep_secret(&tokens.refresh_token);
            self.service.keep_secret(&tokens.access_token);
            self.service.keep_secret(&tokens.device_token);
            self.tokens = Some(tokens);
        }
        answer
    }
}
