//! A refresh: replays, reuse, lifetimes, and a DynamoDB that fails.

mod beside_access_token;
mod lifetimes;
mod lost_answers;
mod regions;
mod replays;
mod restored_tables;
mod retry_keys;
mod reuse;
mod roles;
mod rule_and_table;
