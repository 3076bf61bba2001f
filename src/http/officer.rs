//! Officers' routes: one file for each noun.
//!
//! Promises I7's half of the wire: the reason and the case travel to where the act is recorded,
//! and what must not be broken off runs in a task that the connection does not own.
//! Leaves roles, four eyes and the records of all this to [`crate::privacy`].

use super::Site;
use super::asked::Asked;
use super::rest::json;
use crate::gateway::{Malformed, Refusal, Refused};
use crate::identity::Officer;
use crate::privacy::Access;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

pub(super) mod assignment;
pub(super) mod conversation;
pub(super) mod erasure;
pub(super) mod export;
pub(super) mod hold;
pub(super) mod overview;
pub(super) mod record;
pub(super) mod revocation;
pub(super) mod switch;

const REASON: &str = "access-reason";
const CASE: &str = "access-case";

/// Where a page goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AfterQuery {
    pub(super) after: Option<String>,
}

/// In which state cases are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateQuery {
    pub(super) state: String,
}

/// Why, in a body: what an approval carries, if its headers do not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhyForm {
    reason: Option<String>,
    case: Option<String>,
}

impl WhyForm {
    /// Reads it from a body that may be missing.
    fn read(asked: &Asked) -> Result<Self, Refused> {
        if asked.is_empty() {
            return Ok(Self::default());
        }
        asked.json().map_err(refused)
    }

    /// Reason and case: the headers', else the body's.
    fn access(&self, headers: &HeaderMap) -> Option<Access> {
        let reason = header(headers, REASON).or(self.reason.as_deref().map(Cow::Borrowed));
        let case = header(headers, CASE).or(self.case.as_deref().map(Cow::Borrowed));
        Access::new(&reason?, &case?)
    }
}

/// The only value of a header, which may be UTF-8, as it is or percent-encoded.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let mut all = headers.get_all(name).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return None;
    };
    let text = std::str::from_utf8(value.as_bytes()).ok()?;
    let decoded = url::form_urlencoded::parse(text.as_bytes()).next();
    match decoded {
        // Clients encode only what is not ASCII; a plain `50% + fee` stays as it is.
        Some((decoded, _)) if text.is_ascii() && !decoded.is_ascii() => {
            Some(Cow::Owned(decoded.into_owned()))
        }
        _ => Some(Cow::Borrowed(text)),
    }
}

/// The officer who asks.
fn officer(site: &Site, asked: &Asked) -> Result<Arc<Officer>, Refused> {
    Ok(site.gateway.officer(asked.bearer.as_deref())?)
}

/// What a body of another form becomes, once it is known who sent it.
pub(super) fn refused(malformed: Malformed) -> Refused {
    Refusal::from(malformed).into()
}

/// The response to what was shown or refused.
pub(super) async fn answer(
    site: &Site,
    asked: &Asked,
    status: StatusCode,
    outcome: Result<Value, Refused>,
) -> Response {
    match outcome {
        Ok(value) => json(status, value.to_string()),
        Err(refused) => {
            let bearer = asked.bearer.as_deref();
            let refused = site.gateway.refused_request(bearer, refused).await;
            asked.refuse(&site.settings, &refused, None)
        }
    }
}

/// Runs something to its end, whether or not the client waits for it.
async fn to_the_end<T: Send + 'static>(
    site: &Site,
    act: impl Future<Output = Result<T, Refused>> + Send + 'static,
) -> Result<T, Refused> {
    match site.gateway.tracker().spawn(act).await {
        Ok(outcome) => outcome,
        Err(_panic) => Err(Refusal::Internal.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_reason_may_be_in_any_language() {
        let of = |value: &'static [u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(REASON, HeaderValue::from_bytes(value).unwrap());
            header(&headers, REASON).map(Cow::into_owned)
        };
        assert_eq!(of(b"50% + fee = ?").unwrap(), "50% + fee = ?");
        assert_eq!(of("жалоба".as_bytes()).unwrap(), "жалоба");
        assert_eq!(of(b"%D0%B6%3D+%D0%B1%26").unwrap(), "ж= б&");
        assert_eq!(of(b"\xff"), None);
        let mut twice = HeaderMap::new();
        twice.append(REASON, HeaderValue::from_static("a"));
        twice.append(REASON, HeaderValue::from_static("a"));
        assert_eq!(header(&twice, REASON), None);
    }

    #[test]
    fn headers_come_before_the_body() {
        let form = WhyForm {
            reason: Some("from the body".to_owned()),
            case: Some("C-1".to_owned()),
        };
        let mut headers = HeaderMap::new();
        assert_eq!(form.access(&headers).unwrap().reason(), "from the body");
        headers.insert(REASON, HeaderValue::from_static("from the header"));
        let access = form.access(&headers).unwrap();
        assert_eq!((access.reason(), access.case()), ("from the header", "C-1"));
        assert!(WhyForm::default().access(&headers).is_none());
    }
}
