//! A policy's answers, worked out once per version, so that a call costs a look-up.
//!
//! For every registered agent, operation, purpose and assurance the engine says which lines match;
//! what is kept is the line that denies always or the line that grants always, and beside them
//! only lines with conditions. Nothing here grows a call's cost with the number of lines,
//! operations or agents.

use crate::catalog::{Catalog, Class, Faults, Files, Operation};
use crate::identity::{AgentId, AgentKind, Assurance, Caller};
use crate::policy::condition::Condition;
use crate::policy::engine::{Engine, GRANTS, Given, SHADES};
use crate::policy::line::{FILE, Grant, Lines, Rule, Shade};
use crate::policy::{Treatment, Treatments, assurance_str};
use ring::digest::{Context, SHA256};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

const ASSURANCES: [Assurance; 3] = [Assurance::Low, Assurance::Substantial, Assurance::High];

/// One version of catalog and policy, compiled for the registered agents. Immutable; a reload
/// makes another and swaps it whole.
#[derive(Debug)]
pub struct Snapshot {
    version: Arc<str>,
    catalog: Arc<Catalog>,
    sources: Vec<(String, String)>,
    agents: HashMap<AgentId, Table>,
    pub(crate) lines: Lines,
    pub(crate) used: Used,
}

/// What one agent may.
#[derive(Debug)]
struct Table {
    kind: AgentKind,
    cells: HashMap<String, Cell>,
    listed: Vec<Arc<Operation>>,
}

/// What one agent may with one operation.
#[derive(Debug)]
pub(crate) struct Cell {
    /// By purpose, in the order of the operation's.
    purposes: Vec<(String, [Decision; 3])>,
    pub(crate) treatments: Treatments,
}

/// What is decided for an agent, an operation, a purpose and an assurance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decision {
    denials: Vec<Clause>,
    grants: Vec<Clause>,
}

#[derive(Debug, Clone)]
struct Clause {
    rule: Arc<Rule>,
    condition: Option<Arc<Condition>>,
}

/// Why a decision refuses, and the argument to blame if another value would do.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) rule: Option<Arc<Rule>>,
    pub(crate) argument: Option<String>,
}

/// Which lines ever matched, and which ever could decide, by line number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    pub(crate) matched: BTreeSet<usize>,
    pub(crate) decisive: BTreeSet<usize>,
}

impl Snapshot {
    /// Reads and compiles a policy directory.
    pub async fn load(dir: &Path, agents: &[(AgentId, AgentKind)]) -> Result<Self, Faults> {
        Self::compile(&Files::read(dir)?, agents).await
    }

    /// Compiles these files for these agents; every other agent may nothing. Heavy on the
    /// processor for a moment; it yields between operations.
    pub async fn compile(files: &Files, agents: &[(AgentId, AgentKind)]) -> Result<Self, Faults> {
        let catalog = Arc::new(Catalog::parse(files)?);
        let lines = Lines::parse(files.required(FILE)?, &catalog)?;
        let mut compiler = Compiler {
            grants: Engine::new(&GRANTS, files, &lines.members).await?,
            shades: Engine::new(&SHADES, files, &lines.members).await?,
            lines: &lines,
            used: Used::default(),
        };
        let mut tables: HashMap<AgentId, Table> = HashMap::new();
        for (agent, kind) in agents {
            tables.insert(agent.clone(), Table::new(*kind));
        }
        for operation in catalog.operations() {
            let about = compiler.turn_to(operation);
            for (agent, table) in &mut tables {
                let cell = compiler.cell(agent, table.kind, operation, &about);
                let cell = cell.map_err(|error| engine_fault(&error))?;
                table.put(operation, cell);
            }
            tokio::task::yield_now().await;
        }
        let used = compiler.used;
        let sources = versioned(files);
        Ok(Self {
            version: version(&sources),
            catalog,
            sources,
            agents: tables,
            lines,
            used,
        })
    }

    /// Lower-case hex SHA-256 over the canonical form of [`Snapshot::sources`]: for every file in
    /// the byte order of the names, its name, a line feed, its length in bytes in decimal, a line
    /// feed, its bytes, a line feed; all after the line `tidewaiter policy v1`.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// The catalog it was compiled with.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The files that make the version, word for word, by name.
    pub fn sources(&self) -> &[(String, String)] {
        &self.sources
    }

    /// What this caller may call now, by name: granted for some purpose, about a customer only if
    /// there is one. What needs more assurance is listed too.
    pub fn allowed(&self, caller: &Caller) -> Vec<&Arc<Operation>> {
        let agent = caller.agent();
        self.granted(&agent.id, agent.kind, caller.subject().is_some())
    }

    /// How this caller would see an operation's fields; everything is dropped if it may not call.
    pub fn treatments(&self, caller: &Caller, operation: &Operation) -> Treatments {
        let agent = caller.agent();
        let cell = self.cell(&agent.id, agent.kind, &operation.name);
        cell.map(|c| c.treatments).unwrap_or_default()
    }

    pub(crate) fn granted(
        &self,
        agent: &AgentId,
        kind: AgentKind,
        subject: bool,
    ) -> Vec<&Arc<Operation>> {
        let table = self.agents.get(agent).filter(|t| t.kind == kind);
        let listed = table.into_iter().flat_map(|t| &t.listed);
        listed.filter(|o| subject || !o.needs_subject()).collect()
    }

    /// The agent's cell; none for an agent that is not registered or of another kind.
    pub(crate) fn cell(&self, agent: &AgentId, kind: AgentKind, operation: &str) -> Option<&Cell> {
        let table = self.agents.get(agent).filter(|t| t.kind == kind)?;
        table.cells.get(operation)
    }
}

impl Table {
    fn new(kind: AgentKind) -> Self {
        Self {
            kind,
            cells: HashMap::new(),
            listed: Vec::new(),
        }
    }

    fn put(&mut self, operation: &Arc<Operation>, cell: Cell) {
        if cell.possible() {
            self.listed.push(Arc::clone(operation));
        }
        self.cells.insert(operation.name.clone(), cell);
    }
}

impl Cell {
    /// Whether any purpose at any assurance is granted.
    pub(crate) fn possible(&self) -> bool {
        let mut decisions = self.purposes.iter().flat_map(|(_, levels)| levels);
        decisions.any(Decision::possible)
    }

    /// The decision for a purpose and an assurance.
    pub(crate) fn decision(&self, purpose: &str, assurance: Assurance) -> Option<&Decision> {
        let (_, levels) = self.purposes.iter().find(|(name, _)| name == purpose)?;
        let at = ASSURANCES.iter().position(|a| *a == assurance)?;
        levels.get(at)
    }

    /// The least assurance at which a purpose is granted.
    pub(crate) fn least(&self, purpose: &str) -> Option<Assurance> {
        let granted = |a: &Assurance| self.decision(purpose, *a).is_some_and(Decision::possible);
        ASSURANCES.into_iter().find(granted)
    }

    /// The line that denies the operation for a purpose, or for the first, if one does.
    pub(crate) fn denial(&self, purpose: Option<&str>) -> Option<Arc<Rule>> {
        let mut purposes = self.purposes.iter();
        let (_, levels) = purposes.find(|(name, _)| purpose.is_none_or(|p| p == name))?;
        let denial = levels.last()?.denials.first()?;
        Some(Arc::clone(&denial.rule))
    }
}

impl Decision {
    /// From all lines that match: a denial without condition stands alone, a grant without
    /// condition makes other grants needless.
    fn of<'a>(matched: impl Iterator<Item = &'a Grant>) -> Self {
        let (mut denials, mut grants) = (Vec::new(), Vec::new());
        for line in matched {
            let side = if line.allow {
                &mut grants
            } else {
                &mut denials
            };
            side.push(Clause {
                rule: Arc::clone(&line.rule),
                condition: line.condition.clone(),
            });
        }
        for side in [&mut denials, &mut grants] {
            if let Some(at) = side.iter().position(|c| c.condition.is_none()) {
                *side = vec![side.swap_remove(at)];
            }
        }
        if denials.iter().any(|c| c.condition.is_none()) {
            grants.clear();
        }
        Self { denials, grants }
    }

    /// Whether some arguments are granted.
    pub(crate) fn possible(&self) -> bool {
        !self.grants.is_empty()
    }

    /// How many lines are left to look at.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.denials.len() + self.grants.len()
    }

    /// The granting line for these arguments, or why not.
    pub(crate) fn judge(&self, given: &Map<String, Value>) -> Result<&Arc<Rule>, Refused> {
        if let Some(denial) = self.denials.iter().find(|c| c.applies(given, false)) {
            let condition = denial.condition.as_deref();
            return Err(Refused {
                rule: Some(Arc::clone(&denial.rule)),
                argument: condition.and_then(Condition::subject).map(str::to_owned),
            });
        }
        if let Some(grant) = self.grants.iter().find(|c| c.applies(given, true)) {
            return Ok(&grant.rule);
        }
        let nearest = self.grants.first();
        let blamed = nearest.and_then(|c| c.condition.as_deref()?.blames(given));
        Err(Refused {
            rule: nearest.map(|c| Arc::clone(&c.rule)),
            argument: blamed.map(str::to_owned),
        })
    }
}

impl Clause {
    fn applies(&self, given: &Map<String, Value>, allow: bool) -> bool {
        let condition = self.condition.as_deref();
        condition.is_none_or(|c| c.applies(given, allow))
    }
}

/// The two engines, turned to one operation at a time.
struct Compiler<'a> {
    grants: Engine,
    shades: Engine,
    lines: &'a Lines,
    used: Used,
}

/// The lines about one operation, numbered as the engines number them.
struct About<'a> {
    grants: Vec<&'a Grant>,
    shades: Vec<&'a Shade>,
}

impl<'a> Compiler<'a> {
    /// Gives the engines the lines about an operation, in their order; the matcher says no to all
    /// others.
    fn turn_to(&mut self, operation: &Operation) -> About<'a> {
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

    fn cell(
        &mut self,
        agent: &AgentId,
        kind: AgentKind,
        operation: &Operation,
        about: &About<'_>,
    ) -> Result<Cell, casbin::Error> {
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

    fn decision(
        &mut self,
        about: &[&Grant],
        request: Vec<String>,
    ) -> Result<Decision, casbin::Error> {
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
    ) -> Result<Treatments, casbin::Error> {
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

fn engine_fault(error: &casbin::Error) -> Faults {
    Faults::from(crate::catalog::Fault {
        file: GRANTS.file.to_owned(),
        line: 1,
        message: format!("the engine cannot evaluate it: {error}"),
    })
}

/// All files but the cases, which decide nothing.
fn versioned(files: &Files) -> Vec<(String, String)> {
    let decisive = files.iter().filter(|(name, _)| !name.starts_with("cases/"));
    decisive
        .map(|(n, t)| (n.to_owned(), t.to_owned()))
        .collect()
}

fn version(sources: &[(String, String)]) -> Arc<str> {
    let mut context = Context::new(&SHA256);
    context.update(b"tidewaiter policy v1\n");
    for (name, text) in sources {
        context.update(format!("{name}\n{}\n", text.len()).as_bytes());
        context.update(text.as_bytes());
        context.update(b"\n");
    }
    hex::encode(context.finish()).into()
}
