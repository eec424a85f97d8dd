//! A stub of Amazon SES: it answers every request, and counts the mails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\
    connection: close\r\n\r\n{\"MessageId\":\"1\"}";

/// The stub. It ends when it is dropped.
pub(crate) struct Ses {
    url: String,
    taken: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Ses {
    /// Starts it on a free port of this machine.
    pub(crate) async fn start() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let taken = Arc::new(AtomicUsize::new(0));
        let (mut tasks, count) = (JoinSet::new(), Arc::clone(&taken));
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if answer(stream).await.is_ok_and(|is_mail| is_mail) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Ok(Self { url: format!("http://{address}"), taken, _tasks: tasks })
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many mails it has taken since it was last asked.
    pub(crate) fn take(&self) -> usize {
        self.taken.swap(0, Ordering::SeqCst)
    }
}

/// Reads a request to its end, answers it, and returns whether it sends a mail.
async fn answer(stream: TcpStream) -> std::io::Result<bool> {
    let mut stream = BufReader::new(stream);
    let (mut request_line, mut length) = (String::new(), 0);
    stream.read_line(&mut request_line).await?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            Some(_) => {}
            None => break,
        }
    }
    stream.read_exact(&mut vec![0; length]).await?;
    stream.write_all(ANSWER).await?;
    Ok(request_line.starts_with("POST /v2/email/outbound-emails "))
}
