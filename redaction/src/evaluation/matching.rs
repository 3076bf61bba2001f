//! One text: which predictions serve which marked spans.

use super::{Sample, Spot};
use std::collections::HashSet;

/// The share of both spans that must be common.
const OVERLAP: f64 = 0.5;
/// Predictions of the first count as the right type for the second.
const ACCEPTED: [(&str, &str); 3] = [
    ("DATE_TIME", "DATE_OF_BIRTH"),
    ("NATIONAL_ID", "PASSPORT"),
    ("PASSPORT", "NATIONAL_ID"),
];
/// Neighbouring predictions of this type are one.
const MERGED: &str = "ADDRESS";

/// How closely a prediction must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Loose,
    Strict,
}

/// A text with what is marked, what was predicted and what lies where.
pub(super) struct Marked<'s> {
    pub(super) gold: Vec<(usize, usize, &'s str)>,
    pub(super) predicted: Vec<(usize, usize, String)>,
    ignored: Vec<(usize, usize)>,
    /// For each code point: a letter or digit; covered by a prediction; outside all marks.
    pub(super) points: Vec<Point>,
}

/// One code point of the text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Point {
    pub(super) alphanumeric: bool,
    pub(super) covered: bool,
    pub(super) marked: bool,
}

/// Which of the marked spans were hit, and which predictions were used.
pub(super) struct Matches {
    pub(super) gold: HashSet<usize>,
    pub(super) predicted: HashSet<usize>,
}

impl<'s> Marked<'s> {
    pub(super) fn new(sample: &'s Sample, predicted: &[Spot], without: &[&str]) -> Self {
        let text: Vec<char> = sample.text.chars().collect();
        let left_out = |s: &&Spot| without.contains(&s.kind.as_str());
        let mut ignored: Vec<_> = sample.ignore.iter().map(|i| (i.start, i.end)).collect();
        ignored.extend(
            sample
                .spans
                .iter()
                .filter(left_out)
                .map(|s| (s.start, s.end)),
        );
        let gold: Vec<_> = sample
            .spans
            .iter()
            .filter(|s| !left_out(s))
            .map(|s| (s.start, s.end, s.kind.as_str()))
            .collect();
        let predicted: Vec<_> = merged(predicted, &text)
            .into_iter()
            .filter(|(_, _, kind)| !without.contains(&kind.as_str()))
            .collect();
        let mut points: Vec<Point> = text
            .iter()
            .map(|c| Point {
                alphanumeric: c.is_alphanumeric(),
                ..Point::default()
            })
            .collect();
        let mut each = |start: usize, end: usize, set: fn(&mut Point)| {
            let end = end.min(points.len());
            points
                .get_mut(start..end)
                .into_iter()
                .flatten()
                .for_each(set);
        };
        for (start, end, _) in &predicted {
            each(*start, *end, |p| p.covered = true);
        }
        for (start, end) in gold
            .iter()
            .map(|g| (g.0, g.1))
            .chain(ignored.iter().copied())
        {
            each(start, end, |p| p.marked = true);
        }
        Self {
            gold,
            predicted,
            ignored,
            points,
        }
    }

    /// Whether most of prediction `at` is ignored text.
    pub(super) fn is_ignored(&self, at: usize) -> bool {
        self.predicted.get(at).is_some_and(|(start, end, _)| {
            let inside: usize = self
                .ignored
                .iter()
                .map(|(a, b)| common((*start, *end), (*a, *b)))
                .sum();
            inside * 2 > end.saturating_sub(*start)
        })
    }

    /// The best pairs first, each span and each prediction once.
    pub(super) fn matches(&self, mode: Mode) -> Matches {
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (g, gold) in self.gold.iter().enumerate() {
            for (p, predicted) in self.predicted.iter().enumerate() {
                let same = gold.2 == predicted.2;
                if !same && !ACCEPTED.contains(&(predicted.2.as_str(), gold.2)) {
                    continue;
                }
                let shared = common((gold.0, gold.1), (predicted.0, predicted.1));
                let bonus = f64::from(u8::from(same));
                let share = share(shared, gold.1.saturating_sub(gold.0))
                    .min(share(shared, predicted.1.saturating_sub(predicted.0)));
                let exact = gold.0 == predicted.0 && gold.1 == predicted.1;
                if shared > 0 && (exact || mode == Mode::Loose) && share >= OVERLAP {
                    pairs.push((share + bonus, g, p));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((b.1, b.2).cmp(&(a.1, a.2))));
        let mut matches = Matches {
            gold: HashSet::new(),
            predicted: HashSet::new(),
        };
        for (_, g, p) in pairs {
            if !matches.gold.contains(&g) && !matches.predicted.contains(&p) {
                matches.gold.insert(g);
                matches.predicted.insert(p);
            }
        }
        matches
    }
}

fn common(a: (usize, usize), b: (usize, usize)) -> usize {
    a.1.min(b.1).saturating_sub(a.0.max(b.0))
}

/// `part` of `whole`; nothing of nothing.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}

/// In order and once each, neighbouring parts of an address as one.
fn merged(predicted: &[Spot], text: &[char]) -> Vec<(usize, usize, String)> {
    let mut spots: Vec<&Spot> = predicted.iter().collect();
    spots.sort();
    spots.dedup();
    let mut out: Vec<(usize, usize, String)> = Vec::with_capacity(spots.len());
    for spot in spots {
        if let Some(last) = out.last_mut()
            && spot.kind == MERGED
            && last.2 == MERGED
            && (spot.start <= last.1 || text.get(last.1..spot.start).is_some_and(is_gap))
        {
            last.1 = last.1.max(spot.end);
            continue;
        }
        out.push((spot.start, spot.end, spot.kind.clone()));
    }
    out
}

fn is_gap(between: &[char]) -> bool {
    let joins =
        |c: &char| c.is_whitespace() || matches!(c, ',' | ';' | '.' | '-' | '–' | '/' | '#');
    between.len() <= 6 && between.iter().all(joins)
}
