//! Clients that refresh, each its own session over its own connection: the next request goes out when the answer to the
//! last one has come and was checked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::task::JoinSet;

use super::service::Service;
use crate::Failure;
use crate::requests::Tokens;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many.
const CLIENTS: usize = 8;

pub(super) struct Load {
    service: Arc<dyn Service + Send + Sync>,
    users: Vec<User>,
}

struct User {
    client: Client,
    tokens: Tokens,
}

impl Load {
    /// Signs all users in.
    pub(super) async fn begin(service: impl Service + Send + Sync + 'static) -> Result<Self, Failure> {
        let mut users = Vec::new();
        for number in 0..CLIENTS {
            let client = Client::builder().no_proxy().pool_max_idle_per_host(1).timeout(PATIENCE).build();
            let client = client.map_err(|error| error.to_string())?;
            let tokens = Tokens::read(&answer(service.sign_in(&client, number)).await?)?;
            users.push(User { client, tokens });
        }
        Ok(Self { service: Arc::new(service), users })
    }

    /// Has all refresh for so long, and says how long each answer took.
    pub(super) async fn run(&mut self, time: Duration) -> Result<Vec<Duration>, Failure> {
        let end = Instant::now() + time;
        let mut tasks = JoinSet::new();
        for user in self.users.drain(..) {
            tasks.spawn(user.refresh_until(end, Arc::clone(&self.service)));
        }
        let mut all = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (user, took) = done.map_err(|error| error.to_string())??;
            self.users.push(user);
            all.extend(took);
        }
        Ok(all)
    }
}

impl User {
    async fn refresh_until(
        mut self,
        end: Instant,
        service: Arc<dyn Service + Send + Sync>,
    ) -> Result<(Self, Vec<Duration>), Failure> {
        let mut all = Vec::new();
        loop {
            let began = Instant::now();
            if began >= end {
                return Ok((self, all));
            }
            let body = answer(service.refresh(&self.client, &self.tokens)).await?;
            self.tokens = self.tokens.followed_by(&body)?;
            all.push(began.elapsed());
        }
    }
}

/// The body of an answer that is a success.
async fn answer(request: RequestBuilder) -> Result<Value, Failure> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let (status, text) = (answer.status(), answer.text().await.map_err(|error| error.to_string())?);
    if !status.is_success() {
        return Err(format!("{status} {text}").into());
    }
    Ok(serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?)
}
