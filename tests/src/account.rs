//! Actions of a persona on its account: mailed codes, the name, and deletion.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Form};
use crate::browser::Browser;

impl Browser {
    /// `POST /password/reset-request`, without a device token.
    pub async fn request_reset(&self) -> Answer {
        let body = json!({ "email": self.email });
        self.service.post("/password/reset-request", &body, Form::Accepted).await
    }

    /// `POST /password/reset-request`, with the device token of the last sign-in here.
    pub async fn request_reset_from_device(&self) -> Answer {
        let body = json!({ "email": self.email, "device_token": self.tokens().device_token });
        self.service.post("/password/reset-request", &body, Form::Accepted).await
    }

    /// `POST /password/reset` with this code. On success the persona remembers the new password.
    pub async fn reset(&mut self, code: &str, new_password: &str) -> Answer {
        self.service.keep_secret(new_password);
        let body = json!({ "token": code, "new_password": new_password });
        let answer = self.service.post("/password/reset", &body, Form::Nothing).await;
        if answer.status == 204 {
            new_password.clone_into(&mut self.password);
        }
        answer
    }

    /// `POST /register` with verified addresses. Returns the browser's half of the code.
    pub async fn begin_registration(&self) -> String {
        let answer = self.service.post("/register", &self.registration(), Form::Pending).await;
        answer.assert_ok();
        let token = answer.json()["registration_token"].as_str().unwrap_or_default().to_owned();
        self.service.keep_secret(&token);
        token
    }

    /// `POST /register/confirm` with the browser's half of the code, and the mailed half.
    pub async fn confirm_registration(&mut self, registration_token: &str, code: &str) -> Answer {
        self.confirm_registration_with(&json!({ "registration_token": registration_token, "token": code }))
            .await
    }

    /// `POST /register/confirm` with its password and the mailed code.
    pub async fn confirm_registration_elsewhere(&mut self, code: &str) -> Answer {
        let body = json!({ "email": self.email, "password": self.password, "token": code });
        self.confirm_registration_with(&body).await
    }

    async fn confirm_registration_with(&mut self, body: &Value) -> Answer {
        let answer = self.service.post("/register/confirm", body, Form::NewTokens).await;
        self.adopt(answer)
    }

    /// Returns the code of the newest mail of this kind to its address.
    pub async fn mailed(&self, kind: &str) -> String {
        self.service.mail_to(&self.email, kind).await.code().to_owned()
    }

    /// `POST /email/verify-request`.
    pub async fn request_verification(&self) -> Answer {
        self.call(Method::POST, "/email/verify-request", Form::Accepted).await
    }

    /// `POST /email/verify` with this code.
    pub async fn verify(&self, code: &str) -> Answer {
        self.call_with(Method::POST, "/email/verify", &json!({ "token": code }), Form::Nothing).await
    }

    /// `POST /email` with its password, and without a device token.
    pub async fn request_address(&self, new_email: &str) -> Answer {
        let body = json!({ "new_email": new_email, "current_password": self.password });
        self.call_with(Method::POST, "/email", &body, Form::Accepted).await
    }

    /// `POST /email` with its password and the device token of the last sign-in here.
    pub async fn request_address_from_device(&self, new_email: &str) -> Answer {
        let device_token = &self.tokens().device_token;
        let body = json!({
            "new_email": new_email,
            "current_password": self.password,
            "device_token": device_token,
        });
        self.call_with(Method::POST, "/email", &body, Form::Accepted).await
    }

    /// `POST /email/confirm` with this code. On success the persona remembers the new address.
    pub async fn confirm_address(&mut self, code: &str) -> Answer {
        let answer =
            self.call_with(Method::POST, "/email/confirm", &json!({ "token": code }), Form::Tokens).await;
        if answer.status == 200 {
            let body = answer.json();
            body["user"]["email"].as_str().expect("an address").clone_into(&mut self.email);
        }
        self.adopt(answer)
    }

    /// Requests another address, and confirms it.
    ///
    /// # Panics
    /// Panics if that is refused.
    pub async fn change_address(&mut self, new_email: &str) {
        self.request_address(new_email).await.assert_ok();
        let code = self.service.mail_to(new_email, "change_address").await.code().to_owned();
        self.confirm_address(&code).await.assert_ok();
    }

    /// `POST /email/undo` with this code. The caller is not signed in.
    pub async fn undo_address(&self, code: &str) -> Answer {
        self.service.post("/email/undo", &json!({ "token": code }), Form::Nothing).await
    }

    /// Verifies its address by the newest mail for that, and takes tokens that state it.
    pub async fn prove_address(&mut self) {
        let code = self.mailed("verify").await;
        self.verify(&code).await.assert_ok();
        self.refresh().await.assert_ok();
    }

    /// `PATCH /me`.
    pub async fn change_name(&self, name: &str) -> Answer {
        self.call_with(Method::PATCH, "/me", &json!({ "name": name }), Form::User).await
    }

    /// `DELETE /me` with its password.
    pub async fn delete_account(&self) -> Answer {
        let body = json!({ "current_password": self.password });
        self.call_with(Method::DELETE, "/me", &body, Form::Nothing).await
    }

    /// `GET /me/data`.
    pub async fn own_data(&self) -> Answer {
        self.call(Method::GET, "/me/data", Form::OwnData).await
    }
}
