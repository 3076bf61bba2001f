//! What a request asks for, and the refusals in the words of the originals.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A JSON answer that is ready to send.
#[derive(Debug)]
pub(super) struct Reply(StatusCode, String);

impl Reply {
    pub(super) fn ok(body: String) -> Self {
        Self(StatusCode::OK, body)
    }

    /// What these APIs say to most `POST`s, whether or not anything was made.
    pub(super) fn created(body: String) -> Self {
        Self(StatusCode::CREATED, body)
    }

    /// Rows, each already JSON.
    pub(super) fn list(rows: &[String]) -> Self {
        Self::ok(format!("[{}]", rows.join(",")))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        (self.0, [(CONTENT_TYPE, "application/json")], self.1).into_response()
    }
}

/// A refusal with its JSON body.
#[derive(Debug)]
pub(super) struct Fault(StatusCode, Value);

impl Fault {
    /// A refusal as Grape writes them: `{"error": …}`.
    pub(super) fn new(status: StatusCode, error: &str) -> Self {
        Self(status, json!({ "error": error }))
    }

    /// Peatio's "no such thing".
    pub(super) fn peatio_missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Couldn't find record")
    }

    /// Barong's "no such thing".
    pub(super) fn barong_missing() -> Self {
        Self(
            StatusCode::NOT_FOUND,
            json!({ "errors": ["record.not_found"] }),
        )
    }

    /// The desk's "no such thing".
    pub(super) fn desk_missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// A parameter is missing or wrong.
    pub(super) fn invalid(what: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, what)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the demonstration exchange's database failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (
            self.0,
            [(CONTENT_TYPE, "application/json")],
            self.1.to_string(),
        )
            .into_response()
    }
}

/// The parameters of a `POST`: one JSON object. Undeclared ones are ignored, as Grape does.
#[derive(Debug)]
pub(super) struct Ask(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Ask {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let unreadable = || {
            Fault::new(
                StatusCode::BAD_REQUEST,
                "The request body could not be parsed",
            )
        };
        let Ok(body) = Bytes::from_request(request, state).await else {
            return Err(unreadable());
        };
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) | Err(_) => Err(unreadable()),
        }
    }
}

impl Ask {
    /// A text, if it was given; a number is taken as text, as Ruby coerces.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => {
                Err(Fault::invalid(&format!("{name} is empty")))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Fault::invalid(&format!("{name} is invalid")))
            }
        }
    }

    /// A text that must be there.
    pub(super) fn need(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?
            .ok_or_else(|| Fault::invalid(&format!("{name} is missing")))
    }

    /// One of these, if it was given.
    pub(super) fn one_of(&self, name: &str, values: &[&str]) -> Result<Option<String>, Fault> {
        match self.text(name)? {
            Some(text) if !values.contains(&text.as_str()) => Err(Fault::invalid(&format!(
                "{name} does not have a valid value"
            ))),
            given => Ok(given),
        }
    }

    /// A whole number in a range, or the default.
    pub(super) fn integer(&self, name: &str, default: i64, max: i64) -> Result<i64, Fault> {
        let given = self.text(name)?;
        let number = given.map_or(Ok(default), |it| it.parse());
        let Ok(number) = number else {
            return Err(Fault::invalid(&format!("{name} is invalid")));
        };
        if (1..=max).contains(&number) {
            Ok(number)
        } else {
            Err(Fault::invalid(&format!(
                "{name} does not have a valid value"
            )))
        }
    }

    /// The parameters as given, keys in order.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}
