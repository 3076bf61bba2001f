//! A turn of the assistant that comes in pieces, and leaves sentence by sentence.
//!
//! Each piece that leaves is a record first (I1): what a customer was shown is in the ledger even if
//! this process ends in the middle, and at most one sentence is in the ledger that nobody was shown.
//! The parts of a turn share its number and count from one; the last says how it ended. A turn
//! without a last part broke off.
//!
//! A sentence that asks for a secret ends the turn before it leaves; a thrown switch, a closed
//! conversation or a revoked token ends it before the next one. Leaves to
//! [`crate::redaction::Stream`]: when a piece may leave.

use super::number::Numbers;
use super::turn::{TEXT_MAX, TRIES, values};
use super::{Current, owner};
use crate::gateway::{Found, Gateway, Malformed, Refusal, Refused};
use crate::identity::Caller;
use crate::ledger::{Effect, Guard};
use crate::redaction::{self, Finding, Segment, Stream};
use crate::telemetry::metric;
use serde_json::{Value, json};
use std::sync::Arc;
use tidewaiter_audit::Kind;
use zeroize::Zeroizing;

/// How a turn that came in pieces ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its last piece.
    Complete,
    /// Its sender, or who it was for, went away.
    Broken,
    /// What was sent has no form, or is too long.
    Malformed,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Broken => "broken",
            Self::Malformed => "malformed",
        }
    }
}

/// A piece that may be shown: it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Its record.
    pub record: String,
}

/// The last piece of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The turn's number in the conversation.
    pub turn: i64,
    /// The rest of the text.
    pub text: String,
    /// What was found in all of it.
    pub findings: Vec<Found>,
    /// Whether the end of it was withheld, because it could not be looked through in bounds.
    pub withheld: bool,
    /// Its record.
    pub record: String,
}

/// A turn of the assistant on its way.
#[derive(Debug)]
pub struct Speech {
    gateway: Arc<Gateway>,
    caller: Arc<Caller>,
    current: Current,
    model: Option<String>,
    stream: Option<Stream>,
    numbers: Option<Numbers>,
    /// All that came.
    text: Zeroizing<String>,
    findings: Vec<Finding>,
    withheld: bool,
    /// The turn's number, once it has one.
    turn: Option<i64>,
    parts: u64,
}

impl Gateway {
    /// Begins a turn of the assistant that comes in pieces, written by `model`.
    pub async fn speak(
        self: &Arc<Self>,
        bearer: Option<&str>,
        conversation: &str,
        model: Result<Option<String>, Malformed>,
    ) -> Result<Speech, Refused> {
        let caller = self.admitted(bearer)?;
        self.unless_stopped(&caller, "turn").await?;
        let model = match super::fitting(model, super::turn::is_model) {
            Ok(model) => model,
            Err(why) => return self.refused(&caller, "turn", why).await,
        };
        let Some(current) = self.conversation_of(&caller, Some(conversation)).await? else {
            return self
                .refused(&caller, "turn", Refusal::ConversationRequired)
                .await;
        };
        let numbers = self.numbers(&caller, Some(current.id)).await?;
        let known = self.recent().known(&caller);
        let profile = self.profiles().assistant.clone();
        Ok(Speech {
            gateway: Arc::clone(self),
            stream: Some(Stream::new(known, profile).guarded()),
            numbers: Some(numbers),
            caller,
            current,
            model,
            text: Zeroizing::new(String::new()),
            findings: Vec::new(),
            withheld: false,
            turn: None,
            parts: 0,
        })
    }
}

impl Speech {
    /// Takes the next piece; what may be shown now, if anything.
    pub async fn say(&mut self, piece: &str) -> Result<Option<Part>, Refused> {
        let said = self.take(piece).await;
        self.told(said).await
    }

    /// Ends the turn.
    pub async fn end(mut self, how: End) -> Result<Spoken, Refused> {
        let ended = self.finish(how).await;
        self.told(ended).await
    }

    /// A refusal in the middle of a turn is an answer too, and needs its record (I1).
    async fn told<T>(&self, outcome: Result<T, Refused>) -> Result<T, Refused> {
        let Err(refused) = outcome else {
            return outcome;
        };
        let counted = matches!(
            refused.refusal,
            Refusal::Unauthenticated | Refusal::Unrecorded
        );
        if refused.record.is_some() || counted {
            return Err(refused);
        }
        let gateway = &self.gateway;
        gateway.refused(&self.caller, "turn", refused.refusal).await
    }

    async fn take(&mut self, piece: &str) -> Result<Option<Part>, Refused> {
        if self.text.len() + piece.len() > TEXT_MAX {
            return Err(Refusal::TooLarge.into());
        }
        let from = self.text.len();
        self.text.push_str(piece);
        if redaction::hides(self.text.get(from..).unwrap_or_default()) {
            metric::hidden("assistant", 1);
        }
        let (Some(stream), Some(numbers)) = (&mut self.stream, &mut self.numbers) else {
            return Err(Refusal::Internal.into());
        };
        let segment = stream.push(piece.as_bytes(), numbers.numbering());
        self.release(segment).await
    }

    async fn finish(&mut self, how: End) -> Result<Spoken, Refused> {
        let (Some(stream), Some(numbers)) = (self.stream.take(), &mut self.numbers) else {
            return Err(Refusal::Internal.into());
        };
        // What was held when it broke off was shown to nobody, and is not looked at.
        let segment = if how == End::Complete {
            stream.finish(numbers.numbering())
        } else {
            Segment::default()
        };
        if segment.asks.is_some() {
            self.release(segment).await?;
            return Err(Refusal::Internal.into());
        }
        let text = segment.text.clone();
        let record = self.record(segment, json!(how.as_str())).await?;
        let all = redaction::code_points(&self.text, &self.findings);
        let kinds = self.findings.iter().map(|finding| finding.kind.label());
        let findings = kinds.zip(all).map(|(kind, span)| Found {
            kind,
            start: span.start,
            end: span.end,
        });
        Ok(Spoken {
            turn: self.turn.unwrap_or_default(),
            findings: findings.collect(),
            withheld: self.withheld,
            text,
            record,
        })
    }

    async fn release(&mut self, segment: Segment) -> Result<Option<Part>, Refused> {
        let Some(asked) = segment.asks.clone() else {
            if segment.is_empty() {
                return Ok(None);
            }
            let text = segment.text.clone();
            let record = self.record(segment, Value::Null).await?;
            return Ok(Some(Part { text, record }));
        };
        let (secret, unsaid) = (asked.kind.label(), segment.unsaid.as_str().to_owned());
        // What stood before the request leaves with nobody: the client is told to say something else.
        let stopped = json!({
            "code": Refusal::AsksForSecret.code(),
            "secret": secret,
            "reason": asked.reason,
            "said": unsaid,
        });
        let segment = Segment {
            text: String::new(),
            ..segment
        };
        let record = self.record(segment, stopped).await?;
        metrics::counter!(metric::ASKED, "speaker" => "assistant", "secret" => secret).increment(1);
        Err(Refused {
            record: Some(record),
            language: Some(self.current.language),
            ..Refusal::AsksForSecret.into()
        })
    }

    /// Records a part; nothing of it leaves before. `end` is null for one that others follow.
    async fn record(&mut self, segment: Segment, end: Value) -> Result<String, Refused> {
        let gateway = Arc::clone(&self.gateway);
        gateway.unless_stopped(&self.caller, "turn").await?;
        self.keep_numbers().await?;
        self.withheld |= segment.withheld;
        self.findings.extend(segment.findings.iter().cloned());
        let mut body = json!({
            "conversation": hex::encode(self.current.id),
            "part": (self.parts + 1).to_string(),
            "speaker": "assistant",
            "model": self.model,
            "said": segment.sealable.as_str(),
            "shown": segment.text,
            "removed": segment.forbidden.iter().map(|f| f.kind.label()).collect::<Vec<_>>(),
        });
        if let Some(members) = body.as_object_mut() {
            let values = values(&self.text, &segment.findings, &segment.placeholders);
            if !values.is_empty() {
                members.insert(super::turn::VALUES.to_owned(), values.into());
            }
            if end.is_object() {
                members.insert("stopped".to_owned(), end);
            } else if !end.is_null() {
                members.insert("end".to_owned(), end);
            }
        }
        let record = match self.turn {
            Some(turn) => self.append(body, turn, false).await?,
            None => self.first(body).await?,
        };
        self.parts += 1;
        Ok(record)
    }

    /// The first part takes the turn's number; another turn may take it at the same time.
    async fn first(&mut self, body: Value) -> Result<String, Refused> {
        for _try in 0..TRIES {
            let turn = self.current.turns + 1;
            match self.append(body.clone(), turn, true).await {
                Err(refused) if refused.refusal == Refusal::Conflict => {
                    let name = hex::encode(self.current.id);
                    let found = self
                        .gateway
                        .conversation_of(&self.caller, Some(&name))
                        .await?;
                    self.current = found.ok_or(Refusal::ConversationRequired)?;
                }
                appended => {
                    self.turn = Some(turn);
                    return appended;
                }
            }
        }
        Err(Refusal::Unrecorded.into())
    }

    async fn append(&self, mut body: Value, turn: i64, first: bool) -> Result<String, Refused> {
        if let Some(members) = body.as_object_mut() {
            members.insert("turn".to_owned(), turn.to_string().into());
        }
        let (id, guest) = (self.current.id, self.current.guest);
        let owner = owner(&self.caller, id);
        let mut draft = self
            .gateway
            .chat_draft(&self.caller, Kind::Turn, owner, body);
        if first {
            draft.effects = vec![Effect::ConversationTurn { id, turn }];
        } else {
            draft.guard = draft.guard.map(|guard| Guard {
                conversation: Some((id, guest)),
                ..guard
            });
        }
        Ok(self.gateway.append_owned(draft).await?.rid())
    }

    /// New values keep the numbers they were given, unless another turn gave them at the same time:
    /// then the turn ends, for what was redacted cannot be numbered again.
    async fn keep_numbers(&mut self) -> Result<(), Refused> {
        let Some(mut numbers) = self.numbers.take() else {
            return Err(Refusal::Internal.into());
        };
        if numbers.has_new() {
            let given = numbers.numbering().export().to_vec();
            numbers = self.gateway.keep_numbers(numbers).await?;
            let kept = numbers.numbering().export();
            let same = |label: &str| {
                let ours = given.iter().filter(|(l, _)| *l == label);
                let mut theirs = kept.iter().filter(|(l, _)| *l == label);
                ours.into_iter().all(|pair| theirs.next() == Some(pair))
            };
            if !given.iter().all(|(label, _)| same(label)) {
                return Err(Refusal::Unrecorded.into());
            }
        }
        self.numbers = Some(numbers);
        Ok(())
    }
}
