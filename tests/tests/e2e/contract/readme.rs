//! The README's worked example, run as it stands there.

use tests::example::{Example, Step};
use tests::{World, project};

async fn run(example: Example) -> Result<(), String> {
    let settings: Vec<_> =
        example.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let world = World::with(&settings).await;
    let (base_url, clock) = (world.service.base_url().to_owned(), world.clock.clone());
    tokio::task::spawn_blocking(move || example.run(&base_url, &clock)).await.unwrap()
}

#[tokio::test]
async fn the_readmes_own_commands_do_what_it_says() {
    let readme = std::fs::read_to_string(project::path("README.md")).expect("there is a README.md");
    let example = Example::read(&readme).unwrap_or_else(|problem| panic!("README.md: {problem}"));
    assert!(!example.settings.is_empty(), "README.md: the server is started with short times");
    let expectations = example.steps.iter().filter(|step| step.expected.is_some());
    assert!(expectations.count() >= 7, "the story has seven answers: {:?}", example.steps);
    run(example).await.unwrap_or_else(|problem| panic!("README.md: {problem}"));
}

const SAMPLE: &str = r#"
```bash
not part of it
```
```sh
ACCESS_TOKEN_SECONDS=2 cargo run -- --memory
```

<!-- example:start -->

```json
{"not": "bash"}
```

```bash
# Register.
tokens=$(curl -s http://127.0.0.1:3000/register -H 'content-type: application/json' \
  -d '{"email": "ada@example.com",
       "password": "correct horse battery staple", "name": "Ada"}')
access=$(echo "$tokens" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl -si http://127.0.0.1:3000/weather -H "Authorization: Bearer $access"   # => HTTP/1.1 200
sleep 2
curl -si http://127.0.0.1:3000/weather -H "Authorization: Bearer $access" |
  tr A-Z a-z                                                                # => is-token-expired: true
```
<!-- example:end -->
"#;

#[tokio::test]
async fn an_example_is_run_with_its_settings_and_its_own_time() {
    let example = Example::read(SAMPLE).unwrap();
    assert_eq!(example.settings, [("ACCESS_TOKEN_SECONDS".to_owned(), "2".to_owned())]);
    let expected = |step: &Step| step.expected.clone();
    let expectations: Vec<_> = example.steps.iter().filter_map(expected).collect();
    assert_eq!(expectations, ["HTTP/1.1 200", "is-token-expired: true"]);
    assert_eq!(example.steps.len(), 5, "{:?}", example.steps);
    run(example).await.unwrap();
}

#[tokio::test]
async fn an_example_that_says_what_is_not_so_fails() {
    for (wrong, complaint) in [
        (SAMPLE.replace("HTTP/1.1 200", "HTTP/1.1 201"), "must say \"HTTP/1.1 201\""),
        (SAMPLE.replace("sleep 2", "sleep 1"), "must say \"is-token-expired: true\""),
        (SAMPLE.replace("ACCESS_TOKEN_SECONDS=2 ", ""), "must say \"is-token-expired: true\""),
        (SAMPLE.replace("sleep 2", "false"), "has failed with status 1"),
        (SAMPLE.replace("sleep 2", "exit 3"), "has ended bash"),
    ] {
        let problem = run(Example::read(&wrong).unwrap()).await.unwrap_err();
        assert!(problem.contains(complaint), "{problem}");
    }
}

#[test]
fn what_is_missing_in_an_example_is_said() {
    for (wrong, complaint) in [
        (SAMPLE.replace("example:start", ""), "there is no comment <!-- example:start -->"),
        (SAMPLE.replace("example:end", ""), "there is no comment <!-- example:end --> after the start"),
        (SAMPLE.replace("cargo run", "cargo build"), "there is no line with \"cargo run\""),
        (SAMPLE.replace("tr A-Z a-z", "tr 'A-Z a-z"), "a command does not end: "),
    ] {
        let problem = Example::read(&wrong).unwrap_err();
        assert!(problem.contains(complaint), "{problem}");
    }
}
