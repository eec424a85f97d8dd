//! The authorizer, beside a hand-written one, an empty function, and what a user would pick instead.
//!
//! All verify one token of ES256, the default, with the public keys that are in their environment, and answer a policy.
//! Ratchet's own does so with a token and keys of EdDSA too.

mod events;
mod promises;
mod work;

use std::collections::BTreeMap;
use std::path::Path;

use shared::key_set::KeySet;

use crate::contest::{self, Amount, Contender, Work};
use crate::figures::Measured;
use crate::lambda::Environment;
use crate::program::{Handler, Program};
use crate::{Arguments, Failure, ratchet};
use events::Events;
use work::{Allowed, Empty, Refused};

/// Names in tables.
const RATCHET: &str = "Ratchet";
const EDDSA: &str = "Ratchet, EdDSA";
const FLOOR: &str = "hand-written loop";
const EMPTY: &str = "empty function";
const PEERS: [&str; 3] = ["Node.js, aws-jwt-verify", "Node.js, jose", "Python, PyJWT"];
/// Made one file each by esbuild, which most do not do, and which starts sooner.
const BUNDLED: [&str; 2] = ["Node.js, aws-jwt-verify, bundled", "Node.js, jose, bundled"];

pub(super) async fn run(arguments: &Arguments) -> Result<Measured, Failure> {
    let (es256, eddsa) = (ratchet::default_keys()?, ratchet::keys()?);
    let [ratchet, floor, empty, peers @ ..] = programs(arguments, &environment(&es256)?)?;
    let with_eddsa = own(arguments, EDDSA, &environment(&eddsa)?)?;
    let (events, of_eddsa) = (Events::signed_with(&es256.signing)?, Events::signed_with(&eddsa.signing)?);
    let mut contenders = vec![
        verifier(ratchet, &events).await?,
        verifier(with_eddsa.clone(), &of_eddsa).await?,
        verifier(floor, &events).await?,
        Contender::new(empty, Empty),
    ];
    for program in peers {
        contenders.push(verifier(program, &events).await?);
    }
    // Older builds verify EdDSA, but perhaps not ES256.
    for build in &arguments.beside {
        contenders.push(verifier(build.replace(&with_eddsa, "authorizer")?, &of_eddsa).await?);
    }
    contest::hold(&mut contenders, Amount { rounds: arguments.rounds, events: arguments.events }).await?;
    let programs: Vec<_> = contenders.iter().map(Contender::figures).collect();
    let budgets = promises::budgets(&programs);
    Ok(Measured { suite: "authorizer", programs, budgets, series: Vec::new() })
}

/// In the order of [`RATCHET`], [`FLOOR`], [`EMPTY`], [`PEERS`], [`BUNDLED`].
fn programs(arguments: &Arguments, environment: &BTreeMap<String, String>) -> Result<[Program; 8], Failure> {
    let floor = |name, file: &str| binary(name, &arguments.binaries.join(file), environment);
    let handler = |folder, module| Handler { folder, module, memory_mib: MEMORY_MIB };
    let node = |name, folder, module| {
        Program::on_node(arguments, name, handler(folder, module), environment.clone())
    };
    let python = |name, folder, module| {
        Program::on_python(arguments, name, handler(folder, module), environment.clone())
    };
    let ([aws, jose, pyjwt], [aws_bundled, jose_bundled]) = (PEERS, BUNDLED);
    Ok([
        own(arguments, RATCHET, environment)?,
        floor(FLOOR, "floor-authorizer")?,
        floor(EMPTY, "floor-empty")?,
        node(aws, "node", "aws-jwt-verify")?,
        node(jose, "node", "jose")?,
        python(pyjwt, "python", "pyjwt")?,
        node(aws_bundled, "node/bundled", "aws-jwt-verify")?,
        node(jose_bundled, "node/bundled", "jose")?,
    ])
}

fn own(
    arguments: &Arguments,
    name: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Program, Failure> {
    binary(name, &ratchet::executable(arguments, "authorizer")?, environment)
}

fn binary(name: &str, executable: &Path, environment: &BTreeMap<String, String>) -> Result<Program, Failure> {
    Ok(Program {
        name: name.to_owned(),
        executable: std::path::absolute(executable)?,
        arguments: Vec::new(),
        environment: environment.clone(),
    })
}

/// The memory of a peer's function, in MiB.
const MEMORY_MIB: u32 = 256;

/// What the template gives the authorizer with these keys, and Lambda's own variables as far as one of them asks for any: all
/// of them get the same, but that peers have handlers of their own.
fn environment(keys: &KeySet) -> Result<BTreeMap<String, String>, Failure> {
    let mut environment = ratchet::of_the_template("authorizer", keys)?;
    environment.extend(ratchet::OF_THE_FUNCTION.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(environment)
}

/// A program that was seen to refuse what it must refuse: none is to be fast because it does not verify.
async fn verifier(program: Program, events: &Events) -> Result<Contender, Failure> {
    for (refused, event) in &events.refused {
        let mut work = Refused(event.clone());
        let (_environment, first) = Environment::start(&program, &work.event()).await?;
        work.check(&first.answer).map_err(|failure| format!("{}, {refused}: {failure}", program.name))?;
    }
    Ok(Contender::new(program, Allowed(events.valid.clone())))
}
