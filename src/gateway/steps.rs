//! The steps of a call, from the permit to the record.

use super::expect;
use super::intend::{self, Intended, Intent};
use super::project::Kept;
use super::refuse::refuse_denied;
use super::trail::Trail;
use super::{
    Answer, CLOSE_AGAIN, Call, Gateway, Language, Refusal, Refused, because, not_recorded, note,
    unrecorded,
};
use crate::catalog::Effect;
use crate::ledger::{Draft, Owner, Unrecorded};
use crate::policy::{Ask, Snapshot, authorize};
use crate::quota::Admitted;
use crate::redaction::{Clean, Expected};
use crate::telemetry::metric;
use crate::telemetry::span::step;
use crate::upstream::forward;
use std::sync::{Arc, Mutex};
use tidewaiter_audit::{Decision, Kind};
use tracing::Instrument;

impl Gateway {
    /// The steps that can refuse. Whatever they learn is noted in the trail.
    pub(super) async fn attempt(
        &self,
        admitted: Admitted,
        call: Call,
        trail: &Mutex<Trail>,
    ) -> Result<Clean, Refused> {
        let caller = Arc::clone(admitted.caller());
        let arguments = call.arguments.map_err(Refusal::from)?;
        let named = call.conversation.as_deref();
        let conversation = self.recent_conversation_of(&caller, named).await?;
        let snapshot = self.policy.load_full();
        note(trail, |trail| {
            trail.conversation = conversation.as_ref().map(|c| (c.id, c.guest));
            trail.language = conversation.as_ref().map(|c| c.language);
            trail.policy = Some(Arc::clone(snapshot.version()));
            trail.operation = snapshot.catalog().operation(&call.operation).cloned();
        });
        let ask = Ask {
            operation: call.operation,
            arguments,
            purpose: call.purpose,
            conversation_disclosed: conversation.is_some(),
        };
        let permit = authorize(admitted, ask, &snapshot, &self.switches).map_err(|denied| {
            because(trail, denied.trace());
            refuse_denied(&denied)
        })?;
        note(trail, |trail| {
            trail.purpose = Some(permit.purpose().to_owned());
        });
        because(trail, permit.rule().to_string());
        let agent = || caller.agent().id.to_string();
        let within = self
            .quota
            .admit_operation(&caller, &permit.operation().name);
        within.map_err(|over| self.over_quota(agent(), over))?;
        no_secret_is_written(&permit)?;
        let asked = expect::read(call.expect.as_ref(), &permit)?;
        self.has_guesses(&asked, &permit, &snapshot, trail).await?;
        let permit = self.own(permit, &snapshot, trail).await?;
        let key = call.idempotency_key.as_deref();
        match intend::intend(&self.ledger, permit, key, trail).await? {
            Intent::Go(intended) => {
                self.fetch(intended, &asked, conversation.map(|c| c.id), trail)
                    .await
            }
            Intent::Repeat(clean) => {
                because(trail, "repeat of a recorded outcome".to_owned());
                Ok(clean)
            }
        }
    }

    /// Goes upstream and makes the answer fit to leave. Whatever goes wrong from here on with a
    /// read is one refusal (I10); a write that may have happened says so.
    async fn fetch(
        &self,
        intended: Intended,
        expected: &[Expected],
        conversation: Option<[u8; 16]>,
        trail: &Mutex<Trail>,
    ) -> Result<Clean, Refused> {
        let writes = intended.permit().operation().effect == Effect::Write;
        let lost = |maybe_happened: bool| {
            if writes && maybe_happened {
                Refusal::OutcomeUnknown
            } else {
                Refusal::NotFound
            }
        };
        note(trail, |trail| trail.forwarded = true);
        let upstream = &intended.permit().operation().upstream;
        let span = step!("forward", upstream = upstream.as_str());
        let raw = forward(&self.upstreams, intended).instrument(span).await;
        let raw = raw.map_err(|failed| {
            because(trail, format!("upstream: {failed}"));
            lost(failed.maybe_happened())
        })?;
        let digest = hex::encode(self.ledger.keys().digest("source", &[raw.bytes()]));
        note(trail, |trail| {
            trail.source = Some((digest, raw.bytes().len()));
        });
        let redacted = self
            .redact(&raw, expected, conversation)
            .instrument(step!("redact"));
        let redacted = redacted.await;
        let clean = redacted.map_err(|kept| match kept {
            Kept::Withheld(why) => {
                because(trail, format!("withheld: {why}"));
                lost(true).into()
            }
            // It has been done, whatever could not be read of it.
            Kept::Refused(_) if writes => lost(true).into(),
            Kept::Refused(refusal) => Refused::from(refusal),
        })?;
        expect::count(expected, &clean, trail);
        Ok(clean)
    }

    /// Proves that the object an argument names is in the subject's own list, where the catalog
    /// asks for that. A foreign object and a missing one end alike.
    async fn own(
        &self,
        permit: crate::policy::Permit,
        snapshot: &Snapshot,
        trail: &Mutex<Trail>,
    ) -> Result<crate::policy::Permit, Refusal> {
        match crate::upstream::is_listed(&self.upstreams, &permit, snapshot.catalog()).await {
            Ok(true) => Ok(permit),
            Ok(false) => {
                note(trail, |trail| trail.forwarded = true);
                because(trail, "the object is not in the subject's list".to_owned());
                Err(Refusal::NotFound)
            }
            Err(failed) => {
                note(trail, |trail| trail.forwarded = true);
                because(trail, format!("the subject's list: {failed}"));
                Err(Refusal::NotFound)
            }
        }
    }

    /// Makes the outcome durable, and only then an answer.
    pub(super) async fn settle(
        self: &Arc<Self>,
        outcome: Result<Clean, Refused>,
        trail: &Arc<Mutex<Trail>>,
        language: Language,
    ) -> Answer {
        let (outcome, argument) = match outcome {
            Ok(clean) => (Ok(clean), None),
            Err(refused) => (Err(refused.refusal), refused.argument),
        };
        let draft = match trail.lock() {
            Ok(trail) => trail.draft(&outcome),
            Err(poisoned) => poisoned.into_inner().draft(&outcome),
        };
        let outcome_code = outcome
            .as_ref()
            .map_or_else(|refusal| refusal.code(), |_clean| "ok");
        let operation = draft.operation.clone().unwrap_or_else(|| "none".to_owned());
        tracing::Span::current()
            .record("operation", operation.as_str())
            .record("outcome", outcome_code);
        metrics::counter!(metric::CALLS, "operation" => operation, "outcome" => outcome_code)
            .increment(1);
        match self.ledger.append(draft).instrument(step!("append")).await {
            Ok(recorded) => {
                let outcome = outcome.map_err(|refusal| Refused {
                    argument,
                    ..refusal.into()
                });
                Answer::recorded(outcome, recorded, language)
            }
            Err(Unrecorded::Erased) => {
                // What became of an intent is recorded all the same, under the log's own key.
                self.close_later(trail, outcome);
                self.signed_out(trail, language).await
            }
            // The outcome is dropped here: what is not written down was never said.
            Err(Unrecorded::Revoked) => self.revoked_late(trail, language).await,
            Err(Unrecorded::Stopped) => {
                let cause = "a switch was thrown while it was answered";
                self.refused_late(Refusal::Stopped, cause, trail, language)
                    .await
            }
            Err(Unrecorded::Closed) => {
                let cause = "the conversation was closed before it was answered";
                self.refused_late(Refusal::ConversationRequired, cause, trail, language)
                    .await
            }
            // Others guessed meanwhile. Whether these guesses were right is dropped as well.
            Err(Unrecorded::GuessesSpent) => {
                let cause = "the guesses were spent while it was answered";
                self.refused_late(Refusal::GuessesSpent, cause, trail, language)
                    .await
            }
            Err(why) => {
                metrics::counter!(metric::UNRECORDED).increment(1);
                self.strangers.count(super::strangers::UNRECORDED);
                tracing::error!(code = "unrecorded", cause = %why, "an answer was withheld");
                self.close_later(trail, outcome);
                Answer::unrecorded(not_recorded(why), language)
            }
        }
    }

    /// Goes on trying to record the outcome of an open intent, so that it does not stay open while
    /// this process lives. What became of it is not said any more, only recorded.
    fn close_later(self: &Arc<Self>, trail: &Arc<Mutex<Trail>>, outcome: Result<Clean, Refusal>) {
        let mut is_open = false;
        note(trail, |trail| is_open = trail.intent.is_some());
        if !is_open {
            return;
        }
        let (gateway, trail) = (Arc::clone(self), Arc::clone(trail));
        self.tracker.spawn(async move {
            while !gateway.shutdown.is_cancelled() {
                tokio::time::sleep(CLOSE_AGAIN).await;
                let draft = match trail.lock() {
                    Ok(trail) => trail.draft(&outcome),
                    Err(poisoned) => poisoned.into_inner().draft(&outcome),
                };
                // A conflict says that it was never opened, or is closed already.
                match gateway.ledger.append_reserved(draft).await {
                    Ok(_) | Err(Unrecorded::Conflict) => return,
                    Err(Unrecorded::TooLarge | Unrecorded::KeyGone | Unrecorded::Erased) => {
                        // It can never be recorded as it is: that it is unknown can.
                        let draft = unknown_outcome(&trail);
                        if gateway.ledger.append_reserved(draft).await.is_ok() {
                            return;
                        }
                    }
                    Err(_still_failing) => {}
                }
            }
        });
    }

    /// The token is older than the subject's erasure: the refusal is the log's own record, and
    /// says nothing of what was asked.
    async fn signed_out(&self, trail: &Mutex<Trail>, language: Language) -> Answer {
        let mut agent = None;
        note(trail, |trail| agent = Some(trail.agent()));
        let body = serde_json::json!({"refused": Refusal::SignInAgain.code()});
        let mut draft = Draft::new(Kind::Refusal, Owner::Log, "service", body);
        draft.agent = agent;
        draft.decision = Some(Decision::Deny);
        match self.ledger.append(draft).await {
            Ok(recorded) => Answer::recorded(Err(Refusal::SignInAgain.into()), recorded, language),
            Err(why) => Answer::unrecorded(unrecorded(why), language),
        }
    }

    /// The token was revoked between the decision and the record. That it was used is recorded; who
    /// used it gets what every stranger gets, and no record's name.
    async fn revoked_late(&self, trail: &Mutex<Trail>, language: Language) -> Answer {
        self.count_revoked();
        let draft = {
            let mut trail = match trail.lock() {
                Ok(trail) => trail,
                Err(poisoned) => poisoned.into_inner(),
            };
            trail.forwarded = false;
            trail.cause = Some("the token was revoked while it was answered".to_owned());
            let mut draft = trail.draft(&Err(Refusal::Unauthenticated));
            draft.marks = None;
            draft
        };
        match self.ledger.append(draft).await {
            Ok(_recorded) => Answer::unrecorded(Refusal::Unauthenticated, language),
            Err(why) => Answer::unrecorded(unrecorded(why), language),
        }
    }

    /// What was decided no longer holds when it is to be recorded: the refusal is what is recorded.
    async fn refused_late(
        &self,
        refusal: Refusal,
        cause: &str,
        trail: &Mutex<Trail>,
        language: Language,
    ) -> Answer {
        let draft = {
            let mut trail = match trail.lock() {
                Ok(trail) => trail,
                Err(poisoned) => poisoned.into_inner(),
            };
            trail.forwarded = false;
            if refusal == Refusal::ConversationRequired
                && let Some((id, _guest)) = trail.conversation
            {
                self.recent.forget(&id);
            }
            trail.cause = Some(cause.to_owned());
            trail.draft(&Err(refusal))
        };
        match self.ledger.append(draft).await {
            Ok(recorded) => Answer::recorded(Err(refusal.into()), recorded, language),
            Err(why) => Answer::unrecorded(unrecorded(why), language),
        }
    }
}

/// A record under the log's own key that nobody will learn what became of an intent.
fn unknown_outcome(trail: &Mutex<Trail>) -> Draft {
    let what = "outcome unknown: it could not be recorded under the subject's key";
    let body = serde_json::json!({"what": what});
    let mut draft = Draft::new(Kind::Recovery, Owner::Log, "service", body);
    note(trail, |trail| {
        draft.agent = Some(trail.agent());
        draft.operation = trail
            .operation
            .as_ref()
            .map(|operation| operation.name.clone());
        draft.request = trail.intent;
        if let Some(request) = trail.intent {
            draft.effects = vec![crate::ledger::Effect::IntentClose { request }];
        }
    });
    draft.decision = Some(Decision::Error);
    draft
}

/// A seed phrase in a case's text must not go on to the desk; the caller is told which argument.
fn no_secret_is_written(permit: &crate::policy::Permit) -> Result<(), Refused> {
    if permit.operation().effect == Effect::Read {
        return Ok(());
    }
    let secret = permit.arguments().iter().find(|(_, value)| {
        value
            .as_str()
            .is_some_and(|text| crate::redaction::storable(text) != text)
    });
    match secret {
        None => Ok(()),
        Some((name, _)) => Err(Refused {
            argument: Some((name.clone(), "must not hold a secret")),
            ..Refusal::InvalidArguments.into()
        }),
    }
}
