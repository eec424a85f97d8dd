//! The port of the proxy, which can be shut: connections are then refused, as if nobody listened.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long to wait for the port if another program has taken it meanwhile.
const AGAIN: Duration = Duration::from_millis(10);

/// A command for the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Open,
    Shut,
    ShutFor(Duration),
}

/// The handle of the door.
pub(super) struct Door {
    wanted: watch::Sender<Wanted>,
    is_open: watch::Receiver<bool>,
}

/// The side that connections come in.
pub(super) struct Entrance {
    address: SocketAddr,
    listener: Option<TcpListener>,
    /// Reserves the port while nobody listens, where the system allows two sockets on it.
    _reserved: Option<TcpSocket>,
    wanted: watch::Sender<Wanted>,
    is_open: watch::Sender<bool>,
}

impl Door {
    pub(super) fn open() -> io::Result<(Self, Entrance)> {
        let reserved = socket((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = reserved.local_addr()?;
        let (reserved, listener) = match listen(address) {
            Ok(listener) => (Some(reserved), listener),
            Err(_) => {
                drop(reserved);
                (None, listen(address)?)
            }
        };
        let ((wanted, _), (set_open, is_open)) = (watch::channel(Wanted::Open), watch::channel(true));
        let entrance = Entrance {
            address,
            listener: Some(listener),
            _reserved: reserved,
            wanted: wanted.clone(),
            is_open: set_open,
        };
        Ok((Self { wanted, is_open }, entrance))
    }

    /// Closes all connections and refuses new ones, until [`Door::reopen`].
    pub(super) async fn shut(&self) {
        self.become_open(Wanted::Shut, false).await;
    }

    /// Closes all connections and refuses new ones for a while. Does not wait.
    pub(super) fn shut_for(&self, time: Duration) {
        // A door that is shut for longer stays shut.
        self.wanted.send_if_modified(|wanted| {
            let is_open = *wanted == Wanted::Open;
            if is_open {
                *wanted = Wanted::ShutFor(time);
            }
            is_open
        });
    }

    /// Takes connections again.
    pub(super) async fn reopen(&self) {
        self.become_open(Wanted::Open, true).await;
    }

    async fn become_open(&self, wanted: Wanted, open: bool) {
        self.wanted.send_replace(wanted);
        let mut is_open = self.is_open.clone();
        let _entrance_is_gone = is_open.wait_for(|is_open| *is_open == open).await;
    }
}

impl Entrance {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until this is dropped, and its connections with it.
    pub(super) async fn serve<F>(mut self, mut connection: impl FnMut(TcpStream) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (mut connections, mut wanted) = (JoinSet::new(), self.wanted.subscribe());
        loop {
            let now = *wanted.borrow_and_update();
            match (now, &self.listener) {
                (Wanted::Open, Some(listener)) => tokio::select! {
                    accepted = listener.accept() => {
                        if let Ok((stream, _)) = accepted {
                            connections.spawn(connection(stream));
                        }
                        while connections.try_join_next().is_some() {}
                    }
                    changed = wanted.changed() => if changed.is_err() { return },
                },
                (Wanted::Open, None) => self.listen_again().await,
                (Wanted::Shut | Wanted::ShutFor(_), Some(_)) => {
                    self.listener = None;
                    connections.shutdown().await;
                    self.is_open.send_replace(false);
                }
                (Wanted::Shut, None) => {
                    if wanted.changed().await.is_err() {
                        return;
                    }
                }
                (Wanted::ShutFor(time), None) => {
                    tokio::time::sleep(time).await;
                    self.wanted.send_if_modified(|wanted| {
                        let is_ours = *wanted == now;
                        if is_ours {
                            *wanted = Wanted::Open;
                        }
                        is_ours
                    });
                }
            }
        }
    }

    async fn listen_again(&mut self) {
        match listen(self.address) {
            Ok(listener) => {
                self.listener = Some(listener);
                self.is_open.send_replace(true);
            }
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    socket(address)?.listen(1024)
}
