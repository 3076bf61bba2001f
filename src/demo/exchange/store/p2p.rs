//! P2P trades from either side, and disputes about them.

use serde::Serialize;
use serde_json::Value;

use super::{Row, Rows, Store};
use crate::demo::data::time::iso;

/// A day: how long the other side has to answer.
const DAY_US: i64 = 86_400_000_000;

/// A dispute to open; `request` is the whole body, to tell a repeat from another request.
#[derive(Debug)]
pub(in crate::demo::exchange) struct NewDispute {
    pub(in crate::demo::exchange) uid: String,
    pub(in crate::demo::exchange) trade_id: String,
    pub(in crate::demo::exchange) reason: String,
    pub(in crate::demo::exchange) statement: String,
    pub(in crate::demo::exchange) key: String,
    pub(in crate::demo::exchange) request: String,
}

/// What came of opening one.
#[derive(Debug)]
pub(in crate::demo::exchange) enum Disputed {
    /// The dispute: the new one, that of the same key, or the one the trade has already.
    Open(Box<Dispute>),
    /// There is no such trade.
    Missing,
    /// The trade is over, or nothing was paid.
    Late,
    /// The key belongs to another request.
    KeyTaken,
}

/// A dispute as one of the parties sees it, and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Whose view it is.
    pub uid: String,
    /// `DP-50001`…
    pub dispute_id: String,
    /// What about.
    pub trade_id: String,
    /// `open`, `evidence` or `resolved`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// `you` or `counterparty`.
    pub opened_by: &'static str,
    /// ISO 8601.
    pub opened_at: String,
    /// Until when both sides can hand in statements.
    pub respond_by: String,
    /// For whom it was decided: `buyer` or `seller`.
    pub outcome: Option<String>,
    /// What the opener wrote: somebody else's words, if it was the other side.
    pub statement: String,
    /// The other party's id.
    pub counterparty_uid: String,
    /// Moderator and evidence.
    pub details: Value,
}

/// A dispute as it is stored.
#[derive(Debug)]
struct DisputeRow {
    number: i64,
    request: String,
    trade_id: String,
    opener: String,
    other: String,
    reason: String,
    statement: String,
    state: String,
    outcome: Option<String>,
    details: String,
    at_us: i64,
}

impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for DisputeRow {
    fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Self {
            number: row.try_get("number")?,
            request: row.try_get("request")?,
            trade_id: row.try_get("trade_id")?,
            opener: row.try_get("opener")?,
            other: row.try_get("other")?,
            reason: row.try_get("reason")?,
            statement: row.try_get("statement")?,
            state: row.try_get("state")?,
            outcome: row.try_get("outcome")?,
            details: row.try_get("details")?,
            at_us: row.try_get("at_us")?,
        })
    }
}

impl DisputeRow {
    fn seen_by(self, uid: &str) -> Dispute {
        let own = self.opener == uid;
        let counterparty = if own { &self.other } else { &self.opener };
        Dispute {
            uid: uid.to_owned(),
            dispute_id: format!("DP-{}", self.number.saturating_add(50_000)),
            trade_id: self.trade_id,
            state: self.state,
            reason: self.reason,
            opened_by: if own { "you" } else { "counterparty" },
            opened_at: iso(self.at_us),
            respond_by: iso(self.at_us.saturating_add(DAY_US)),
            outcome: self.outcome,
            statement: self.statement,
            counterparty_uid: counterparty.clone(),
            details: serde_json::from_str(&self.details).unwrap_or_default(),
        }
    }
}

impl Store {
    /// The trades of a customer from their side, newest first.
    pub(in crate::demo::exchange) async fn p2p_trades(
        &self,
        uid: &str,
        state: Option<&str>,
        limit: i64,
    ) -> Rows {
        let sql = "SELECT CASE WHEN buyer = $1 THEN to_buyer ELSE to_seller END FROM p2p_trade \
                   WHERE (buyer = $1 OR seller = $1) AND ($2 IS NULL OR state = $2) \
                   ORDER BY at_us DESC, trade_id LIMIT $3";
        sqlx::query_scalar(sql)
            .bind(uid)
            .bind(state)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    /// What the bank says of a trade's payment; JSON null where it says nothing yet.
    pub(in crate::demo::exchange) async fn p2p_payment(&self, trade_id: &str) -> Row {
        let sql = "SELECT coalesce(payment, json_object('trade_id', trade_id, 'state', \
                   'not_received', 'method', to_buyer ->> '$.payment_method')) \
                   FROM p2p_trade WHERE trade_id = $1";
        self.one(sql, trade_id).await
    }

    /// The disputes in which a customer is a party, newest first.
    pub(in crate::demo::exchange) async fn p2p_disputes(
        &self,
        uid: &str,
    ) -> Result<Vec<Dispute>, sqlx::Error> {
        let sql = "SELECT * FROM p2p_dispute WHERE opener = $1 OR other = $1 ORDER BY number DESC";
        let rows: Vec<DisputeRow> = sqlx::query_as(sql).bind(uid).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|it| it.seen_by(uid)).collect())
    }

    /// Every dispute, in the order they were opened, each as its opener sees it.
    pub(in crate::demo::exchange) async fn disputes(&self) -> Result<Vec<Dispute>, sqlx::Error> {
        let rows: Vec<DisputeRow> = sqlx::query_as("SELECT * FROM p2p_dispute ORDER BY number")
            .fetch_all(&self.pool)
            .await?;
        let seen = rows.into_iter().map(|it| {
            let opener = it.opener.clone();
            it.seen_by(&opener)
        });
        Ok(seen.collect())
    }

    /// Opens a dispute, once per trade: the coins stay in escrow until it is decided. Nobody asks
    /// whether whoever opens it has anything to do with the trade.
    pub(in crate::demo::exchange) async fn dispute_open(
        &self,
        new: &NewDispute,
    ) -> Result<Disputed, sqlx::Error> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "SELECT * FROM p2p_dispute WHERE idempotency_key = $1 OR trade_id = $2 \
                   ORDER BY idempotency_key = $1 DESC LIMIT 1";
        let earlier: Option<DisputeRow> = sqlx::query_as(sql)
            .bind(&new.key)
            .bind(&new.trade_id)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(earlier) = earlier {
            let other_request = earlier.trade_id != new.trade_id;
            return Ok(if other_request && earlier.request != new.request {
                Disputed::KeyTaken
            } else {
                Disputed::Open(Box::new(earlier.seen_by(&new.uid)))
            });
        }
        let sql = "SELECT buyer, seller, state FROM p2p_trade WHERE trade_id = $1";
        let trade: Option<(String, String, String)> = sqlx::query_as(sql)
            .bind(&new.trade_id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some((buyer, seller, state)) = trade else {
            return Ok(Disputed::Missing);
        };
        if state != "paid" && state != "disputed" {
            return Ok(Disputed::Late);
        }
        let other = if buyer == new.uid { seller } else { buyer };
        let row: DisputeRow = sqlx::query_as(
            "INSERT INTO p2p_dispute (idempotency_key, request, trade_id, opener, other, reason, \
             statement, state, details, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', '{}', $8) \
             RETURNING *",
        )
        .bind(&new.key)
        .bind(&new.request)
        .bind(&new.trade_id)
        .bind(&new.uid)
        .bind(other)
        .bind(&new.reason)
        .bind(&new.statement)
        .bind(self.now_us())
        .fetch_one(&mut *tx)
        .await?;
        let dispute = row.seen_by(&new.uid);
        let sql = "UPDATE p2p_trade SET state = 'disputed', \
            to_buyer = json_set(to_buyer, '$.state', 'disputed', '$.dispute_id', $2), \
            to_seller = json_set(to_seller, '$.state', 'disputed', '$.dispute_id', $2) \
            WHERE trade_id = $1";
        sqlx::query(sql)
            .bind(&new.trade_id)
            .bind(&dispute.dispute_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Disputed::Open(Box::new(dispute)))
    }
}
