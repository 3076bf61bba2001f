//! The exchange behind it all: 2 KiB of JSON about whoever the path names, and nothing else.
//!
//! A process of its own. Says its port on standard output, and ends with whoever started it.

use super::plan::answer;
use super::process::Running;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// A running upstream.
pub(crate) struct Upstream {
    _process: Running,
    pub(crate) port: u16,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let me = std::env::current_exe().expect("a path");
        let mut command = Command::new(me);
        command.args(["--role", "upstream"]).stdout(Stdio::piped());
        let mut process = Running::start(&mut command);
        let mut line = String::new();
        let out = process.0.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("a port");
        Self {
            _process: process,
            port,
        }
    }
}

/// Answers until standard input ends.
pub(crate) async fn serve() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback");
    println!("{}", listener.local_addr().expect("an address").port());
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        drop(std::io::stdin().read_to_end(&mut rest));
        std::process::exit(0);
    });
    let tracker = TaskTracker::new();
    loop {
        let (stream, _from) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        tracker.spawn(converse(stream));
    }
}

async fn converse(mut stream: TcpStream) {
    let (before, after) = answer();
    let mut got = Vec::with_capacity(16 * 1024);
    let mut say = Vec::with_capacity(4 * 1024);
    loop {
        while let Some(end) = find(&got, b"\r\n\r\n") {
            let uid = uid(&got[..end]);
            let length = before.len() + uid.len() + after.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            for part in [head.as_bytes(), before.as_bytes(), uid, after.as_bytes()] {
                say.extend_from_slice(part);
            }
            got.drain(..end + 4);
        }
        if !say.is_empty() && stream.write_all(&say).await.is_err() {
            return;
        }
        say.clear();
        match stream.read_buf(&mut got).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The second segment of the request's path.
fn uid(head: &[u8]) -> &[u8] {
    let mut segments = head.split(|byte| matches!(byte, b'/' | b' ' | b'?'));
    segments.nth(3).unwrap_or_default()
}

/// Where `what` begins in `text`.
pub(crate) fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
