//! What operations cost in requests to DynamoDB.

mod documented;
mod request_counts;
