//! The local server: refreshes per second over HTTP, beside OpenAuth as a plain server. Both keep their sessions in the
//! same embedded DynamoDB, which they ask over HTTP.

mod load;
mod server;
mod service;

use std::time::Duration;

use crate::budget::Budget;
use crate::dynamodb::DynamoDb;
use crate::figures::{Figures, Measured};
use crate::samples::Samples;
use crate::{Arguments, Failure, openauth, ratchet};
use load::Load;
use server::Server;
use service::{OpenAuth, Ratchet};

/// How long a server is under load in each round.
const TURN: Duration = Duration::from_secs(1);

/// A server, whoever uses it, and what has been measured.
struct Contender {
    name: &'static str,
    server: Server,
    load: Load,
    answers: Samples,
    per_second: Vec<f64>,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let dynamodb = DynamoDb::start().await?;
    let mut contenders = [own(arguments).await?, peer(arguments, &dynamodb).await?];
    for round in 0..=arguments.rounds {
        for contender in &mut contenders {
            contender.take_turn(round == 0).await?;
        }
    }
    let [own, peer] = [contenders[0].figures()?, contenders[1].figures()?];
    let promise = format!("refreshes per second: ours to {}", peer.name);
    let budgets = vec![Budget::at_least(promise, 10.0, "x", own.per_second / peer.per_second)];
    Ok(Measured { suite: "local", programs: vec![own, peer], budgets, series: Vec::new() })
}

/// `cargo run --profile fast -- --memory`.
async fn own(arguments: &Arguments) -> Result<Contender, Failure> {
    let executable = std::path::absolute(arguments.binaries.join("local"))?;
    let options = ["--memory", "--port", "0", "--dynamodb-port", "0"].map(str::to_owned);
    let server = Server::start(&executable, &options, &[].into()).await?;
    let load = Load::begin(Ratchet { url: server.url.clone() }).await?;
    Ok(Contender::new("Ratchet", server, load))
}

async fn peer(arguments: &Arguments, dynamodb: &DynamoDb) -> Result<Contender, Failure> {
    let script = std::path::absolute(arguments.peers.join("openauth/bundled/server.mjs"))?;
    let mut environment = ratchet::lambda(dynamodb.bundle());
    environment.extend(openauth::environment(dynamodb, &dynamodb.plain_url())?);
    let server = Server::start(&arguments.node, &[script.display().to_string()], &environment).await?;
    let load = Load::begin(OpenAuth { url: server.url.clone() }).await?;
    Ok(Contender::new("Node.js, SST OpenAuth", server, load))
}

impl Contender {
    fn new(name: &'static str, server: Server, load: Load) -> Self {
        Self { name, server, load, answers: Samples::default(), per_second: Vec::new() }
    }

    /// The first turn warms up.
    async fn take_turn(&mut self, is_first: bool) -> Result<(), Failure> {
        let answers = self.load.run(TURN).await.map_err(|failure| format!("{}: {failure}", self.name))?;
        if !is_first {
            let count = u32::try_from(answers.len()).unwrap_or(u32::MAX);
            self.per_second.push(f64::from(count) / TURN.as_secs_f64());
            answers.into_iter().for_each(|took| self.answers.add(took));
        }
        Ok(())
    }

    fn figures(&self) -> Result<Figures, Failure> {
        let mut rates = self.per_second.clone();
        rates.sort_unstable_by(f64::total_cmp);
        Ok(Figures {
            name: self.name.to_owned(),
            warm_ms: self.answers.millis(0.5),
            warm_p95_ms: self.answers.millis(0.95),
            peak_bytes: self.server.usage()?.peak_bytes,
            per_second: rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN),
            ..Figures::default()
        })
    }
}
