//! How a request ends: with the answer of a route, or a refusal.

use http::Response;
use shared::api::Responder;
use shared::metrics::{Metric, Report};
use shared::refusal::Refusal;

/// A request that is done: the answer, and under which outcome it counts.
pub struct Done {
    /// The answer.
    pub response: Response<String>,
    /// The metric and the outcome. None if the request does not count.
    pub counted: Option<(Metric, &'static str)>,
}

impl Done {
    /// Counts a request of a function, and returns its answer. A refusal counts in `refusals`, and is logged under the name `route` of
    /// the function.
    pub fn answer(
        done: Result<Self, Refusal>,
        report: Report<'_>,
        refusals: Metric,
        (route, responder): (&'static str, &Responder),
    ) -> Response<String> {
        match done {
            Ok(Self { response, counted }) => {
                if let Some((metric, outcome)) = counted {
                    report.write(metric, outcome);
                }
                response
            }
            Err(refusal) => refusal.counted(report, refusals).answer(route, responder),
        }
    }
}
