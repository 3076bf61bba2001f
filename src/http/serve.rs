//! The accept loop: connections in, requests to the router, and an orderly end.
//!
//! Promises that a client who says nothing, says it slowly or says too much costs a bounded time
//! and memory; and that on shutdown nobody new is let in and everybody inside may finish, within a
//! limit. Over TLS a client has HTTP/2 or HTTP/1.1 as it negotiates; without TLS, HTTP/1.1.
//! Leaves limits on a request's body and time to the router's layers.

use crate::telemetry::metric;
use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::rt::{Executor, Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use metrics::{counter, gauge};
use rustls::ServerConfig;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How much a client may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long TLS may take to be agreed on.
    pub handshake: Duration,
    /// How long a request's head may take, and an HTTP/1.1 connection may be idle.
    pub header_read: Duration,
    /// Longest head of a request, bytes, at least 8 KiB. Over HTTP/1.1 one that arrives at once may
    /// be up to twice as long: only what is still incomplete is measured.
    pub head_bytes: u32,
    /// Most headers of an HTTP/1.1 request.
    pub headers: usize,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// How long a connection lives; it ends between requests.
    pub age: Duration,
    /// How long requests in flight may finish at shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            handshake: Duration::from_secs(5),
            header_read: Duration::from_secs(10),
            head_bytes: 32 * 1_024,
            headers: 64,
            streams: 128,
            age: Duration::from_hours(1),
            drain: Duration::from_secs(20),
        }
    }
}

impl From<&crate::config::Server> for Limits {
    fn from(server: &crate::config::Server) -> Self {
        Self {
            connections: server.max_connections,
            header_read: server.header_read_timeout,
            drain: server.drain,
            ..Self::default()
        }
    }
}

/// How the serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Drained {
    /// Connections that were cut because they outlasted the drain.
    pub cut: usize,
}

/// Serves `router` on `listener` until `shutdown` is cancelled and the last connection has ended,
/// or the drain is over.
///
/// The client's address is in every request as axum's `ConnectInfo<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) -> Drained {
    let streams = Streams::default();
    let house = Arc::new(House {
        http: http_builder(&limits, streams.clone()),
        tls: tls.map(TlsAcceptor::from),
        router,
        limits,
        shutdown,
        cut: streams.cut.clone(),
    });
    let rooms = Arc::new(Semaphore::new(house.limits.connections));
    let guests = TaskTracker::new();
    loop {
        // A place first: who cannot be served is better off in the kernel's queue, or elsewhere.
        let arrival = async {
            let room = Arc::clone(&rooms).acquire_owned().await;
            (room, listener.accept().await)
        };
        let (room, arrived) = tokio::select! {
            biased;
            () = house.shutdown.cancelled() => break,
            arrival = arrival => arrival,
        };
        match arrived {
            Ok((stream, from)) => {
                let house = Arc::clone(&house);
                guests.spawn(async move {
                    house.welcome(stream, from).await;
                    drop(room);
                });
            }
            Err(error) => refused(&error).await,
        }
    }
    drop(listener);
    guests.close();
    streams.tasks.close();
    let all = async || {
        guests.wait().await;
        streams.tasks.wait().await;
    };
    let in_time = timeout(house.limits.drain, all()).await.is_ok();
    let cut = if in_time { 0 } else { guests.len() };
    house.cut.cancel();
    all().await;
    Drained { cut }
}

/// A failed accept is the client's doing, or there are no descriptors left: then wait for some.
async fn refused(error: &io::Error) {
    counter!(metric::CONNECTIONS_LOST, "reason" => "accept").increment(1);
    let clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    );
    if !clients {
        tracing::error!(code = "no_accept", kind = %error.kind(), "no connection can be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Where HTTP/2 runs its streams: tracked, and cut when the drain is over.
#[derive(Clone, Default)]
struct Streams {
    tasks: TaskTracker,
    cut: CancellationToken,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = stream => {}
            }
        });
    }
}

fn http_builder(limits: &Limits, streams: Streams) -> Builder<Streams> {
    let mut http = Builder::new(streams);
    let head = limits.head_bytes.max(8 * 1_024);
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_buf_size(usize::try_from(head).unwrap_or(usize::MAX))
        .max_headers(limits.headers);
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(head)
        .max_concurrent_streams(limits.streams)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    http
}

/// What every connection needs to know.
struct House {
    http: Builder<Streams>,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
    /// The drain is over.
    cut: CancellationToken,
}

impl House {
    async fn welcome(&self, stream: TcpStream, from: SocketAddr) {
        let open = gauge!(metric::CONNECTIONS);
        open.increment(1);
        let ended = tokio::select! {
            () = self.cut.cancelled() => Ok(()),
            ended = self.converse(stream, from) => ended,
        };
        open.decrement(1);
        if let Err(reason) = ended {
            counter!(metric::CONNECTIONS_LOST, "reason" => reason).increment(1);
        }
    }

    async fn converse(&self, stream: TcpStream, from: SocketAddr) -> Result<(), &'static str> {
        stream.set_nodelay(true).map_err(|_error| "accept")?;
        let Some(tls) = &self.tls else {
            // Without ALPN the library would wait for ever for bytes to tell the version by.
            let http = self.http.clone().http1_only();
            self.hold(http, TokioIo::new(stream), from).await;
            return Ok(());
        };
        let stream = tokio::select! {
            () = self.shutdown.cancelled() => return Ok(()),
            agreed = timeout(self.limits.handshake, tls.accept(stream)) => {
                agreed.map_err(|_error| "tls_timeout")?.map_err(|_error| "tls")?
            }
        };
        let http = self.http.clone();
        let http = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => http.http2_only(),
            Some(_) | None => http.http1_only(),
        };
        self.hold(http, TokioIo::new(stream), from).await;
        Ok(())
    }

    /// Serves one connection until it ends by itself, or between requests once it is old or the
    /// house closes. What went wrong on it is between the client and its network.
    async fn hold<S>(&self, http: Builder<Streams>, stream: S, from: SocketAddr)
    where
        S: Read + Write + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().oneshot(request)
        });
        let mut talk = pin!(http.serve_connection(stream, service));
        tokio::select! {
            _ = talk.as_mut() => return,
            () = self.shutdown.cancelled() => {}
            () = sleep(self.limits.age) => {}
        }
        talk.as_mut().graceful_shutdown();
        drop(talk.await);
    }
}

#[cfg(test)]
mod tests;
