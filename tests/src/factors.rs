//! What a persona does with its second factors.

use http::Method;
use serde_json::{Value, json};
use shared::Timestamp;
use shared::factor::TotpSecret;

use crate::answer::{Answer, Form};
use crate::browser::Browser;

/// What a user has beside the password: an authenticator app, and recovery codes on paper.
#[derive(Clone)]
pub struct AuthenticatorApp {
    secret: TotpSecret,
    /// The recovery codes, in the order in which they were shown.
    pub recovery_codes: Vec<String>,
}

impl AuthenticatorApp {
    /// An app with this secret in base32, and no recovery codes.
    ///
    /// # Panics
    /// If it is no secret.
    #[must_use]
    pub fn with_secret(secret: &str) -> Self {
        Self { secret: TotpSecret::from_base32(secret).expect("a secret"), recovery_codes: Vec::new() }
    }

    /// Takes the secret over from the answer of an enrolment.
    ///
    /// # Panics
    /// If that was refused.
    #[must_use]
    pub fn of(enrolled: &Answer) -> Self {
        enrolled.assert_ok();
        let secret = enrolled.json()["secret"].as_str().and_then(TotpSecret::from_base32).expect("a secret");
        Self { secret, recovery_codes: Vec::new() }
    }

    /// Confirms it with its code of this time, and keeps the recovery codes.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn confirm(&mut self, browser: &mut Browser, now: Timestamp) {
        let confirmed = browser.confirm_totp(&self.totp(now)).await;
        confirmed.assert_ok();
        let codes = confirmed.json()["recovery_codes"].as_array().cloned().expect("recovery codes");
        self.recovery_codes = codes.iter().map(|code| code.as_str().unwrap_or_default().to_owned()).collect();
    }

    /// The member of a request that has the app's code of this time.
    #[must_use]
    pub fn totp(&self, now: Timestamp) -> Value {
        json!({ "totp": self.secret.code_at(now) })
    }

    /// The member of a request that has a recovery code.
    #[must_use]
    pub fn recovery_code(&self, number: usize) -> Value {
        json!({ "recovery_code": self.recovery_codes[number] })
    }

    /// The app's secret, in base32.
    #[must_use]
    pub fn secret(&self) -> String {
        self.secret.to_base32()
    }
}

impl Browser {
    /// `GET /factors`.
    pub async fn factors(&self) -> Answer {
        self.call(Method::GET, "/factors", Form::Factors).await
    }

    /// `POST /factors/totp` with its password and these members.
    pub async fn enrol_totp(&self, members: &Value) -> Answer {
        let answer =
            self.call_with(Method::POST, "/factors/totp", &self.proving(members), Form::Enrolled).await;
        if answer.status == 200 {
            self.service.keep_secret(answer.json()["secret"].as_str().unwrap_or_default());
        }
        answer
    }

    /// `POST /factors/totp/confirm` with this code.
    pub async fn confirm_totp(&mut self, code: &Value) -> Answer {
        let body = json!({ "code": code["totp"], "device_token": self.tokens().device_token });
        let answer = self.call_with(Method::POST, "/factors/totp/confirm", &body, Form::Tokens).await;
        for code in answer.json()["recovery_codes"].as_array().into_iter().flatten() {
            self.service.keep_secret(code.as_str().unwrap_or_default());
        }
        self.adopt(answer)
    }

    /// `DELETE /factors/totp` with its password and these members.
    pub async fn remove_totp(&mut self, members: &Value) -> Answer {
        let answer =
            self.call_with(Method::DELETE, "/factors/totp", &self.proving(members), Form::Tokens).await;
        self.adopt(answer)
    }

    /// `POST /factors/recovery-codes` with its password and these members.
    pub async fn replace_recovery_codes(&self, members: &Value) -> Answer {
        let body = self.proving(members);
        let answer =
            self.call_with(Method::POST, "/factors/recovery-codes", &body, Form::RecoveryCodes).await;
        for code in answer.json()["recovery_codes"].as_array().into_iter().flatten() {
            self.service.keep_secret(code.as_str().unwrap_or_default());
        }
        answer
    }

    /// Sets an authenticator app up, with `factor` if there is one already.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn set_totp_up(&mut self, factor: &Value, now: Timestamp) -> AuthenticatorApp {
        let mut authenticator = AuthenticatorApp::of(&self.enrol_totp(factor).await);
        authenticator.confirm(self, now).await;
        authenticator
    }

    /// `POST /login` with these members beside address and password, and without a device token.
    pub async fn login_with(&mut self, members: &Value) -> Answer {
        let body = with(json!({ "email": self.email, "password": self.password }), members);
        let answer = self.service.post("/login", &body, Form::Tokens).await;
        self.adopt(answer)
    }

    /// `GET /weather/confidential`.
    pub async fn confidential_weather(&self) -> Answer {
        self.call(Method::GET, "/weather/confidential", Form::Forecast).await
    }

    /// These members beside the password.
    #[must_use]
    pub fn proving(&self, members: &Value) -> Value {
        with(json!({ "current_password": self.password }), members)
    }
}

/// The members of both.
fn with(mut body: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}
