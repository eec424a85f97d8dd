//! Drives the flow of a refresh with the refresh tokens table.

use aws::TableError;
use aws::sessions::Sessions;
use shared::flow::refresh::{Refresh, RefreshError, Refreshed, Step};

/// Runs a refresh to its end.
pub(crate) async fn exchange(
    sessions: &Sessions,
    refresh: Refresh,
) -> Result<Result<Refreshed, RefreshError>, TableError> {
    let mut step = refresh.start();
    loop {
        step = match step {
            Step::Rotate(rotate) => {
                let answer = sessions.rotate(&rotate.rotation).await?;
                rotate.then(answer)
            }
            Step::CountLateReplay(count) => {
                let answer = sessions.count_late_replay(&count.write).await?;
                count.then(answer)
            }
            Step::CountProvenReplay(count) => {
                let answer = sessions.count_proven_replay(&count.write).await?;
                count.then(answer)
            }
            Step::End(end) => {
                sessions.end(end.user_id, end.session_id).await?;
                end.then()
            }
            Step::Done(outcome) => return Ok(outcome),
        };
    }
}
