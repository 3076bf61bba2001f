//! What agents are answered.

use super::Id;
use utoipa::ToSchema;

/// A conversation that was opened.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Opened {
    conversation: Id,
    record: Id,
}

/// A turn as the agent may see it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Turned {
    /// Its number in the conversation.
    #[schema(minimum = 1)]
    turn: i64,
    /// The redacted text: what to give the model.
    text: String,
    findings: Vec<Finding>,
    /// What to tell the customer if something was pasted that must never be shared.
    #[schema(nullable = false)]
    warning: Option<String>,
    record: Id,
}

/// Something that was found in a text, in code points of the original.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Finding {
    #[schema(example = "EMAIL")]
    r#type: String,
    start: u64,
    /// One past the last.
    end: u64,
}

/// What this token may call now.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Operations {
    operations: Vec<Operation>,
}

/// An operation, as this agent sees it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Operation {
    #[schema(example = "withdrawals.list")]
    name: String,
    /// Its name over MCP.
    #[schema(example = "withdrawals_list")]
    tool: String,
    title: String,
    description: String,
    effect: Effect,
    risk: Risk,
    /// What it may be called for; the first is meant if none is named.
    purposes: Vec<String>,
    /// JSON Schema of the arguments.
    #[schema(value_type = Object)]
    input_schema: serde_json::Value,
    /// JSON Schema of `expect`, if something may be compared.
    #[schema(value_type = Option<Object>, nullable = false)]
    expect_schema: Option<serde_json::Value>,
    /// JSON Schema of `result`.
    #[schema(value_type = Object)]
    output_schema: serde_json::Value,
}

/// Whether it changes something.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum Effect {
    Read,
    Write,
}

/// What is at stake.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum Risk {
    Public,
    Account,
    Money,
    Security,
}

/// What a call found, as the policy lets this agent see it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Outcome {
    /// As the operation's `output_schema` says.
    result: serde_json::Value,
    /// Which fields are in it, and how they were treated.
    treated: Vec<Treated>,
    /// What became of what was expected, if something was.
    #[schema(nullable = false)]
    compared: Option<Vec<Compared>>,
    record: Id,
}

/// An expectation; null where the answer has nothing to compare it with.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Compared {
    path: String,
    #[schema(required)]
    r#match: Option<bool>,
}

/// A field that was shown.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Treated {
    path: String,
    class: String,
    treatment: Treatment,
}

/// How it was shown.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum Treatment {
    Mask,
    Reveal,
}
