//! Cases beside the policy: who asks what, and what must come of it (`policies/cases/*.toml`).

use crate::catalog::fault::Reporter;
use crate::catalog::{Class, Fault, Faults, Files};
use crate::identity::{AgentId, AgentKind, Assurance};
use crate::policy::decide::decide;
use crate::policy::switch::{Stop, Target};
use crate::policy::{Ask, Denied, Snapshot, Switches, Treatment, Treatments, Who, explain};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// What came of all cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Each case, in the order of the files.
    pub outcomes: Vec<Outcome>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where the case stands, and its name.
    pub case: Fault,
    /// What was found instead, with the explanation; none if all is as expected.
    pub failure: Option<String>,
}

impl Report {
    /// Whether every case is as expected.
    pub fn passed(&self) -> bool {
        self.outcomes.iter().all(|o| o.failure.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            match &outcome.failure {
                None => writeln!(f, "ok   {}", outcome.case)?,
                Some(failure) => {
                    writeln!(f, "FAIL {}", outcome.case)?;
                    for line in failure.lines() {
                        writeln!(f, "     {line}")?;
                    }
                }
            }
        }
        let failed = self.outcomes.iter().filter(|o| o.failure.is_some()).count();
        write!(f, "{} cases, {failed} failed", self.outcomes.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    case: Vec<Spanned<Case>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    agent: AgentId,
    kind: AgentKind,
    #[serde(default = "yes")]
    subject: bool,
    #[serde(default = "lowest")]
    assurance: Assurance,
    operation: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    purpose: Option<String>,
    #[serde(default = "yes")]
    disclosed: bool,
    #[serde(default)]
    stopped: Vec<String>,
    expect: Expect,
    /// The refusal's code.
    reason: Option<String>,
    #[serde(default)]
    treatments: BTreeMap<Class, Treatment>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Allow,
    Deny,
}

fn yes() -> bool {
    true
}

fn lowest() -> Assurance {
    Assurance::Low
}

/// Runs every case of these files against their own policy. The agents are those the cases name.
pub async fn run(files: &Files) -> Result<Report, Faults> {
    let mut faults = Faults::new();
    let mut cases: Vec<(Fault, Case)> = Vec::new();
    for (file, text) in files.under("cases") {
        let mut reporter = Reporter::new(file, text);
        match toml::from_str::<Source>(text) {
            Ok(source) => {
                for case in source.case {
                    let place = reporter.place(case.span().start, case.as_ref().name.clone());
                    cases.push((place, case.into_inner()));
                }
            }
            Err(error) => reporter.toml(&error),
        }
        faults.append(reporter.finish());
    }
    let cases = faults.or(cases)?;
    let mut outcomes: Vec<Option<Outcome>> = cases.iter().map(|_| None).collect();
    // An agent has one kind, so cases that give it another are run against a policy compiled so.
    for kind in [AgentKind::Llm, AgentKind::Flow] {
        let of_kind = || cases.iter().filter(|(_, c)| c.kind == kind);
        let mut agents: Vec<_> = of_kind().map(|(_, c)| (c.agent.clone(), kind)).collect();
        agents.sort_by(|a, b| a.0.cmp(&b.0));
        agents.dedup();
        let snapshot = Snapshot::compile(files, &agents).await?;
        for (slot, (place, case)) in outcomes.iter_mut().zip(&cases) {
            if case.kind == kind {
                *slot = Some(Outcome {
                    case: place.clone(),
                    failure: case.run(&snapshot),
                });
            }
        }
    }
    Ok(Report {
        outcomes: outcomes.into_iter().flatten().collect(),
    })
}

impl Case {
    /// What is not as expected, if anything.
    fn run(&self, snapshot: &Snapshot) -> Option<String> {
        let switches = match self.switches() {
            Ok(switches) => switches,
            Err(bad) => return Some(bad),
        };
        let who = Who {
            agent: &self.agent,
            kind: self.kind,
            subject: self.subject,
            assurance: self.assurance,
            scopes: None,
        };
        let ask = Ask {
            operation: self.operation.clone(),
            arguments: self.arguments.clone(),
            purpose: self.purpose.clone(),
            conversation_disclosed: self.disclosed,
        };
        let found = decide(&who, ask.clone(), snapshot, &switches).map(|v| v.treatments);
        let failure = self.compare(&found)?;
        let explanation = explain(&who, &ask, snapshot, &switches);
        Some(format!("{failure}\n{explanation}"))
    }

    fn compare(&self, found: &Result<Treatments, Denied>) -> Option<String> {
        match (self.expect, found) {
            (Expect::Allow, Ok(treatments)) => {
                self.treatments.iter().find_map(|(class, wanted)| {
                    let is = treatments.of(*class);
                    (is != *wanted).then(|| {
                        let (class, is, wanted) = (class.as_str(), is.as_str(), wanted.as_str());
                        format!("{class} is {is}, expected {wanted}")
                    })
                })
            }
            (Expect::Deny, Err(denied)) => {
                let wanted = self.reason.as_deref().filter(|r| *r != denied.code())?;
                Some(format!("denied as {}, expected {wanted}", denied.code()))
            }
            (Expect::Allow, Err(denied)) => Some(format!(
                "denied as {}, expected to be allowed",
                denied.code()
            )),
            (Expect::Deny, Ok(_)) => Some("allowed, expected to be denied".to_owned()),
        }
    }

    fn switches(&self) -> Result<Switches, String> {
        let switches = Switches::new();
        for target in &self.stopped {
            let target: Target = target.parse().map_err(|bad| format!("{target}: {bad}"))?;
            let stop = Stop {
                reason: "a case".to_owned(),
                who: "a case".to_owned(),
                since_us: 0,
            };
            switches.stop(&target, stop);
        }
        Ok(switches)
    }
}
