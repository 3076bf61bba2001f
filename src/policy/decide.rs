//! The decision about one call, in the order in which a refusal may tell something.

use crate::catalog::{ArgumentError, Effect, Operation, Reason};
use crate::identity::scope::needed;
use crate::identity::{AgentId, AgentKind, Assurance, Caller, Scopes};
use crate::policy::decision::Decision;
use crate::policy::{Rule, Snapshot, Switches, Treatments, assurance_str};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Who asks, as far as the policy looks.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// What drives it.
    pub kind: AgentKind,
    /// Whether it acts for a customer.
    pub subject: bool,
    /// How sure the issuer was of the customer.
    pub assurance: Assurance,
    /// What the token's scopes let the agent do; none if they do not limit it.
    pub scopes: Option<&'a Scopes>,
}

impl<'a> Who<'a> {
    /// The caller, as far as the policy looks.
    pub(crate) fn of(caller: &'a Caller) -> Self {
        Self {
            agent: &caller.agent().id,
            kind: caller.agent().kind,
            subject: caller.subject().is_some(),
            assurance: caller.assurance(),
            scopes: caller.scopes(),
        }
    }
}

/// What is asked for.
#[derive(Clone, Default)]
pub struct Ask {
    /// The operation's name: `withdrawals.status`.
    pub operation: String,
    /// The arguments as given.
    pub arguments: Map<String, Value>,
    /// The purpose as given; else the operation's default.
    pub purpose: Option<String>,
    /// Whether the call belongs to a conversation whose customer was told it is an AI.
    pub conversation_disclosed: bool,
}

impl std::fmt::Debug for Ask {
    /// Nothing of what the agent sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").finish_non_exhaustive()
    }
}

/// Why a call is refused. The list is closed. [`Denied::UnknownOperation`] and
/// [`Denied::NotGranted`] must look alike outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The catalog does not name it.
    #[error("no such operation")]
    UnknownOperation,
    /// The policy does not grant it to this agent.
    #[error("not granted")]
    NotGranted {
        /// The line that denies it; none if no line grants it.
        rule: Option<Arc<Rule>>,
    },
    /// The token's scopes do not cover it.
    #[error("the token's scopes do not cover it")]
    Scope {
        /// Whether it reads or writes.
        effect: Effect,
    },
    /// A switch is off.
    #[error("stopped")]
    Stopped {
        /// What was stopped: `topic:withdrawals`.
        target: String,
        /// Why, as the person wrote who stopped it.
        reason: String,
    },
    /// It is about a customer, and there is none.
    #[error("a subject is required")]
    SubjectRequired,
    /// Not a purpose of the operation, or not one the policy grants it for.
    #[error("not for this purpose")]
    Purpose {
        /// The line that denies the purpose, if one does.
        rule: Option<Arc<Rule>>,
    },
    /// The customer must sign in more surely.
    #[error("more assurance is required")]
    Assurance {
        /// The least that would do.
        needed: Assurance,
    },
    /// No conversation whose customer was told it is an AI.
    #[error("a conversation with the disclosure is required")]
    ConversationRequired,
    /// An argument is not as the catalog or the policy wants it.
    #[error("an argument is refused: {error}")]
    Argument {
        /// Which and why.
        error: ArgumentError,
        /// The policy's line, if it was the policy.
        rule: Option<Arc<Rule>>,
    },
}

impl Denied {
    /// A short name for reports and test cases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownOperation => "unknown_operation",
            Self::NotGranted { .. } => "not_granted",
            Self::Scope { .. } => "scope",
            Self::Stopped { .. } => "stopped",
            Self::SubjectRequired => "subject_required",
            Self::Purpose { .. } => "purpose",
            Self::Assurance { .. } => "assurance",
            Self::ConversationRequired => "conversation_required",
            Self::Argument { .. } => "argument",
        }
    }

    /// What decided, for the sealed record: the line of the policy, or the rule of the catalog.
    /// It has nothing in it that the agent sent.
    pub fn trace(&self) -> String {
        let by = |rule: &Option<Arc<Rule>>, none: &str| match rule {
            Some(rule) => rule.to_string(),
            None => none.to_owned(),
        };
        match self {
            Self::UnknownOperation => "the catalog does not name it".to_owned(),
            Self::NotGranted { rule } => by(rule, "no line grants it"),
            Self::Scope { effect } => format!("the token's scopes lack {}", needed(*effect)),
            Self::Stopped { target, .. } => format!("switch {target}"),
            Self::SubjectRequired => "the operation is about a customer".to_owned(),
            Self::Purpose { rule } => by(rule, "no line grants it for this purpose"),
            Self::Assurance { needed } => {
                format!("the least assurance is {}", assurance_str(*needed))
            }
            Self::ConversationRequired => "the operation needs a disclosed conversation".to_owned(),
            Self::Argument { error, rule } => match rule {
                Some(rule) => format!("{error}: {rule}"),
                None => error.to_string(),
            },
        }
    }
}

/// A granted call, before it is bound to its caller.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) operation: Arc<Operation>,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) purpose: String,
    pub(crate) treatments: Treatments,
    pub(crate) rule: Arc<Rule>,
}

/// Decides. Whether the operation exists for this agent comes first, so that nothing else is told
/// about one it may not call.
pub(crate) fn decide(
    who: &Who<'_>,
    ask: Ask,
    snapshot: &Snapshot,
    switches: &Switches,
) -> Result<Verdict, Denied> {
    let operation = snapshot
        .catalog()
        .operation(&ask.operation)
        .ok_or(Denied::UnknownOperation)?;
    let cell = snapshot
        .cell(who.agent, who.kind, &operation.name)
        .ok_or(Denied::NotGranted { rule: None })?;
    if !cell.possible() {
        return Err(Denied::NotGranted {
            rule: cell.denial(None),
        });
    }
    let covers = |scopes: &Scopes| scopes.cover(operation.effect, &operation.topic);
    if !who.scopes.is_none_or(covers) {
        return Err(Denied::Scope {
            effect: operation.effect,
        });
    }
    if let Some((target, stop)) = switches.is_stopped(operation, who.agent) {
        return Err(Denied::Stopped {
            target: target.to_string(),
            reason: stop.reason.clone(),
        });
    }
    if operation.needs_subject() && !who.subject {
        return Err(Denied::SubjectRequired);
    }
    let purpose = purpose(operation, ask.purpose)?;
    let decision = match cell.least(&purpose) {
        None => {
            return Err(Denied::Purpose {
                rule: cell.denial(Some(&purpose)),
            });
        }
        Some(least) if who.assurance < least.max(operation.assurance) => {
            return Err(Denied::Assurance {
                needed: least.max(operation.assurance),
            });
        }
        Some(_) => cell.decision(&purpose, who.assurance),
    };
    // A language model always speaks in a conversation; only a scenario's operation may go without.
    let needs_conversation = operation.conversation || who.kind == AgentKind::Llm;
    if needs_conversation && !ask.conversation_disclosed {
        return Err(Denied::ConversationRequired);
    }
    let arguments = operation
        .check(&ask.arguments)
        .map_err(|error| Denied::Argument { error, rule: None })?;
    let rule = judge(decision, &arguments)?;
    Ok(Verdict {
        operation: Arc::clone(operation),
        arguments,
        purpose,
        treatments: cell.treatments,
        rule,
    })
}

/// The line that grants these arguments.
fn judge(decision: Option<&Decision>, given: &Map<String, Value>) -> Result<Arc<Rule>, Denied> {
    match decision.map(|d| d.judge(given)) {
        None => Err(Denied::NotGranted { rule: None }),
        Some(Ok(rule)) => Ok(Arc::clone(rule)),
        Some(Err(refused)) => Err(Denied::Argument {
            error: ArgumentError {
                argument: refused.argument,
                reason: Reason::NotAllowed,
            },
            rule: refused.rule,
        }),
    }
}

/// The purpose asked for, if it is one of the operation's, else the default.
fn purpose(operation: &Operation, asked: Option<String>) -> Result<String, Denied> {
    let denied = Denied::Purpose { rule: None };
    match asked {
        None => operation.purposes.first().cloned().ok_or(denied),
        Some(purpose) if operation.purposes.contains(&purpose) => Ok(purpose),
        Some(_) => Err(denied),
    }
}
