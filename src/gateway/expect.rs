//! What a caller expects of an answer: whether it may be compared, and what that costs.
//!
//! Promises I3 (what may not be compared is refused like an argument that is not granted) and that
//! no answer about an expectation leaves unless the guess was counted in the transaction of its
//! record. A customer whose budget has no room is refused before anything is forwarded; what was
//! guessed at the same time is refused when it is to be recorded.

use super::trail::Trail;
use super::{Gateway, Refusal, Refused, because, note};
use crate::ledger::Owner;
use crate::ledger::guess::Spending;
use crate::policy::{Permit, Snapshot};
use crate::redaction::{Clean, Expected};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The expectations of a call, all of them comparable for its caller.
pub(super) fn read(expect: Option<&Value>, permit: &Permit) -> Result<Vec<Expected>, Refused> {
    let read = Expected::read(expect, permit.operation(), permit.treatments());
    read.map_err(|error| Refused {
        argument: error.argument.map(|name| (name, error.reason.as_str())),
        ..Refusal::InvalidArguments.into()
    })
}

/// Notes what became of the expectations, to be counted with the record.
pub(super) fn count(expected: &[Expected], clean: &Clean, trail: &Mutex<Trail>) {
    note(trail, |trail| {
        let Some(spending) = &mut trail.spending else {
            return;
        };
        for (expected, compared) in expected.iter().zip(clean.compared()) {
            // Whether there is a value at all is something to know too.
            if let (Some(fact), false) = (expected.fact(), compared.is_match == Some(true)) {
                spending.miss(fact);
            }
        }
    });
}

impl Gateway {
    /// Refuses guesses for which the customer's budget has no room.
    pub(super) async fn has_guesses(
        &self,
        expected: &[Expected],
        permit: &Permit,
        snapshot: &Snapshot,
        trail: &Mutex<Trail>,
    ) -> Result<(), Refusal> {
        if expected.is_empty() {
            return Ok(());
        }
        note(trail, |trail| trail.expected = expected.to_vec());
        let Some(subject) = permit.caller().subject() else {
            return Err(Refusal::SignInRequired);
        };
        let keys = self.ledger.keys();
        let budget = snapshot.catalog().purposes().guesses();
        let mut spending = Spending::new(keys, &Owner::Subject(Arc::clone(subject)), budget);
        for fact in expected.iter().filter_map(Expected::fact) {
            spending.ask(keys, fact);
        }
        if spending.is_empty() {
            return Ok(());
        }
        let spent = self.ledger.is_spent(&spending).await.map_err(|error| {
            tracing::error!(code = "guesses_unknown", %error, "the store refused");
            Refusal::Unrecorded
        })?;
        if spent {
            because(trail, "the guesses are spent".to_owned());
            return Err(Refusal::GuessesSpent);
        }
        note(trail, |trail| trail.spending = Some(spending));
        Ok(())
    }
}
