//! The account that Lambda names, as the SDK receives it.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod stub;

use aws::secret::Secret;
use stub::Stub;

fn lookup(name: &str, url: &str) -> Option<String> {
    let value = match name {
        "AWS_REGION" => "eu-west-1",
        "AWS_ACCESS_KEY_ID" => "an-id",
        "AWS_SECRET_ACCESS_KEY" => "a-secret",
        "AWS_SESSION_TOKEN" => "a-token",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER" | "DYNAMODB_ENDPOINT" => url,
        _ => return None,
    };
    Some(value.to_owned())
}

#[tokio::test]
async fn requests_are_signed_with_the_region_and_credentials_that_lambda_names() {
    let stub = Stub::start(|_| (400, "{}".to_owned()));
    let config = aws::config(&|name| lookup(name, &stub.url)).expect("an account");
    let secret = Secret::new(&config, "the-secret".to_owned());
    assert!(secret.read().await.is_err());
    let table = aws::client(&config, &|name| lookup(name, &stub.url)).expect("a client");
    assert!(table.list_tables().send().await.is_err());
    let requests = stub.requests();
    for (request, service) in requests.iter().zip(["secretsmanager", "dynamodb"]) {
        assert_eq!(request.header("x-amz-security-token"), Some("a-token"));
        let signed = request.header("authorization").expect("a signature");
        assert!(signed.contains("Credential=an-id/"), "{signed}");
        assert!(signed.contains(&format!("/eu-west-1/{service}/aws4_request")), "{signed}");
        assert!(!signed.contains("a-secret"));
    }
    assert_eq!(requests.len(), 2, "both went to the endpoints that the settings name");
}

#[tokio::test]
async fn fips_and_dual_stack_are_what_aws_variables_say() {
    for (variable, value) in
        [("", ""), ("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")]
    {
        let given = |name: &str| if name == variable { Some(value.to_owned()) } else { lookup(name, "") };
        let config = aws::config(&given).expect("an account");
        assert_eq!(config.use_fips(), (variable == "AWS_USE_FIPS_ENDPOINT").then_some(true), "{variable}");
        assert_eq!(
            config.use_dual_stack(),
            (variable == "AWS_USE_DUALSTACK_ENDPOINT").then_some(true),
            "{variable}"
        );
    }
    let bad =
        |name: &str| if name == "AWS_USE_FIPS_ENDPOINT" { Some("yes".to_owned()) } else { lookup(name, "") };
    let error = aws::config(&bad).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("AWS_USE_FIPS_ENDPOINT must be true or false, not \"yes\""));
}
