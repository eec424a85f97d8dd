//! The authorizer.

use axum::body::Bytes;
use serde_json::Value;
use shared::key_set::KeySet;
use tests::project;

use crate::contest::{self, Amount, Contender, Work};
use crate::figures::Measured;
use crate::program::Program;
use crate::{Arguments, Failure};

/// One event again and again, with an access token that is good until 2100.
struct Allowed(Bytes);

impl Work for Allowed {
    fn event(&mut self) -> Bytes {
        self.0.clone()
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        let answer: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        let effect = answer.pointer("/policyDocument/Statement/0/Effect").and_then(Value::as_str);
        if effect == Some("Allow") { Ok(()) } else { Err(format!("not allowed: {answer}").into()) }
    }
}

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let keys = KeySet::parse(&project::read("events/key-set.json")).map_err(|error| error.to_string())?;
    let event = Bytes::from(project::read("events/authorizer/request_valid.json"));
    let stack = project::stack();
    let function = stack.functions.iter().find(|function| function.binary == "authorizer");
    let environment = project::environment(function.ok_or("the template has no authorizer")?, &keys);
    let executable = std::path::absolute(arguments.binaries.join("authorizer"))?;
    let program = Program { name: "Ratchet".to_owned(), executable, arguments: Vec::new(), environment };
    let mut contenders = [Contender::new(program, Allowed(event))];
    contest::hold(&mut contenders, Amount { rounds: arguments.rounds, events: arguments.events }).await?;
    let programs = contenders.iter().map(Contender::figures).collect();
    Ok(Measured { suite: "authorizer", programs, budgets: Vec::new() })
}
