//! A program that takes mail by SMTP, after it has refused some, and remembers which mails it got.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The program. It ends when it is dropped.
pub struct MailCatcher {
    /// Where it listens.
    pub address: SocketAddr,
    taken: Arc<Taken>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Taken {
    refusals: AtomicUsize,
    ids: Mutex<Vec<String>>,
}

impl MailCatcher {
    /// Starts one that refuses so many mails for now, before it takes the first.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub async fn refusing(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let taken = Arc::new(Taken { refusals: refusals.into(), ids: Mutex::default() });
        let (mut tasks, shared) = (JoinSet::new(), Arc::clone(&taken));
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                clients.spawn(talk(stream, Arc::clone(&shared)));
            }
        });
        Self { address, taken, _tasks: tasks }
    }

    /// Returns the ids of the mails that it has taken, in their order: each is the key of the row that the mail is of.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.taken.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Taken {
    /// Takes a mail, or refuses it for now.
    fn take(&self, id: String) -> &'static str {
        let one_less = |left: usize| left.checked_sub(1);
        if self.refusals.try_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return "451 later";
        }
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        "250 kept"
    }
}

async fn talk(stream: TcpStream, taken: Arc<Taken>) {
    let _hung_up = conversation(stream, &taken).await;
}

/// None when the client has hung up.
async fn conversation(stream: TcpStream, taken: &Taken) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 catcher\r\n").await.ok()?;
    let (mut id, mut is_data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let answer = match (is_data, line) {
            (true, ".") => {
                is_data = false;
                taken.take(std::mem::take(&mut id))
            }
            (true, line) => {
                if let Some(named) = line.strip_prefix("Message-ID: <") {
                    id = named.split('@').next().unwrap_or_default().to_owned();
                }
                continue;
            }
            (false, "DATA") => {
                is_data = true;
                "354 go on"
            }
            (false, "QUIT") => "221 bye",
            (false, _) => "250 yes",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}
