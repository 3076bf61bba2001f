//! A turn that comes line by line and leaves as server-sent events.
//!
//! The request is JSON Lines: the first names the speaker and the model, each following one carries
//! the next piece of text, as a model's client yields them. It ends with the body. The answer is
//! `text/event-stream` (HTML Living Standard §9.2): `part` for each piece that may be shown, then one
//! `end`, or `refused` with a problem document. A client that reads only when all is sent gets
//! the same events then.

use super::super::Site;
use super::super::asked::Asked;
use super::super::json;
use super::super::problem;
use crate::conversation::speech::{End, Speech};
use crate::gateway::{Language, Malformed, Refused};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The media type of the request.
pub(super) const LINES: &str = "application/x-ndjson";
/// How long a model may think between two pieces.
const IDLE: Duration = Duration::from_mins(1);

/// How long the rest of a turn that was refused is still read.
const REST: Duration = Duration::from_secs(10);

/// The first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstForm {
    speaker: OnlyAssistant,
    model: Option<String>,
}

/// Nobody else speaks in pieces.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnlyAssistant {
    Assistant,
}

/// A line that follows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PieceForm {
    delta: String,
}

/// Whether a request carries a turn in pieces.
pub(super) fn is_lines(headers: &HeaderMap) -> bool {
    let one = |name| super::super::asked::single(headers, name).ok().flatten();
    let essence = one(CONTENT_TYPE).and_then(|value| value.split(';').next());
    let plain = one(CONTENT_ENCODING).is_none();
    plain && essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(LINES))
}

/// Takes the turn and answers its events.
pub(super) async fn answer(site: Site, conversation: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked::head(Request::from_parts(parts, Body::empty()));
    let mut lines = Lines {
        body,
        read: BytesMut::new(),
        left: site.settings.body_limit,
        idle: site.settings.body_timeout,
    };
    let first = match lines.next().await {
        Ok(Some(line)) => json::read::<FirstForm>(&line),
        Ok(None) | Err(_) => Err(Malformed::Body),
    };
    let model = first.map(|first| {
        let OnlyAssistant::Assistant = first.speaker;
        first.model
    });
    let begun = site
        .gateway
        .speak(asked.bearer.as_deref(), conversation, model);
    let speech = match begun.await {
        Ok(speech) => speech,
        Err(refused) => return asked.refuse(&site.settings, &refused, None),
    };
    lines.idle = IDLE;
    // Never more than a turn is long: what is sent is bounded, and so is what is answered.
    let (events, receiver) = unbounded_channel();
    let language = asked.language;
    site.gateway
        .tracker()
        .spawn(async move { speak(speech, lines, &events, language).await });
    let mut response = Response::new(Body::new(Events(receiver)));
    let stream = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, stream);
    response
}

async fn speak(
    mut speech: Speech,
    mut lines: Lines,
    events: &UnboundedSender<Bytes>,
    language: Language,
) {
    let end = loop {
        let piece = match lines.next().await {
            Ok(None) => break End::Complete,
            Ok(Some(line)) => json::read::<PieceForm>(&line),
            Err(Broken::Malformed) => Err(Malformed::Body),
            Err(Broken::Gone) => break End::Broken,
        };
        let Ok(piece) = piece else {
            break End::Malformed;
        };
        match speech.say(&piece.delta).await {
            Ok(None) => {}
            Ok(Some(part)) => {
                let data = json!({"text": part.text, "record": part.record});
                if events.send(event("part", &data)).is_err() {
                    break End::Broken;
                }
            }
            Err(refused) => {
                refuse(events, &refused, language);
                // Who is hung up on while sending may lose what was sent to them.
                let rest = async { while matches!(lines.next().await, Ok(Some(_))) {} };
                drop(tokio::time::timeout(REST, rest).await);
                return;
            }
        }
    };
    match speech.end(end).await {
        Ok(spoken) if end == End::Complete => {
            let found = spoken.findings.iter();
            let found = found.map(|f| json!({"type": f.kind, "start": f.start, "end": f.end}));
            let data = json!({
                "turn": spoken.turn,
                "text": spoken.text,
                "findings": found.collect::<Vec<_>>(),
                "withheld": spoken.withheld,
                "record": spoken.record,
            });
            drop(events.send(event("end", &data)));
        }
        Ok(spoken) => {
            let refused = Refused {
                record: Some(spoken.record),
                ..crate::gateway::Refusal::Malformed.into()
            };
            refuse(events, &refused, language);
        }
        Err(refused) => refuse(events, &refused, language),
    }
}

fn refuse(events: &UnboundedSender<Bytes>, refused: &Refused, language: Language) {
    let document = problem::document(refused, language);
    drop(events.send(event("refused", &document)));
}

/// One event. JSON has no line breaks.
fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// Why there is no next line.
enum Broken {
    /// It is too long, or all of them are.
    Malformed,
    /// The sender went away, or is silent.
    Gone,
}

/// The lines of a body, as they come.
struct Lines {
    body: Body,
    read: BytesMut,
    left: usize,
    idle: Duration,
}

impl Lines {
    /// The next line that is not empty; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(at) = self.read.iter().position(|byte| *byte == b'\n') {
                let mut line = self.read.split_to(at + 1);
                line.truncate(at);
                if !line.trim_ascii().is_empty() {
                    return Ok(Some(line.freeze()));
                }
                continue;
            }
            let frame = tokio::time::timeout(self.idle, self.body.frame()).await;
            match frame.map_err(|_elapsed| Broken::Gone)? {
                None => {
                    let rest = self.read.split().freeze();
                    let some = !rest.trim_ascii().is_empty();
                    return Ok(some.then_some(rest));
                }
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    self.left = self.left.checked_sub(data.len()).ok_or(Broken::Malformed)?;
                    self.read.extend_from_slice(&data);
                }
                Some(Err(_broken)) => return Err(Broken::Gone),
            }
        }
    }
}

/// The events as a body.
struct Events(UnboundedReceiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(cx)
            .map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}
