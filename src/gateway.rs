//! The request path: one function from a call to an answer that may leave.

pub mod answer;
pub mod call;
pub mod refusal;

pub use answer::{Answer, Refused};
pub use call::{Call, Interface, Language, Malformed};
pub use refusal::Refusal;

use std::sync::Arc;

/// Everything the request path needs.
#[derive(Debug)]
pub struct Gateway {
    ledger: crate::ledger::Ledger,
}

/// An operation as `GET /v1/operations` and `tools/list` show it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The operation.
    pub operation: Arc<crate::catalog::Operation>,
    /// JSON Schema of the arguments.
    pub input_schema: serde_json::Value,
    /// JSON Schema of `{"result", "treated", "record"}`, projected for this agent.
    pub output_schema: serde_json::Value,
}

/// What `POST /v1/conversations` carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// `web`, `app`, `telegram`… `[a-z0-9_-]{1,32}`.
    pub channel: String,
    /// A BCP 47 tag.
    pub locale: String,
    /// The version of the AI disclosure that was shown, 1 to 64 printable characters.
    pub disclosure_version: String,
    /// When it was shown, RFC 3339.
    pub disclosure_shown_at: String,
}

/// A conversation that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its id, 32 hex digits.
    pub conversation: String,
    /// Its record.
    pub record: String,
}

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

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// Who said it.
    pub speaker: Speaker,
    /// The text, at most 16 KiB.
    pub text: String,
    /// The model that wrote an assistant's turn, with its version.
    pub model: Option<String>,
}

/// A turn as the agent may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// Its number in the conversation, from 1.
    pub turn: i64,
    /// The redacted text.
    pub text: String,
    /// Type and span (code points of the original) of each finding.
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
    /// A gateway over a ledger and nothing else.
    #[cfg(test)]
    pub(crate) fn over(ledger: crate::ledger::Ledger) -> Self {
        Self { ledger }
    }
    /// The ledger.
    pub fn ledger(&self) -> &crate::ledger::Ledger {
        &self.ledger
    }
    /// Handles one call, from its first byte to the answer that may leave.
    pub async fn handle(self: &Arc<Self>, call: Call) -> Answer {
        Answer::unrecorded(stub(call.bearer.as_deref()), call.language)
    }
    /// What this token may call now.
    pub async fn operations(&self, bearer: Option<&str>) -> Result<Vec<Listed>, Refusal> {
        Err(stub(bearer))
    }
    /// The operation behind an MCP tool's name.
    pub fn operation_of_tool(&self, _tool: &str) -> Option<String> {
        None
    }
    /// Opens a conversation.
    pub async fn open_conversation(
        self: &Arc<Self>,
        bearer: Option<&str>,
        _opening: Result<Opening, Malformed>,
    ) -> Result<Opened, Refused> {
        Err(stub(bearer).into())
    }
    /// Records a turn.
    pub async fn turn(
        self: &Arc<Self>,
        bearer: Option<&str>,
        _conversation: &str,
        _saying: Result<Saying, Malformed>,
    ) -> Result<Turned, Refused> {
        Err(stub(bearer).into())
    }
    /// Closes a conversation with its outcome and rating (1 to 5); returns the record's name.
    pub async fn close_conversation(
        self: &Arc<Self>,
        bearer: Option<&str>,
        _conversation: &str,
        _closing: Result<(String, Option<u8>), Malformed>,
    ) -> Result<String, Refused> {
        Err(stub(bearer).into())
    }
}

fn stub(bearer: Option<&str>) -> Refusal {
    bearer.map_or(Refusal::Unauthenticated, |_| Refusal::Internal)
}
