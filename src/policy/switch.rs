//! Switches: what was stopped at once, by whom and why.
//!
//! Reads are lock-free; a change replaces the whole set. Leaves durability, and that one person
//! stops while two let go on, to the ledger's side, which calls [`Switches::replace`] at start and
//! after every change on any replica.

use crate::catalog::{Operation, name};
use crate::identity::AgentId;
use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a switch stops.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// All operations of a topic: `topic:withdrawals`.
    Topic(String),
    /// One operation: `operation:kyc.profile`.
    Operation(String),
    /// Everything an agent asks: `agent:support-bot`.
    Agent(AgentId),
}

/// The text is not `topic:NAME`, `operation:NAME` or `agent:ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a switch is `topic:NAME`, `operation:NAME` or `agent:ID`")]
pub struct BadTarget;

impl FromStr for Target {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        match text.split_once(':') {
            Some(("topic", topic)) if name::is_word(topic) => Ok(Self::Topic(topic.to_owned())),
            Some(("operation", operation)) if name::is_dotted(operation) => {
                Ok(Self::Operation(operation.to_owned()))
            }
            Some(("agent", agent)) => match AgentId::try_from(agent.to_owned()) {
                Ok(agent) => Ok(Self::Agent(agent)),
                Err(_) => Err(BadTarget),
            },
            _ => Err(BadTarget),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(topic) => write!(f, "topic:{topic}"),
            Self::Operation(operation) => write!(f, "operation:{operation}"),
            Self::Agent(agent) => write!(f, "agent:{agent}"),
        }
    }
}

/// A switch that is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Why, in the words of who stopped it; told to staff, not to customers.
    pub reason: String,
    /// Who stopped it.
    pub who: String,
    /// Since when, microseconds since 1970.
    pub since_us: i64,
}

/// A target with why it is stopped.
pub type Stopped = (Target, Arc<Stop>);

/// The set of what is stopped, shared by all requests.
#[derive(Debug, Default)]
pub struct Switches(ArcSwap<Off>);

#[derive(Debug, Clone, Default)]
struct Off {
    /// The ledger's generation that this set is as of, at least.
    generation: i64,
    topics: BTreeMap<String, Arc<Stop>>,
    operations: BTreeMap<String, Arc<Stop>>,
    agents: BTreeMap<AgentId, Arc<Stop>>,
}

impl Switches {
    /// Everything goes on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops `target`. A later stop of the same replaces the earlier.
    pub fn stop(&self, target: &Target, stop: Stop) {
        let stop = Arc::new(stop);
        self.0.rcu(|off| {
            let mut off = Off::clone(off);
            off.put(target.clone(), Arc::clone(&stop));
            off
        });
    }

    /// Lets `target` go on; what had stopped it, if anything had.
    pub fn resume(&self, target: &Target) -> Option<Arc<Stop>> {
        let before = self.0.rcu(|off| {
            let mut off = Off::clone(off);
            off.remove(target);
            off
        });
        before.find(target).cloned()
    }

    /// Puts this set in the place of the whole.
    pub fn replace(&self, all: impl IntoIterator<Item = (Target, Stop)>) {
        let mut off = Off::default();
        for (target, stop) in all {
            off.put(target, Arc::new(stop));
        }
        self.0.store(Arc::new(off));
    }

    /// The same as of a generation of the ledger; an older set than the one in force is dropped.
    pub fn replace_at(&self, generation: i64, all: impl IntoIterator<Item = (Target, Stop)>) {
        let mut fresh = Off {
            generation,
            ..Off::default()
        };
        for (target, stop) in all {
            fresh.put(target, Arc::new(stop));
        }
        let fresh = Arc::new(fresh);
        self.0.rcu(|off| {
            if off.generation > generation {
                Arc::clone(off)
            } else {
                Arc::clone(&fresh)
            }
        });
    }

    /// The generation that decisions by this set are made under.
    pub fn generation(&self) -> i64 {
        self.0.load().generation
    }

    /// Whether everything an agent asks is stopped.
    pub fn stops_agent(&self, agent: &AgentId) -> bool {
        self.0.load().agents.contains_key(agent)
    }

    /// Whether an operation is stopped by its name, also one that is not in the catalog.
    pub fn stops_named(&self, operation: &str) -> bool {
        self.0.load().operations.contains_key(operation)
    }

    /// What stops this call, if anything does.
    pub fn is_stopped(&self, operation: &Operation, agent: &AgentId) -> Option<Stopped> {
        let off = self.0.load();
        if let Some(stop) = off.operations.get(&operation.name) {
            return Some((Target::Operation(operation.name.clone()), Arc::clone(stop)));
        }
        if let Some(stop) = off.topics.get(&operation.topic) {
            return Some((Target::Topic(operation.topic.clone()), Arc::clone(stop)));
        }
        let stop = off.agents.get(agent)?;
        Some((Target::Agent(agent.clone()), Arc::clone(stop)))
    }

    /// All that is stopped: topics, operations, agents, each by name.
    pub fn all(&self) -> Vec<Stopped> {
        let off = self.0.load();
        let mut all = Vec::new();
        all.extend(
            off.topics
                .iter()
                .map(|(n, s)| (Target::Topic(n.clone()), Arc::clone(s))),
        );
        let operations = off.operations.iter();
        all.extend(operations.map(|(n, s)| (Target::Operation(n.clone()), Arc::clone(s))));
        all.extend(
            off.agents
                .iter()
                .map(|(n, s)| (Target::Agent(n.clone()), Arc::clone(s))),
        );
        all
    }
}

impl Off {
    fn put(&mut self, target: Target, stop: Arc<Stop>) {
        // What was there before is replaced: the newest reason counts.
        drop(match target {
            Target::Topic(name) => self.topics.insert(name, stop),
            Target::Operation(name) => self.operations.insert(name, stop),
            Target::Agent(agent) => self.agents.insert(agent, stop),
        });
    }

    fn remove(&mut self, target: &Target) {
        drop(match target {
            Target::Topic(name) => self.topics.remove(name),
            Target::Operation(name) => self.operations.remove(name),
            Target::Agent(agent) => self.agents.remove(agent),
        });
    }

    fn find(&self, target: &Target) -> Option<&Arc<Stop>> {
        match target {
            Target::Topic(name) => self.topics.get(name),
            Target::Operation(name) => self.operations.get(name),
            Target::Agent(agent) => self.agents.get(agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Files};

    fn stop(reason: &str) -> Stop {
        Stop {
            reason: reason.to_owned(),
            who: "lead-7".to_owned(),
            since_us: 1,
        }
    }

    #[test]
    fn targets_read_and_print() {
        for text in [
            "topic:withdrawals",
            "operation:kyc.profile",
            "agent:support-bot",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "topic:",
            "topic:A",
            "operation:kyc",
            "agent:",
            "agent:A B",
            "x:y",
            "topic",
        ] {
            assert_eq!(text.parse::<Target>(), Err(BadTarget), "{text}");
        }
    }

    #[test]
    fn a_stop_reaches_its_target_and_nothing_else() {
        let catalog = Catalog::parse(&Files::shipped()).unwrap();
        let (status, profile) = ("withdrawals.status", "kyc.profile");
        let operation = |name: &str| catalog.operation(name).unwrap();
        let bot = AgentId::try_from("support-bot".to_owned()).unwrap();
        let flow = AgentId::try_from("triage-flow".to_owned()).unwrap();
        for (target, stopped) in [
            ("topic:withdrawals", [true, true, false]),
            ("operation:withdrawals.status", [true, true, false]),
            ("operation:withdrawals.list", [false, false, false]),
            ("agent:support-bot", [true, false, true]),
        ] {
            let switches = Switches::new();
            let target: Target = target.parse().unwrap();
            switches.stop(&target, stop("3 a.m."));
            let is = [
                switches.is_stopped(operation(status), &bot).is_some(),
                switches.is_stopped(operation(status), &flow).is_some(),
                switches.is_stopped(operation(profile), &bot).is_some(),
            ];
            assert_eq!(is, stopped, "{target}");
            assert_eq!(switches.resume(&target).unwrap().reason, "3 a.m.");
            assert!(switches.resume(&target).is_none());
            assert!(switches.is_stopped(operation(status), &bot).is_none());
        }
    }

    #[test]
    fn the_whole_set_is_replaced() {
        let switches = Switches::new();
        switches.stop(&"topic:kyc".parse().unwrap(), stop("a"));
        switches.stop(&"topic:kyc".parse().unwrap(), stop("b"));
        assert_eq!(switches.all().len(), 1);
        assert_eq!(switches.all()[0].1.reason, "b");
        let agent: Target = "agent:triage-flow".parse().unwrap();
        switches.replace([(agent.clone(), stop("c"))]);
        let all = switches.all();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].0, agent);
    }
}
