//! One entry of a transcript, as said or as the assistant saw it.

use crate::clock::rfc3339;
use crate::redaction::{self, Known, Numbering, Profile};
use serde_json::{Map, Value, json};
use tidewaiter_audit::{Decision, Kind, Leaf};

/// How much of a conversation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// What was said, but for what must not be stored.
    Original,
    /// What the assistant was shown.
    Masked,
}

impl View {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Masked => "masked",
        }
    }
}

/// Members of a turn's, opening's or closing's body that anybody who may read it sees.
const CHAT: [&str; 9] = [
    "act",
    "channel",
    "locale",
    "disclosure",
    "outcome",
    "rating",
    "turn",
    "speaker",
    "model",
];
/// The same of a call's.
const CALL: [&str; 5] = ["shown", "compared", "treated", "refused", "recipients"];

/// A record of the conversation, for a reader of this view.
pub(super) fn shown(leaf: &Leaf, body: &Value, view: View) -> Value {
    let mut entry = Map::new();
    let mut put = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    put("record", hex::encode(leaf.rid).into());
    put("seq", leaf.seq.to_string().into());
    put("time", rfc3339(leaf.time_us).into());
    put("kind", leaf.kind.as_str().into());
    if matches!(leaf.kind, Kind::Turn | Kind::Conversation) {
        copy(&mut entry, body, &CHAT);
        turn(&mut entry, body, view);
        return Value::Object(entry);
    }
    put("operation", json!(leaf.operation));
    put("purpose", json!(leaf.purpose));
    put("decision", json!(leaf.decision.map(Decision::as_str)));
    copy(&mut entry, body, &CALL);
    let asked = body.get("arguments").cloned().unwrap_or(Value::Null);
    let asked = match view {
        View::Original => {
            copy(&mut entry, body, &["rule", "asked"]);
            asked
        }
        View::Masked => masked(asked),
    };
    entry.insert("arguments".to_owned(), asked);
    Value::Object(entry)
}

/// What was said: the words, or what was shown of them; and what was removed for good.
fn turn(entry: &mut Map<String, Value>, body: &Value, view: View) {
    if let Some(shown) = body.get("shown") {
        entry.insert("text".to_owned(), shown.clone());
    }
    copy(entry, body, &["removed"]);
    if view == View::Original {
        copy(entry, body, &["said"]);
    }
}

fn copy(entry: &mut Map<String, Value>, body: &Value, names: &[&str]) {
    for name in names {
        if let Some(value) = body.get(*name).filter(|value| !value.is_null()) {
            entry.insert((*name).to_owned(), value.clone());
        }
    }
}

/// Arguments come from the assistant, who may have written there what it was told elsewhere. By
/// rules alone: a reader of records carries no models.
fn masked(asked: Value) -> Value {
    let Value::Object(members) = asked else {
        return asked;
    };
    // Numbers of this view alone: they lead to no other.
    let mut numbers = Numbering::new(&[0; 32]);
    let mut text = |text: &str| {
        let profile = Profile::assistant();
        redaction::redact(text, &Known::none(), &profile, &mut numbers).text
    };
    let members = members.into_iter().map(|(name, value)| {
        let masked = value.as_str().map(&mut text).map(Value::String);
        (name, masked.unwrap_or(value))
    });
    Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i7_the_masked_view_has_nothing_that_was_only_said() {
        let body = json!({
            "conversation": "00", "turn": "1", "speaker": "customer",
            "said": "write to a.b@example.org", "shown": "write to [EMAIL_1]", "removed": [],
        });
        let mut entry = Map::new();
        copy(&mut entry, &body, &CHAT);
        turn(&mut entry, &body, View::Masked);
        let text = Value::Object(entry.clone()).to_string();
        assert!(text.contains("[EMAIL_1]") && !text.contains("example.org"));
        turn(&mut entry, &body, View::Original);
        assert_eq!(entry["said"], "write to a.b@example.org");
    }

    #[test]
    fn i7_arguments_are_masked_too() {
        let asked = json!({"note": "card 4111 1111 1111 1111", "n": 7});
        let masked = masked(asked);
        assert_eq!(masked["n"], 7);
        assert!(!masked.to_string().contains("4111"), "{masked}");
    }
}
