//! The table of counts by the hour.

use crate::db::{Result, Tx, on};

impl Tx {
    /// Counts one.
    pub async fn figure_add(&mut self, hour: i64, name: &str, label: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO figure (hour, name, label, n) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (hour, name, label) DO UPDATE SET n = figure.n + 1";
        on!(self, c => sqlx::query(SQL).bind(hour).bind(name).bind(label).execute(c).await
            .map(drop))
    }

    /// The counts of an hour and all after it: name, label, sum.
    pub async fn figures(&mut self, from_hour: i64) -> Result<Vec<(String, String, i64)>> {
        const SQL: &str = "SELECT name, label, CAST(SUM(n) AS BIGINT) FROM figure \
             WHERE hour >= $1 GROUP BY name, label ORDER BY name, label";
        on!(self, c => sqlx::query_as(SQL).bind(from_hour).fetch_all(c).await)
    }

    /// Forgets the hours before.
    pub async fn figures_prune(&mut self, before_hour: i64) -> Result<()> {
        const SQL: &str = "DELETE FROM figure WHERE hour < $1";
        on!(self, c => sqlx::query(SQL).bind(before_hour).execute(c).await.map(drop))
    }
}
