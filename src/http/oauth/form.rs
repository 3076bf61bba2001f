//! The token endpoint's body: `application/x-www-form-urlencoded`, read strictly.
//!
//! Promises that a parameter is there once or the request is refused (RFC 6749 §3.2), that nothing
//! is guessed of what is not UTF-8 or not encoded as it must be, and that size, number and time are
//! bounded.

use crate::gateway::exchange::TokenRequest;
use crate::http::HttpSettings;
use crate::http::asked::single;
use axum::extract::Request;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Longest body: three tokens of 8 KiB, and room for the rest.
const LONGEST: usize = 32_768;
/// Most parameters, ours or not.
const MOST: usize = 32;

/// Why a body is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Not a form, or not one that has a single reading.
    Form,
    /// Too long.
    TooLarge,
    /// It did not arrive in time.
    Slow,
}

/// The request in a body.
pub(super) async fn read(request: Request, settings: &HttpSettings) -> Result<TokenRequest, Unfit> {
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        return Err(Unfit::Form);
    }
    let whole = Limited::new(body, LONGEST.min(settings.body_limit)).collect();
    let bytes = match tokio::time::timeout(settings.body_timeout, whole).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Unfit::TooLarge),
        Ok(Err(_broken_off)) => return Err(Unfit::Form),
        Err(_elapsed) => return Err(Unfit::Slow),
    };
    let mut request = parse(&bytes).ok_or(Unfit::Form)?;
    request.other_authentication = parts.headers.contains_key(AUTHORIZATION);
    Ok(request)
}

/// The challenge to a client that did not prove itself: in the scheme it tried, if it tried one
/// (RFC 6749 §5.2).
pub(super) fn scheme(headers: &HeaderMap) -> &'static str {
    let tried = headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
    let basic = tried.and_then(|tried| tried.get(..6));
    if basic.is_some_and(|start| start.eq_ignore_ascii_case(b"basic ")) {
        "Basic realm=\"tidewaiter\""
    } else {
        "Bearer realm=\"tidewaiter\""
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let Ok(Some(typ)) = single(headers, CONTENT_TYPE) else {
        return false;
    };
    let essence = typ.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && !headers.contains_key(CONTENT_ENCODING)
}

fn parse(bytes: &[u8]) -> Option<TokenRequest> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut request = TokenRequest::default();
    for (at, pair) in text.split('&').enumerate() {
        if at >= MOST {
            return None;
        }
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (decode(name)?, decode(value)?);
        put(&mut request, &name, value)?;
    }
    Some(request)
}

/// Takes a parameter in; none if it was there before. One that is empty counts as left out
/// (RFC 6749 §3.2), and one that nobody knows is passed over.
fn put(request: &mut TokenRequest, name: &str, value: String) -> Option<()> {
    let place = match name {
        "grant_type" => &mut request.grant_type,
        "subject_token" => &mut request.subject_token,
        "subject_token_type" => &mut request.subject_token_type,
        "actor_token" => &mut request.actor_token,
        "actor_token_type" => &mut request.actor_token_type,
        "requested_token_type" => &mut request.requested_token_type,
        "scope" => &mut request.scope,
        "client_id" => &mut request.client_id,
        "client_assertion" => &mut request.client_assertion,
        "client_assertion_type" => &mut request.client_assertion_type,
        // RFC 8693 §2.1 lets these come more than once.
        "resource" | "audience" => {
            request.targets.push(value);
            return Some(());
        }
        // A secret has no business here, and must not be passed over in silence.
        "client_secret" => return None,
        _ => return Some(()),
    };
    if value.is_empty() {
        return Some(());
    }
    place.replace(value).is_none().then_some(())
}

/// The text behind an encoding (WHATWG URL §5.1), if it is one and UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'!'..=b'~' => byte,
            _ => return None,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_form_has_one_reading() {
        let form = parse(b"grant_type=a%3ab+c&scope=&other=x&audience=1&audience=2").unwrap();
        assert_eq!(form.grant_type.as_deref(), Some("a:b c"));
        assert_eq!(form.scope, None);
        assert_eq!(form.targets, ["1", "2"]);
        for wrong in [
            "grant_type",
            "grant_type=a&grant_type=a",
            "grant_type=a&grant%5Ftype=b",
            "grant_type=%",
            "grant_type=%4",
            "grant_type=%+1",
            "grant_type=%zz",
            "grant_type=%ff",
            "grant_type=a b",
            "grant_type=\u{e4}",
            "client_secret=x",
            "",
            "&",
        ] {
            assert!(parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(parse(b"scope=\xff").is_none());
        let many = vec!["a=1"; MOST + 1].join("&");
        assert!(parse(many.as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_read_back(text in any::<String>(), name in "[a-z_]{1,9}") {
            let encoded: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("scope", &text)
                .append_pair(&name, "x")
                .finish();
            let form = parse(encoded.as_bytes());
            if name == "scope" {
                prop_assert!(form.is_none() || text.is_empty());
            } else {
                let read = form.unwrap().scope.unwrap_or_default();
                prop_assert_eq!(read, text);
            }
        }

        #[test]
        fn nothing_a_stranger_sends_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _read = parse(&bytes).is_some();
        }
    }
}
