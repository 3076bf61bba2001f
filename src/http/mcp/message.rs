//! A JSON-RPC message, as far as this layer must know it.

use crate::gateway::Malformed;
use crate::http::asked::single;
use crate::http::rest::operation::is_key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
const VERSION: &str = "mcp-protocol-version";

/// Our keys in `_meta` begin with this; others are nobody's business here.
const OURS: &str = "tidewaiter/";

/// Longest id of a request, characters: it is repeated in the answer.
const ID_MAX: usize = 128;

/// One message; a batch is not one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<Params<'a>>,
    #[serde(default, rename = "result")]
    _result: Option<IgnoredAny>,
    #[serde(default, rename = "error")]
    _error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "taskId")]
    task: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
}

/// What `_meta` says to the gateway.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) purpose: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) idempotency_key: Option<String>,
}

impl<'a> Message<'a> {
    /// The message, if it is one: JSON-RPC 2.0, with an id that may be repeated; a tool call has
    /// an id and a name.
    pub(super) fn checked(self) -> Result<Self, Malformed> {
        let id_fits = self.id.is_none_or(|id| {
            let id = id.get();
            let integer = id.strip_prefix('-').unwrap_or(id);
            id.len() <= ID_MAX
                && (id.starts_with('"') || integer.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let is_call = self.method.as_deref() == Some("tools/call");
        let names_tool = self.id.is_some() && self.tool().is_some();
        if self.jsonrpc != "2.0" || !id_fits || (is_call && !names_tool) {
            return Err(Malformed::Body);
        }
        Ok(self)
    }

    /// The id, as it was written.
    pub(super) fn id(&self) -> Option<&'a RawValue> {
        self.id
    }

    /// The tool that is called, if this is a call.
    pub(super) fn tool(&self) -> Option<&str> {
        if self.method.as_deref() != Some("tools/call") {
            return None;
        }
        self.params.as_ref()?.name.as_deref()
    }

    /// What the message is about, by the rules of `Mcp-Name`.
    fn subject(&self) -> Option<&str> {
        let params = self.params.as_ref()?;
        let named = params.name.as_ref().or(params.uri.as_ref());
        named.or(params.task.as_ref()).map(|name| &**name)
    }

    /// Whether a header names another method or tool than the body. Whoever routed the request by
    /// its headers has seen something else than we would do.
    pub(super) fn contradicts(&self, headers: &HeaderMap) -> bool {
        let says = |header: &str, body: Option<&str>| match single(headers, header) {
            Ok(None) => true,
            Ok(Some(text)) => decoded(text).as_deref() == body && body.is_some(),
            Err(_) => false,
        };
        let one_version = single(headers, VERSION).is_ok();
        !one_version || !says(METHOD, self.method.as_deref()) || !says(NAME, self.subject())
    }

    /// Our part of `_meta`. A key that looks like ours and is none is refused: a purpose that is
    /// misspelt must not become the default purpose.
    pub(super) fn meta(&self) -> Result<Meta, Malformed> {
        let mut ours = Meta::default();
        let meta = self.params.as_ref().and_then(|params| params.meta.as_ref());
        for (key, value) in meta.into_iter().flatten() {
            let Some(key) = key.strip_prefix(OURS) else {
                continue;
            };
            let text: String =
                serde_json::from_str(value.get()).map_err(|_not_text| Malformed::Body)?;
            match key {
                "purpose" => ours.purpose = Some(text),
                "conversation" => ours.conversation = Some(text),
                "idempotency-key" if is_key(&text) => ours.idempotency_key = Some(text),
                _ => return Err(Malformed::Body),
            }
        }
        Ok(ours)
    }
}

/// A header's value, out of `=?base64?…?=` where it is in it (MCP 2026-07-28, transports).
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let wrapped = text
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match wrapped {
        Some(wrapped) => {
            let bytes = STANDARD.decode(wrapped).ok()?;
            String::from_utf8(bytes).ok().map(Cow::Owned)
        }
        None => Some(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json;
    use http::HeaderValue;

    fn message(text: &str) -> Result<Message<'_>, Malformed> {
        json::read::<Message<'_>>(text.as_bytes()).and_then(Message::checked)
    }

    #[test]
    fn only_one_message_is_a_message() {
        for good in [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"_meta":{"x":[1]}}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":-7,"method":"tools/call","params":{"name":"t"}}"#,
        ] {
            assert!(message(good).is_ok(), "{good}");
        }
        let long = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, "i".repeat(127));
        for bad in [
            "[]",
            "1",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#,
            r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"t"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            &long,
        ] {
            assert!(message(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_header_that_names_another_tool_contradicts() {
        let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a_b"}}"#;
        let call = message(text).unwrap();
        let contradicts = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            call.contradicts(&headers)
        };
        assert!(!contradicts(&[]));
        assert!(!contradicts(&[(METHOD, "tools/call"), (NAME, "a_b")]));
        assert!(!contradicts(&[(NAME, "=?base64?YV9i?=")]));
        assert!(contradicts(&[(NAME, "a_c")]));
        assert!(contradicts(&[(NAME, "=?base64?YV9j?=")]));
        assert!(contradicts(&[(NAME, "=?base64?*?=")]));
        assert!(contradicts(&[(NAME, "a_b"), (NAME, "a_b")]));
        assert!(contradicts(&[(METHOD, "tools/list")]));
        assert!(contradicts(&[(VERSION, "2025-11-25"), (VERSION, "2026-07-28")]));
        let list = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(NAME, HeaderValue::from_static("a_b"));
        assert!(list.contradicts(&headers));
    }

    #[test]
    fn our_meta_is_exact_and_others_is_left_alone() {
        let meta = |meta: &str| {
            let text = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t","_meta":{meta}}}}}"#
            );
            message(&text).unwrap().meta()
        };
        let all = meta(
            r#"{"tidewaiter/purpose":"p","tidewaiter/conversation":"c","tidewaiter/idempotency-key":"k","progressToken":1}"#,
        );
        assert_eq!(
            all,
            Ok(Meta {
                purpose: Some("p".to_owned()),
                conversation: Some("c".to_owned()),
                idempotency_key: Some("k".to_owned()),
            })
        );
        assert_eq!(meta(r#"{"other/purpose":7}"#), Ok(Meta::default()));
        for bad in [
            r#"{"tidewaiter/purpose":7}"#,
            r#"{"tidewaiter/purpose":null}"#,
            r#"{"tidewaiter/purposes":"p"}"#,
            r#"{"tidewaiter/idempotency-key":""}"#,
            r#"{"tidewaiter/idempotency-key":"\n"}"#,
        ] {
            assert_eq!(meta(bad), Err(Malformed::Body), "{bad}");
        }
    }
}
