//! Why yes, why no, and which line: for people who write policies.
//!
//! The verdict is the snapshot's own. The remarks on the other lines are worked out beside it.

use crate::catalog::Class;
use crate::catalog::Operation;
use crate::identity::Assurance;
use crate::policy::decide::decide;
use crate::policy::line::{Grant, Lines};
use crate::policy::{Ask, Denied, Snapshot, Switches, Treatments, Who, assurance_str};
use std::fmt::Write as _;

/// The verdict on a call and every line about the operation, with why it does or does not apply.
pub fn explain(who: &Who<'_>, ask: &Ask, snapshot: &Snapshot, switches: &Switches) -> String {
    let mut out = Lined::default();
    let version = snapshot.version();
    out.line(&format!("policy {}", version.get(..12).unwrap_or(version)));
    out.line(&format!(
        "agent {} ({}), {}, assurance {}",
        who.agent,
        who.kind.as_str(),
        if who.subject {
            "for a customer"
        } else {
            "without a customer"
        },
        assurance_str(who.assurance)
    ));
    match decide(who, ask.clone(), snapshot, switches) {
        Ok(verdict) => {
            out.line(&format!(
                "allow {} for {}",
                verdict.operation.name, verdict.purpose
            ));
            out.line(&format!("  because of {}", verdict.rule));
            out.line(&format!("  fields: {}", treatments(verdict.treatments)));
        }
        Err(denied) => {
            out.line(&format!("deny ({}): {denied}", denied.code()));
            out.line(&format!("  because: {}", denied.trace()));
            if denied == Denied::UnknownOperation {
                return out.0;
            }
        }
    }
    if let Some(operation) = snapshot.catalog().operation(&ask.operation) {
        catalog(&mut out, operation);
        let purpose = ask.purpose.as_ref().or(operation.purposes.first());
        let purpose = purpose.map(String::as_str).unwrap_or_default();
        lines(&mut out, who, (operation, purpose, ask), &snapshot.lines);
    }
    out.0
}

/// `public reveal, wallet mask`; what is not named is dropped.
pub(crate) fn treatments(treatments: Treatments) -> String {
    let kept = Class::ALL
        .iter()
        .map(|class| (class, treatments.of(*class)));
    let kept: Vec<String> = kept
        .filter(|(_, treatment)| *treatment > crate::policy::Treatment::Drop)
        .map(|(class, treatment)| format!("{} {}", class.as_str(), treatment.as_str()))
        .collect();
    if kept.is_empty() {
        return "all dropped".to_owned();
    }
    format!("{}; else dropped", kept.join(", "))
}

fn catalog(out: &mut Lined, operation: &Operation) {
    out.line(&format!(
        "catalog: topic {}, risk {}, least assurance {}, purposes {}{}{}",
        operation.topic,
        operation.risk.as_str(),
        assurance_str(operation.assurance),
        operation.purposes.join(" "),
        if operation.needs_subject() {
            ", about a customer"
        } else {
            ""
        },
        if operation.conversation {
            ", in a conversation"
        } else {
            ""
        },
    ));
}

fn lines(out: &mut Lined, who: &Who<'_>, asked: (&Operation, &str, &Ask), lines: &Lines) {
    let mut about = lines
        .grants
        .iter()
        .filter(|g| g.object.is_about(asked.0))
        .peekable();
    if about.peek().is_none() {
        out.line("no line is about this operation");
        return;
    }
    out.line("lines about it:");
    for grant in about {
        let why = mismatch(who, asked, grant, lines);
        out.line(&format!("  {} -> {}", grant.rule, why.unwrap_or("applies")));
    }
}

/// Why a line about the operation does not apply, if it does not.
fn mismatch(
    who: &Who<'_>,
    (operation, purpose, ask): (&Operation, &str, &Ask),
    grant: &Grant,
    lines: &Lines,
) -> Option<&'static str> {
    let assurance = grant.assurance.unwrap_or(Assurance::Low);
    if !lines.has_role(who.agent.as_str(), &grant.role) {
        return Some("another role");
    }
    if grant.kind.is_some_and(|kind| kind != who.kind) {
        return Some("another kind of agent");
    }
    if grant.purpose.as_ref().is_some_and(|p| p != purpose) {
        return Some("another purpose");
    }
    if who.assurance < assurance {
        return Some("more assurance");
    }
    let condition = grant.condition.as_deref()?;
    if !condition.fits(operation) {
        return Some("its condition is about other arguments");
    }
    let applies = condition.applies(&ask.arguments, grant.allow);
    (!applies).then_some("its condition does not hold")
}

/// Text made line by line.
#[derive(Default)]
struct Lined(String);

impl Lined {
    fn line(&mut self, text: &str) {
        // Writing to a string cannot fail.
        let written = writeln!(self.0, "{text}");
        debug_assert!(written.is_ok(), "a string takes all");
    }
}
