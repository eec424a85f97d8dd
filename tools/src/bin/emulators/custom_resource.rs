//! The function `keys`, which has no route and so no file in `events/`: CloudFormation calls it, and waits for an answer
//! elsewhere, at a URL that each request names. A listener takes the place of that URL.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::report::Report;
use crate::rie;

/// Both under the emulator `program`.
pub(crate) async fn run(program: &str, report: &mut Report) {
    report.add("keys answers where CloudFormation says", answered(program, "Delete", "SUCCESS")).await;
    let name = "keys answers there too when Secrets Manager refuses connections";
    report.add(name, answered(program, "Create", "FAILED")).await;
}

async fn answered(program: &str, request: &str, status: &str) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || receive(&listener).map(|answer| sender.send(answer)));
    let keys = rie::start(program, "keys", |environment| {
        environment.insert("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), "http://127.0.0.1:9".to_owned());
    })?;
    let event = json!({
        "RequestType": request,
        "ResponseURL": format!("http://{address}/signed"),
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/ratchet/1",
        "RequestId": "one",
        "LogicalResourceId": "KeySet",
        "ResourceProperties": {
            "SecretId": "the-secret",
            "KeyRotation": "1",
            "RevokeKeys": "",
            "SigningAlgorithm": "ES256",
            "AccessTokenSeconds": "60",
            "RefreshAbsoluteSeconds": "2592000",
        },
    });
    let answer = keys.invoke(&event).await?;
    if !answer.is_null() {
        return Err(format!("{answer}"));
    }
    // It has been sent before the function has ended.
    let sent =
        receiver.recv_timeout(Duration::from_secs(1)).map_err(|_| "CloudFormation was told nothing")?;
    let is_right = sent["Status"] == status && sent["RequestId"] == "one";
    if is_right { Ok(()) } else { Err(format!("CloudFormation was told {sent}")) }
}

/// Takes one request, and is content with it.
fn receive(listener: &TcpListener) -> std::io::Result<Value> {
    let (mut stream, _) = listener.accept()?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap_or_default(),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}
