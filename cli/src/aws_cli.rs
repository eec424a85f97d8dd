//! The AWS CLI as a source: of any kind of credentials, the Region, and the resources of a stack.
//!
//! The program itself is called, so that profiles, single sign-on and assumed roles work here as they do there, without the parts
//! of the SDK that do the same and take longer to build than all of this crate.

use std::collections::BTreeMap;
use std::process::Command;

use crate::arguments::TargetOptions;
use crate::error::CliError;

/// The input of AWS clients: variables as Lambda sets them.
#[derive(Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Takes credentials and Region from the environment, or from the AWS CLI.
    pub(crate) fn find(options: &TargetOptions) -> Result<Self, CliError> {
        let mut found = Self::default();
        let is_set = |name: &str| runtime::environment(name).filter(|text| !text.is_empty());
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        if options.profile.is_none() && is_set("AWS_ACCESS_KEY_ID").is_some() {
            found.0.extend(names.iter().filter_map(|name| Some(((*name).to_owned(), is_set(name)?))));
        } else {
            let export = ["configure", "export-credentials", "--format", "env-no-export"];
            let exported = match ask(options, &export) {
                // Version 1 prints its usage.
                Err(CliError::AwsCli(text)) if text.contains("usage:") => {
                    return Err(CliError::OldAwsCli("configure export-credentials"));
                }
                exported => exported?,
            };
            found.0.extend(lines(&exported));
        }
        let region = match options.region.clone().or_else(|| is_set("AWS_DEFAULT_REGION")) {
            Some(region) => region,
            None => ask(options, &["configure", "get", "region"])?.trim().to_owned(),
        };
        found.0.insert("AWS_REGION".to_owned(), region);
        if let Some(endpoint) = is_set("AWS_ENDPOINT_URL_LAMBDA").or_else(|| is_set("AWS_ENDPOINT_URL")) {
            found.0.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), endpoint);
        }
        Ok(found)
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// Returns the name of a stack's function `admin`.
pub(crate) fn function_of(stack: &str, options: &TargetOptions) -> Result<String, CliError> {
    let query = "StackResourceDetail.PhysicalResourceId";
    let resource = "AdminFunction";
    let arguments = [
        "cloudformation",
        "describe-stack-resource",
        "--stack-name",
        stack,
        "--logical-resource-id",
        resource,
        "--query",
        query,
        "--output",
        "text",
    ];
    Ok(ask(options, &arguments)?.trim().to_owned())
}

fn ask(options: &TargetOptions, arguments: &[&str]) -> Result<String, CliError> {
    let mut command = Command::new("aws");
    command.args(arguments);
    if let Some(profile) = &options.profile {
        command.args(["--profile", profile]);
    }
    if let Some(region) = &options.region {
        command.args(["--region", region]);
    }
    let answer = command.output().map_err(CliError::NoAwsCli)?;
    if answer.status.success() {
        Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
    } else {
        Err(CliError::AwsCli(String::from_utf8_lossy(&answer.stderr).trim().to_owned()))
    }
}

fn lines(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
