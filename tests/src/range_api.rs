//! A range API of breached passwords, with its faults.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How the API answers.
#[derive(Clone, Copy, Debug)]
pub enum Answers {
    /// As it should: all passwords that it knows, and lines of padding.
    Well,
    /// As well, but as if every password of the range were unknown: their counts are zero.
    PaddingAlone,
    /// Not at all, with the connection open.
    Never,
    /// With the beginning, and then nothing more.
    Halfway,
    /// With a connection that is closed.
    HangingUp,
    /// With these bytes.
    Raw(&'static str),
    /// With lines that do not end.
    Endlessly,
}

/// The API. It ends when it is dropped.
pub struct RangeApi {
    /// Its address, for `BREACHED_PASSWORDS`.
    pub url: String,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    answers: Answers,
    known: BTreeSet<String>,
    /// The heads of the requests so far.
    asked: Mutex<Vec<String>>,
}

impl RangeApi {
    /// Starts one that knows these passwords, and answers so.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub async fn start(answers: Answers, known: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let known = known.iter().map(|password| sha_1(password)).collect();
        let shared = Arc::new(Shared { answers, known, asked: Mutex::default() });
        let (mut tasks, all) = (JoinSet::new(), Arc::clone(&shared));
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&all);
                clients.spawn(async move { drop(shared.talk(stream).await) });
            }
        });
        Self { url: format!("http://{address}/range/"), shared, _tasks: tasks }
    }

    /// Returns the heads of the requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await? == 0 {
                    return Ok(());
                }
            }
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
            self.answer(&mut stream, &head).await?;
        }
    }

    async fn answer(&self, stream: &mut BufReader<TcpStream>, head: &str) -> std::io::Result<()> {
        let body = self.body(head);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        match self.answers {
            Answers::Well | Answers::PaddingAlone => stream.write_all((head + &body).as_bytes()).await,
            Answers::Never => std::future::pending().await,
            Answers::Halfway => {
                stream.write_all((head + body.split_at(10).0).as_bytes()).await?;
                std::future::pending().await
            }
            Answers::HangingUp => stream.shutdown().await,
            Answers::Raw(bytes) => stream.write_all(bytes.as_bytes()).await,
            Answers::Endlessly => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                loop {
                    stream.write_all(body.as_bytes()).await?;
                }
            }
        }
    }

    /// The answer to a question: of padding alone the known passwords are a part.
    fn body(&self, head: &str) -> String {
        let asked =
            head.split_once(" HTTP/").and_then(|(line, _)| line.rsplit('/').next()).unwrap_or_default();
        let count = if matches!(self.answers, Answers::PaddingAlone) { 0 } else { 52_256_179 };
        let known = self.known.iter().filter_map(|digits| digits.strip_prefix(asked));
        let known = known.map(|suffix| format!("{suffix}:{count}\r\n"));
        let padding = (0..800).map(|number| format!("{number:035X}:0\r\n"));
        padding.chain(known).collect()
    }
}

/// The SHA-1 of a text, in capital hexadecimal digits.
#[must_use]
pub fn sha_1(text: &str) -> String {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}
