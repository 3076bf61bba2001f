//! A policy's answers, worked out once per version, so that a call costs a look-up.
//!
//! For every registered agent, operation, purpose and assurance the engine says which lines match;
//! what is kept is the line that denies always or the line that grants always, and beside them
//! only lines with conditions. Nothing here grows a call's cost with the number of lines,
//! operations or agents.

use crate::catalog::{Catalog, Faults, Files, Operation};
use crate::identity::{AgentId, AgentKind, Assurance, Caller};
use crate::policy::Treatments;
use crate::policy::compile::{Compiler, Used};
use crate::policy::decision::Decision;
use crate::policy::engine::{Engine, GRANTS, SHADES};
use crate::policy::line::{FILE, Lines, Rule};
use ring::digest::{Context, SHA256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// All assurances, least first.
pub(crate) const ASSURANCES: [Assurance; 3] =
    [Assurance::Low, Assurance::Substantial, Assurance::High];

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
    pub(crate) purposes: Vec<(String, [Decision; 3])>,
    pub(crate) treatments: Treatments,
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
        let lines = lines(files, &catalog).await?;
        let mut compiler = Compiler::new(files, &lines).await?;
        let mut tables: HashMap<AgentId, Table> = HashMap::new();
        for (agent, kind) in agents {
            tables.insert(agent.clone(), Table::new(*kind));
        }
        for operation in catalog.operations() {
            let about = compiler.turn_to(operation);
            for (agent, table) in &mut tables {
                let cell = compiler.cell(agent, table.kind, operation, &about);
                table.put(operation, cell?);
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

    /// What this caller may call now, by name: granted for some purpose, within its token's
    /// scopes, about a customer only if there is one. What needs more assurance is listed too.
    pub fn allowed(&self, caller: &Caller) -> Vec<&Arc<Operation>> {
        let agent = caller.agent();
        let mut granted = self.granted(&agent.id, agent.kind, caller.subject().is_some());
        if let Some(scopes) = caller.scopes() {
            granted.retain(|operation| scopes.cover(operation.effect, &operation.topic));
        }
        granted
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
        levels.last()?.denial()
    }
}

/// The policy's lines; with what is wrong with them comes what is wrong with the models.
async fn lines(files: &Files, catalog: &Catalog) -> Result<Lines, Faults> {
    let mut faults = Faults::new();
    let lines = files
        .required(FILE)
        .and_then(|text| Lines::parse(text, catalog));
    if let Some(lines) = faults.keep(lines) {
        return Ok(lines);
    }
    for form in [&GRANTS, &SHADES] {
        drop(faults.keep(Engine::new(form, files, &[]).await));
    }
    Err(faults)
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
