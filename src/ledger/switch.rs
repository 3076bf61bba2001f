//! Switches and policy versions as the ledger keeps them: rows that follow from records.

use crate::db::{Result, Tx, on};

/// A stopped target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `topic:withdrawals`, `operation:kyc.profile`, `agent:support-bot`.
    pub target: String,
    /// Why.
    pub reason: String,
    /// Who, by pseudonym.
    pub officer: String,
    /// Since when, microseconds.
    pub since_us: i64,
}

impl Tx {
    /// Stops a target, or renews the reason.
    pub async fn switch_put(&mut self, row: &Row) -> Result<()> {
        const SQL: &str = "INSERT INTO switch (target, reason, officer, since_us) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (target) DO UPDATE SET \
             reason = excluded.reason, officer = excluded.officer, since_us = excluded.since_us";
        on!(self, c => sqlx::query(SQL).bind(row.target.as_str()).bind(row.reason.as_str())
            .bind(row.officer.as_str()).bind(row.since_us).execute(c).await.map(drop))
    }

    /// Lets a target go on; false if it was not stopped.
    pub async fn switch_delete(&mut self, target: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM switch WHERE target = $1";
        on!(self, c => sqlx::query(SQL).bind(target).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// All stopped targets.
    pub async fn switch_all(&mut self) -> Result<Vec<Row>> {
        const SQL: &str = "SELECT target, reason, officer, since_us FROM switch ORDER BY target";
        let rows: Vec<(String, String, String, i64)> =
            on!(self, c => sqlx::query_as(SQL).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|(target, reason, officer, since_us)| Row {
                target,
                reason,
                officer,
                since_us,
            })
            .collect())
    }

    /// Keeps a policy's full text.
    pub async fn policy_version_put(
        &mut self,
        version: &str,
        sources: &str,
        since_us: i64,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO policy_version (version, sources, since_us) \
             VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(version).bind(sources).bind(since_us).execute(c)
            .await.map(drop))
    }

    /// A policy's full text, as JSON of names and texts.
    pub async fn policy_version(&mut self, version: &str) -> Result<Option<String>> {
        const SQL: &str = "SELECT sources FROM policy_version WHERE version = $1";
        let row: Option<(String,)> =
            on!(self, c => sqlx::query_as(SQL).bind(version).fetch_optional(c).await)?;
        Ok(row.map(|(sources,)| sources))
    }

    /// When a policy first came into force, microseconds; 0 if it never did.
    pub async fn policy_version_since(&mut self, version: &str) -> Result<i64> {
        const SQL: &str = "SELECT since_us FROM policy_version WHERE version = $1";
        let row: Option<(i64,)> =
            on!(self, c => sqlx::query_as(SQL).bind(version).fetch_optional(c).await)?;
        Ok(row.map_or(0, |(since_us,)| since_us))
    }
}
