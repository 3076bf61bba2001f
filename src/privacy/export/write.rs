//! One record on its way into a bundle.

use super::ask::Asked;
use crate::ledger::read::{Entry, ReadError};
use crate::ledger::{KeyError, Ledger};
use crate::privacy::access::gone_under;
use tidewaiter_audit::bundle::{BundleError, BundleWriter, CutReason, Erasure, Redaction};
use tidewaiter_audit::seal::RecordKey;
use tidewaiter_audit::{Hash, Kind, tree};

/// What goes into the bundle for one record.
pub(super) struct Piece {
    seq: u64,
    line: String,
    given: Given,
}

enum Given {
    Whole(Vec<u8>, Option<RecordKey>),
    Erased(Erasure),
    Missing(Redaction),
    Withheld(Hash, Redaction),
}

impl Piece {
    /// Decides what of a record goes out, and fetches its key.
    pub(super) async fn of(
        ledger: &Ledger,
        entry: Entry,
        asked: &Asked,
    ) -> Result<Self, ReadError> {
        let seq = entry.leaf.seq;
        let given = given(ledger, &entry, asked).await?;
        let given = match given {
            Some(given) => given,
            None => without_body(ledger, &entry).await?,
        };
        let line = entry.line;
        Ok(Self { seq, line, given })
    }

    /// Writes it.
    pub(super) fn write(self, writer: &mut BundleWriter) -> Result<(), BundleError> {
        if let Given::Withheld(hash, redaction) = &self.given {
            writer.cut(self.seq, hash, CutReason::Withheld)?;
            writer.redacted(redaction);
            return Ok(());
        }
        writer.leaf(self.line.as_bytes())?;
        match self.given {
            Given::Whole(stored, key) => {
                writer.body(self.seq, &stored)?;
                if let Some(key) = key {
                    writer.key(self.seq, &key);
                }
            }
            Given::Erased(erasure) => writer.erased(&erasure),
            Given::Missing(redaction) | Given::Withheld(_, redaction) => {
                writer.redacted(&redaction);
            }
        }
        Ok(())
    }
}

/// None if the body, or every way to open it, is gone.
async fn given(ledger: &Ledger, entry: &Entry, asked: &Asked) -> Result<Option<Given>, ReadError> {
    let leaf = &entry.leaf;
    // The first record holds the log's keys and is never cut.
    if leaf.seq != 0 && asked.withhold.contains(&leaf.class) {
        let redaction = Redaction {
            reason: "not covered by the power named".to_owned(),
            rule: format!("class:{}", leaf.class),
            seq: leaf.seq,
        };
        let hash = tree::leaf_hash(entry.line.as_bytes());
        return Ok(Some(Given::Withheld(hash, redaction)));
    }
    let Some(body) = &entry.body else {
        return Ok(None);
    };
    let released = asked.clear || !asked.recipients.is_empty();
    let key = match ledger.record_key(entry).await {
        Ok(key) => Some(key),
        Err(ReadError::Key(KeyError::Gone)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let key = key.filter(|_| released && (asked.duty || leaf.kind != Kind::Duty));
    Ok(Some(Given::Whole(body.stored.clone(), key)))
}

async fn without_body(ledger: &Ledger, entry: &Entry) -> Result<Given, ReadError> {
    let seq = entry.leaf.seq;
    if let Some(record) = gone_under(ledger, &entry.leaf.tag).await? {
        return Ok(Given::Erased(Erasure {
            ground: "erased at the customer's request".to_owned(),
            record,
            seq,
        }));
    }
    if let Some(body) = &entry.body {
        // The month's key went by its term: the ciphertext is all there is.
        return Ok(Given::Whole(body.stored.clone(), None));
    }
    Ok(Given::Missing(Redaction {
        reason: "the body is not there, and no record says why".to_owned(),
        rule: "missing".to_owned(),
        seq,
    }))
}
