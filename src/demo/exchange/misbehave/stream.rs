//! Bodies that do not end well.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use serde_json::Value;

static CHUNK: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// Valid JSON around a very long text, made while it is sent.
#[derive(Debug)]
pub(super) struct Flood {
    head: Option<Bytes>,
    left: u64,
    tail: Option<Bytes>,
}

impl Flood {
    pub(super) fn new(bytes: u64, value: &Value) -> Self {
        Self {
            head: Some(Bytes::from_static(b"{\"padding\":\"")),
            left: bytes,
            tail: Some(Bytes::from(format!("\",\"data\":{value}}}"))),
        }
    }
}

impl HttpBody for Flood {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = match (self.head.take(), self.left) {
            (Some(head), _) => Some(head),
            (None, 0) => self.tail.take(),
            (None, left) => {
                let size = usize::try_from(left).unwrap_or(usize::MAX);
                let chunk = CHUNK.get(..size).unwrap_or(&CHUNK);
                let sent = u64::try_from(chunk.len()).unwrap_or(left);
                self.left = left.saturating_sub(sent);
                Some(Bytes::copy_from_slice(chunk))
            }
        };
        Poll::Ready(next.map(|it| Ok(Frame::data(it))))
    }
}

/// The first half of a body, then a broken connection.
#[derive(Debug)]
pub(super) struct Cut {
    half: Option<Bytes>,
    flushed: bool,
}

impl Cut {
    pub(super) fn new(body: &Bytes) -> Self {
        let half = body.get(..body.len() / 2).map(Bytes::copy_from_slice);
        Self {
            half: Some(half.unwrap_or_default()),
            flushed: false,
        }
    }
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // An error at once would break the connection before headers and half are sent.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())))
    }
}
