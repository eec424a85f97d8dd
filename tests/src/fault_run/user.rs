//! A virtual user: a client that repeats a refresh until it is answered, as real ones do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use shared::retry_key::RetryKeyHash;
use shared::{Seconds, Timestamp};

use super::Keys;
use super::account::{Account, Trouble};
use super::script::{Script, Step};
use crate::{Answer, Browser, Form, World, secrets};

/// More failures in a row than any schedule has.
const PATIENCE: usize = 500;

/// A late replay comes back to the budget in this time: one in it is always within the budget.
const BUDGET_RETURNS_EVERY_MILLIS: i64 = 8 * 60 * 60 * 1000;

const MINUTE: u32 = 60;

pub(super) struct User {
    pub(super) world: World,
    pub(super) browser: Browser,
    pub(super) account: Account,
    script: Script,
    number: u32,
    keys: Keys,
    last_late: Timestamp,
    /// Refresh requests, those answered 503, and what was refused as it should be.
    pub(super) asked: AtomicU64,
    pub(super) unavailable: AtomicU64,
    pub(super) late_duplicates: u64,
    pub(super) outage_answers: u64,
    pub(super) trouble: Option<Trouble>,
}

impl User {
    pub(super) fn new(world: World, browser: Browser, (seed, number): (u64, u32), keys: Keys) -> Self {
        Self {
            account: Account::new(browser.tokens().refresh_token.clone()),
            last_late: world.clock.now(),
            script: Script::new(seed, number),
            world,
            browser,
            number,
            keys,
            asked: AtomicU64::new(0),
            unavailable: AtomicU64::new(0),
            late_duplicates: 0,
            outage_answers: 0,
            trouble: None,
        }
    }

    /// Refreshes so often at least, with DynamoDB down half way, then compares with the table.
    pub(super) async fn live(mut self, rotations: u32, outage: Duration) -> Self {
        let outcome = async {
            self.refresh_until(rotations / 2).await?;
            self.sit_out(outage).await;
            self.refresh_until(rotations).await?;
            self.settle().await
        };
        if let Err(trouble) = outcome.await {
            self.trouble = Some(trouble.of_user(self.number));
        }
        self
    }

    async fn refresh_until(&mut self, generation: u32) -> Result<(), Trouble> {
        while self.account.generation() < generation {
            let step = self.script.step();
            self.take(step).await?;
            self.world.clock.advance(self.script.pause());
        }
        Ok(())
    }

    async fn take(&mut self, step: Step) -> Result<(), Trouble> {
        let token = self.account.newest().to_owned();
        match step {
            Step::Plainly => self.refresh().await,
            Step::AnswerLost => {
                self.refresh_unheard().await?;
                self.refresh().await
            }
            Step::Impatiently(patience) => {
                let again = async {
                    tokio::time::sleep(patience).await;
                    self.until_answered(&token).await
                };
                let (first, again) = tokio::join!(self.ask(&token), again);
                self.keep(&token, again)?;
                self.witness(&token, &first)
            }
            Step::InTwoTabs => {
                let (one, other) = tokio::join!(self.until_answered(&token), self.until_answered(&token));
                self.keep(&token, one)?;
                self.keep(&token, other)
            }
            Step::Late(later) if self.keys != Keys::None => {
                self.refresh_unheard().await?;
                self.world.clock.advance(Seconds(later.0 * MINUTE));
                self.refresh().await
            }
            Step::Late(later) => {
                self.refresh_unheard().await?;
                let since_last = self.world.clock.now().millis_since(self.last_late);
                if since_last >= BUDGET_RETURNS_EVERY_MILLIS {
                    self.world.clock.advance(later);
                    self.last_late = self.world.clock.now();
                }
                self.refresh().await
            }
            Step::WithLateDuplicate(rotations) => {
                for _ in 0..rotations {
                    self.refresh().await?;
                }
                self.late_duplicate(&token).await
            }
        }
    }

    /// Repeats a refresh until there is an answer, and keeps it.
    pub(super) async fn refresh(&mut self) -> Result<(), Trouble> {
        let token = self.account.newest().to_owned();
        let answer = self.until_answered(&token).await;
        self.keep(&token, answer)
    }

    /// Refreshes once, and never learns the answer.
    async fn refresh_unheard(&mut self) -> Result<(), Trouble> {
        let token = self.account.newest().to_owned();
        let answer = self.ask(&token).await;
        self.witness(&token, &answer)
    }

    /// A request of two or three generations ago arrives once more: it is refused, and the session lives, as the
    /// refreshes after it show.
    async fn late_duplicate(&mut self, token: &str) -> Result<(), Trouble> {
        let answer = self.until_answered(token).await;
        if answer.status == 200 {
            return Err(Trouble::Fork("a late duplicate was answered with tokens".to_owned()));
        }
        self.late_duplicates += 1;
        Ok(())
    }

    /// Compares the client's state with the table, which may be one ahead if an answer was lost, which a repeat
    /// reveals.
    async fn settle(&mut self) -> Result<(), Trouble> {
        self.refresh_unheard().await?;
        self.compare(&[0, 1]).await?;
        self.refresh().await?;
        self.compare(&[0]).await
    }

    async fn compare(&self, ahead: &[i64]) -> Result<(), Trouble> {
        self.world.database.deliver_all().await;
        let known = i64::from(self.account.generation());
        let Some(row) = self.world.database.session(&self.browser.tokens().session_id).await else {
            return Err(Trouble::Table(format!("no row for a session of generation {known}")));
        };
        let in_table = row.number("generation");
        if ahead.contains(&(in_table - known)) {
            Ok(())
        } else {
            Err(Trouble::Table(format!("generation {in_table} in the table, {known} at the client")))
        }
    }

    /// Asks until the answer is not 503.
    async fn until_answered(&self, token: &str) -> Answer {
        for _ in 0..PATIENCE {
            let answer = self.ask(token).await;
            if answer.status != 503 {
                return answer;
            }
        }
        panic!("{PATIENCE} times 503")
    }

    /// Sends one request. Its answer must be documented and complete.
    async fn ask(&self, token: &str) -> Answer {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let retry_key = self.retry_key(token);
        if let Some(key) = &retry_key {
            self.world.service.keep_secret(key);
        }
        let body = json!({ "refresh_token": token, "retry_key": retry_key });
        let answer = self.world.service.post("/refresh", &body, Form::Tokens).await;
        match answer.status {
            200 => answer.assert_ok(),
            503 => {
                self.unavailable.fetch_add(1, Ordering::Relaxed);
                answer.assert_error("temporarily_unavailable")
            }
            _ => answer.assert_error("invalid_grant"),
        };
        if answer.status != 200 {
            secrets::assert_absent(&[token], &answer.whole(), "an error");
        }
        answer
    }

    fn keep(&mut self, presented: &str, answer: Answer) -> Result<(), Trouble> {
        if answer.status != 200 {
            let generation = self.account.generation();
            return Err(Trouble::Lost(format!("refused in generation {generation}")));
        }
        self.account.keep(presented, &answer.tokens().refresh_token)
    }

    fn witness(&mut self, presented: &str, answer: &Answer) -> Result<(), Trouble> {
        match answer.status {
            200 => self.account.witness(presented, &answer.tokens().refresh_token),
            _ => Ok(()),
        }
    }

    /// The key that this client has stored beside the token: the same for each repeat, and none that tells anything of it.
    fn retry_key(&self, token: &str) -> Option<String> {
        let of = |text: &str| {
            let hash = RetryKeyHash::of(text).expect("as long as a key");
            hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        match self.keys {
            Keys::None => None,
            Keys::Stored => Some(of(token)),
            Keys::MintedAnew => Some(of(&format!("{token}{}", self.asked.load(Ordering::Relaxed)))),
        }
    }
}
