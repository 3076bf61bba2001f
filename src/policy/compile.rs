//! Asking the engine every question there is, once per version of a policy.

use crate::catalog::{Class, Faults, Files, Operation};
use crate::identity::{AgentId, AgentKind, Assurance};
use crate::policy::decision::Decision;
use crate::policy::engine::{Engine, GRANTS, Given, SHADES};
use crate::policy::line::{Grant, Lines, Shade};
use crate::policy::snapshot::{ASSURANCES, Cell};
use crate::policy::{Treatment, Treatments, assurance_str};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Which lines ever matched, and which ever could decide, by line number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    pub(crate) matched: BTreeSet<usize>,
    pub(crate) decisive: BTreeSet<usize>,
}

/// The two engines, turned to one operation at a time.
pub(crate) struct Compiler<'a> {
    grants: Engine,
    shades: Engine,
    lines: &'a Lines,
    /// Which lines mattered so far.
    pub(crate) used: Used,
}

/// The lines about one operation, numbered as the engines number them.
pub(crate) struct About<'a> {
    grants: Vec<&'a Grant>,
    shades: Vec<&'a Shade>,
}

impl<'a> Compiler<'a> {
    /// Engines with the models of these files and no lines yet.
    pub(crate) async fn new(files: &Files, lines: &'a Lines) -> Result<Self, Faults> {
        Ok(Self {
            grants: Engine::new(&GRANTS, files, &lines.members).await?,
            shades: Engine::new(&SHADES, files, &lines.members).await?,
            lines,
            used: Used::default(),
        })
    }

    /// Gives the engines the lines about an operation, in their order; the matcher says no to all
    /// others.
    pub(crate) fn turn_to(&mut self, operation: &Operation) -> About<'a> {
        let lines = self.lines;
        let grants = lines.grants.iter().filter(|g| g.object.is_about(operation));
        let shades = lines.shades.iter().filter(|s| s.object.is_about(operation));
        let about = About {
            grants: grants.collect(),
            shades: shades.collect(),
        };
        self.grants
            .set_lines(about.grants.iter().map(|g| &g.columns));
        self.shades
            .set_lines(about.shades.iter().map(|s| &s.columns));
        about
    }

    /// What the engines say about an agent and the operation they were turned to.
    pub(crate) fn cell(
        &mut self,
        agent: &AgentId,
        kind: AgentKind,
        operation: &Operation,
        about: &About<'_>,
    ) -> Result<Cell, Faults> {
        let mut purposes = Vec::new();
        for purpose in &operation.purposes {
            let mut levels: [Decision; 3] = Default::default();
            for (level, assurance) in levels.iter_mut().zip(ASSURANCES) {
                let request = request(agent, kind, operation, (purpose, assurance), None);
                *level = self.decision(&about.grants, request)?;
            }
            purposes.push((purpose.clone(), levels));
        }
        let mut cell = Cell {
            purposes,
            treatments: Treatments::default(),
        };
        if cell.possible() {
            cell.treatments = self.treatments(agent, operation, &about.shades)?;
        }
        Ok(cell)
    }

    fn decision(&mut self, about: &[&Grant], request: Vec<String>) -> Result<Decision, Faults> {
        if about.is_empty() {
            return Ok(Decision::default());
        }
        let matched = self.grants.matches(request)?;
        let matched: Vec<&Grant> = matched
            .iter()
            .filter_map(|at| about.get(*at).copied())
            .collect();
        let decision = Decision::of(matched.iter().copied());
        self.used
            .matched
            .extend(matched.iter().map(|g| g.rule.line));
        let decisive = matched.iter().filter(|g| decision.possible() || !g.allow);
        self.used.decisive.extend(decisive.map(|g| g.rule.line));
        Ok(decision)
    }

    fn treatments(
        &mut self,
        agent: &AgentId,
        operation: &Operation,
        about: &[&Shade],
    ) -> Result<Treatments, Faults> {
        let mut treatments = Treatments::default();
        if about.is_empty() {
            return Ok(treatments);
        }
        for class in Class::ALL {
            for treatment in [Treatment::Compare, Treatment::Mask, Treatment::Reveal] {
                let request = shade_request(agent, operation, class, treatment);
                let matched = self.shades.matches(request)?;
                let matched: Vec<&Shade> = matched
                    .iter()
                    .filter_map(|at| about.get(*at).copied())
                    .collect();
                self.used
                    .matched
                    .extend(matched.iter().map(|s| s.rule.line));
                if !matched.is_empty() && matched.iter().all(|s| s.allow) {
                    treatments = treatments.with(class, treatment);
                    self.used
                        .decisive
                        .extend(matched.iter().map(|s| s.rule.line));
                }
            }
        }
        Ok(treatments)
    }
}

/// A request about a grant, as the model defines it. Without arguments every condition may hold.
pub(crate) fn request(
    agent: &AgentId,
    kind: AgentKind,
    operation: &Operation,
    (purpose, assurance): (&str, Assurance),
    given: Option<Map<String, Value>>,
) -> Vec<String> {
    let arguments = Given {
        declared: operation.arguments.iter().map(|a| a.name.clone()).collect(),
        given,
    };
    vec![
        agent.to_string(),
        operation.name.clone(),
        operation.topic.clone(),
        operation.risk.as_str().to_owned(),
        purpose.to_owned(),
        assurance_str(assurance).to_owned(),
        kind.as_str().to_owned(),
        serde_json::to_string(&arguments).unwrap_or_default(),
    ]
}

/// A request about a treatment, as the model defines it.
pub(crate) fn shade_request(
    agent: &AgentId,
    operation: &Operation,
    class: Class,
    treatment: Treatment,
) -> Vec<String> {
    vec![
        agent.to_string(),
        operation.name.clone(),
        operation.topic.clone(),
        operation.risk.as_str().to_owned(),
        class.as_str().to_owned(),
        treatment.as_str().to_owned(),
    ]
}
