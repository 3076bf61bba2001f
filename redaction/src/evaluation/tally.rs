//! What is counted over all texts, and the figures made of it.

use super::matching::{Marked, Mode, share};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts and figures of one corpus.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    types: BTreeMap<String, TypeScore>,
    /// Texts in all.
    pub texts: usize,
    /// Texts in which nothing is marked.
    pub plain: usize,
    /// Predictions in those.
    pub alarms: usize,
    /// Those of them with a prediction.
    pub alarmed: usize,
    outside: usize,
    over: usize,
}

/// Counts of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeScore {
    /// Marked spans.
    pub gold: usize,
    /// Of them found: half in common, and to the letter.
    pub hits: [usize; 2],
    /// Predictions of this type that found nothing, in the same two senses.
    pub false_hits: [usize; 2],
    /// Marked spans that lie wholly in predictions of any type.
    pub covered: usize,
    /// Letters and digits of marked spans, and those no prediction covers.
    pub letters: usize,
    /// The latter.
    pub leaked: usize,
}

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shares {
    /// Of the predictions, those that found something.
    pub precision: f64,
    /// Of the marked spans, those found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Shares {
    fn of(hits: usize, false_hits: usize, gold: usize) -> Self {
        let (precision, recall) = (share(hits, hits + false_hits), share(hits, gold));
        let sum = precision + recall;
        Self {
            precision,
            recall,
            f1: if sum > 0.0 {
                2.0 * precision * recall / sum
            } else {
                0.0
            },
        }
    }
}

impl TypeScore {
    /// Precision and recall where half in common is enough.
    pub fn loose(&self) -> Shares {
        let [hits, _] = self.hits;
        let [false_hits, _] = self.false_hits;
        Shares::of(hits, false_hits, self.gold)
    }

    /// The same to the letter.
    pub fn strict(&self) -> Shares {
        let [_, hits] = self.hits;
        let [_, false_hits] = self.false_hits;
        Shares::of(hits, false_hits, self.gold)
    }

    /// The share of spans with no letter left over.
    pub fn cover(&self) -> f64 {
        share(self.covered, self.gold)
    }

    /// The share of letters left over.
    pub fn leak(&self) -> f64 {
        share(self.leaked, self.letters)
    }

    fn plus(&self, other: &Self) -> Self {
        let both = |[a, b]: [usize; 2], [c, d]: [usize; 2]| [a + c, b + d];
        Self {
            gold: self.gold + other.gold,
            hits: both(self.hits, other.hits),
            false_hits: both(self.false_hits, other.false_hits),
            covered: self.covered + other.covered,
            letters: self.letters + other.letters,
            leaked: self.leaked + other.leaked,
        }
    }
}

impl Scores {
    /// Types with a marked span or a prediction, most marked first.
    pub fn types(&self) -> Vec<(&str, &TypeScore)> {
        let mut types: Vec<_> = self.types.iter().map(|(k, t)| (k.as_str(), t)).collect();
        types.sort_by_key(|(_, t)| usize::MAX - t.gold);
        types
    }

    /// All types that are marked somewhere, together.
    pub fn total(&self) -> TypeScore {
        self.types
            .values()
            .filter(|t| t.gold > 0)
            .fold(TypeScore::default(), |sum, t| sum.plus(t))
    }

    /// The share of what is neither marked nor ignored that was covered.
    pub fn over_redaction(&self) -> f64 {
        share(self.over, self.outside)
    }

    /// Predictions in texts where nothing is marked, per thousand of them; none without such.
    pub fn alarms_per_thousand(&self) -> Option<f64> {
        (self.plain > 0).then(|| 1000.0 * share(self.alarms, self.plain))
    }

    pub(super) fn add(&mut self, text: &Marked<'_>) {
        self.texts += 1;
        for point in text.points.iter().filter(|p| !p.marked) {
            self.outside += 1;
            self.over += usize::from(point.covered);
        }
        for (start, end, kind) in &text.gold {
            let row = self.types.entry((*kind).to_owned()).or_default();
            let inside = text.points.get(*start..*end).unwrap_or_default();
            let letters = inside.iter().filter(|p| p.alphanumeric);
            let leaked = letters.clone().filter(|p| !p.covered).count();
            row.gold += 1;
            row.letters += letters.count();
            row.leaked += leaked;
            row.covered += usize::from(leaked == 0);
        }
        let loose = self.count(text, Mode::Loose);
        self.count(text, Mode::Strict);
        if text.gold.is_empty() {
            self.plain += 1;
            self.alarms += loose;
            self.alarmed += usize::from(loose > 0);
        }
    }

    /// Counts hits in one sense, and says how many predictions found nothing.
    fn count(&mut self, text: &Marked<'_>, mode: Mode) -> usize {
        let matches = text.matches(mode);
        let pick = |counts: &mut [usize; 2]| {
            let [loose, strict] = counts;
            *(if mode == Mode::Loose { loose } else { strict }) += 1;
        };
        for (_, (_, _, kind)) in text
            .gold
            .iter()
            .enumerate()
            .filter(|(n, _)| matches.gold.contains(n))
        {
            pick(&mut self.types.entry((*kind).to_owned()).or_default().hits);
        }
        let mut wrong = 0;
        for (n, (_, _, kind)) in text.predicted.iter().enumerate() {
            if !matches.predicted.contains(&n) && !text.is_ignored(n) {
                pick(&mut self.types.entry(kind.clone()).or_default().false_hits);
                wrong += 1;
            }
        }
        wrong
    }
}
