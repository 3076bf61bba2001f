//! `views/records.csv` (README §6.5): a view of the leaves that a spreadsheet opens.

use crate::record::{Decision, Leaf};

/// The first line.
pub const CSV_HEADER: &str =
    "seq,time,kind,rid,agent,operation,purpose,decision,class,period,retain_until\n";

/// The line of one whole leaf. No member in it can hold a comma, a quotation mark or a line feed.
pub fn csv_row(leaf: &Leaf) -> String {
    let (seq, rid) = (leaf.seq.to_string(), hex::encode(leaf.rid));
    let time = leaf.time().unwrap_or_default();
    let fields = [
        &seq,
        &time,
        leaf.kind.as_str(),
        &rid,
        leaf.agent.as_deref().unwrap_or_default(),
        leaf.operation.as_deref().unwrap_or_default(),
        leaf.purpose.as_deref().unwrap_or_default(),
        leaf.decision.map(Decision::as_str).unwrap_or_default(),
        &leaf.class,
        &leaf.period,
        &leaf.retain_until,
    ];
    format!("{}\n", fields.join(","))
}
