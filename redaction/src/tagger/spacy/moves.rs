//! From vectors to labels: one move a word, the best that is allowed.
//!
//! A move begins, continues or ends an entity, makes a single word one, or passes. What is scored
//! depends on the word, the first word of the open entity and the word before.

use super::network::STATE;
use super::pack::Array;

const PIECES: usize = 2;
const WIDE: usize = STATE * PIECES;
/// Begin, in, last, unit for each type; a unit of none; out.
const MOVES: usize = TYPES * 4 + 2;
const TYPES: usize = 18;
/// The columns of the types that matter.
pub(super) const ORGANISATION: usize = 0;
pub(super) const PERSON: usize = 2;
pub(super) const PLACE: usize = 3;
pub(super) const REGION: usize = 9;

/// What a word is: the type and whether it begins there.
pub(super) type Move = Option<(usize, bool)>;

#[derive(Debug)]
pub(super) struct Moves {
    /// For each of three features, inputs by outputs.
    features: [Vec<[f32; WIDE]>; 3],
    /// What stands for a feature that is not there.
    absent: [[f32; WIDE]; 3],
    bias: [f32; WIDE],
    /// Inputs by moves.
    scores: Vec<[f32; MOVES]>,
    score_bias: [f32; MOVES],
}

impl Moves {
    pub(super) fn new([affine, bias, pad, upper, upper_bias]: [&Array; 5]) -> Option<Self> {
        if affine.shape != [3, STATE, PIECES, STATE] || upper.shape != [MOVES, STATE] {
            return None;
        }
        let mut features = [const { Vec::new() }; 3];
        for (into, values) in features
            .iter_mut()
            .zip(affine.values.chunks_exact(WIDE * STATE))
        {
            *into = turned(values)?;
        }
        let mut absent = [[0.0; WIDE]; 3];
        for (into, values) in absent.iter_mut().zip(pad.values.chunks_exact(WIDE)) {
            *into = values.try_into().ok()?;
        }
        Some(Self {
            features,
            absent,
            bias: bias.values.as_slice().try_into().ok()?,
            scores: turned(&upper.values)?,
            score_bias: upper_bias.values.as_slice().try_into().ok()?,
        })
    }

    /// The moves for these words.
    pub(super) fn make(&self, words: &[[f32; STATE]]) -> Vec<Move> {
        let mut out = Vec::with_capacity(words.len());
        // The open entity: its type and first word.
        let mut open: Option<(usize, usize)> = None;
        for (n, _) in words.iter().enumerate() {
            let first = open.map(|(_, first)| first);
            let before = first.and(n.checked_sub(1));
            let scores = self.score([Some(n), first, before], words);
            let last = n + 1 == words.len();
            let best = best(&scores, open.map(|(kind, _)| kind), last);
            let (action, kind) = (best / TYPES, best % TYPES);
            out.push(match (action, open) {
                (0, _) => {
                    open = Some((kind, n));
                    Some((kind, true))
                }
                (1, _) => Some((kind, false)),
                (2, _) => {
                    open = None;
                    Some((kind, false))
                }
                (3, _) => Some((kind, true)),
                _ => None,
            });
        }
        out
    }

    fn score(&self, places: [Option<usize>; 3], words: &[[f32; STATE]]) -> [f32; MOVES] {
        let mut sums = self.bias;
        for ((place, weights), absent) in places.iter().zip(&self.features).zip(&self.absent) {
            match place.and_then(|n| words.get(n)) {
                Some(word) => {
                    for (x, row) in word.iter().zip(weights) {
                        for (sum, w) in sums.iter_mut().zip(row) {
                            *sum += x * w;
                        }
                    }
                }
                None => {
                    for (sum, x) in sums.iter_mut().zip(absent) {
                        *sum += x;
                    }
                }
            }
        }
        let mut out = self.score_bias;
        for (pair, row) in sums.chunks_exact(PIECES).zip(&self.scores) {
            let x = pair.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (sum, w) in out.iter_mut().zip(row) {
                *sum += x * w;
            }
        }
        out
    }
}

/// Whether move `m` may be made while an entity of type `open` is open.
fn allowed(m: usize, open: Option<usize>, last: bool) -> bool {
    let kind = m % TYPES;
    match (m / TYPES, open) {
        (0, None) => !last,
        (1, Some(open)) => open == kind && !last,
        (2, Some(open)) => open == kind,
        (3, None) => true,
        // A unit of no type is never made; the last column is "out".
        (4, None) => m + 1 == MOVES,
        _ => false,
    }
}

/// The allowed move with the highest score, the first of equals.
fn best(scores: &[f32; MOVES], open: Option<usize>, last: bool) -> usize {
    let all = scores.iter().enumerate();
    let may = all.filter(|(m, _)| allowed(*m, open, last));
    let start = (MOVES - 1, f32::NEG_INFINITY);
    let found = may.fold(
        start,
        |best, (m, score)| {
            if *score > best.1 { (m, *score) } else { best }
        },
    );
    found.0
}

/// Rows of one output each, turned to rows of one input each.
fn turned<const N: usize>(values: &[f32]) -> Option<Vec<[f32; N]>> {
    let mut out = vec![[0.0; N]; STATE];
    for (n, row) in values.chunks_exact(STATE).enumerate() {
        for (into, value) in out.iter_mut().zip(row) {
            *into.get_mut(n)? = *value;
        }
    }
    Some(out)
}
