//! `views/records.csv`: compared with the leaves as they pass.

use std::fs::File;
use std::io::{BufReader, Read};

use crate::bundle::{CSV_HEADER, csv_row};
use crate::record::Leaf;
use crate::verify::finding::Findings;
use crate::verify::folder::Folder;

/// The file as far as it has been compared; nothing once it has differed.
pub(super) struct CsvCheck(Option<BufReader<File>>);

impl CsvCheck {
    pub(super) fn open(folder: &Folder) -> Self {
        let mut check = Self(folder.open("views/records.csv").ok());
        // Another header shows in the first row as well.
        if !check.next_is(CSV_HEADER.as_bytes()) {
            check.0 = None;
        }
        check
    }

    /// Compares the line of a leaf. Speaks once: what follows a difference is out of step.
    pub(super) fn row(&mut self, leaf: &Leaf, findings: &mut Findings) {
        if self.0.is_some() && !self.next_is(csv_row(leaf).as_bytes()) {
            self.0 = None;
            findings.record(
                leaf.seq,
                &leaf.rid,
                "views/records.csv shows something else",
            );
        }
    }

    pub(super) fn finish(&mut self, findings: &mut Findings) {
        let end = |file: &mut BufReader<File>| matches!(file.read(&mut [0]), Ok(0));
        if !self.0.as_mut().is_some_and(end) {
            findings.broken("views/records.csv does not show what the records say".into());
        }
    }

    fn next_is(&mut self, expected: &[u8]) -> bool {
        let mut found = vec![0; expected.len()];
        let read = self.0.as_mut().map(|file| file.read_exact(&mut found));
        matches!(read, Some(Ok(()))) && found == expected
    }
}
