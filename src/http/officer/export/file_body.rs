//! A file as a response's body, in pieces, so that a bundle's size costs no memory.

use bytes::Bytes;
use hyper::body::{Body, Frame};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes read at a time.
const PIECE: usize = 65_536;

/// The rest of a file.
pub(super) struct FileBody {
    file: File,
    piece: Vec<u8>,
}

impl FileBody {
    /// All that is not read yet.
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            piece: vec![0; PIECE],
        }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Self { file, piece } = &mut *self;
        let mut buffer = ReadBuf::new(piece);
        match ready!(Pin::new(file).poll_read(context, &mut buffer)) {
            Ok(()) if buffer.filled().is_empty() => Poll::Ready(None),
            Ok(()) => {
                let piece = Bytes::copy_from_slice(buffer.filled());
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}
