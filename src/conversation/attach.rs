//! A guest signs in: the conversation becomes the customer's, by a record.
//!
//! What was said before stays sealed under the guest's key, which is one of the customer's from then
//! on: it is read, exported and destroyed with theirs. What comes after is sealed under theirs. Only
//! the agent that opened it attaches it, in the same session if both tokens name one, and once;
//! whatever does not fit is as good as not there (I10).

use super::{Opened, owner};
use crate::conversation::store::{Attachment, Row};
use crate::gateway::{Gateway, Malformed, Refusal, Refused};
use crate::identity::Caller;
use crate::ledger::{Effect, Owner, OwnerId};
use serde_json::json;
use std::sync::Arc;
use tidewaiter_audit::Kind;

const ACT: &str = "conversation.attach";

impl Gateway {
    /// Attaches a guest's conversation to the customer of a delegated token. `nothing` is what was
    /// sent, which must be nothing.
    pub async fn attach_conversation(
        self: &Arc<Self>,
        bearer: Option<&str>,
        conversation: &str,
        nothing: Result<(), Malformed>,
    ) -> Result<Opened, Refused> {
        let caller = self.admitted(bearer)?;
        self.unless_stopped(&caller, ACT).await?;
        if let Err(why) = nothing {
            return self.refused(&caller, ACT, why.into()).await;
        }
        if caller.subject().is_none() {
            return self.refused(&caller, ACT, Refusal::SignInRequired).await;
        }
        let Some(attachment) = self.attachment(&caller, conversation).await? else {
            return self
                .refused(&caller, ACT, Refusal::ConversationRequired)
                .await;
        };
        let id = attachment.id;
        let body = json!({"act": "attach", "conversation": hex::encode(id)});
        let owner = owner(&caller, id);
        let mut draft = self.chat_draft(&caller, Kind::Conversation, owner, body);
        draft.effects = vec![Effect::ConversationAttach(attachment)];
        let attached = self.append_owned(draft).await;
        self.recent().forget(&id);
        match attached {
            // Somebody attached or closed it meanwhile.
            Err(refused) if refused.refusal == Refusal::Conflict => {
                self.refused(&caller, ACT, Refusal::ConversationRequired)
                    .await
            }
            appended => Ok(Opened {
                conversation: hex::encode(id),
                record: appended?.rid(),
            }),
        }
    }

    /// What attaching a conversation changes, if it is one that this caller may attach.
    async fn attachment(
        &self,
        caller: &Caller,
        conversation: &str,
    ) -> Result<Option<Attachment>, Refusal> {
        let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(conversation) else {
            return Ok(None);
        };
        let Some(row) = self.row(&id).await? else {
            return Ok(None);
        };
        let keys = self.ledger().keys();
        let to = Attachment {
            id,
            agent: caller.agent().id.to_string(),
            guest: keys.owner_id(&Owner::Guest(id)),
            owner: keys.owner_id(&owner(caller, id)),
            session: self.session(caller),
        };
        // The guest of the same session, if both say which it is.
        let session = self.session_of(caller, "", "");
        let same_chat = match (&row.session, &session) {
            (Some(opened), Some(now)) => opened.as_slice() == now,
            (None, _) | (_, None) => true,
        };
        let fits = row.guest && !row.closed && same_chat;
        Ok((fits && row.agent == to.agent && row.owner == to.guest).then_some(to))
    }

    /// A conversation's row.
    pub(super) async fn row(&self, id: &[u8; 16]) -> Result<Option<Row>, Refusal> {
        let read = async {
            let mut tx = self.ledger().store().log.read().await?;
            tx.conversation(id).await
        };
        read.await.map_err(|error| {
            tracing::error!(code = "conversation_lookup_failed", %error, "the store refused");
            Refusal::Unrecorded
        })
    }

    /// Whose chat key the placeholders of a conversation are numbered under: the guest's stays the
    /// one it began with, so that numbers stay as they are.
    pub(super) async fn numbered_under(
        &self,
        caller: &Caller,
        id: [u8; 16],
    ) -> Result<OwnerId, Refusal> {
        let attached = match self.recent().attached(&id) {
            Some(attached) => attached,
            None => self.row(&id).await?.is_some_and(|row| row.attached),
        };
        let owner = if attached {
            Owner::Guest(id)
        } else {
            owner(caller, id)
        };
        Ok(self.ledger().keys().owner_id(&owner))
    }
}
