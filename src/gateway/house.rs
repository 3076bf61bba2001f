//! What a gateway lists and lends: operations, the ledger, the policy in force.

use super::{Gateway, Listed, RESTORE_DAYS, Refusal};
use crate::clock::Clock;
use crate::conversation::recent::Recent;
use crate::ledger::Ledger;
use crate::policy::switch::Target;
use crate::policy::{Snapshot, Switches};
use crate::quota::Quota;
use crate::redaction::Profiles;
use crate::revocation::{Horizon, Revocations};
use std::path::Path;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

impl Gateway {
    /// What this token may call now.
    pub fn operations(&self, bearer: Option<&str>) -> Result<Vec<Listed>, Refusal> {
        let caller = self.admitted(bearer)?;
        if self.switches.stops_agent(&caller.agent().id) {
            return Err(Refusal::Stopped);
        }
        let snapshot = self.policy.load();
        let listed = snapshot.allowed(&caller).into_iter().map(|operation| {
            let treatments = snapshot.treatments(&caller, operation);
            Listed {
                operation: Arc::clone(operation),
                input_schema: operation.input_schema(),
                expect_schema: operation.expect_schema(treatments),
                output_schema: operation.tool_output_schema(treatments),
            }
        });
        Ok(listed.collect())
    }

    /// The operation behind an MCP tool's name.
    pub fn operation_of_tool(&self, tool: &str) -> Option<String> {
        self.policy
            .load()
            .catalog()
            .tool(tool)
            .map(|operation| operation.name.clone())
    }

    /// Who may ask how often.
    pub(crate) fn quota(&self) -> &Quota {
        &self.quota
    }

    /// Conversations that calls came from lately.
    pub(crate) fn recent(&self) -> &Recent {
        &self.recent
    }

    /// How free text is read.
    pub(crate) fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Snapshot> {
        self.policy.load_full()
    }

    /// The switches in force.
    pub fn switches(&self) -> &Switches {
        &self.switches
    }

    /// The revocations in force.
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// How long a revocation must last.
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// The registered agents.
    pub fn agents(&self) -> Vec<Arc<crate::identity::Agent>> {
        self.identity.agents().cloned().collect()
    }

    /// Whether an issuer vouches for customers here, themselves or through an agent.
    pub fn knows_issuer(&self, issuer: &str) -> bool {
        self.identity.knows_customers_of(issuer)
    }

    /// Whether there is such a topic, operation or agent now.
    pub fn knows_target(&self, target: &Target) -> bool {
        match target {
            Target::Topic(topic) => self
                .policy
                .load()
                .catalog()
                .topics()
                .contains(topic.as_str()),
            Target::Operation(name) => {
                name == crate::privacy::reveal::OPERATION
                    || self.policy.load().catalog().operation(name).is_some()
            }
            Target::Agent(id) => self.identity.agents().any(|agent| agent.id == *id),
        }
    }

    /// What an erasure goes by.
    pub fn erasure_terms(&self) -> crate::privacy::erasure::Terms {
        crate::privacy::erasure::Terms {
            retention: self.policy.load().catalog().retention().clone(),
            agents: self.agents(),
            restore_days: RESTORE_DAYS,
        }
    }

    /// Reads the issuers' keys again and forgets every token; if a file is bad, all stay.
    pub fn reload_keys(&self) -> Result<(), crate::identity::Unready> {
        self.identity.reload()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where bundles are written.
    pub fn exports(&self) -> &Path {
        &self.exports
    }

    /// Where tasks run that a connection must not own.
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}
