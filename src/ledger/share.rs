//! Who may take how many places of the queue, so that nobody keeps the others out.
//!
//! The rule is that of shared switch buffers with a dynamic threshold (Choudhury and Hahne 1998):
//! an agent may hold as many places as are still free, a customer or a guest's chat an eighth of
//! that. One busy agent alone gets half of the queue, two a third each, and whoever comes next
//! always finds room. A place is held from before a record is sealed until its batch is through.
//!
//! The reserve is not shared: what officers, erasures and recovery append is not counted here, and
//! what is counted never takes the reserve's places.

use super::Owner;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Of the free places, one owner may hold this part.
const OWNER_PART: usize = 8;

/// The places that are shared.
#[derive(Debug)]
pub(super) struct Shares {
    places: usize,
    taken: Mutex<Taken>,
}

/// Who holds how many. There are never more entries than places.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    agents: HashMap<String, usize>,
    owners: HashMap<Owner, usize>,
}

/// A place in the queue, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shares: Arc<Shares>,
    agent: Option<String>,
    owner: Option<Owner>,
}

impl Shares {
    /// Shares of this many places.
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            places,
            taken: Mutex::default(),
        })
    }

    /// A place for a record of this agent about this owner; none if they hold their share, or all
    /// places are taken.
    pub(super) fn take(self: &Arc<Self>, agent: Option<&str>, owner: &Owner) -> Option<Place> {
        let owner = match owner {
            Owner::Subject(_) | Owner::Guest(_) => Some(owner.clone()),
            Owner::Officer { .. } | Owner::Log => None,
        };
        let agent = agent.map(str::to_owned);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.places.saturating_sub(taken.all);
        let held = |count: Option<&usize>| count.copied().unwrap_or_default();
        let of_agent = agent
            .as_ref()
            .map_or(0, |agent| held(taken.agents.get(agent)));
        let of_owner = owner
            .as_ref()
            .map_or(0, |owner| held(taken.owners.get(owner)));
        if free == 0 || of_agent >= free || of_owner >= (free / OWNER_PART).max(1) {
            return None;
        }
        taken.all += 1;
        if let Some(agent) = &agent {
            *taken.agents.entry(agent.clone()).or_default() += 1;
        }
        if let Some(owner) = &owner {
            *taken.owners.entry(owner.clone()).or_default() += 1;
        }
        drop(taken);
        Some(Place {
            shares: Arc::clone(self),
            agent,
            owner,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let taken = self.shares.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(agent) = self.agent.take() {
            give_back(&mut taken.agents, agent);
        }
        if let Some(owner) = self.owner.take() {
            give_back(&mut taken.owners, owner);
        }
    }
}

fn give_back<K: Eq + Hash>(held: &mut HashMap<K, usize>, who: K) {
    if let Entry::Occupied(mut count) = held.entry(who) {
        *count.get_mut() = count.get().saturating_sub(1);
        if *count.get() == 0 {
            count.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(shares: &Arc<Shares>, agent: &str) -> Vec<Place> {
        std::iter::from_fn(|| shares.take(Some(agent), &Owner::Log)).collect()
    }

    #[test]
    fn no_agent_keeps_the_others_out() {
        let shares = Shares::new(1_000);
        let first = fill(&shares, "one");
        assert_eq!(first.len(), 500, "half of what there is");
        let second = fill(&shares, "two");
        assert_eq!(second.len(), 250, "half of what is left");
        let third = fill(&shares, "three");
        assert_eq!(third.len(), 125);
        assert!(shares.take(Some("one"), &Owner::Log).is_none());
        drop(first);
        assert!(
            !fill(&shares, "two").is_empty(),
            "what is given back is anybody's"
        );
    }

    #[test]
    fn no_customer_takes_an_agents_whole_share() {
        let shares = Shares::new(80);
        let guest = Owner::Guest([1; 16]);
        let mine: Vec<_> = std::iter::from_fn(|| shares.take(Some("one"), &guest)).collect();
        assert_eq!(mine.len(), 9);
        assert!(shares.take(Some("one"), &Owner::Guest([2; 16])).is_some());
    }

    #[test]
    fn what_nobody_holds_is_not_remembered() {
        let shares = Shares::new(16);
        for n in 0..100_u8 {
            drop(shares.take(Some(&format!("agent-{n}")), &Owner::Guest([n; 16])));
        }
        let taken = shares.taken.lock().unwrap();
        assert_eq!(taken.all, 0);
        assert!(taken.agents.is_empty() && taken.owners.is_empty());
    }

    #[test]
    fn the_last_place_is_somebodys_and_then_none_is() {
        let shares = Shares::new(3);
        let held: Vec<_> = (0..3)
            .filter_map(|n| shares.take(Some(&format!("agent-{n}")), &Owner::Log))
            .collect();
        assert_eq!(held.len(), 3);
        assert!(shares.take(None, &Owner::Log).is_none());
    }
}
