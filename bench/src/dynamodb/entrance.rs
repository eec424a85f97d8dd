//! TLS in front of a port that speaks without it.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub(super) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, plain: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(pass(stream, acceptor.clone(), plain));
        while connections.try_join_next().is_some() {}
    }
}

/// Passes on what comes, both ways, until one side has enough.
async fn pass(outside: TcpStream, acceptor: TlsAcceptor, plain: SocketAddr) -> std::io::Result<()> {
    outside.set_nodelay(true)?;
    let mut inside = TcpStream::connect(plain).await?;
    inside.set_nodelay(true)?;
    let mut outside = acceptor.accept(outside).await?;
    tokio::io::copy_bidirectional(&mut outside, &mut inside).await.map(drop)
}
