//! SST OpenAuth on its DynamoDB adapter, in Node.js.

use axum::body::Bytes;
use serde_json::json;

use super::OPENAUTH;
use crate::contest::{Contender, Work};
use crate::dynamodb::DynamoDb;
use crate::lambda::Environment;
use crate::openauth::{self, refresh_form, sign_in_form};
use crate::program::{Handler, Program};
use crate::requests::{Tokens, body};
use crate::{Arguments, Failure, ratchet};

/// What SST gives a function unless told otherwise.
const SST_MEMORY_MIB: u32 = 1024;

pub(super) async fn contender(
    arguments: &Arguments,
    (dynamodb, url): (&DynamoDb, &str),
) -> Result<Contender, Failure> {
    let mut environment = ratchet::lambda(dynamodb.bundle());
    // Node.js has the system's certificates built in, so that this is as much to read as the file is for others.
    environment.remove("SSL_CERT_FILE");
    environment.insert("NODE_EXTRA_CA_CERTS".to_owned(), dynamodb.certificate().display().to_string());
    environment.extend(openauth::environment(dynamodb, url)?);
    let handler = Handler { folder: "openauth/bundled", module: "lambda", memory_mib: SST_MEMORY_MIB };
    let program = Program::on_node(arguments, OPENAUTH, handler, environment)?;
    let chain = signed_in(&program).await?;
    Ok(Contender::new(program, chain))
}

/// Begins a session, which also has it make the keys that it signs with and keeps in its table.
async fn signed_in(program: &Program) -> Result<Chain, Failure> {
    let (_environment, first) = Environment::start(program, &event(&sign_in_form(1))).await?;
    let body = body(&first.answer)?;
    Ok(Chain(Tokens::read(&body)?))
}

/// Each event presents the refresh token of the answer before.
struct Chain(Tokens);

impl Work for Chain {
    fn event(&mut self) -> Bytes {
        event(&refresh_form(&self.0))
    }

    fn check(&mut self, answer: &Bytes) -> Result<(), Failure> {
        self.0 = self.0.followed_by(&body(answer)?)?;
        Ok(())
    }
}

/// A form posted to the token endpoint, as the URL of a Lambda function passes it on.
fn event(form: &str) -> Bytes {
    let host = "a1b2c3d4e5.lambda-url.us-east-1.on.aws";
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/token",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-type": "application/x-www-form-urlencoded",
            "content-length": form.len().to_string(),
            "host": host,
            "user-agent": "curl/8.0",
            "x-forwarded-for": "192.0.2.10",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": "/token",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "curl/8.0",
            },
            "requestId": "8f14e45f-ceea-467f-9e0c-1b2d3c4e5f60",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_793_491_200_000_u64,
        },
        "body": form,
        "isBase64Encoded": false,
    });
    event.to_string().into()
}
