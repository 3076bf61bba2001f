//! Placeholder numbers, stable within a conversation over turns, lookups and replicas.
//!
//! Two passes: a text is redacted with the numbers known so far; if it holds new values, these get
//! their places in one transaction under the conversation's lock, and the text is redacted again.
//! What is kept is a digest under a key derived from the owner's, so it dies with an erasure.

use super::CHAT;
use super::recent::Rows;
use crate::gateway::{Gateway, Refusal};
use crate::identity::Caller;
use crate::ledger::KeyError;
use crate::redaction::Numbering;
use ring::hmac;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The numbers of one conversation, or of a single answer where there is none.
#[derive(Debug)]
pub(crate) struct Numbers {
    key: Zeroizing<[u8; 32]>,
    conversation: Option<[u8; 16]>,
    numbering: Numbering,
    known: usize,
}

impl Numbers {
    pub(crate) fn numbering(&mut self) -> &mut Numbering {
        &mut self.numbering
    }

    /// Whether a value got a number that is not kept yet.
    pub(crate) fn has_new(&self) -> bool {
        self.conversation.is_some() && self.numbering.export().len() > self.known
    }

    fn of(
        key: Zeroizing<[u8; 32]>,
        conversation: Option<[u8; 16]>,
        rows: &[(String, Vec<u8>)],
    ) -> Self {
        let pairs = rows.iter().filter_map(|(label, digest)| {
            Some((label.as_str(), digest.as_slice().try_into().ok()?))
        });
        let numbering = Numbering::import(&key, pairs);
        Self {
            key,
            conversation,
            known: numbering.export().len(),
            numbering,
        }
    }
}

impl Gateway {
    /// The numbers given so far.
    pub(crate) async fn numbers(
        &self,
        caller: &Caller,
        conversation: Option<[u8; 16]>,
    ) -> Result<Numbers, Refusal> {
        let Some(id) = conversation else {
            let key = crate::random::bytes::<32>().map_err(|_none| Refusal::Internal)?;
            return Ok(Numbers::of(Zeroizing::new(key), None, &[]));
        };
        let keys = self.ledger().keys();
        let owner = self.numbered_under(caller, id).await?;
        let subject = keys
            .subject(&owner, CHAT, caller.issued_at_s())
            .await
            .map_err(|error| {
                if matches!(error, KeyError::Erased) {
                    Refusal::SignInAgain
                } else {
                    Refusal::Unrecorded
                }
            })?;
        let derived = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, subject.key.as_slice()),
            &[b"placeholders".as_slice(), &id].concat(),
        );
        let key: [u8; 32] = derived
            .as_ref()
            .try_into()
            .map_err(|_length| Refusal::Internal)?;
        let rows = self
            .placeholders(id)
            .await
            .map_err(|error| refused(&error))?;
        Ok(Numbers::of(Zeroizing::new(key), conversation, &rows))
    }

    /// The places given so far, or lately: a value that is not among them goes through
    /// [`Self::keep_numbers`], which reads the tables under the conversation's lock.
    async fn placeholders(&self, id: [u8; 16]) -> Result<Rows, sqlx::Error> {
        if let Some(rows) = self.recent().placeholders(&id) {
            return Ok(rows);
        }
        let reading = self.recent().reading();
        let mut tx = self.ledger().store().log.read().await?;
        let rows: Rows = tx.placeholders(&id).await?.into();
        let kept = Arc::clone(&rows);
        self.recent().remember_placeholders(id, kept, reading);
        Ok(rows)
    }

    /// Keeps new numbers, and returns them as they are now that others may have kept some too.
    pub(crate) async fn keep_numbers(&self, numbers: Numbers) -> Result<Numbers, Refusal> {
        let Some(id) = numbers.conversation else {
            return Ok(numbers);
        };
        let reading = self.recent().reading();
        let write = async {
            let mut tx = self.ledger().store().writer.begin().await?;
            if tx.conversation_lock(&id).await? {
                for (label, digest) in numbers.numbering.export().iter().skip(numbers.known) {
                    tx.placeholder_put(&id, label, digest).await?;
                }
            }
            let rows = tx.placeholders(&id).await?;
            tx.commit().await?;
            Ok(rows.into())
        };
        let rows: sqlx::Result<Rows> = write.await;
        let rows = rows.map_err(|error| refused(&error))?;
        let kept = Arc::clone(&rows);
        self.recent().remember_placeholders(id, kept, reading);
        Ok(Numbers::of(numbers.key, Some(id), &rows))
    }
}

fn refused(error: &sqlx::Error) -> Refusal {
    tracing::error!(code = "placeholders_failed", %error, "the store refused");
    Refusal::Unrecorded
}
