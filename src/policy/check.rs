//! What a policy says in vain: lines that never match, grants nobody can use, names without
//! anybody behind them.

use crate::catalog::{Fault, Faults, Files};
use crate::identity::{AgentId, AgentKind};
use crate::policy::Snapshot;
use crate::policy::line::{FILE, Lines, Rule};
use std::collections::BTreeSet;
use std::fmt;

/// What a check found. The policy works if there are no faults; findings are worth a look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Why the files cannot be used.
    pub faults: Faults,
    /// What they say in vain.
    pub findings: Vec<Finding>,
}

/// Something said in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// Where, and in words.
    pub at: Fault,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The line matches no call any registered agent could make.
    Dead,
    /// The grant matches, but a denial always beats it.
    Overruled,
    /// Only agents that are not registered, or none, have the role.
    Unheld,
    /// A role is given that no line speaks of.
    Idle,
    /// A member is no registered agent.
    Stranger,
    /// A registered agent has no role.
    Bare,
}

impl Report {
    /// Whether there is nothing to say.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "error   {fault}")?;
        }
        for finding in &self.findings {
            writeln!(f, "warning {}", finding.at)?;
        }
        match (self.faults.iter().count(), self.findings.len()) {
            (0, 0) => write!(f, "nothing to complain about"),
            (faults, findings) => write!(f, "{faults} errors, {findings} warnings"),
        }
    }
}

/// Checks catalog and policy of these files for these agents.
pub async fn check(files: &Files, agents: &[(AgentId, AgentKind)]) -> Report {
    match Snapshot::compile(files, agents).await {
        Ok(snapshot) => Report {
            faults: Faults::new(),
            findings: findings(&snapshot, agents),
        },
        Err(faults) => Report {
            faults,
            findings: Vec::new(),
        },
    }
}

fn findings(snapshot: &Snapshot, agents: &[(AgentId, AgentKind)]) -> Vec<Finding> {
    let lines = &snapshot.lines;
    let names: BTreeSet<&str> = agents.iter().map(|(id, _)| id.as_str()).collect();
    let held = |role: &str| names.iter().any(|agent| lines.has_role(agent, role));
    let mut findings = Vec::new();
    let grants = lines.grants.iter().map(|g| (&g.rule, &g.role, g.allow));
    let shades = lines.shades.iter().map(|s| (&s.rule, &s.role, s.allow));
    for (rule, role, allow) in grants.chain(shades) {
        if !held(role) {
            let message = format!("no registered agent has `{role}`, so nobody uses this line");
            findings.push(finding(Kind::Unheld, rule, message));
        } else if !snapshot.used.matched.contains(&rule.line) {
            let message = "this line can never match: no agent with the role makes such a call";
            findings.push(finding(Kind::Dead, rule, message.to_owned()));
        } else if allow && !snapshot.used.decisive.contains(&rule.line) {
            let message = "what this line grants is always denied by another";
            findings.push(finding(Kind::Overruled, rule, message.to_owned()));
        }
    }
    members(lines, &names, &mut findings);
    for agent in &names {
        if !lines.members.iter().any(|m| m.who == *agent) && !spoken_of(lines, agent) {
            findings.push(Finding {
                kind: Kind::Bare,
                at: Fault {
                    file: FILE.to_owned(),
                    line: 1,
                    message: format!("agent `{agent}` has no role, so it may nothing"),
                },
            });
        }
    }
    findings.sort_by(|a, b| a.at.cmp(&b.at));
    findings
}

fn members(lines: &Lines, names: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    for member in &lines.members {
        let (who, role) = (&member.who, &member.role);
        if !who.starts_with("role:") && !names.contains(who.as_str()) {
            let message = format!("`{who}` is no registered agent");
            findings.push(finding(Kind::Stranger, &member.rule, message));
        }
        let given_on = lines.members.iter().any(|m| m.who == *role);
        if !spoken_of(lines, role) && !given_on {
            let message = format!("no line grants or shows anything to `{role}`");
            findings.push(finding(Kind::Idle, &member.rule, message));
        }
    }
}

/// Whether a grant or treatment names this role or agent.
fn spoken_of(lines: &Lines, role: &str) -> bool {
    lines.grants.iter().any(|g| g.role == role) || lines.shades.iter().any(|s| s.role == role)
}

fn finding(kind: Kind, rule: &Rule, message: String) -> Finding {
    Finding {
        kind,
        at: Fault {
            file: FILE.to_owned(),
            line: rule.line,
            message,
        },
    }
}
