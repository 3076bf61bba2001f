//! A server on loopback that does what it is told, and remembers what came.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// What it does with a request.
#[derive(Debug, Clone)]
pub(super) enum Does {
    /// Answers at once.
    Says(String),
    /// Answers when it is let.
    Waits(String),
    /// One byte of an answer after the other, and never the last.
    Drips,
    /// Ends the connection.
    HangsUp,
}

/// Status, more headers, and a JSON body.
pub(super) fn says(status: u16, headers: &str) -> Does {
    Does::Says(text(status, headers))
}

pub(super) fn text(status: u16, headers: &str) -> String {
    let body = r#"{"ok":1}"#;
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// What it does next; the last for ever.
    script: Arc<Mutex<VecDeque<Does>>>,
    seen: Arc<Mutex<Vec<String>>>,
    /// Lets answers go that wait.
    pub(super) gate: Arc<Semaphore>,
}

impl Server {
    pub(super) async fn new(script: Vec<Does>) -> Self {
        Self::with(script, None).await
    }

    pub(super) async fn with(script: Vec<Does>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let it = Self {
            address: listener.local_addr().unwrap(),
            script: Arc::new(Mutex::new(script.into())),
            seen: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
        };
        let (tasks, ours) = (TaskTracker::new(), it.clone());
        TaskTracker::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (it, tls) = (ours.clone(), tls.clone());
                tasks.spawn(async move {
                    match tls {
                        None => it.serve(stream).await,
                        Some(tls) => it.serve(tls.accept(stream).await.ok()?).await,
                    }
                });
            }
        });
        it
    }

    /// From now on.
    pub(super) fn does(&self, script: Vec<Does>) {
        *self.script.lock().unwrap() = script.into();
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request as it came.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// Waits until so many requests have come.
    pub(super) async fn came(&self, count: usize) {
        while self.count() < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    fn next(&self) -> Does {
        let mut script = self.script.lock().unwrap();
        match script.len() {
            1 => script[0].clone(),
            _ => script.pop_front().unwrap(),
        }
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, mut s: S) -> Option<()> {
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(s.read_u8().await.ok()?);
            }
            let head = String::from_utf8(head).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            s.read_exact(&mut body).await.ok()?;
            let whole = format!("{head}{}", String::from_utf8(body).unwrap());
            self.seen.lock().unwrap().push(whole);
            match self.next() {
                Does::Says(text) => s.write_all(text.as_bytes()).await.ok()?,
                Does::Waits(text) => {
                    self.gate.acquire().await.unwrap().forget();
                    s.write_all(text.as_bytes()).await.ok()?;
                }
                Does::Drips => {
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n";
                    s.write_all(head.as_bytes()).await.ok()?;
                    loop {
                        s.write_all(b" ").await.ok()?;
                        s.flush().await.ok()?;
                        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    }
                }
                Does::HangsUp => return None,
            }
        }
    }
}
