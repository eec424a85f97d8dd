//! The text at the start.

use std::collections::BTreeMap;

use crate::options::{Data, Mail, Options};
use template::Stack;

/// Returns addresses, data, routes, and a first command.
pub(crate) fn text(stack: &Stack, base_url: &str, dynamodb_url: &str, options: &Options) -> String {
    let data = match &options.data {
        Data::Memory => "in memory, gone when this stops".to_owned(),
        Data::Directory(path) => path.display().to_string(),
    };
    let mail = match options.mail {
        Mail::Off => "off".to_owned(),
        Mail::Inbox => format!("{base_url}/_inbox"),
        Mail::Smtp(address) => format!("{base_url}/_inbox, and to {address}"),
    };
    let binaries = stack.functions.iter().map(|function| (&function.id, function.binary.as_str()));
    let others = stack.others.iter().map(|other| (&other.id, "(does not run here)"));
    let handlers: BTreeMap<_, _> = binaries.chain(others).collect();
    let routes = stack.routes.iter().map(|route| {
        let protection = if route.authorizer.is_some() { "protected" } else { "public" };
        let handler = handlers.get(&route.function).copied().unwrap_or_default();
        format!("  {:<7} {:<41} {protection:<10} {handler}\n", route.method, route.path)
    });
    format!(
        "API       {base_url}\nPage      {base_url}/\nMail      {mail}\nDynamoDB  {dynamodb_url}\nData      {data}\n\n{}\nTry:\n  {}\n",
        routes.collect::<String>(),
        example(base_url),
    )
}

fn example(base_url: &str) -> String {
    let body = r#"{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}"#;
    format!("curl -s {base_url}/register -H 'content-type: application/json' -d '{body}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn the_banner_lists_the_routes_of_the_template() {
        let stack = template::read(
            "Resources:
               Api: {Type: 'AWS::Serverless::Api', Properties: {StageName: s}}
               HelloFunction:
                 Type: AWS::Serverless::Function
                 Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: hello}}
                 Properties:
                   Events:
                     Hello: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /hello}}
               NotesFunction:
                 Type: AWS::Serverless::Function
                 Properties:
                   Runtime: nodejs22.x
                   Events:
                     Notes: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /notes}}",
            &|_| None,
        )
        .unwrap();
        let options = |mail| {
            let (clock, randomness) = (Arc::new(Default::default), Arc::new(|| StdRng::seed_from_u64(1)));
            Options { mail, ..Options::in_memory(clock, randomness) }
        };
        let text_with = |mail| text(&stack, "http://127.0.0.1:3000", "http://127.0.0.1:8000", &options(mail));
        let text = text_with(Mail::Inbox);
        assert!(text.lines().any(|line| line == "Mail      http://127.0.0.1:3000/_inbox"), "{text}");
        assert!(
            text_with(Mail::Smtp(([127, 0, 0, 1], 1025).into())).contains("/_inbox, and to 127.0.0.1:1025")
        );
        assert!(text_with(Mail::Off).contains("Mail      off\n"));
        let route = |path: &str| -> Vec<_> {
            text.lines().find(|line| line.contains(path)).unwrap().split_whitespace().collect()
        };
        assert_eq!(route("/hello"), ["GET", "/hello", "public", "hello"]);
        assert_eq!(route("/notes")[3..], ["(does", "not", "run", "here)"]);
        for expected in ["http://127.0.0.1:3000/register", "http://127.0.0.1:8000", "in memory"] {
            assert!(text.contains(expected), "{expected}");
        }
    }
}
