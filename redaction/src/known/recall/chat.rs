//! Sentences written by hand, with the mentions marked in them.

use super::{Sample, covered, kept_apart, known, rows};
use crate::kind::Attribute;
use crate::known::Known;
use std::collections::BTreeMap;

/// For each half: mentions, and the texts of those missed.
pub(super) fn measure() -> [(usize, Vec<String>); 2] {
    let mut people: BTreeMap<&str, Known> = BTreeMap::new();
    let mut out = [(0, Vec::new()), (0, Vec::new())];
    for row in rows(include_str!("../corpus/chat.tsv")) {
        if let Some(name) = row[0].strip_prefix('=') {
            let values: Vec<(Attribute, String)> = row[1..]
                .iter()
                .filter_map(|pair| pair.split_once('='))
                .map(|(k, v)| (Attribute::parse(k).unwrap(), v.to_owned()))
                .collect();
            people.insert(name, known(&values));
            continue;
        }
        let (half, _) = &mut out[usize::from(kept_apart(row[2]))];
        let mut missed = Vec::new();
        let text = row[2].replace(['⟦', '⟧'], "");
        let mut before = 0;
        for piece in row[2].split('⟦').skip(1) {
            let mention = piece.split('⟧').next().unwrap();
            let start = before + text[before..].find(mention).unwrap();
            before = start + mention.len();
            let sample = Sample {
                apart: false,
                language: "",
                attribute: "",
                person: 0,
                known: 0,
                text: text.clone(),
                start,
                end: before,
            };
            *half += 1;
            if !covered(&sample, &people[row[0]]) {
                missed.push(format!("{}: {}", row[0], row[2]));
            }
        }
        out[usize::from(kept_apart(row[2]))].1.extend(missed);
    }
    out
}
