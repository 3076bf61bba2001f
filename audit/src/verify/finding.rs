//! What the verifier has to say, in sentences.

/// More findings are counted, not kept.
const KEPT: usize = 100;

/// Findings in the order they were made.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<String>,
    more: u64,
    broken: bool,
}

impl Findings {
    /// A rule is broken.
    pub(crate) fn broken(&mut self, text: String) {
        self.broken = true;
        self.note(text);
    }

    /// A rule is broken by, or at, one record.
    pub(crate) fn record(&mut self, seq: u64, rid: &[u8; 16], text: &str) {
        self.broken(format!("record {seq} (rid {}): {text}", hex::encode(rid)));
    }

    /// Something worth saying that breaks no rule.
    pub(crate) fn note(&mut self, text: String) {
        if self.list.len() < KEPT {
            self.list.push(text);
        } else {
            self.more += 1;
        }
    }

    /// Whether any rule is broken.
    pub(crate) fn any_broken(&self) -> bool {
        self.broken
    }

    pub(crate) fn into_list(mut self) -> Vec<String> {
        if self.more > 0 {
            self.list
                .push(format!("and {} more findings of this kind", self.more));
        }
        self.list
    }
}
