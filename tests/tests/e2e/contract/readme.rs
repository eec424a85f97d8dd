//! The examples of README.md and of the pages, run as they stand there.

use tests::example::{Example, Shell};
use tests::{World, project};

async fn run(example: Example, shell: Shell) -> Result<(), String> {
    let settings: Vec<_> =
        example.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let world = World::with(&settings).await;
    let (base_url, clock) = (world.service.base_url().to_owned(), world.clock.clone());
    tokio::task::spawn_blocking(move || example.run(shell, &base_url, &clock)).await.unwrap()
}

/// The pages with an example that is started with short lifetimes, and the number of answers that each shows.
const PAGES: [(&str, usize); 2] = [("README.md", 3), ("docs/example.md", 5)];

async fn run_the_pages(shell: Shell) {
    for (page, answers) in PAGES {
        let example =
            Example::read(&project::read(page)).unwrap_or_else(|problem| panic!("{page}: {problem}"));
        assert!(!example.settings.is_empty(), "{page}: the server is started with short lifetimes");
        let shown = example.steps.iter().filter(|step| !step.expected.is_empty()).count();
        assert_eq!(shown, answers, "{page}: {:?}", example.steps);
        run(example, shell).await.unwrap_or_else(|problem| panic!("{page}, in {shell}: {problem}"));
    }
}

#[tokio::test]
async fn a_newcomer_resets_a_password_by_the_commands_of_docs_mail() {
    let page = project::read("docs/mail.md");
    let example = Example::read(&page).unwrap_or_else(|problem| panic!("docs/mail.md: {problem}"));
    let lines: usize = example.steps.iter().map(|step| step.commands.len()).sum();
    assert!(lines <= 10, "ten lines of curl: {lines}");
    run(example, Shell::Bash).await.unwrap_or_else(|problem| panic!("docs/mail.md: {problem}"));
}

#[test]
fn documents_say_how_many_sessions_one_transaction_ends() {
    let others = shared::flow::account_change::ENDED_AT_ONCE;
    let all = others + 1; // that of the caller
    for (file, expected) in [
        ("SECURITY.md", format!("(beyond {all} of them, some before it)")),
        ("openapi.yaml", format!("Of more than {all} sessions some may")),
        ("ARCHITECTURE.md", format!("session and up to {others} others;")),
        ("ARCHITECTURE.md", format!("Sessions beyond {all} are")),
    ] {
        assert!(project::read(file).contains(&expected), "{file}: {expected}");
    }
}

#[tokio::test]
async fn the_readmes_own_commands_do_what_it_says() {
    run_the_pages(Shell::Bash).await;
}

/// `.ci/run` installs zsh. On a machine without it, what stays is that an example with comments is refused.
#[tokio::test]
async fn the_readmes_own_commands_do_what_it_says_in_zsh() {
    if Shell::Zsh.is_installed() {
        run_the_pages(Shell::Zsh).await;
    }
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

Register.

```bash
tokens=$(curl -s http://127.0.0.1:3000/register -H 'content-type: application/json' \
  -d '{"email": "ada@example.com",
       "password": "correct horse battery staple", "name": "Ada"}')
access=$(echo "$tokens" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
```

```bash
weather() { curl -s -w '%{http_code}\n' -o /dev/null http://127.0.0.1:3000/weather -H "Authorization: Bearer $access"; }
weather
printf 'no line end'
```

```text
200
no line end
```

```bash
sleep 2
weather |
  tr 0-9 a-j
```

```text
eab
```
<!-- example:end -->
"#;

#[tokio::test]
async fn an_example_is_run_with_its_settings_and_its_own_time() {
    let example = Example::read(SAMPLE).unwrap();
    assert_eq!(example.settings, [("ACCESS_TOKEN_SECONDS".to_owned(), "2".to_owned())]);
    let steps = example.steps.iter().map(|step| (step.commands.len(), step.expected.as_str()));
    assert_eq!(steps.collect::<Vec<_>>(), [(2, ""), (3, "200\nno line end\n"), (2, "eab\n")]);
    run(example, Shell::Bash).await.unwrap();
}

#[tokio::test]
async fn an_example_that_says_what_is_not_so_fails() {
    for (wrong, complaint) in [
        (SAMPLE.replace("200", "201"), "must print\n201"),
        (SAMPLE.replace("```text\n200", "```json\n200"), "must print\n\nnot\n200"),
        (SAMPLE.replace("Register.\n", "```bash\necho more\n```\n"), "must print\n\nnot\nmore"),
        (SAMPLE.replace("sleep 2", "sleep 1"), "must print\neab"),
        (SAMPLE.replace("ACCESS_TOKEN_SECONDS=2 ", ""), "must print\neab"),
        (SAMPLE.replace("sleep 2", "false"), "has failed with status 1"),
        (SAMPLE.replace("sleep 2", "exit 3"), "has ended bash"),
    ] {
        let problem = run(Example::read(&wrong).unwrap(), Shell::Bash).await.unwrap_err();
        assert!(problem.contains(complaint), "{problem}");
    }
}

#[test]
fn what_is_missing_in_an_example_is_said() {
    for (wrong, complaint) in [
        (SAMPLE.replace("example:start", ""), "there is no comment <!-- example:start -->"),
        (SAMPLE.replace("example:end", ""), "there is no comment <!-- example:end --> after the start"),
        (SAMPLE.replace("cargo run", "cargo build"), "there is no line with \"cargo run\""),
        (SAMPLE.replace("tr 0-9", "tr '0-9"), "a command does not end: "),
        (SAMPLE.replace("sleep 2", "sleep 2  # => nothing"), "zsh does not take a comment for one: sleep 2"),
        (SAMPLE.replace("sleep 2", "# Wait."), "zsh does not take a comment for one: # Wait."),
    ] {
        let problem = Example::read(&wrong).unwrap_err();
        assert!(problem.contains(complaint), "{problem}");
    }
}
