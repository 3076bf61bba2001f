//! What a call leaves in the ledger, gathered while it is handled.
//!
//! Each step writes what it learned; when the call ends, however it ends, one record is made of it
//! (I1). A panic in a step loses nothing that was noted before.

use super::call::{Call, Language};
use super::refusal::Refusal;
use crate::catalog::Operation;
use crate::identity::Caller;
use crate::ledger::guess::Spending;
use crate::ledger::{Draft, Effect, Guard, Owner};
use crate::redaction::{self, Clean, Expected};
use crate::revocation::Marks;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tidewaiter_audit::{Decision, Hash, Kind};

/// The retention class of what no operation claims.
pub(super) const SUPPORT: &str = "support";

/// What is known of a call so far.
#[derive(Debug)]
pub(super) struct Trail {
    caller: Arc<Caller>,
    marks: Marks,
    interface: &'static str,
    generation: i64,
    asked: String,
    given: Option<Map<String, Value>>,
    /// The conversation's language.
    pub(super) language: Option<Language>,
    /// The conversation it belongs to, and whether a guest's.
    pub(super) conversation: Option<([u8; 16], bool)>,
    /// The operation, once the catalog knew it.
    pub(super) operation: Option<Arc<Operation>>,
    /// The purpose, once it was granted.
    pub(super) purpose: Option<String>,
    /// The policy that decided.
    pub(super) policy: Option<Arc<str>>,
    /// What the caller expects of the answer, once it was found comparable.
    pub(super) expected: Vec<Expected>,
    /// The guesses that are counted if the answer is recorded.
    pub(super) spending: Option<Spending>,
    /// The line that decided, or why it was refused.
    pub(super) cause: Option<String>,
    /// The intent that is open.
    pub(super) intent: Option<[u8; 16]>,
    /// Whether the upstream was asked.
    pub(super) forwarded: bool,
    /// Keyed digest and length of the upstream's answer.
    pub(super) source: Option<(String, usize)>,
}

impl Trail {
    pub(super) fn new(caller: Arc<Caller>, marks: Marks, call: &Call, generation: i64) -> Self {
        Self {
            caller,
            marks,
            interface: call.interface.as_str(),
            generation,
            asked: redaction::storable(&call.operation)
                .chars()
                .take(128)
                .collect(),
            given: call.arguments.clone().ok(),
            language: None,
            conversation: None,
            operation: None,
            purpose: None,
            policy: None,
            expected: Vec::new(),
            spending: None,
            cause: None,
            intent: None,
            forwarded: false,
            source: None,
        }
    }

    /// The agent.
    pub(super) fn agent(&self) -> String {
        self.caller.agent().id.to_string()
    }

    /// By what the caller could be revoked.
    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The switches that would stop this call.
    pub(super) fn guard(&self) -> Option<Guard> {
        let operation = self.operation.as_ref()?;
        Some(Guard {
            targets: vec![
                format!("topic:{}", operation.topic),
                format!("operation:{}", operation.name),
                format!("agent:{}", self.caller.agent().id),
            ],
            conversation: self.conversation,
        })
    }

    /// The record of how the call ended.
    pub(super) fn draft(&self, outcome: &Result<Clean, Refusal>) -> Draft {
        let decision = match outcome {
            Ok(_) => Decision::Allow,
            Err(_) if self.forwarded => Decision::Error,
            Err(Refusal::Internal | Refusal::NotFound | Refusal::OutcomeUnknown) => Decision::Error,
            Err(_) => Decision::Deny,
        };
        let kind = match (self.intent, decision) {
            (Some(_), _) => Kind::Outcome,
            (None, Decision::Deny) => Kind::Refusal,
            (None, _) => Kind::Lookup,
        };
        let mut draft = self.blank(kind, self.body(outcome));
        draft.decision = Some(decision);
        if let Some(request) = self.intent {
            draft.effects = vec![Effect::IntentClose { request }];
        }
        if let Ok(clean) = outcome {
            draft.shown = Some(clean.json().to_vec());
            let spending = self.spending.clone().map(Effect::GuessesSpend);
            draft.effects.extend(spending);
        }
        // What became of an intent is recorded in any case; nothing else for a revoked token.
        if self.intent.is_none() {
            draft.marks = Some(self.marks.clone());
        }
        // What is shown must still be allowed when it is recorded; a refusal or an outcome stands.
        if outcome.is_ok() && self.intent.is_none() {
            draft.guard = self.guard();
        }
        draft
    }

    /// Whose the records of this call are.
    pub(super) fn owner(&self) -> Owner {
        match (self.caller.subject(), self.conversation) {
            (Some(subject), _) => Owner::Subject(Arc::clone(subject)),
            (None, Some((id, true))) => Owner::Guest(id),
            (None, _) => Owner::Log,
        }
    }

    /// A record of this call with the given body.
    pub(super) fn blank(&self, kind: Kind, body: Value) -> Draft {
        let owner = self.owner();
        let class = self
            .operation
            .as_ref()
            .map_or(SUPPORT, |operation| &operation.retention);
        let mut draft = Draft::new(kind, owner, class, body);
        draft.issued_at_s = self.caller.issued_at_s();
        draft.agent = Some(self.caller.agent().id.to_string());
        draft.operation = self
            .operation
            .as_ref()
            .map(|operation| operation.name.clone());
        draft.purpose.clone_from(&self.purpose);
        draft.policy = self.policy.as_deref().and_then(Hash::from_hex);
        draft.request = self.intent;
        draft.generation = self.generation;
        draft
    }

    /// What was asked with: declared arguments; of others only how many there were, since nobody
    /// knows what they are.
    fn arguments(&self) -> Value {
        let (Some(given), Some(operation)) = (&self.given, &self.operation) else {
            let undeclared = self.given.as_ref().map_or(0, Map::len);
            return json!({"undeclared": undeclared.to_string()});
        };
        let declared = given
            .iter()
            .filter(|(name, _)| operation.argument(name).is_some());
        let mut kept: Map<String, Value> = declared
            .map(|(name, value)| (name.clone(), storable(name, value)))
            .collect();
        let undeclared = given.len() - kept.len();
        if undeclared > 0 {
            kept.insert("undeclared".to_owned(), undeclared.to_string().into());
        }
        Value::Object(kept)
    }

    /// What every body of this call says.
    pub(super) fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
        put("interface", self.interface.into());
        put("asked", self.asked.as_str().into());
        put("arguments", self.arguments());
        put("assurance", json!(self.caller.assurance()));
        put("agent_kind", self.caller.agent().kind.as_str().into());
        if let Some((id, _guest)) = self.conversation {
            put("conversation", hex::encode(id).into());
        }
        if !self.expected.is_empty() {
            let expected = self.expected.iter().map(|expected| {
                let (path, text) = (expected.path(), expected.text());
                (path.to_owned(), storable(path, &text.into()))
            });
            put("expected", Value::Object(expected.collect()));
        }
        if let Some(cause) = &self.cause {
            put("rule", cause.as_str().into());
        }
        facts
    }

    fn body(&self, outcome: &Result<Clean, Refusal>) -> Value {
        let mut body = self.facts();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        if let Some((digest, length)) = &self.source {
            put(
                "source",
                json!({"digest": digest, "bytes": length.to_string()}),
            );
        }
        match outcome {
            Ok(clean) => {
                // How each field was treated, beside what was shown; the original stays upstream.
                put("treated", treated(clean));
                if !clean.compared().is_empty() {
                    put("compared", compared(clean));
                }
                let recipients = &self.caller.agent().recipients;
                put(
                    "recipients",
                    recipients.iter().map(|r| r.name.as_str()).collect(),
                );
            }
            Err(refusal) => {
                put("refused", refusal.code().into());
            }
        }
        Value::Object(body)
    }
}

/// How each field was treated, as records say it.
fn treated(clean: &Clean) -> Value {
    clean
        .treated()
        .iter()
        .map(|t| {
            json!({"path": t.path, "class": t.class.as_str(), "treatment": t.treatment.as_str()})
        })
        .collect()
}

/// What became of each expectation, as records say it.
fn compared(clean: &Clean) -> Value {
    clean
        .compared()
        .iter()
        .map(|c| json!({"path": c.path, "match": c.is_match}))
        .collect()
}

/// A declared argument as it may be stored: looked at beside its name, which says what it is, and
/// gone whole if anything in it must never be stored (I8).
fn storable(name: &str, value: &Value) -> Value {
    let text = match value {
        Value::Null | Value::Bool(_) => return value.clone(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return "[not a plain value]".into(),
    };
    let beside = format!("{name}: {text}");
    if redaction::storable(&text) == text && redaction::storable(&beside) == beside {
        value.clone()
    } else {
        "[REMOVED]".into()
    }
}
