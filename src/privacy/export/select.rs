//! Which records are in scope: a run of indices, or those that a search found.

use super::ask::Wanted;
use crate::ledger::Ledger;
use crate::ledger::read::ReadError;
use crate::privacy::scan::first_at;
use tidewaiter_audit::bundle::Scope;
use tidewaiter_audit::{Leaf, grammar};

/// Leaves read at a time.
const PAGE: i64 = 1_000;
/// Longer than any retention term.
const MONTHS: u32 = 600;

/// The records of a bundle, in order, with what the manifest says of them.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) scope: Scope,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Run { from: i64, to: i64 },
    List(Vec<i64>),
}

impl Selection {
    /// Looks for what is wanted among the first `size` records.
    pub(super) async fn of(ledger: &Ledger, wanted: &Wanted, size: i64) -> Result<Self, ReadError> {
        Ok(match wanted {
            Wanted::All {} => Self::run(0, size),
            Wanted::Range { from, to } => {
                let to = i64::try_from(*to).unwrap_or(i64::MAX).min(size);
                Self::run(i64::try_from(*from).unwrap_or(i64::MAX).min(to), to)
            }
            Wanted::Time { from_us, to_us } => {
                let from = first_at(ledger, *from_us, size).await?;
                Self::run(from, first_at(ledger, *to_us, size).await?.max(from))
            }
            Wanted::Owner { owner } => {
                let owner = grammar::hex_array(owner).ok_or(ReadError::Missing)?;
                let found = ledger.of_owner(&owner, MONTHS, i64::MAX).await?;
                let of = "the records of one customer whose keys are there";
                Self::list(of.to_owned(), found, size)
            }
            Wanted::Operation { operation } => {
                let found = of_operation(ledger, operation, size).await?;
                Self::list(format!("operation {operation}"), found, size)
            }
        })
    }

    fn run(from: i64, to: i64) -> Self {
        let dec = |n: i64| u64::try_from(n).unwrap_or_default();
        let scope = Scope::Range {
            from: dec(from),
            to: dec(to),
        };
        let found = Found::Run { from, to };
        Self { scope, found }
    }

    fn list(of: String, mut found: Vec<i64>, size: i64) -> Self {
        // The first record is in every bundle, whole; it is nobody's.
        found.retain(|seq| (1..size).contains(seq));
        Self {
            scope: Scope::Selection { of },
            found: Found::List(found),
        }
    }

    /// Where the scope begins; none if nothing was found.
    pub(super) fn first(&self) -> Option<i64> {
        match &self.found {
            Found::Run { from, .. } => Some(*from),
            Found::List(list) => list.first().copied(),
        }
    }

    /// The indices, the first record always among them.
    pub(super) fn indices(&self) -> Box<dyn Iterator<Item = i64> + Send + '_> {
        match &self.found {
            Found::Run { from, to } => Box::new(std::iter::once(0).chain((*from).max(1)..*to)),
            Found::List(list) => Box::new(std::iter::once(0).chain(list.iter().copied())),
        }
    }
}

async fn of_operation(ledger: &Ledger, name: &str, size: i64) -> Result<Vec<i64>, ReadError> {
    let (mut found, mut from) = (Vec::new(), 0);
    while from < size {
        let mut tx = ledger.store().log.read().await?;
        let page = tx.ledger_leaf_page(from, PAGE.min(size - from)).await?;
        drop(tx);
        from = page.last().ok_or(ReadError::Missing)?.seq + 1;
        for row in page {
            let leaf = Leaf::parse(row.line.as_bytes());
            let leaf = leaf.map_err(|_why| ReadError::Damaged(row.seq))?;
            if leaf.operation.as_deref() == Some(name) {
                found.push(row.seq);
            }
        }
    }
    Ok(found)
}
