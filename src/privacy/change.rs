//! What becomes true with an officer's record, in its transaction, or not at all.

use super::assignment::AssignmentRow;
use super::hold::HoldRow;
use crate::db::{Result, Tx};

/// A change beside the ledger that follows from a record.
#[derive(Debug, Clone)]
pub enum Change {
    /// Places a hold; refused if the id is taken.
    HoldPlace(HoldRow),
    /// One person asks that a hold end; refused unless it is in force.
    HoldAsk {
        /// The hold.
        id: [u8; 16],
        /// Who asks, by pseudonym.
        who: String,
    },
    /// Ends a hold, asked by another; refused unless that is so.
    HoldRelease {
        /// The hold.
        id: [u8; 16],
        /// Who agrees, by pseudonym.
        who: String,
    },
    /// Lets a member of support read a customer's chats, or one of them.
    AssignmentPut(AssignmentRow),
    /// Ends that; refused if it is not there.
    AssignmentEnd {
        /// The assignment.
        id: [u8; 16],
    },
    /// Ends an erasure that was not approved; refused unless it is `requested`.
    ErasureEnd {
        /// The case.
        id: [u8; 16],
        /// `refused` or `withdrawn`.
        to: &'static str,
        /// Who ended it, by pseudonym; none if the customer did.
        who: Option<String>,
        /// Why, from a closed list, for the customer; JSON.
        outcome: String,
    },
    /// Counts one, for figures.
    Count {
        /// What is counted.
        name: &'static str,
        /// Of which sort; from a closed list of ours.
        label: String,
    },
}

impl Change {
    /// Applies it; false if the database is not as it requires.
    pub(crate) async fn apply(&self, tx: &mut Tx, now_us: i64) -> Result<bool> {
        match self {
            Self::HoldPlace(row) => tx.hold_put(row).await,
            Self::HoldAsk { id, who } => tx.hold_ask(id, who, now_us).await,
            Self::HoldRelease { id, who } => tx.hold_release(id, who, now_us).await,
            Self::AssignmentPut(row) => tx.assignment_put(row).await,
            Self::AssignmentEnd { id } => tx.assignment_delete(id).await,
            Self::ErasureEnd {
                id,
                to,
                who,
                outcome,
            } => {
                tx.erasure_end(id, to, who.as_deref(), outcome, now_us)
                    .await
            }
            Self::Count { name, label } => {
                let hour = now_us.div_euclid(super::figures::HOUR_US);
                tx.figure_add(hour, name, label).await.map(|()| true)
            }
        }
    }
}
