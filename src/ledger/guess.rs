//! The budget of wrong guesses about a customer's facts.
//!
//! Who may compare a value without seeing it could try values until one fits. So wrong guesses are
//! counted by customer and fact, across agents, conversations and replicas, within a window that
//! slides. They are counted in the transaction of the record that holds the answer: what was
//! answered is spent, whatever dies afterwards, and of any number of guesses at once no more are
//! answered than are left. A guess is refused by what was spent before it, never by whether it is
//! right, so that a refusal tells nothing.
//!
//! Rows hold keyed digests and a minute, no value and no name. They go with an erasure, and those
//! older than the window go a few with every guess.
//! Leaves to others: what counts as a guess, and what a wrong one is.

use super::{Keys, Ledger, Owner, OwnerId};
use crate::db::{Result, Tx, on};

/// How many rows beyond the window one guess sweeps away.
const SWEEP: i64 = 64;
const MINUTE_US: i64 = 60_000_000;

/// How many wrong guesses about one fact a customer's data can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Wrong guesses within the window.
    pub wrong: u32,
    /// The window, hours.
    pub hours: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            wrong: 5,
            hours: 24,
        }
    }
}

impl Budget {
    /// Minutes that ended at or before this one no longer count.
    fn oldest_minute(self, now_us: i64) -> i64 {
        now_us.div_euclid(MINUTE_US) - i64::from(self.hours) * 60
    }
}

/// The guesses of one call, to be applied with its record by
/// [`Effect::GuessesSpend`](super::Effect::GuessesSpend).
#[derive(Debug, Clone)]
pub struct Spending {
    owner: OwnerId,
    budget: Budget,
    facts: Vec<Spent>,
}

#[derive(Debug, Clone)]
struct Spent {
    name: String,
    fact: [u8; 32],
    asked: i64,
    wrong: i64,
}

impl Spending {
    /// Nothing guessed yet about `owner`.
    pub fn new(keys: &Keys, owner: &Owner, budget: Budget) -> Self {
        Self {
            owner: keys.owner_id(owner),
            budget,
            facts: Vec::new(),
        }
    }

    /// One guess more about the fact of this name (`email`, `amount`). Every guess of a call must
    /// fit into what is left, as if all of them were wrong.
    pub fn ask(&mut self, keys: &Keys, name: &str) {
        if let Some(spent) = self.facts.iter_mut().find(|spent| spent.name == name) {
            spent.asked += 1;
            return;
        }
        self.facts.push(Spent {
            name: name.to_owned(),
            fact: keys.digest("guess", &[&self.owner, name.as_bytes()]),
            asked: 1,
            wrong: 0,
        });
    }

    /// One of the guesses asked about this fact was not right.
    pub fn miss(&mut self, name: &str) {
        if let Some(spent) = self.facts.iter_mut().find(|spent| spent.name == name) {
            spent.wrong = (spent.wrong + 1).min(spent.asked);
        }
    }

    /// Whether nothing was guessed.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether it does not fit into what is left at `now_us`.
    async fn exceeds(&self, tx: &mut Tx, now_us: i64) -> Result<bool> {
        let oldest = self.budget.oldest_minute(now_us);
        for spent in &self.facts {
            let wrong = tx.guess_wrong(&self.owner, &spent.fact, oldest).await?;
            if wrong + spent.asked > i64::from(self.budget.wrong) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts what was wrong; false, and nothing is counted, if it does not fit.
    pub(super) async fn apply(&self, tx: &mut Tx, now_us: i64) -> Result<bool> {
        if self.exceeds(tx, now_us).await? {
            return Ok(false);
        }
        // The minute after the guess: it counts a little too long rather than too short.
        let minute = now_us.div_euclid(MINUTE_US) + 1;
        for spent in self.facts.iter().filter(|spent| spent.wrong > 0) {
            tx.guess_put(&self.owner, &spent.fact, minute, spent.wrong)
                .await?;
        }
        tx.guess_sweep(self.budget.oldest_minute(now_us)).await?;
        Ok(true)
    }
}

impl Ledger {
    /// Whether these guesses would be refused now, so that nothing needs to be asked for them. It
    /// is the record that decides.
    pub async fn is_spent(&self, spending: &Spending) -> Result<bool> {
        let mut tx = self.store().log.read().await?;
        spending.exceeds(&mut tx, self.clock().now_us()).await
    }
}

impl Tx {
    /// Wrong guesses about a fact in minutes after `oldest`.
    pub async fn guess_wrong(&mut self, owner: &[u8], fact: &[u8], oldest: i64) -> Result<i64> {
        const SQL: &str = "SELECT CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM guess \
             WHERE owner = $1 AND fact = $2 AND minute > $3";
        let (wrong,): (i64,) = on!(self, c => sqlx::query_as(SQL).bind(owner).bind(fact)
            .bind(oldest).fetch_one(c).await)?;
        Ok(wrong)
    }

    /// Adds wrong guesses in a minute.
    pub async fn guess_put(
        &mut self,
        owner: &[u8],
        fact: &[u8],
        minute: i64,
        wrong: i64,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO guess (owner, fact, minute, wrong) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (owner, fact, minute) DO UPDATE SET wrong = guess.wrong + excluded.wrong";
        on!(self, c => sqlx::query(SQL).bind(owner).bind(fact).bind(minute).bind(wrong)
            .execute(c).await.map(drop))
    }

    /// Removes some rows of minutes up to `oldest`.
    pub async fn guess_sweep(&mut self, oldest: i64) -> Result<()> {
        const SQL: &str = "DELETE FROM guess WHERE (owner, fact, minute) IN \
             (SELECT owner, fact, minute FROM guess WHERE minute <= $1 ORDER BY minute LIMIT $2)";
        on!(self, c => sqlx::query(SQL).bind(oldest).bind(SWEEP).execute(c).await.map(drop))
    }

    /// Forgets an owner's guesses.
    pub async fn guesses_forget(&mut self, owner: &[u8]) -> Result<()> {
        const SQL: &str = "DELETE FROM guess WHERE owner = $1";
        on!(self, c => sqlx::query(SQL).bind(owner).execute(c).await.map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, MINUTE_US};

    #[test]
    fn a_guess_counts_for_the_whole_window_and_at_most_a_minute_longer() {
        let budget = Budget { wrong: 1, hours: 1 };
        for at_us in [0, 1, MINUTE_US - 1, MINUTE_US, 90 * MINUTE_US + 17] {
            let minute = at_us.div_euclid(MINUTE_US) + 1;
            let counts = |later_us: i64| minute > budget.oldest_minute(at_us + later_us);
            assert!(counts(0) && counts(60 * MINUTE_US));
            assert!(!counts(62 * MINUTE_US));
        }
    }
}
