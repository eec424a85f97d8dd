//! A service with its own clock, tables and keys.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use local::{DynamoDb, Mail, Options};
use shared::Stopwatch;
use shared::key_set::{Algorithm, KeySet};
use tokio::task::JoinHandle;

use crate::dynamodb::{Database, Permissions};
use crate::service::{Parts, Service};
use crate::{Answer, Browser, Held, TestClock, log, outside};

/// A service that runs in this process and stops with the test.
pub struct World {
    /// The clock of the service.
    pub clock: TestClock,
    /// Its tables.
    pub database: Arc<Database>,
    /// Its keys, private halves included.
    pub keys: KeySet,
    /// The service.
    pub service: Service,
}

impl World {
    /// Returns a service with the template's settings.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Returns a service with other settings; `KEY_SET` may be among them.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let clock = TestClock::default();
        let database = Arc::new(Database::start(&clock).await);
        Self::on(database, clock, settings).await
    }

    /// Returns a service with the template's settings, but without a sender of mail.
    pub async fn without_mail() -> Self {
        let clock = TestClock::default();
        let database = Arc::new(Database::start(&clock).await);
        Self::mailing(Mail::Off, database, clock, &[]).await
    }

    /// Returns a second service on the same tables, with the same keys unless `settings` has others, and a clock of its own
    /// that shows the same time.
    pub async fn beside(&self, settings: &[(&str, &str)]) -> Self {
        self.beside_through(Arc::clone(&self.database), settings).await
    }

    /// Returns a second service on the same tables, with the same keys, which sends its mail to this program too.
    pub async fn sending_to(&self, smtp: SocketAddr, settings: &[(&str, &str)]) -> Self {
        let keys = self.keys.to_json();
        let settings = [&[("KEY_SET", keys.as_str())], settings].concat();
        Self::mailing(Mail::Smtp(smtp), Arc::clone(&self.database), self.clock.clone(), &settings).await
    }

    /// Returns the same, with another client for the tables.
    pub async fn beside_through(&self, database: Arc<Database>, settings: &[(&str, &str)]) -> Self {
        let clock = TestClock::default();
        clock.set(self.clock.now());
        let keys = self.keys.to_json();
        let settings = [&[("KEY_SET", keys.as_str())], settings].concat();
        Self::on(database, clock, &settings).await
    }

    async fn on(database: Arc<Database>, clock: TestClock, settings: &[(&str, &str)]) -> Self {
        Self::mailing(Mail::Inbox, database, clock, settings).await
    }

    async fn mailing(
        mail: Mail,
        database: Arc<Database>,
        clock: TestClock,
        settings: &[(&str, &str)],
    ) -> Self {
        log::start();
        let mut settings: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // Without the port, so that services on the same tables accept each other's tokens.
        settings.entry("ISSUER".to_owned()).or_insert_with(|| "urn:ratchet:local".to_owned());
        let key_set = settings.entry("KEY_SET".to_owned()).or_insert_with(|| {
            KeySet::generate(Algorithm::default(), &mut outside::rng()).expect("keys are made").to_json()
        });
        let keys = KeySet::parse(key_set).expect("a key set");
        let read = clock.clone();
        let options = Options {
            dynamodb: DynamoDb::External(database.url()),
            settings: Box::new(move |name| settings.get(name).cloned()),
            stopwatch: Stopwatch::of(outside::ticks),
            mail,
            ..Options::in_memory(Arc::new(move || read.now()), Arc::new(outside::rng))
        };
        let server = local::start(options).await.unwrap_or_else(|error| panic!("the service: {error}"));
        database.forget_requests();
        database.enforce(Permissions::of_stack(mail != Mail::Off));
        let service = Service::own(Parts { server, _database: Arc::clone(&database) });
        Self { clock, database, keys, service }
    }

    /// Returns a user who has just registered here.
    pub async fn signed_in(&self) -> Browser {
        let mut browser = Browser::at(&self.service);
        browser.register().await.assert_ok();
        self.database.forget_requests();
        browser
    }

    /// Returns a user who has just registered here, and has signed in on another device.
    pub async fn on_two_devices(&self) -> (Browser, Browser) {
        let browser = self.signed_in().await;
        let mut other = browser.other_device();
        other.login().await.assert_ok();
        (browser, other)
    }

    /// Returns a user who has just registered, and has refreshed `times` times, a minute apart.
    pub async fn refreshed(&self, times: usize) -> Browser {
        let mut browser = self.signed_in().await;
        for _ in 0..times {
            self.clock.advance(shared::Seconds(60));
            browser.refresh().await.assert_ok();
        }
        self.database.forget_requests();
        browser
    }

    /// Returns a user who has just refreshed, and a tab that still has the previous token.
    pub async fn refreshed_and_behind(&self) -> (Browser, Browser) {
        let mut browser = self.signed_in().await;
        let behind = browser.clone();
        browser.refresh().await.assert_ok();
        self.database.forget_requests();
        (browser, behind)
    }

    /// Lets `late` refresh, which is a late replay, and holds the second of its two requests back: the first has shown
    /// that the token is superseded, the second takes the replay from the budget.
    pub async fn hold_late_replay(&self, mut late: Browser) -> (Held, JoinHandle<Answer>) {
        let mut first = self.database.hold_next("UpdateItem");
        let replay = tokio::spawn(async move { late.refresh().await });
        first.arrived().await;
        let mut second = self.database.hold_next("UpdateItem");
        drop(first);
        second.arrived().await;
        (second, replay)
    }

    /// Returns a number in the row of the browser's session.
    ///
    /// # Panics
    /// Panics if the session has ended.
    pub async fn number(&self, browser: &Browser, attribute: &str) -> i64 {
        let row = self.database.session(&browser.tokens().session_id).await;
        row.expect("the session lives").number(attribute)
    }
}
