//! What a person is told at the start.

use std::collections::BTreeMap;

use crate::options::Data;
use template::Stack;

/// Addresses, data, routes, and one command to begin with.
pub(crate) fn text(stack: &Stack, base_url: &str, dynamodb_url: &str, data: &Data) -> String {
    let data = match data {
        Data::Memory => "in memory, gone when this stops".to_owned(),
        Data::Directory(path) => path.display().to_string(),
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
        "API       {base_url}\nPage      {base_url}/\nDynamoDB  {dynamodb_url}\nData      {data}\n\n{}\nTry:\n  {}\n",
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
        let text = text(&stack, "http://127.0.0.1:3000", "http://127.0.0.1:8000", &Data::Memory);
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
