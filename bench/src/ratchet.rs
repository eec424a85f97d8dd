//! Ratchet's functions, as the template sets them up and Lambda starts them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::tests::project;
use rand::SeedableRng;
use rand::rngs::StdRng;
use shared::key_set::{Algorithm, KeySet};

use crate::program::Program;
use crate::{Arguments, Failure};

/// Another build of the functions.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// What it is called in tables.
    name: String,
    /// The folder that has a folder for each function.
    folder: PathBuf,
}

impl Build {
    /// The same function in the same environment, as this build has it.
    pub(crate) fn replace(&self, program: &Program, function: &str) -> Result<Program, Failure> {
        Ok(Program {
            name: format!("{}, {}", program.name, self.name),
            executable: bootstrap(&self.folder, function)?,
            ..program.clone()
        })
    }
}

/// Reads `NAME=FOLDER`.
pub(crate) fn build(text: &str) -> Result<Build, String> {
    let (name, folder) = text.split_once('=').ok_or("it is to be NAME=FOLDER")?;
    Ok(Build { name: name.to_owned(), folder: folder.into() })
}

/// The keys of `events/`, which sign with EdDSA.
pub(crate) fn keys() -> Result<KeySet, Failure> {
    Ok(KeySet::parse(&project::read("events/key-set.json")).map_err(|error| error.to_string())?)
}

/// Keys as a new stack makes them by default, the same in each run.
pub(crate) fn default_keys() -> Result<KeySet, Failure> {
    let mut rng = StdRng::seed_from_u64(1);
    Ok(KeySet::generate(Algorithm::default(), &mut rng).map_err(|error| error.to_string())?)
}

/// What Lambda tells every function about itself.
pub(crate) const OF_THE_FUNCTION: [(&str, &str); 7] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/01/[$LATEST]8476a536e9f411e897392dfe598c3fcd"),
    ("LAMBDA_TASK_ROOT", "/var/task"),
    ("_HANDLER", "bootstrap"),
];

/// What Lambda adds to every environment, and where certificates are that a program is to trust.
pub(crate) fn lambda(bundle: &Path) -> BTreeMap<String, String> {
    let bundle = bundle.display().to_string();
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
        ("SSL_CERT_FILE", &bundle),
    ];
    let variables = OF_THE_FUNCTION.into_iter().chain(variables);
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// As AWS documents one; those of roles are longer still.
const SESSION_TOKEN: &str = "AQoDYXdzEJr1K2o5t3vV7kkhSk7Yl8jNZkQyJ4sT0wqF1cXnUuW2m9RbHd3LaEiGpOzSgTxVyMrBfPjKhDlQeCwAoZnIvYtU\
     s6uJxkq0h3m5n8R2c7T4e1W9y6B3v0L5p8Z2d7F4g1H9j6K3a0S5q8X2f7N4t1M9r6C3b0U5w8Y2h7J4k1P9s6D3e0V5z8A2";

/// A function's binary.
pub(crate) fn executable(arguments: &Arguments, function: &str) -> Result<PathBuf, Failure> {
    bootstrap(&arguments.functions, function)
}

/// The name that Lambda's runtime asks for.
fn bootstrap(folder: &Path, function: &str) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(folder.join(function).join("bootstrap"))?)
}

/// What the template gives this function.
pub(crate) fn of_the_template(binary: &str, keys: &KeySet) -> Result<BTreeMap<String, String>, Failure> {
    let stack = project::stack();
    let function = stack.functions.iter().find(|function| function.binary == binary);
    let function = function.ok_or_else(|| format!("the template has no {binary}"))?;
    Ok(project::environment(function, keys))
}

/// A function of the template in this DynamoDB, with the keys inline.
pub(crate) fn function(
    arguments: &Arguments,
    binary: &str,
    keys: &KeySet,
    (dynamodb_url, bundle): (&str, &Path),
) -> Result<Program, Failure> {
    let mut environment = lambda(bundle);
    environment.extend(of_the_template(binary, keys)?);
    environment.insert("DYNAMODB_ENDPOINT".to_owned(), dynamodb_url.to_owned());
    let executable = executable(arguments, binary)?;
    Ok(Program { name: "Ratchet".to_owned(), executable, arguments: Vec::new(), environment })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_build_is_a_name_and_a_folder() {
        let program = Program {
            name: "Ratchet".to_owned(),
            executable: "/own/refresh/bootstrap".into(),
            arguments: Vec::new(),
            environment: BTreeMap::from([("LOG_LEVEL".to_owned(), "INFO".to_owned())]),
        };
        let other = build("before=/other=build").unwrap().replace(&program, "refresh").unwrap();
        assert_eq!(other.name, "Ratchet, before");
        assert_eq!(other.executable, Path::new("/other=build/refresh/bootstrap"));
        assert_eq!(other.environment, program.environment);
        assert_eq!(build("/other").unwrap_err(), "it is to be NAME=FOLDER");
    }
}
