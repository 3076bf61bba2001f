//! Conversations: the chat that lookups belong to, and what was said in it.
//!
//! A conversation belongs to (issuer, subject, agent) and opens with the evidence that the person
//! was told they speak with an AI (Regulation (EU) 2024/1689 Art. 50(1)); without it there is no
//! lookup. A turn is sealed as it was said, minus what I8 forbids to store; the agent gets the
//! redacted view. A guest's conversation has a key of its own, and becomes the customer's when it is
//! attached after sign-in.

use crate::gateway::{Gateway, Language, Malformed, Refusal, Refused, unrecorded};
use crate::identity::Caller;
use crate::ledger::{Draft, Effect, Owner, Unrecorded};
use crate::revocation::Marks;
use serde_json::json;
use std::sync::Arc;
use tidewaiter_audit::Kind;

mod attach;
pub mod number;
pub(crate) mod recent;
pub mod speech;
pub mod store;
pub mod turn;

pub use store::Row;
pub use turn::{Found, Saying, Speaker, Turned};

/// The retention class of chats: erased when the customer asks.
pub(crate) const CHAT: &str = "support";

/// What `POST /v1/conversations` carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// `web`, `app`, `telegram`… `[a-z0-9_-]{1,32}`.
    pub channel: String,
    /// A BCP 47 tag.
    pub locale: String,
    /// The version of the AI disclosure that was shown, 1 to 64 printable characters.
    pub disclosure_version: String,
    /// When it was shown, RFC 3339.
    pub disclosure_shown_at: String,
}

impl Opening {
    /// Whether every member is of its grammar, and the disclosure not from the future.
    fn fits(&self, now_us: i64) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let channel = (1..=32).contains(&self.channel.len()) && self.channel.chars().all(plain);
        let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let locale = (2..=35).contains(&self.locale.len()) && self.locale.chars().all(tag);
        let version = (1..=64).contains(&self.disclosure_version.len())
            && self
                .disclosure_version
                .chars()
                .all(|c| c.is_ascii_graphic() || c == ' ')
            && crate::redaction::storable(&self.disclosure_version) == self.disclosure_version;
        let shown = self.disclosure_shown_at.parse::<jiff::Timestamp>();
        // A minute of clocks apart; a disclosure older than a day was not for this chat.
        let recent = shown.is_ok_and(|at| {
            let ago = now_us - at.as_microsecond();
            (-60_000_000..=86_400_000_000).contains(&ago)
        });
        channel && locale && version && recent
    }
}

/// A conversation that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its id, 32 hex digits.
    pub conversation: String,
    /// Its record.
    pub record: String,
}

/// A conversation that a call belongs to: open, disclosed, and the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) id: [u8; 16],
    pub(crate) guest: bool,
    pub(crate) language: Language,
    pub(crate) turns: i64,
    /// Whether a guest opened it.
    pub(crate) attached: bool,
}

/// What was sent, if it is of its form; else why not.
pub(crate) fn fitting<T>(
    sent: Result<T, Malformed>,
    fits: impl Fn(&T) -> bool,
) -> Result<T, Refusal> {
    match sent {
        Ok(sent) if fits(&sent) => Ok(sent),
        Ok(_unfit) => Err(Refusal::Malformed),
        Err(malformed) => Err(malformed.into()),
    }
}

/// Who a conversation's records belong to.
pub(crate) fn owner(caller: &Caller, id: [u8; 16]) -> Owner {
    match caller.subject() {
        Some(subject) => Owner::Subject(Arc::clone(subject)),
        None => Owner::Guest(id),
    }
}

/// The id in a conversation's name: 32 hex digits.
fn id_of(name: &str) -> Result<[u8; 16], hex::FromHexError> {
    let mut id = [0_u8; 16];
    hex::decode_to_slice(name, &mut id)?;
    Ok(id)
}

impl Gateway {
    /// Opens a conversation. A token's `sid` opens one; the same again is refused as a conflict.
    pub async fn open_conversation(
        self: &Arc<Self>,
        bearer: Option<&str>,
        opening: Result<Opening, Malformed>,
    ) -> Result<Opened, Refused> {
        let caller = self.admitted(bearer)?;
        self.unless_stopped(&caller, "conversation.open").await?;
        let now_us = self.clock().now_us();
        let opening = match fitting(opening, |opening| opening.fits(now_us)) {
            Ok(opening) => opening,
            Err(why) => return self.refused(&caller, "conversation.open", why).await,
        };
        let id = crate::random::bytes::<16>().map_err(|_none| Refusal::Internal)?;
        let keys = self.ledger().keys();
        let owner = owner(&caller, id);
        let row = Row {
            id: id.to_vec(),
            owner: keys.owner_id(&owner).to_vec(),
            agent: caller.agent().id.to_string(),
            session: self.session(&caller).map(|digest| digest.to_vec()),
            guest: caller.subject().is_none(),
            locale: Language::parse(&opening.locale).as_str().to_owned(),
            closed: false,
            turns: 0,
            opened_us: self.clock().now_us(),
            attached: false,
        };
        let body = json!({
            "act": "open",
            "conversation": hex::encode(id),
            "channel": opening.channel,
            "locale": opening.locale,
            "disclosure": {
                "version": opening.disclosure_version,
                "shown_at": opening.disclosure_shown_at,
            },
            "recipients": caller.agent().recipients,
        });
        let mut draft = self.chat_draft(&caller, Kind::Conversation, owner, body);
        draft.effects = vec![Effect::ConversationOpen(row)];
        let recorded = match self.append_owned(draft).await {
            // The session has a conversation; that is an answer too, and needs its record (I1).
            Err(refused) if refused.refusal == Refusal::Conflict => {
                return self
                    .refused(&caller, "conversation.open", Refusal::Conflict)
                    .await;
            }
            appended => appended?,
        };
        Ok(Opened {
            conversation: hex::encode(id),
            record: recorded.rid(),
        })
    }

    /// Closes a conversation with its outcome (`[a-z_]{1,32}`) and rating (1 to 5); returns the
    /// record's name.
    pub async fn close_conversation(
        self: &Arc<Self>,
        bearer: Option<&str>,
        conversation: &str,
        closing: Result<(String, Option<u8>), Malformed>,
    ) -> Result<String, Refused> {
        let caller = self.admitted(bearer)?;
        self.unless_stopped(&caller, "conversation.close").await?;
        let fits = |(outcome, rating): &(String, Option<u8>)| {
            (1..=32).contains(&outcome.len())
                && outcome.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                && rating.is_none_or(|rating| (1..=5).contains(&rating))
        };
        let (outcome, rating) = match fitting(closing, fits) {
            Ok(closing) => closing,
            Err(why) => return self.refused(&caller, "conversation.close", why).await,
        };
        let Some(current) = self.conversation_of(&caller, Some(conversation)).await? else {
            return self
                .refused(&caller, "conversation.close", Refusal::ConversationRequired)
                .await;
        };
        let body = json!({
            "act": "close",
            "conversation": hex::encode(current.id),
            "outcome": outcome,
            "rating": rating.map(|rating| rating.to_string()),
        });
        let owner = owner(&caller, current.id);
        let mut draft = self.chat_draft(&caller, Kind::Conversation, owner, body);
        draft.effects = vec![Effect::ConversationClose { id: current.id }];
        let closed = self.append_owned(draft).await;
        self.recent().forget(&current.id);
        match closed {
            // Somebody closed it meanwhile.
            Err(refused) if refused.refusal == Refusal::Conflict => {
                self.refused(&caller, "conversation.close", Refusal::ConversationRequired)
                    .await
            }
            appended => Ok(appended?.rid()),
        }
    }

    /// The same as [`Self::conversation_of`] without its turns, and as of lately: the call's record
    /// is committed only if the conversation is open then.
    pub(crate) async fn recent_conversation_of(
        &self,
        caller: &Caller,
        named: Option<&str>,
    ) -> Result<Option<Current>, Refusal> {
        let Ok(by_name) = named.map(id_of).transpose() else {
            return Ok(None);
        };
        let asker = (*caller.token(), by_name);
        // A database that takes no records is asked itself: if it does not answer either, the call
        // ends here, before anybody is asked upstream.
        if !self.ledger().is_failing()
            && let Some(current) = self.recent().of(&asker)
        {
            return Ok(Some(current));
        }
        let reading = self.recent().reading();
        let found = self.conversation_of(caller, named).await?;
        if let Some(current) = &found {
            self.recent().remember(asker, current, reading);
        }
        Ok(found)
    }

    /// The open conversation that a call names, or that its token's session opened. A foreign one,
    /// a closed one and a missing one are alike: none.
    pub(crate) async fn conversation_of(
        &self,
        caller: &Caller,
        named: Option<&str>,
    ) -> Result<Option<Current>, Refusal> {
        let Ok(by_name) = named.map(id_of).transpose() else {
            return Ok(None);
        };
        let session = self.session(caller);
        let read = async {
            let mut tx = self.ledger().store().log.read().await?;
            match (by_name, session) {
                (Some(id), _) => tx.conversation(&id).await,
                (None, Some(session)) => tx.conversation_by_session(&session).await,
                (None, None) => Ok(None),
            }
        };
        let row = read.await.map_err(|error| {
            tracing::error!(code = "conversation_lookup_failed", %error, "the store refused");
            Refusal::Unrecorded
        })?;
        let Some(row) = row else { return Ok(None) };
        let Ok(id) = <[u8; 16]>::try_from(row.id.as_slice()) else {
            return Ok(None);
        };
        // A guest's conversation has no other owner than the session that opened it.
        let same_chat = !row.guest
            || row.session.is_none()
            || row.session.as_deref() == session.as_ref().map(<[u8; 32]>::as_slice);
        let owned = same_chat
            && row.owner == self.ledger().keys().owner_id(&owner(caller, id))
            && row.agent == caller.agent().id.as_str();
        Ok((owned && !row.closed).then(|| Current {
            id,
            guest: row.guest,
            language: Language::parse(&row.locale),
            turns: row.turns,
            attached: row.attached,
        }))
    }

    /// The keyed digest of the chat session a token names.
    fn session(&self, caller: &Caller) -> Option<[u8; 32]> {
        let (issuer, sub) = caller
            .subject()
            .map_or(("", ""), |s| (s.issuer.as_str(), s.sub.as_str()));
        self.session_of(caller, issuer, sub)
    }

    /// The same for somebody else in it: a guest is nobody.
    fn session_of(&self, caller: &Caller, issuer: &str, sub: &str) -> Option<[u8; 32]> {
        let sid = caller.session()?;
        let agent = caller.agent().id.as_str();
        let parts = [issuer, sub, agent, sid].map(str::as_bytes);
        Some(self.ledger().keys().digest("session", &parts))
    }

    /// Refuses, with a record, an agent that a switch has stopped.
    pub(crate) async fn unless_stopped(
        self: &Arc<Self>,
        caller: &Caller,
        act: &'static str,
    ) -> Result<(), Refused> {
        if self.switches().stops_agent(&caller.agent().id) {
            return self.refused(caller, act, Refusal::Stopped).await;
        }
        Ok(())
    }

    pub(crate) fn chat_draft(
        &self,
        caller: &Caller,
        kind: Kind,
        owner: Owner,
        body: serde_json::Value,
    ) -> Draft {
        let mut draft = Draft::new(kind, owner, CHAT, body);
        draft.agent = Some(caller.agent().id.to_string());
        draft.issued_at_s = caller.issued_at_s();
        let generation = self.switches().generation();
        // A caller who was revoked since it was let in is found by the sequencer, which looks again
        // at what was decided under no generation.
        draft.generation = if self.is_revoked(caller) {
            0
        } else {
            generation
        };
        draft.marks = Some(Marks::of_caller(self.ledger().keys(), caller));
        draft.guard = Some(crate::ledger::Guard {
            targets: vec![format!("agent:{}", caller.agent().id)],
            conversation: None,
        });
        draft
    }

    /// Records a refusal that is about no operation, and gives it.
    pub(crate) async fn refused<T>(
        self: &Arc<Self>,
        caller: &Caller,
        act: &'static str,
        refusal: Refusal,
    ) -> Result<T, Refused> {
        let owner = match caller.subject() {
            Some(subject) => Owner::Subject(Arc::clone(subject)),
            None => Owner::Log,
        };
        let body = json!({"act": act, "refused": refusal.code()});
        let mut draft = self.chat_draft(caller, Kind::Refusal, owner, body);
        draft.guard = None;
        draft.decision = Some(tidewaiter_audit::Decision::Deny);
        let recorded = self.append_owned(draft).await?;
        Err(Refused {
            record: Some(recorded.rid()),
            ..refusal.into()
        })
    }

    /// Appends in a task that the connection does not own.
    pub(crate) async fn append_owned(
        self: &Arc<Self>,
        draft: Draft,
    ) -> Result<crate::ledger::Recorded, Refused> {
        let gateway = Arc::clone(self);
        let appended = self
            .tracker()
            .spawn(async move { gateway.ledger().append(draft).await });
        match appended.await {
            Ok(Ok(recorded)) => Ok(recorded),
            Ok(Err(why)) => {
                if why == Unrecorded::Revoked {
                    self.count_revoked();
                }
                Err(unrecorded(why).into())
            }
            Err(_panic) => Err(Refusal::Unrecorded.into()),
        }
    }
}
