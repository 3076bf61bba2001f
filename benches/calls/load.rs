//! The load: keep-alive connections that ask, read the whole answer and ask again.

use super::upstream::find;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Writes the request of a number, from 0, into an empty buffer.
pub(crate) type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// What a turn brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn {
    pub(crate) seconds: f64,
    /// Answers of any status, in order of their time, microseconds.
    pub(crate) took_us: Vec<u32>,
    /// Answers with a status other than 200 and 201.
    pub(crate) refused: u64,
}

impl Turn {
    pub(crate) fn count(&self) -> f64 {
        self.took_us.len() as f64
    }

    /// Milliseconds within which this part of the answers came.
    pub(crate) fn within(&self, part: f64) -> f64 {
        let last = self.took_us.len().saturating_sub(1);
        let at = (last as f64 * part) as usize;
        self.took_us.get(at).map_or(0.0, |us| f64::from(*us) / 1e3)
    }
}

/// How to ask.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) port: u16,
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
    /// Numbers of requests already made.
    pub(crate) next: Arc<AtomicU64>,
    /// Requests offered per second over all connections; as fast as answers come without it.
    pub(crate) pace: Option<u32>,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    Elapsed(Duration),
    /// The number of the last request, exclusive.
    Number(u64),
}

impl Load {
    pub(crate) async fn run(&self, until: Until) -> Turn {
        let mut all = JoinSet::new();
        let began = Instant::now();
        for at in 0..self.connections {
            let load = self.clone();
            all.spawn(async move { load.converse(at, began, until).await });
        }
        let mut turn = Turn::default();
        while let Some(one) = all.join_next().await {
            let (took_us, refused) = one.expect("a connection's task");
            turn.took_us.extend(took_us);
            turn.refused += refused;
        }
        turn.seconds = began.elapsed().as_secs_f64();
        turn.took_us.sort_unstable();
        turn
    }

    async fn converse(&self, at: usize, began: Instant, until: Until) -> (Vec<u32>, u64) {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await;
        let mut talk = Talk::new(stream.expect("it listens"));
        let (mut took_us, mut refused) = (Vec::with_capacity(64 * 1024), 0);
        let between = self
            .pace
            .map(|pace| Duration::from_secs_f64(self.connections as f64 / f64::from(pace)));
        let mut due = began
            + between
                .unwrap_or_default()
                .mul_f64(at as f64 / self.connections as f64);
        let mut ask = Vec::with_capacity(4 * 1024);
        loop {
            let mut start = Instant::now();
            if let Some(between) = between {
                if due > start {
                    tokio::time::sleep_until(due.into()).await;
                    start = Instant::now();
                } else {
                    // Whoever is late has waited since it was due.
                    start = due;
                }
                due += between;
            }
            let over = match until {
                Until::Elapsed(time) => start.duration_since(began) >= time,
                Until::Number(end) => self.next.load(Ordering::Relaxed) >= end,
            };
            if over {
                return (took_us, refused);
            }
            ask.clear();
            (self.requests)(self.next.fetch_add(1, Ordering::Relaxed), &mut ask);
            let good = talk.ask(&ask).await;
            refused += u64::from(!good);
            took_us.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
}

/// One connection.
pub(crate) struct Talk {
    stream: TcpStream,
    got: Vec<u8>,
}

impl Talk {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            got: Vec::with_capacity(16 * 1024),
        }
    }

    /// Whether the answer is 200 or 201.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> bool {
        self.stream.write_all(request).await.expect("it reads");
        self.got.clear();
        let (mut head, mut whole) = (0, usize::MAX);
        while self.got.len() < whole {
            let read = self
                .stream
                .read_buf(&mut self.got)
                .await
                .expect("it answers");
            assert!(read > 0, "the connection ended");
            if head == 0
                && let Some(end) = find(&self.got, b"\r\n\r\n")
            {
                head = end + 4;
                whole = head + content_length(&self.got[..end]);
            }
        }
        assert_eq!(self.got.len(), whole, "an answer is as long as it says");
        let status = &self.got[9..12];
        status == b"200" || status == b"201"
    }

    /// The last answer, whole.
    pub(crate) fn answer(&self) -> String {
        String::from_utf8_lossy(&self.got).into_owned()
    }
}

fn content_length(head: &[u8]) -> usize {
    let name = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line =
        lines.find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name));
    let value = line.and_then(|line| std::str::from_utf8(&line[name.len()..]).ok());
    value
        .and_then(|value| value.trim().parse().ok())
        .expect("an answer says its length")
}
