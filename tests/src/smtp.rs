//! A program that accepts mail by SMTP, after it has refused some or has not answered, and records it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The program. Dropping it ends it.
pub struct MailCatcher {
    /// Its address.
    pub address: SocketAddr,
    taken: Arc<Taken>,
    _tasks: JoinSet<()>,
}

struct Taken {
    /// The number of connections still to be left without an answer.
    silent: AtomicUsize,
    refusals: AtomicUsize,
    mails: Mutex<Vec<String>>,
}

impl MailCatcher {
    /// Starts one that first refuses this many mails temporarily.
    ///
    /// # Panics
    /// Panics if this machine has no free port.
    pub async fn refusing(refusals: usize) -> Self {
        Self::start(0, refusals).await
    }

    /// Starts one that never answers the first connections.
    ///
    /// # Panics
    /// Panics if this machine has no free port.
    pub async fn hanging(silent: usize) -> Self {
        Self::start(silent, 0).await
    }

    async fn start(silent: usize, refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (silent, refusals) = (silent.into(), refusals.into());
        let taken = Arc::new(Taken { silent, refusals, mails: Mutex::default() });
        let (mut tasks, shared) = (JoinSet::new(), Arc::clone(&taken));
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                clients.spawn(talk(stream, Arc::clone(&shared)));
            }
        });
        Self { address, taken, _tasks: tasks }
    }

    /// Returns the accepted mails, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        self.taken.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the ids of these mails: each is the key of the mail's row.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let id = |mail: String| {
            let named = mail.lines().find_map(|line| line.strip_prefix("Message-ID: <"));
            named.and_then(|named| named.split('@').next()).unwrap_or_default().to_owned()
        };
        self.mails().into_iter().map(id).collect()
    }
}

impl Taken {
    /// Accepts a mail, or refuses it temporarily.
    fn take(&self, mail: String) -> &'static str {
        if one_less(&self.refusals) {
            return "451 later";
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        "250 kept"
    }
}

/// Decrements a count, if it is not at zero.
fn one_less(count: &AtomicUsize) -> bool {
    count.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

async fn talk(stream: TcpStream, taken: Arc<Taken>) {
    if one_less(&taken.silent) {
        let _open = stream;
        return std::future::pending().await;
    }
    let _hung_up = conversation(stream, &taken).await;
}

/// Returns `None` when the client has hung up.
async fn conversation(stream: TcpStream, taken: &Taken) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 catcher\r\n").await.ok()?;
    let (mut mail, mut is_data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let answer = match (is_data, line.trim_end()) {
            (true, ".") => {
                is_data = false;
                taken.take(std::mem::take(&mut mail))
            }
            (true, _) => {
                mail.push_str(&line);
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
