//! Revoking an agent, a person, a session or a token at once, and lifting that.
//!
//! One person revokes. A token or session is let go by one; an agent or a person by two: one asks,
//! another agrees, and a new revocation in between voids the wish. The record is the change, and
//! it names no person: what a revocation is about is a keyed digest in its row, and both rows and
//! digests of people end with the longest life of a token. That an agent was revoked is no secret;
//! everything else is an officer's act like any other from outside.
//!
//! Leaves refusing to [`crate::revocation`].

use super::duty::{Act, internal, is_text, unrecorded};
use crate::clock::rfc3339;
use crate::gateway::{Refusal, Refused};
use crate::identity::{AgentId, Officer, Role};
use crate::ledger::revocation::Row;
use crate::ledger::{Draft, Effect, Ledger, Owner};
use crate::revocation::{Horizon, Kind, Target};
use serde_json::{Value, json};

/// Who may revoke and lift.
const MAY: &[Role] = &[Role::Lead, Role::Officer, Role::Dpo, Role::Admin];
/// Who may see what is revoked: everybody but support.
const SEE: &[Role] = &[
    Role::Lead,
    Role::Officer,
    Role::Dpo,
    Role::Legal,
    Role::Auditor,
    Role::Admin,
];
/// The retention class of the log's own records.
const SERVICE: &str = "service";
/// Revocations on one page.
const PAGE: i64 = 200;

/// What is to be revoked, as it was asked. Nothing in it is checked yet.
#[derive(Clone, PartialEq, Eq)]
pub enum Wanted {
    /// An agent, by its id.
    Agent(String),
    /// A person, by issuer and `sub`.
    Subject(String, String),
    /// A session, by `sid`.
    Session(String),
    /// A token, by its SHA-256 in hex.
    Token(String),
    /// A token, by its `jti`.
    TokenId(String),
}

impl std::fmt::Debug for Wanted {
    /// Nothing of whom it names.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wanted").finish_non_exhaustive()
    }
}

/// What is to be revoked, of its form.
enum Checked<'a> {
    Agent(AgentId),
    Token([u8; 32]),
    Named(Target<'a>),
}

impl Wanted {
    fn check(&self) -> Option<Checked<'_>> {
        let fits = |text: &str| (1..=1_024).contains(&text.len());
        Some(match self {
            Self::Agent(id) => Checked::Agent(AgentId::try_from(id.clone()).ok()?),
            Self::Token(hex) => Checked::Token(tidewaiter_audit::grammar::hex_array(hex)?),
            Self::Subject(issuer, sub) if fits(issuer) && fits(sub) => {
                Checked::Named(Target::Subject(issuer, sub))
            }
            Self::Session(sid) if fits(sid) => Checked::Named(Target::Session(sid)),
            Self::TokenId(jti) if fits(jti) => Checked::Named(Target::TokenId(jti)),
            Self::Subject(..) | Self::Session(_) | Self::TokenId(_) => return None,
        })
    }
}

impl Checked<'_> {
    fn target(&self) -> Target<'_> {
        match self {
            Self::Agent(agent) => Target::Agent(agent),
            Self::Token(digest) => Target::Token(digest),
            Self::Named(target) => *target,
        }
    }

    fn agent(&self) -> Option<String> {
        match self {
            Self::Agent(agent) => Some(agent.to_string()),
            Self::Token(_) | Self::Named(_) => None,
        }
    }
}

/// Revokes. Returns `{"revocation", "kind", "agent", "since", "until", "record"}`, where `until` is
/// none for an agent: that lasts until it is lifted.
pub async fn revoke(
    ledger: &Ledger,
    officer: &Officer,
    wanted: &Wanted,
    reason: &str,
    horizon: Horizon,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "revocation.put")
        .demand(MAY)
        .await?;
    let Some(checked) = wanted.check() else {
        return Err(act.refuse(Refusal::InvalidArguments).await);
    };
    if !is_text(reason, 3, 500) {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    }
    let target = checked.target();
    let now_us = ledger.clock().now_us();
    let term = horizon.term(target.kind(), ledger.clock().now_s());
    let id = crate::random::bytes::<16>().map_err(internal)?;
    let row = Row {
        id: id.to_vec(),
        kind: target.kind().as_str().to_owned(),
        target: target.mark(ledger.keys()).to_vec(),
        agent: checked.agent(),
        reason: reason.trim().to_owned(),
        officer: act.who(),
        since_us: now_us,
        before_s: term.before_s,
        until_s: term.until_s,
        lift_officer: None,
        lift_us: None,
    };
    let effect = Effect::RevocationPut(row.clone());
    let record = record(ledger, act, &row, ("revoked", &row.reason), effect).await?;
    let mut shown = shown(&row);
    put(&mut shown, "record", record.into());
    Ok(shown)
}

/// Lifts a revocation. For an agent or a person the first officer's wish is kept (`state`:
/// `asked`), and another's carries it out (`lifted`).
pub async fn lift(
    ledger: &Ledger,
    officer: &Officer,
    id: &str,
    reason: &str,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "revocation.lift")
        .demand(MAY)
        .await?;
    if !is_text(reason, 3, 500) {
        return Err(act.refuse(Refusal::ReasonRequired).await);
    }
    let (act, row) = act.found(one(ledger, id).await).await?;
    let id = <[u8; 16]>::try_from(row.id.as_slice());
    let id = id.map_err(|_length| internal("a revocation's id is not 16 bytes"))?;
    let officer = act.who();
    let by_one = Kind::named(&row.kind).is_some_and(|kind| !kind.takes_two());
    let agreed = row.lift_officer.as_ref().is_some_and(|who| *who != officer);
    let (state, effect) = if by_one || agreed {
        ("lifted", Effect::RevocationLift { id, officer })
    } else {
        ("asked", Effect::RevocationLiftAsk { id, officer })
    };
    let record = record(ledger, act, &row, (state, reason.trim()), effect).await?;
    Ok(json!({"revocation": hex::encode(id), "state": state, "record": record}))
}

/// What is revoked, newest first, a page from after the revocation `after` on:
/// `{"revocations", "next", "record"}`.
pub async fn list(
    ledger: &Ledger,
    officer: &Officer,
    after: Option<&str>,
) -> Result<Value, Refused> {
    let act = Act::new(ledger, officer, "revocation.list")
        .demand(SEE)
        .await?;
    let from = match after {
        None => (i64::MAX, Vec::new()),
        Some(id) => match one(ledger, id).await? {
            Some(row) => (row.since_us, row.id),
            None => return Err(act.refuse(Refusal::InvalidArguments).await),
        },
    };
    let record = act.record(Vec::new()).await?.rid();
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let rows = tx.revocation_page((from.0, &from.1), PAGE).await;
    let rows = rows.map_err(internal)?;
    let whole = i64::try_from(rows.len()) == Ok(PAGE);
    let next = rows
        .last()
        .filter(|_| whole)
        .map(|row| hex::encode(&row.id));
    let now_s = ledger.clock().now_s();
    let live = rows.iter().filter(|row| row.until_s > now_s);
    let live: Vec<Value> = live.map(shown).collect();
    Ok(json!({"revocations": live, "next": next, "record": record}))
}

async fn one(ledger: &Ledger, id: &str) -> Result<Option<Row>, Refused> {
    let Some(id) = tidewaiter_audit::grammar::hex_array::<16>(id) else {
        return Ok(None);
    };
    let mut tx = ledger.store().log.read().await.map_err(internal)?;
    let row = tx.revocation(&id).await.map_err(internal)?;
    Ok(row.filter(|row| row.until_s > ledger.clock().now_s()))
}

/// An agent's is no secret: its leaf names agent and state, its body who and why. Any other is an
/// officer's act; its body says what kind it is, and nothing says about whom.
async fn record(
    ledger: &Ledger,
    act: Act<'_>,
    row: &Row,
    (state, reason): (&'static str, &str),
    effect: Effect,
) -> Result<String, Refused> {
    let id = hex::encode(&row.id);
    let Some(agent) = &row.agent else {
        let act = act.with("revocation", id).with("kind", row.kind.as_str());
        let act = act.with("state", state).with("reason", reason);
        return Ok(act.record(vec![effect]).await?.rid());
    };
    let body = json!({
        "what": state,
        "agent": agent,
        "revocation": id,
        "reason": reason,
        "officer": act.who(),
    });
    let kind = tidewaiter_audit::Kind::Agent;
    let mut draft = Draft::new(kind, Owner::Log, SERVICE, body);
    draft.agent = Some(agent.clone());
    draft.x = [("state".to_owned(), state.to_owned())].into();
    draft.effects = vec![effect];
    draft.marks = Some(act.marks());
    let recorded = ledger.append_reserved(draft).await.map_err(unrecorded)?;
    Ok(recorded.rid())
}

/// A revocation as it is shown.
fn shown(row: &Row) -> Value {
    let until = (row.until_s != i64::MAX).then(|| rfc3339(row.until_s.saturating_mul(1_000_000)));
    let mut shown = json!({
        "revocation": hex::encode(&row.id),
        "kind": row.kind,
        "reason": row.reason,
        "officer": row.officer,
        "since": rfc3339(row.since_us),
        "until": until,
    });
    if let Some(agent) = &row.agent {
        put(&mut shown, "agent", agent.as_str().into());
    }
    if let (Some(officer), Some(since_us)) = (&row.lift_officer, row.lift_us) {
        let asked = json!({"officer": officer, "since": rfc3339(since_us)});
        put(&mut shown, "lift_asked", asked);
    }
    shown
}

fn put(shown: &mut Value, name: &str, value: Value) {
    if let Some(members) = shown.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
