//! TLS: whose answers are trusted. Other failures are tested through the front door, in `tests/tests/e2e/breached`.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use shared::Seconds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A self-signed certificate of 127.0.0.1, and its key. Both are for these tests only.
const CERTIFICATE: &[u8] = include_bytes!("certificate.der");
const KEY: &[u8] = include_bytes!("key.der");

/// The rest of the SHA-1 of "password".
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 39\r\n\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:9\r\n";

/// Starts an API that knows one password.
async fn start() -> SocketAddr {
    let key = PrivatePkcs8KeyDer::from(KEY.to_vec()).into();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if stream.read(&mut [0; 4096]).await.is_ok() {
                let _hung_up = stream.write_all(ANSWER.as_bytes()).await;
            }
        }
    });
    address
}

/// Asks at this URL whether "password" is known.
async fn ask(source: Source) -> Result<bool, QuestionError> {
    source.ask_in_time(&Password::parse("password").unwrap().range_query()).await
}

fn source(url: &str) -> Source {
    Source::new(RangeApi::parse(url, Seconds(5)).unwrap())
}

/// A source that trusts the certificate.
fn trusting(url: &str) -> Source {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
    Source { client: Some(Client::builder(TokioExecutor::new()).build(connector)), ..source(url) }
}

#[tokio::test]
async fn an_answer_is_taken_from_whom_the_system_trusts() {
    let address = start().await;
    assert_eq!(ask(trusting(&format!("https://{address}"))).await, Ok(true));
    let stranger = source(&format!("https://{address}"));
    assert_eq!(ask(stranger).await, Err(QuestionError::Connection), "a certificate that nobody has signed");
    let other_name = trusting(&format!("https://localhost:{}", address.port()));
    assert_eq!(ask(other_name).await, Err(QuestionError::Connection), "the certificate of another host");
}

#[tokio::test]
async fn without_certificate_authorities_nothing_is_answered() {
    let source = Source { client: None, ..source("https://api.example") };
    assert_eq!(ask(source).await, Err(QuestionError::NoCertificates));
}

#[tokio::test]
async fn nobody_is_asked_where_the_setting_is_off() {
    let off = BreachedPasswords::from_settings(&|_| None).unwrap();
    let question = off.ask(&Password::parse("password").unwrap()).await;
    assert!(question.0.is_empty());
}
