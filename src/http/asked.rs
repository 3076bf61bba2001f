//! What a request carries that more than one route needs: token, language, body.

use super::problem::{self, Asker};
use super::rejection::Rejection;
use super::{HttpSettings, json, oauth};
use crate::gateway::{Answer, Language, Malformed, Refusal, Refused};
use crate::identity;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, AsHeaderName, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;
use serde::Deserialize;

/// A request with its body read, as far as it could be.
pub(super) struct Asked {
    pub(super) parts: Parts,
    pub(super) bearer: Option<String>,
    pub(super) language: Language,
    body: Result<Bytes, Unread>,
}

/// Why there is no body.
#[derive(Debug, Clone, Copy)]
enum Unread {
    Malformed(Malformed),
    Slow,
}

impl Asked {
    /// Takes a request whose body nobody looks at.
    pub(super) fn head(request: Request) -> Self {
        let (parts, _unread) = request.into_parts();
        Self::new(parts, Ok(Bytes::new()))
    }

    /// Takes a request and reads its JSON, within the settings' limits.
    pub(super) async fn whole(request: Request, settings: &HttpSettings) -> Self {
        let (parts, body) = request.into_parts();
        let body = receive(&parts.headers, body, settings).await;
        Self::new(parts, body)
    }

    fn new(parts: Parts, body: Result<Bytes, Unread>) -> Self {
        Self {
            bearer: bearer(&parts.headers),
            language: language(&parts.headers),
            parts,
            body,
        }
    }

    /// The body's bytes.
    pub(super) fn bytes(&self) -> Result<&Bytes, Malformed> {
        self.body.as_ref().map_err(|unread| match unread {
            Unread::Malformed(why) => *why,
            Unread::Slow => Malformed::Body,
        })
    }

    /// Whether there is no body, and none was announced.
    pub(super) fn is_empty(&self) -> bool {
        self.body.as_ref().is_ok_and(Bytes::is_empty)
    }

    /// The body, as strict JSON of the form `T`.
    pub(super) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Malformed> {
        json::read(self.bytes()?)
    }

    /// What is known of the asker.
    pub(super) fn asker<'a>(&self, settings: &'a HttpSettings) -> Asker<'a> {
        Asker {
            language: self.language,
            credentials: self.parts.headers.contains_key(AUTHORIZATION),
            mount: if self.parts.uri.path() == oauth::MCP {
                oauth::MCP
            } else {
                ""
            },
            settings,
        }
    }

    /// The response to what the gateway refused. A body that came too slowly was put to the
    /// gateway as malformed, so that it is recorded; the client is told what it was.
    pub(super) fn refuse(
        &self,
        settings: &HttpSettings,
        refused: &Refused,
        rid: Option<&str>,
    ) -> Response {
        self.refuse_in(self.language, settings, refused, rid)
    }

    fn refuse_in(
        &self,
        language: Language,
        settings: &HttpSettings,
        refused: &Refused,
        rid: Option<&str>,
    ) -> Response {
        let rid = rid.or(refused.record.as_deref());
        if refused.refusal == Refusal::Malformed && matches!(self.body, Err(Unread::Slow)) {
            return problem::rejected(Rejection::Slow, language, rid);
        }
        let asker = Asker {
            language,
            ..self.asker(settings)
        };
        problem::refused(asker, refused, rid)
    }

    /// The response to an answer that is a refusal, in the conversation's language.
    pub(super) fn refuse_answer(
        &self,
        settings: &HttpSettings,
        answer: &Answer,
        refused: &Refused,
    ) -> Response {
        let rid = answer.rid();
        self.refuse_in(answer.language(), settings, refused, rid.as_deref())
    }
}

/// The only value of a header: none if it is absent, an error if it is there twice or not text.
pub(super) fn single(
    headers: &HeaderMap,
    name: impl AsHeaderName,
) -> Result<Option<&str>, Malformed> {
    let mut all = headers.get_all(name).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(Malformed::Header);
    }
    let text = value.to_str().map_err(|_not_text| Malformed::Header)?;
    Ok(Some(text))
}

/// The language asked for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let tag = headers.get(ACCEPT_LANGUAGE);
    Language::parse(tag.and_then(|tag| tag.to_str().ok()).unwrap_or_default())
}

/// The bearer token; one that is of no form is none.
fn bearer(headers: &HeaderMap) -> Option<String> {
    identity::bearer(headers).ok()?.map(str::to_owned)
}

async fn receive(
    headers: &HeaderMap,
    body: Body,
    settings: &HttpSettings,
) -> Result<Bytes, Unread> {
    if !headers.contains_key(CONTENT_TYPE) && body.size_hint().exact() == Some(0) {
        return Ok(Bytes::new());
    }
    if !is_json(headers) {
        return Err(Unread::Malformed(Malformed::MediaType));
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| {
        let length = length.to_str().ok()?;
        length.parse::<usize>().ok()
    });
    if announced.is_some_and(|length| length > settings.body_limit) {
        return Err(Unread::Malformed(Malformed::TooLarge));
    }
    let whole = Limited::new(body, settings.body_limit).collect();
    match tokio::time::timeout(settings.body_timeout, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Unread::Malformed(Malformed::TooLarge))
        }
        Ok(Err(_broken_off)) => Err(Unread::Malformed(Malformed::Body)),
        Err(_elapsed) => Err(Unread::Slow),
    }
}

/// Whether the body is `application/json`, with parameters or without, and not compressed.
fn is_json(headers: &HeaderMap) -> bool {
    let essence = match single(headers, CONTENT_TYPE) {
        Ok(Some(value)) => value.split(';').next().unwrap_or_default().trim(),
        Ok(None) | Err(_) => return false,
    };
    let plain = match single(headers, CONTENT_ENCODING) {
        Ok(None) => true,
        Ok(Some(encoding)) => encoding.eq_ignore_ascii_case("identity"),
        Err(_) => false,
    };
    plain && essence.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use std::time::Duration;

    fn headers(all: &[(HeaderName, &'static str)]) -> HeaderMap {
        let all = all.iter().cloned();
        all.map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn one_bearer_token_is_found_and_nothing_else() {
        let of = |values: &[&'static str]| {
            let all: Vec<_> = values.iter().map(|value| (AUTHORIZATION, *value)).collect();
            bearer(&headers(&all))
        };
        assert_eq!(of(&["Bearer a.b.c"]).unwrap(), "a.b.c");
        assert_eq!(of(&["bEARER a.b.c"]).unwrap(), "a.b.c");
        for wrong in [
            &[][..],
            &["Basic a"],
            &["Bearer"],
            &["Bearer a", "Bearer a"],
        ] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_json_in_the_clear_is_json() {
        let typed = |value| is_json(&headers(&[(CONTENT_TYPE, value)]));
        assert!(typed("application/json"));
        assert!(typed("Application/JSON ; charset=utf-8"));
        for other in [
            "text/json",
            "application/jsonp",
            "application/json, text/plain",
            "",
        ] {
            assert!(!typed(other), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
        let json = (CONTENT_TYPE, "application/json");
        assert!(!is_json(&headers(&[json.clone(), json.clone()])));
        assert!(!is_json(&headers(&[
            json.clone(),
            (CONTENT_ENCODING, "gzip")
        ])));
        assert!(is_json(&headers(&[json, (CONTENT_ENCODING, "identity")])));
    }

    #[tokio::test]
    async fn a_body_is_bounded_with_and_without_its_length() {
        let mut settings = HttpSettings::new("https://tide.example");
        settings.body_limit = 4;
        let json = headers(&[(CONTENT_TYPE, "application/json")]);
        let sized = headers(&[(CONTENT_TYPE, "application/json"), (CONTENT_LENGTH, "5")]);
        let read = receive(&json, Body::from("1234"), &settings).await;
        assert_eq!(read.unwrap(), "1234");
        for headers in [&json, &sized] {
            let read = receive(headers, Body::from("12345"), &settings).await;
            assert!(matches!(read, Err(Unread::Malformed(Malformed::TooLarge))));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_slow() {
        let mut settings = HttpSettings::new("https://tide.example");
        settings.body_timeout = Duration::from_secs(3);
        let json = headers(&[(CONTENT_TYPE, "application/json")]);
        let read = receive(&json, Body::new(Never), &settings).await;
        assert!(matches!(read, Err(Unread::Slow)));
    }

    struct Never;

    impl hyper::body::Body for Never {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
}
