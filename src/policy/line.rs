//! The lines of `policy.csv`, read strictly: a name nobody knows is a fault, for a misspelt denial
//! would deny nothing.

use crate::catalog::{Catalog, Class, Fault, Faults, Operation, Risk, name};
use crate::identity::{AgentId, AgentKind, Assurance};
use crate::policy::condition::Condition;
use crate::policy::{Treatment, assurance_str};
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

/// The file's name.
pub(crate) const FILE: &str = "policy.csv";

/// A line of the policy, as explanations and records name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The line in `policy.csv`, counted from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE}:{}: {}", self.line, self.text)
    }
}

/// What a line is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    Any,
    Operation(String),
    Topic(String),
    Risk(Risk),
}

impl Object {
    /// Reads `*`, `operation:NAME`, `topic:NAME`, `risk:NAME`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        match text.split_once(':')? {
            ("operation", name) => Some(Self::Operation(name.to_owned())),
            ("topic", name) => Some(Self::Topic(name.to_owned())),
            ("risk", "public") => Some(Self::Risk(Risk::Public)),
            ("risk", "account") => Some(Self::Risk(Risk::Account)),
            ("risk", "money") => Some(Self::Risk(Risk::Money)),
            ("risk", "security") => Some(Self::Risk(Risk::Security)),
            _ => None,
        }
    }

    /// Whether it is about the operation of this name, topic and risk.
    pub(crate) fn covers(&self, operation: &str, topic: &str, risk: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Operation(name) => name == operation,
            Self::Topic(name) => name == topic,
            Self::Risk(one) => one.as_str() == risk,
        }
    }

    /// Whether it is about `operation`.
    pub(crate) fn is_about(&self, operation: &Operation) -> bool {
        self.covers(&operation.name, &operation.topic, operation.risk.as_str())
    }
}

/// A `p` line.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) rule: Arc<Rule>,
    /// The columns after `p`, as the engine gets them.
    pub(crate) columns: Vec<String>,
    pub(crate) role: String,
    pub(crate) object: Object,
    pub(crate) purpose: Option<String>,
    pub(crate) assurance: Option<Assurance>,
    pub(crate) kind: Option<AgentKind>,
    pub(crate) condition: Option<Arc<Condition>>,
    pub(crate) allow: bool,
}

/// A `p2` line.
#[derive(Debug, Clone)]
pub(crate) struct Shade {
    pub(crate) rule: Arc<Rule>,
    pub(crate) columns: Vec<String>,
    pub(crate) role: String,
    pub(crate) object: Object,
    pub(crate) allow: bool,
}

/// A `g` line: who has which role.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) rule: Arc<Rule>,
    pub(crate) who: String,
    pub(crate) role: String,
}

/// All lines of a policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    pub(crate) grants: Vec<Grant>,
    pub(crate) shades: Vec<Shade>,
    pub(crate) members: Vec<Member>,
}

impl Lines {
    /// Reads `policy.csv` against the catalog.
    pub(crate) fn parse(text: &str, catalog: &Catalog) -> Result<Self, Faults> {
        let mut lines = Self::default();
        let mut faults = Faults::new();
        let mut seen: HashSet<Vec<&str>> = HashSet::new();
        let known = Known {
            catalog,
            topics: catalog.topics(),
        };
        for (at, raw) in text.lines().enumerate() {
            let raw = raw.trim();
            if raw.is_empty() || raw.starts_with('#') {
                continue;
            }
            let rule = Arc::new(Rule {
                line: at.saturating_add(1),
                text: raw.to_owned(),
            });
            let columns: Vec<&str> = raw.split(',').map(str::trim).collect();
            let read = if seen.contains(&columns) {
                Err("this line is there twice".to_owned())
            } else {
                lines.read(&columns, &rule, &known)
            };
            if let Err(message) = read {
                faults.push(Fault {
                    file: FILE.to_owned(),
                    line: rule.line,
                    message,
                });
            }
            seen.insert(columns);
        }
        faults.or(lines)
    }

    fn read(
        &mut self,
        columns: &[&str],
        rule: &Arc<Rule>,
        known: &Known<'_>,
    ) -> Result<(), String> {
        if columns.iter().any(|c| c.is_empty() || c.contains('"')) {
            return Err("columns are separated by commas, none empty, without quotes".to_owned());
        }
        match columns {
            ["p", rest @ ..] => self.grants.push(grant(rest, rule, known)?),
            ["p2", rest @ ..] => self.shades.push(shade(rest, rule, known)?),
            ["g", member, to] => {
                if !is_role(to) || !(is_role(member) || is_agent(member)) {
                    return Err("a g line is `g, AGENT or role:NAME, role:NAME`".to_owned());
                }
                self.members.push(Member {
                    rule: Arc::clone(rule),
                    who: (*member).to_owned(),
                    role: (*to).to_owned(),
                });
            }
            _ => return Err("a line starts with p, p2 or g (with two columns more)".to_owned()),
        }
        Ok(())
    }

    /// Whether `agent` has `role`, directly or over other roles.
    pub(crate) fn has_role(&self, agent: &str, role: &str) -> bool {
        let mut open = vec![agent];
        let mut seen: Vec<&str> = Vec::new();
        while let Some(name) = open.pop() {
            if name == role || role == "*" {
                return true;
            }
            if !seen.contains(&name) {
                seen.push(name);
                let next = self.members.iter().filter(|m| m.who == name);
                open.extend(next.map(|m| m.role.as_str()));
            }
        }
        false
    }
}

/// The names a line may use.
struct Known<'a> {
    catalog: &'a Catalog,
    topics: BTreeSet<&'a str>,
}

fn grant(columns: &[&str], at: &Arc<Rule>, known: &Known<'_>) -> Result<Grant, String> {
    let [role, object, purpose, assurance, kind, condition, effect] = columns else {
        return Err(
            "a p line is `p, ROLE, OBJECT, PURPOSE, ASSURANCE, KIND, CONDITION, allow or deny`"
                .to_owned(),
        );
    };
    let (role, object) = (role_of(role)?, object_of(object, known)?);
    let allow = effect_of(effect)?;
    let purpose = star(purpose);
    if let Some(name) = purpose.filter(|p| known.catalog.purposes().purpose(p).is_none()) {
        return Err(format!("purpose `{name}` is not in purposes.toml"));
    }
    let assurance = star(assurance).map(assurance_of).transpose()?;
    if assurance.is_some() && !allow {
        // A denial from some assurance on would let the less sure do more.
        return Err("a denial holds at every assurance: its column is `*`".to_owned());
    }
    let kind = match *kind {
        "*" => None,
        "llm" => Some(AgentKind::Llm),
        "flow" => Some(AgentKind::Flow),
        _ => return Err("an agent's kind is llm, flow or *".to_owned()),
    };
    let condition = star(condition).map(Condition::parse).transpose()?;
    if let Some(condition) = &condition {
        let about = || {
            known
                .catalog
                .operations()
                .iter()
                .filter(|o| object.is_about(o))
        };
        if !about().any(|o| condition.fits(o)) {
            return Err(
                "no operation this line is about declares every argument of its condition"
                    .to_owned(),
            );
        }
    }
    Ok(Grant {
        rule: Arc::clone(at),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        role,
        object,
        purpose: purpose.map(str::to_owned),
        assurance,
        kind,
        condition: condition.map(Arc::new),
        allow,
    })
}

fn shade(columns: &[&str], at: &Arc<Rule>, known: &Known<'_>) -> Result<Shade, String> {
    let [role, object, class, treatment, effect] = columns else {
        return Err("a p2 line is `p2, ROLE, OBJECT, CLASS, TREATMENT, allow or deny`".to_owned());
    };
    if let Some(name) = star(class).filter(|name| Class::ALL.iter().all(|c| c.as_str() != *name)) {
        return Err(format!("`{name}` is no class of fields"));
    }
    if Treatment::parse(treatment).is_none_or(|t| t == Treatment::Drop) {
        return Err("a treatment is compare, mask or reveal; drop is the default".to_owned());
    }
    Ok(Shade {
        rule: Arc::clone(at),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        role: role_of(role)?,
        object: object_of(object, known)?,
        allow: effect_of(effect)?,
    })
}

fn star<'a>(column: &&'a str) -> Option<&'a str> {
    Some(*column).filter(|c| *c != "*")
}

fn is_role(text: &str) -> bool {
    text.strip_prefix("role:").is_some_and(name::is_word)
}

fn is_agent(text: &str) -> bool {
    AgentId::try_from(text.to_owned()).is_ok()
}

fn role_of(text: &str) -> Result<String, String> {
    if text == "*" || is_role(text) || is_agent(text) {
        return Ok(text.to_owned());
    }
    Err("a role is `role:NAME`, an agent's id, or `*`".to_owned())
}

fn object_of(text: &str, known: &Known<'_>) -> Result<Object, String> {
    let object = Object::parse(text)
        .ok_or("an object is `operation:NAME`, `topic:NAME`, `risk:NAME` or `*`")?;
    match &object {
        Object::Operation(name) if known.catalog.operation(name).is_none() => {
            Err(format!("operation `{name}` is not in the catalog"))
        }
        Object::Topic(name) if !known.topics.contains(name.as_str()) => {
            Err(format!("topic `{name}` has no operation"))
        }
        Object::Any | Object::Operation(_) | Object::Topic(_) | Object::Risk(_) => Ok(object),
    }
}

fn effect_of(text: &str) -> Result<bool, String> {
    match text {
        "allow" => Ok(true),
        "deny" => Ok(false),
        _ => Err("the last column is allow or deny".to_owned()),
    }
}

fn assurance_of(text: &str) -> Result<Assurance, String> {
    let all = [Assurance::Low, Assurance::Substantial, Assurance::High];
    let found = all.into_iter().find(|a| assurance_str(*a) == text);
    found.ok_or_else(|| "an assurance is low, substantial, high or *".to_owned())
}
