//! A listener whose connections can be cut by whoever answers on them: a connection that breaks before the answer is one
//! of the mishaps a client must survive.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    /// Set when the emulator stops: connections that are still open break as well.
    pub(crate) closed: Arc<AtomicBool>,
}

pub(crate) struct Socket {
    inner: TcpStream,
    cut: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
}

/// What a handler holds of its connection.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Arc<AtomicBool>);

impl Wire {
    /// Nothing more is written; the next attempt breaks the connection.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Listener for Door {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        let (inner, address) = Listener::accept(&mut self.listener).await;
        // Small answers must not wait for company; a socket that refuses is slower and still right.
        let _ = inner.set_nodelay(true);
        (
            Socket {
                inner,
                cut: Arc::default(),
                closed: Arc::clone(&self.closed),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Listener::local_addr(&self.listener)
    }
}

impl Connected<IncomingStream<'_, Door>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(Arc::clone(&stream.io().cut))
    }
}

impl Socket {
    fn broken(&self) -> Option<io::Error> {
        let over = self.cut.load(Ordering::Acquire) || self.closed.load(Ordering::Acquire);
        over.then(|| io::Error::from(io::ErrorKind::ConnectionReset))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(error) = self.broken() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.inner).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.inner).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
