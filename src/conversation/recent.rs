//! Conversations that calls came from lately, so that a call reads none.
//!
//! What is remembered may be older than the tables: another replica may have closed a conversation,
//! or an erasure forgotten it. So it is looked at once more where a call's record is committed
//! ([`crate::ledger::Guard`]), and here forgotten at once where this process does either.

use super::Current;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Chats remembered at once.
const CHATS: usize = 16_384;
/// Conversations whose placeholders are remembered at once.
const NUMBERED: usize = 4_096;

/// A token's digest and the conversation a call named, if it did.
pub(crate) type Asker = ([u8; 32], Option<[u8; 16]>);

/// Placeholders of one conversation, in the order they were given: label, digest.
pub(super) type Rows = Arc<[(String, Vec<u8>)]>;

/// A conversation, and the stamp it was remembered with. A guest's is the customer's after they
/// signed in, under the same id and another stamp.
type Claim = ([u8; 16], u64);

/// What is remembered of conversations.
pub(crate) struct Recent {
    /// Whose token may go on in which conversation.
    askers: Cache<Asker, Claim>,
    /// Conversations that were open when they were read.
    open: Cache<[u8; 16], (Current, u64)>,
    placeholders: Cache<[u8; 16], Rows>,
    /// Counts what was forgotten, so that what was read before is not remembered after it.
    forgotten: AtomicU64,
    /// The last stamp given.
    stamp: AtomicU64,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            askers: Cache::new(CHATS),
            open: Cache::new(CHATS),
            placeholders: Cache::new(NUMBERED),
            forgotten: AtomicU64::new(0),
            stamp: AtomicU64::new(0),
        }
    }
}

impl Recent {
    /// The conversation that such a call belonged to.
    pub(super) fn of(&self, asker: &Asker) -> Option<Current> {
        let (id, claimed) = self.askers.get(asker)?;
        let (current, stamp) = self.open.get(&id)?;
        (stamp == claimed).then_some(current)
    }

    /// What to give to [`Self::remember`] for what is read from now on.
    pub(super) fn reading(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// Remembers whose conversation it is, unless something was forgotten since `reading`.
    pub(super) fn remember(&self, asker: Asker, current: &Current, reading: u64) {
        let stamp = match self.open.get(&current.id) {
            Some((open, stamp)) if open == *current => stamp,
            _ => {
                let stamp = self.stamp.fetch_add(1, Ordering::SeqCst);
                self.open.insert(current.id, (current.clone(), stamp));
                stamp
            }
        };
        self.askers.insert(asker, (current.id, stamp));
        if self.reading() != reading {
            self.open.remove(&current.id);
        }
    }

    /// Whether a conversation that is open began as a guest's, if that is remembered.
    pub(super) fn attached(&self, id: &[u8; 16]) -> Option<bool> {
        self.open.get(id).map(|(current, _stamp)| current.attached)
    }

    /// The placeholders a conversation had when they were read. More may have been given since: a
    /// value that is not among them is looked for in the tables before it gets a number.
    pub(super) fn placeholders(&self, id: &[u8; 16]) -> Option<Rows> {
        self.placeholders.get(id)
    }

    /// Remembers placeholders, unless something was forgotten since `reading`.
    pub(super) fn remember_placeholders(&self, id: [u8; 16], rows: Rows, reading: u64) {
        self.placeholders.insert(id, rows);
        if self.reading() != reading {
            self.placeholders.remove(&id);
        }
    }

    /// Forgets one conversation, which is closed or belongs to somebody else now.
    pub(crate) fn forget(&self, id: &[u8; 16]) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.open.remove(id);
        self.placeholders.remove(id);
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.open.clear();
        self.askers.clear();
        self.placeholders.clear();
    }
}

impl std::fmt::Debug for Recent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recent")
            .field("open", &self.open.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Language;

    fn chat(id: u8) -> Current {
        Current {
            id: [id; 16],
            guest: false,
            language: Language::En,
            turns: 0,
            attached: false,
        }
    }

    #[test]
    fn what_was_forgotten_is_not_remembered_by_whoever_read_before() {
        let recent = Recent::default();
        let (session, named) = (([1; 32], None), ([1; 32], Some([7; 16])));
        let reading = recent.reading();
        recent.remember(session, &chat(7), reading);
        recent.remember(named, &chat(7), reading);
        assert_eq!(recent.of(&session), Some(chat(7)));
        assert_eq!(recent.of(&([2; 32], None)), None, "another token");
        recent.forget(&[7; 16]);
        assert_eq!(recent.of(&session), None);
        assert_eq!(recent.of(&named), None, "whatever way it was asked for");
        let customer = ([3; 32], None);
        recent.remember(customer, &chat(7), recent.reading());
        assert_eq!(recent.of(&customer), Some(chat(7)));
        assert_eq!(recent.of(&session), None, "it is somebody else's now");
        recent.forget(&[7; 16]);
        recent.remember(session, &chat(7), reading);
        assert_eq!(
            recent.of(&session),
            None,
            "it was read before it was closed"
        );
        let rows: Rows = Arc::from([("EMAIL".to_owned(), vec![1])]);
        recent.remember_placeholders([7; 16], Arc::clone(&rows), reading);
        assert_eq!(recent.placeholders(&[7; 16]), None);
        recent.remember_placeholders([7; 16], rows, recent.reading());
        assert!(recent.placeholders(&[7; 16]).is_some());
        recent.forget_all();
        assert_eq!(recent.placeholders(&[7; 16]), None);
    }
}
