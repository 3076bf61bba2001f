//! An upstream that turned hostile or fell ill, for tests of whoever stands before it.
//!
//! Unless said otherwise the request is really carried out first: a case is opened even if the
//! answer about it is rubbish. A member called `uid` keeps its value under the changes of shape,
//! so that a proof of ownership passes and the rules for single fields are what is tried;
//! [`Misbehaviour::Foreign`] and the two `Owner…` variants try the proof.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

mod foreign;
mod shape;
mod stream;

use super::door::Door;
use super::seen::Asked;

/// The text in every value that a misbehaving answer adds: if it is seen, something leaked.
pub const CANARY: &str = "CANARY-5d1f-nobody-named-this";

/// A way to answer badly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Every object at every level has more members, scalars, objects and arrays.
    GrowField,
    /// Every scalar `v` becomes `{"value": v}`, every inner array `{"items": […]}`.
    NestDeeper,
    /// Every scalar becomes another type; where that is text, it is the canary.
    ChangeTypes,
    /// Everything is another customer's.
    Foreign,
    /// A list's last element is another customer's; single objects as in `Foreign`.
    ForeignElement,
    /// No object says whose it is.
    OwnerMissing,
    /// Every `uid` is a list of the right one and another customer's.
    OwnerList,
    /// Well, but after this time.
    Slow(Duration),
    /// Valid JSON, so many bytes longer.
    Huge(u64),
    /// Valid JSON, nested so deep.
    Abyss(usize),
    /// Not JSON, though it says so.
    Garbage,
    /// Every member twice, the second time with the canary, or another customer's uid.
    DuplicateKeys,
    /// 307 to this address; nothing is carried out.
    Redirect(String),
    /// This status and an error that repeats the request; nothing is carried out.
    Status(u16),
    /// Well, but labelled as a web page.
    NotJson,
    /// Cut off in the middle.
    TruncatedBody,
}

/// What is to come: nothing, or a misbehaviour for ever or so many times.
#[derive(Debug, Default)]
pub(super) struct Mood(Mutex<Option<(Misbehaviour, Option<u64>)>>);

impl Mood {
    fn lock(&self) -> MutexGuard<'_, Option<(Misbehaviour, Option<u64>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, how: Misbehaviour, times: Option<u64>) {
        *self.lock() = Some((how, times));
    }

    pub(super) fn clear(&self) {
        *self.lock() = None;
    }

    pub(super) fn next(&self) -> Option<Misbehaviour> {
        let mut mood = self.lock();
        match mood.take() {
            Some((how, None)) => {
                *mood = Some((how.clone(), None));
                Some(how)
            }
            Some((how, Some(left @ 1..))) => {
                *mood = Some((how.clone(), Some(left - 1)));
                Some(how)
            }
            Some((_, Some(0))) | None => None,
        }
    }
}

/// Answers badly.
pub(super) async fn answer(door: &Door, how: Misbehaviour, asked: Asked) -> Response {
    match how {
        Misbehaviour::Redirect(to) => redirect(&to),
        Misbehaviour::Status(code) => refuse(code, &asked),
        Misbehaviour::Foreign => foreign::all(door, asked).await,
        Misbehaviour::ForeignElement => foreign::last(door, asked).await,
        Misbehaviour::Slow(time) => {
            let response = door.answer(asked).await;
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = door.stop.cancelled() => {}
            }
            response
        }
        how @ (Misbehaviour::GrowField
        | Misbehaviour::NestDeeper
        | Misbehaviour::ChangeTypes
        | Misbehaviour::OwnerMissing
        | Misbehaviour::OwnerList
        | Misbehaviour::Huge(_)
        | Misbehaviour::Abyss(_)
        | Misbehaviour::Garbage
        | Misbehaviour::DuplicateKeys
        | Misbehaviour::NotJson
        | Misbehaviour::TruncatedBody) => {
            let other = foreign::other_uid(door, &asked).unwrap_or_default();
            let (status, body) = read(door.answer(asked).await).await;
            spoil(&how, &other, status, body)
        }
    }
}

async fn read(response: Response) -> (StatusCode, Bytes) {
    let status = response.status();
    // The exchange's own answers are in memory already and cannot fail.
    (
        status,
        to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap_or_default(),
    )
}

fn spoil(how: &Misbehaviour, other: &str, status: StatusCode, body: Bytes) -> Response {
    let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = match how {
        Misbehaviour::GrowField => {
            shape::grow(&mut value);
            value.to_string()
        }
        Misbehaviour::NestDeeper => {
            shape::nest(&mut value);
            value.to_string()
        }
        Misbehaviour::ChangeTypes => {
            shape::retype(&mut value, &mut 0);
            value.to_string()
        }
        Misbehaviour::OwnerMissing => {
            shape::disown(&mut value);
            value.to_string()
        }
        Misbehaviour::OwnerList => {
            shape::share(&mut value, other);
            value.to_string()
        }
        Misbehaviour::DuplicateKeys => shape::duplicate(&value, other),
        Misbehaviour::Abyss(depth) => {
            let (open, close) = ("[".repeat(*depth), "]".repeat(*depth));
            format!("{{\"data\":{value},\"deep\":{open}\"{CANARY}\"{close}}}")
        }
        Misbehaviour::Garbage => format!("{{\"data\":{value}, {CANARY} \u{fffd} oops"),
        Misbehaviour::Huge(bytes) => {
            return as_json(status, Body::new(stream::Flood::new(*bytes, &value)));
        }
        Misbehaviour::TruncatedBody => {
            let length = HeaderValue::from(body.len());
            let mut response = as_json(status, Body::new(stream::Cut::new(&body)));
            response.headers_mut().insert(CONTENT_LENGTH, length);
            return response;
        }
        Misbehaviour::NotJson => {
            return (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
        }
        Misbehaviour::Foreign
        | Misbehaviour::ForeignElement
        | Misbehaviour::Slow(_)
        | Misbehaviour::Redirect(_)
        | Misbehaviour::Status(_) => return as_json(status, Body::from(body)),
    };
    as_json(status, Body::from(text))
}

fn as_json(status: StatusCode, body: Body) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn redirect(to: &str) -> Response {
    let status = StatusCode::TEMPORARY_REDIRECT;
    match HeaderValue::from_str(to) {
        Ok(to) => (status, [(LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refuse(code: u16, asked: &Asked) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = serde_json::json!({
        "error": CANARY,
        "path": asked.uri.to_string(),
        "request": String::from_utf8_lossy(&asked.body),
    });
    as_json(status, Body::from(error.to_string()))
}
