//! What must become true in the same transaction as a record, or not at all.

use super::Unrecorded;
use super::guess::Spending;
use super::intent::IntentRow;
use crate::db::{Result, Tx};

/// A change that follows from a record and is committed with it.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Begins the log; refused unless it is the first record.
    LogBegin,
    /// Opens an intent; refused if its idempotency key was used before. `seq` is filled in.
    IntentOpen(Box<IntentRow>),
    /// Closes an intent; refused if it is closed already.
    IntentClose {
        /// The intent's request id.
        request: [u8; 16],
    },
    /// Opens a conversation; refused if its session has one.
    ConversationOpen(crate::conversation::Row),
    /// Counts a turn of an open conversation; refused if it is closed or gone.
    ConversationTurn {
        /// The conversation.
        id: [u8; 16],
        /// The turn's number, from 1; refused if it is taken.
        turn: i64,
    },
    /// Closes a conversation; refused if it is closed.
    ConversationClose {
        /// The conversation.
        id: [u8; 16],
    },
    /// Forgets an owner's conversations, their placeholders, and who may read them.
    ConversationsForget {
        /// Keyed look-up of the owner.
        owner: [u8; 32],
    },
    /// Counts wrong guesses about a customer's facts; refused if the budget has no room for as many
    /// as were made.
    GuessesSpend(Spending),
    /// Forgets an owner's guesses.
    GuessesForget {
        /// Keyed look-up of the owner.
        owner: [u8; 32],
    },
    /// Stops a target.
    SwitchPut(crate::ledger::switch::Row),
    /// Lets a target go on; refused if it was not stopped.
    SwitchDelete {
        /// `topic:withdrawals` and the like.
        target: String,
    },
    /// Attaches a guest's conversation; refused unless it is open, a guest's and this agent's.
    ConversationAttach(crate::conversation::store::Attachment),
    /// Forgets which guests' conversations an owner's keys reach; refused if there are others than
    /// these.
    GuestsForget {
        /// Keyed look-up of the owner.
        owner: [u8; 32],
        /// Those of the guests, in order.
        guests: Vec<[u8; 32]>,
        /// Those of them that nothing is kept of.
        gone: Vec<[u8; 32]>,
    },
    /// Revokes; refused if there are too many.
    RevocationPut(crate::ledger::revocation::Row),
    /// One person asks that a revocation be lifted; refused if it is not in force.
    RevocationLiftAsk {
        /// Its id.
        id: [u8; 16],
        /// Who asks, by pseudonym.
        officer: String,
    },
    /// Lifts a revocation; refused if it takes two and nobody else asked.
    RevocationLift {
        /// Its id.
        id: [u8; 16],
        /// Who lifts it, by pseudonym.
        officer: String,
    },
    /// Notes destroyed keys, before their rows go.
    KeyDestroyed {
        /// Their ids.
        ids: Vec<[u8; 16]>,
    },
    /// Keeps the full text of a policy.
    PolicyVersion {
        /// Its SHA-256, hex.
        version: String,
        /// Names and texts, as JSON.
        sources: String,
    },
    /// Makes an erasure's case.
    ErasurePut(crate::privacy::store::ErasureRow),
    /// Moves an erasure from one state to another; refused if it is elsewhere.
    ErasureMove {
        /// The case.
        id: [u8; 16],
        /// From here.
        from: &'static str,
        /// To there.
        to: &'static str,
        /// Who approved, by pseudonym.
        approver: Option<String>,
    },
    /// Notes with `key.destroyed` which tags it ends for an erasure; refused if that was done.
    ErasureKeysGone {
        /// The case.
        id: [u8; 16],
        /// What no key is left for.
        tags: Vec<crate::privacy::store::ErasedTag>,
    },
    /// Makes an export's case.
    ExportPut(crate::privacy::store::ExportRow),
    /// Moves an export from one state to another; refused if it is elsewhere.
    ExportMove {
        /// The case.
        id: [u8; 16],
        /// From here.
        from: &'static str,
        /// To there.
        to: &'static str,
        /// Who approved, by pseudonym.
        approver: Option<String>,
    },
    /// One person asks that a target go on; refused if that stop is not the one in force.
    ResumeAsk(crate::privacy::store::ResumeRow),
    /// Lets a target go on, asked by another; refused if that stop is not the one in force.
    ResumeGrant {
        /// `topic:withdrawals` and the like.
        target: String,
        /// Since when it is stopped.
        since_us: i64,
    },
    /// What an officer's act changes beside the ledger, and what is counted.
    Privacy(crate::privacy::Change),
}

impl Effect {
    /// Whether replicas must look again at what they decided before.
    pub(super) fn raises_generation(&self) -> bool {
        match self {
            Self::SwitchPut(_)
            | Self::SwitchDelete { .. }
            | Self::ResumeGrant { .. }
            | Self::RevocationPut(_)
            | Self::RevocationLift { .. }
            | Self::KeyDestroyed { .. }
            | Self::PolicyVersion { .. } => true,
            Self::LogBegin
            | Self::IntentOpen(_)
            | Self::IntentClose { .. }
            | Self::ConversationOpen(_)
            | Self::ConversationTurn { .. }
            | Self::ConversationClose { .. }
            | Self::ConversationAttach(_)
            | Self::ConversationsForget { .. }
            | Self::GuessesSpend(_)
            | Self::GuessesForget { .. }
            | Self::GuestsForget { .. }
            | Self::RevocationLiftAsk { .. }
            | Self::ErasurePut(_)
            | Self::ErasureMove { .. }
            | Self::ErasureKeysGone { .. }
            | Self::ResumeAsk(_)
            | Self::ExportPut(_)
            | Self::ExportMove { .. }
            | Self::Privacy(_) => false,
        }
    }

    /// Why there is no record if it cannot be applied.
    pub(super) fn unfit(&self) -> Unrecorded {
        if matches!(self, Self::GuessesSpend(_)) {
            Unrecorded::GuessesSpent
        } else {
            Unrecorded::Conflict
        }
    }

    /// Applies it for the record at `seq`; false if the database is not as it requires.
    pub(super) async fn apply(&self, tx: &mut Tx, seq: i64, now_us: i64) -> Result<bool> {
        match self {
            Self::LogBegin => Ok(seq == 0),
            Self::IntentOpen(row) => {
                tx.intent_open(&IntentRow {
                    seq,
                    ..IntentRow::clone(row)
                })
                .await
            }
            Self::IntentClose { request } => tx.intent_close(request, seq).await,
            Self::ConversationOpen(row) => tx.conversation_open(row).await,
            Self::ConversationTurn { id, turn } => tx.conversation_turn(id, *turn).await,
            Self::ConversationClose { id } => tx.conversation_close(id).await,
            Self::ConversationsForget { owner } => {
                tx.assignments_forget(owner).await?;
                tx.conversations_forget(owner).await.map(|()| true)
            }
            Self::GuessesSpend(spending) => spending.apply(tx, now_us).await,
            Self::GuessesForget { owner } => tx.guesses_forget(owner).await.map(|()| true),
            Self::ConversationAttach(attachment) => tx.conversation_attach(attachment).await,
            Self::GuestsForget {
                owner,
                guests,
                gone,
            } => tx.guests_forget(owner, guests, gone).await,
            Self::RevocationPut(row) => tx.revocation_put(row).await,
            Self::RevocationLiftAsk { id, officer } => {
                tx.revocation_lift_ask(id, officer, now_us).await
            }
            Self::RevocationLift { id, officer } => tx.revocation_lift(id, officer).await,
            Self::SwitchPut(row) => tx.switch_put(row).await.map(|()| true),
            Self::SwitchDelete { target } => tx.switch_delete(target).await,
            Self::KeyDestroyed { ids } => {
                for id in ids {
                    tx.destroyed_key_put(id, now_us).await?;
                }
                Ok(true)
            }
            Self::PolicyVersion { version, sources } => tx
                .policy_version_put(version, sources, now_us)
                .await
                .map(|()| true),
            Self::ErasurePut(row) => tx.erasure_put(row).await,
            Self::ErasureMove {
                id,
                from,
                to,
                approver,
            } => {
                tx.erasure_move(id, from, to, approver.as_deref(), seq)
                    .await
            }
            Self::ErasureKeysGone { id, tags } => tx.erasure_keys_gone(id, tags, seq).await,
            Self::ExportPut(row) => tx.export_put(row).await,
            Self::ExportMove {
                id,
                from,
                to,
                approver,
            } => {
                tx.export_move(id, from, to, approver.as_deref(), now_us)
                    .await
            }
            Self::ResumeAsk(row) => tx.resume_ask(row).await,
            Self::ResumeGrant { target, since_us } => tx.resume_grant(target, *since_us).await,
            Self::Privacy(change) => change.apply(tx, now_us).await,
        }
    }
}
