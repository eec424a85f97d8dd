//! What a persona does with passkeys.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Form};
use crate::authenticator::{Authenticator, Page};
use crate::browser::Browser;

impl Browser {
    /// The page that it has open.
    #[must_use]
    pub fn page(&self) -> Page {
        Page::of(self.service.base_url())
    }

    /// `POST /passkeys/creation-options` with its password.
    pub async fn creation_options(&self) -> Answer {
        self.creation_options_with(&json!({ "current_password": self.password })).await
    }

    /// `POST /passkeys/creation-options` with this body.
    pub async fn creation_options_with(&self, body: &Value) -> Answer {
        self.call_with(Method::POST, "/passkeys/creation-options", body, Form::Challenge).await
    }

    /// `POST /passkeys` with what an authenticator has made of these options. Its tokens are those of the answer from then on.
    pub async fn create_passkey(&mut self, challenge: &Answer, credential: &Value, name: &str) -> Answer {
        let id = &challenge.json()["challenge_id"];
        let body = json!({ "challenge_id": id, "credential": credential, "name": name });
        self.create_with(&body).await
    }

    /// `POST /passkeys` with this body.
    pub async fn create_with(&mut self, body: &Value) -> Answer {
        let answer = self.call_with(Method::POST, "/passkeys", body, Form::NewPasskey).await;
        self.adopt(answer)
    }

    /// Adds the passkey of an authenticator, with its password.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn add_passkey(&mut self, authenticator: &mut Authenticator) -> Answer {
        let challenge = self.creation_options().await;
        challenge.assert_ok();
        let credential = authenticator.create(&challenge.json()["public_key"], &self.page());
        let answer = self.create_passkey(&challenge, &credential, "Ada's phone").await;
        answer.assert_ok();
        answer
    }

    /// `GET /passkeys`.
    pub async fn passkeys(&self) -> Answer {
        self.call(Method::GET, "/passkeys", Form::Passkeys).await
    }

    /// `PUT /passkeys/{id}`.
    pub async fn name_passkey(&self, id: &str, name: &str) -> Answer {
        self.call_with(Method::PUT, &format!("/passkeys/{id}"), &json!({ "name": name }), Form::Passkey).await
    }

    /// `DELETE /passkeys/{id}` with its password.
    pub async fn remove_passkey(&mut self, id: &str) -> Answer {
        self.remove_passkey_with(id, &json!({ "current_password": self.password })).await
    }

    /// `DELETE /passkeys/{id}` with this body.
    pub async fn remove_passkey_with(&mut self, id: &str, body: &Value) -> Answer {
        let path = format!("/passkeys/{id}");
        let answer = self.call_with(Method::DELETE, &path, body, Form::Tokens).await;
        self.adopt(answer)
    }

    /// `POST /password` without the present one, in a session that a passkey began. On success the persona remembers the new password.
    pub async fn change_password_by_passkey(&mut self, new_password: &str) -> Answer {
        self.service.keep_secret(new_password);
        let answer = self.change_password_with(&json!({ "new_password": new_password })).await;
        if answer.status == 200 {
            new_password.clone_into(&mut self.password);
        }
        self.adopt(answer)
    }

    /// `POST /passkeys/options`. It says nothing of who it is.
    pub async fn passkey_options(&self) -> Answer {
        self.service.post("/passkeys/options", &json!({}), Form::Challenge).await
    }

    /// `POST /passkeys/sign-in` with what an authenticator has signed by these options.
    pub async fn answer_passkey(&mut self, challenge: &Answer, credential: &Value) -> Answer {
        let body = json!({ "challenge_id": challenge.json()["challenge_id"], "credential": credential });
        self.sign_in_with_body(&body).await
    }

    /// `POST /passkeys/sign-in` with this body.
    pub async fn sign_in_with_body(&mut self, body: &Value) -> Answer {
        let answer = self.service.post("/passkeys/sign-in", body, Form::Tokens).await;
        self.adopt(answer)
    }

    /// Signs in with the passkey of an authenticator, without a user name.
    pub async fn sign_in_with(&mut self, authenticator: &mut Authenticator) -> Answer {
        let page = self.page();
        self.sign_in_from(authenticator, &page).await
    }

    /// The same from another page.
    ///
    /// # Panics
    /// If there are no options.
    pub async fn sign_in_from(&mut self, authenticator: &mut Authenticator, page: &Page) -> Answer {
        let challenge = self.passkey_options().await;
        challenge.assert_ok();
        let credential = authenticator.sign(&challenge.json()["public_key"], page);
        self.answer_passkey(&challenge, &credential).await
    }
}
