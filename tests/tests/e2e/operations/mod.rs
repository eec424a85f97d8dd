//! What operators see: metrics, security events and the runbook.

mod metrics;
mod runbook;
mod security_events;
