//! Turns: sealed as said minus what must never be stored (I8), shown redacted.
//!
//! A turn of the assistant or of staff that asks the customer for a secret is recorded and then
//! refused: whoever shows chats must not show it, and is given a sentence to show instead.

use super::owner;
use crate::gateway::{Gateway, Malformed, Refusal, Refused};
use crate::identity::Caller;
use crate::ledger::Effect;
use crate::redaction::{self, Redacted};
use crate::telemetry::metric;
use serde_json::json;
use std::sync::Arc;
use tidewaiter_audit::Kind;

/// The longest turn, bytes.
pub const TEXT_MAX: usize = 16 * 1024;
/// How often a turn is numbered again when another took its number.
pub(super) const TRIES: usize = 16;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The agent.
    Assistant,
    /// A member of staff.
    Human,
}

impl Speaker {
    /// `customer`, `assistant`, `human`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Assistant => "assistant",
            Self::Human => "human",
        }
    }

    /// The speaker of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Customer, Self::Assistant, Self::Human]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// Who said it.
    pub speaker: Speaker,
    /// The text, at most [`TEXT_MAX`].
    pub text: String,
    /// The model that wrote an assistant's turn, with its version.
    pub model: Option<String>,
}

impl Saying {
    fn fits(&self) -> bool {
        !self.text.is_empty() && self.text.len() <= TEXT_MAX && is_model(&self.model)
    }
}

/// Whether a model's name is of its form: 1 to 64 printable characters, and no secret.
#[expect(clippy::ref_option, reason = "it is a member of what was sent")]
pub(super) fn is_model(model: &Option<String>) -> bool {
    model.as_ref().is_none_or(|model| {
        (1..=64).contains(&model.len())
            && model.chars().all(|c| c.is_ascii_graphic())
            && redaction::storable(model) == *model
    })
}

/// A turn as the agent may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// Its number in the conversation, from 1.
    pub turn: i64,
    /// The redacted text.
    pub text: String,
    /// Type and span of each finding.
    pub findings: Vec<Found>,
    /// What to tell the customer if something was pasted that must never be stored (I8).
    pub warning: Option<&'static str>,
    /// Its record.
    pub record: String,
}

/// A finding, as agents see it: type and span, no detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `EMAIL`, `SEED_PHRASE`…
    pub kind: &'static str,
    /// First code point in the original.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

impl Gateway {
    /// Records a turn, and returns what the agent may see of it.
    pub async fn turn(
        self: &Arc<Self>,
        bearer: Option<&str>,
        conversation: &str,
        saying: Result<Saying, Malformed>,
    ) -> Result<Turned, Refused> {
        let caller = self.admitted(bearer)?;
        self.unless_stopped(&caller, "turn").await?;
        let saying = match super::fitting(saying, Saying::fits) {
            Ok(saying) => saying,
            Err(why) => return self.refused(&caller, "turn", why).await,
        };
        for _try in 0..TRIES {
            let Some(current) = self.conversation_of(&caller, Some(conversation)).await? else {
                return self
                    .refused(&caller, "turn", Refusal::ConversationRequired)
                    .await;
            };
            match self.turn_once(&caller, &current, &saying).await {
                // Another turn took the number; the next try sees it.
                Err(Refused {
                    refusal: Refusal::Conflict,
                    ..
                }) => {}
                done => return done,
            }
        }
        Err(Refusal::Unrecorded.into())
    }

    async fn turn_once(
        self: &Arc<Self>,
        caller: &Arc<Caller>,
        current: &super::Current,
        saying: &Saying,
    ) -> Result<Turned, Refused> {
        let owner = owner(caller, current.id);
        let redacted = self.redact_turn(caller, current.id, saying).await?;
        let asked = asked(saying);
        let turn = current.turns + 1;
        let mut body = json!({
            "conversation": hex::encode(current.id),
            "turn": turn.to_string(),
            "speaker": saying.speaker.as_str(),
            "model": saying.model,
            "said": redacted.sealable.as_str(),
            "shown": redacted.text,
            "removed": redacted.forbidden.iter().map(|f| f.kind.label()).collect::<Vec<_>>(),
        });
        let values = values(&saying.text, &redacted.findings, &redacted.placeholders);
        if !values.is_empty()
            && let Some(members) = body.as_object_mut()
        {
            members.insert(VALUES.to_owned(), values.into());
        }
        if let (Some(asked), Some(members)) = (&asked, body.as_object_mut()) {
            members.insert(
                "stopped".to_owned(),
                json!({
                    "code": Refusal::AsksForSecret.code(),
                    "secret": asked.kind.label(),
                    "reason": asked.reason,
                }),
            );
            // Nobody is shown it.
            members.insert("shown".to_owned(), json!(null));
        }
        let mut draft = self.chat_draft(caller, Kind::Turn, owner, body);
        draft.effects = vec![Effect::ConversationTurn {
            id: current.id,
            turn,
        }];
        let recorded = self.append_owned(draft).await?;
        if redaction::hides(&saying.text) {
            metric::hidden(saying.speaker.as_str(), 1);
        }
        if let Some(asked) = asked {
            let (speaker, secret) = (saying.speaker.as_str(), asked.kind.label());
            metrics::counter!(metric::ASKED, "speaker" => speaker, "secret" => secret).increment(1);
            return Err(Refused {
                record: Some(recorded.rid()),
                language: Some(current.language),
                ..Refusal::AsksForSecret.into()
            });
        }
        let worst = redacted.forbidden.first().map(|forbidden| forbidden.kind);
        Ok(Turned {
            turn,
            findings: found(&saying.text, &redacted),
            warning: worst.map(|kind| redaction::warning(kind, current.language.into())),
            text: redacted.text,
            record: recorded.rid(),
        })
    }

    /// Redacts with the conversation's numbers; new values get theirs before anybody sees them.
    async fn redact_turn(
        &self,
        caller: &Caller,
        conversation: [u8; 16],
        saying: &Saying,
    ) -> Result<Redacted, Refusal> {
        let known = self.recent().known(caller);
        let profile = match saying.speaker {
            Speaker::Assistant => &self.profiles().assistant,
            Speaker::Customer | Speaker::Human => &self.profiles().agent,
        };
        let mut numbers = self.numbers(caller, Some(conversation)).await?;
        let redacted = redaction::redact(&saying.text, &known, profile, numbers.numbering());
        if !numbers.has_new() {
            return Ok(redacted);
        }
        let mut numbers = self.keep_numbers(numbers).await?;
        Ok(redaction::redact(
            &saying.text,
            &known,
            profile,
            numbers.numbering(),
        ))
    }
}

/// The member of a turn's record that says what its placeholders stand for.
pub(crate) const VALUES: &str = "values";

/// What the placeholders of a text stand for, for [`crate::privacy::reveal`]. What must not be
/// stored has no number, and is not among them (I8).
pub(super) fn values(
    original: &str,
    findings: &[redaction::Finding],
    placeholders: &[String],
) -> serde_json::Map<String, serde_json::Value> {
    let mut values = serde_json::Map::new();
    let numbered = |f: &&redaction::Finding| !f.kind.is_forbidden();
    for (finding, placeholder) in findings.iter().zip(placeholders) {
        let value = original.get(finding.start..finding.end);
        if let Some(value) = value.filter(|_| numbered(&finding)) {
            let first = values.entry(placeholder.clone());
            first.or_insert_with(|| value.into());
        }
    }
    values
}

/// The request for a secret in a turn that the customer would be shown. Always looked for:
/// nothing in a policy or the configuration lets one pass.
fn asked(saying: &Saying) -> Option<redaction::Request> {
    match saying.speaker {
        Speaker::Assistant | Speaker::Human => redaction::request(&saying.text),
        Speaker::Customer => None,
    }
}

fn found(original: &str, redacted: &Redacted) -> Vec<Found> {
    let spans = redaction::code_points(original, &redacted.findings);
    let kinds = redacted.findings.iter().map(|finding| finding.kind.label());
    kinds
        .zip(spans)
        .map(|(kind, span)| Found {
            kind,
            start: span.start,
            end: span.end,
        })
        .collect()
}
