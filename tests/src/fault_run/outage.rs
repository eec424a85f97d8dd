//! DynamoDB is down: nothing listens where it was.

use std::time::Duration;

use shared::Seconds;

use super::user::User;
use crate::Browser;

/// Between two rounds of requests.
const PAUSE: Duration = Duration::from_millis(200);

impl User {
    /// Asks for everything that needs DynamoDB as long as it is down, and is told each time that it can't be had at the
    /// moment. It comes back when all of this has been answered, so that no request meets both.
    pub(super) async fn sit_out(&mut self, time: Duration) {
        self.world.database.go_down().await;
        let is_over = tokio::spawn(tokio::time::sleep(time));
        loop {
            self.meet_outage().await;
            if is_over.is_finished() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.world.clock.advance(Seconds(10));
        self.world.database.come_back().await;
    }

    async fn meet_outage(&mut self) {
        let newest = self.browser.with_refresh_token(self.account.newest());
        let (mut refreshing, leaving, mut arriving) = (newest.clone(), newest.clone(), newest);
        let mut new = Browser::at(&self.world.service);
        let (refresh, logout, login, register) =
            tokio::join!(refreshing.refresh(), leaving.logout(), arriving.login(), new.register());
        for answer in [refresh, logout, login, register] {
            answer.assert_error("temporarily_unavailable");
            let wait: u32 = answer.header("retry-after").parse().expect("Retry-After in seconds");
            assert!(wait > 0);
            self.outage_answers += 1;
        }
    }
}
