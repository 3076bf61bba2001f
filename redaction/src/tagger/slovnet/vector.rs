//! Word vectors, and what each word adds to the first layer.
//!
//! A vector is a hundred pieces of three numbers, each one of 256. What a word contributes to
//! itself and its neighbours in the first convolution depends on the word alone, so it is worked
//! out once and kept: 3 kB for each of at most [`KEPT`] words, the newest in its place.

use super::network::{First, Hidden, axpy};
use super::pack;
use super::shape;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many words' contributions are kept.
pub(super) const KEPT: usize = 4_096;
/// How many new words are worked out together.
const TOGETHER: usize = 8;

const PIECES: usize = 100;
const CODES: usize = 256;
const PIECE: usize = 3;

type Kept = Mutex<Option<(usize, Arc<[f32]>)>>;

/// Quantised vectors with a bounded store of contributions.
pub(super) struct Vectors {
    indexes: Vec<u8>,
    codes: Vec<f32>,
    first: First,
    kept: Vec<Kept>,
}

impl fmt::Debug for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vectors({})", self.indexes.len() / PIECES)
    }
}

impl Vectors {
    pub(super) fn parse(pq: &[u8], words: usize, first: First) -> Option<Self> {
        let (header, rest) = pq.split_at_checked(16)?;
        let (numbers, _) = header.as_chunks::<4>();
        let wanted = [words, PIECES * PIECE, PIECES, CODES];
        let fits = |(n, w): (&[u8; 4], &usize)| usize::try_from(u32::from_le_bytes(*n)) == Ok(*w);
        if !numbers.iter().zip(&wanted).all(fits) {
            return None;
        }
        let (indexes, codes) = rest.split_at_checked(words.checked_mul(PIECES)?)?;
        Some(Self {
            indexes: indexes.to_vec(),
            codes: pack::floats(codes, PIECES * CODES * PIECE)?,
            first,
            kept: (0..KEPT).map(|_| Mutex::new(None)).collect(),
        })
    }

    /// The first layer's output for words and shapes by number.
    pub(super) fn first(&self, inputs: &[(usize, usize)]) -> Hidden {
        let words = self.contributions(inputs);
        let parts = inputs
            .iter()
            .map(|(word, shape)| {
                let word = words.get(word).map_or(&[][..], |c| c);
                (word, self.first.shape((*shape).min(shape::COUNT - 1)))
            })
            .collect::<Vec<_>>();
        self.first.combined(&parts)
    }

    fn contributions(&self, inputs: &[(usize, usize)]) -> HashMap<usize, Arc<[f32]>> {
        let mut out = HashMap::with_capacity(inputs.len());
        let mut missing = Vec::new();
        for (word, _) in inputs {
            if out.contains_key(word) || missing.contains(word) {
                continue;
            }
            match self.kept(*word) {
                Some(known) => drop(out.insert(*word, known)),
                None => missing.push(*word),
            }
        }
        for some in missing.chunks(TOGETHER) {
            let made = self.work_out(some);
            for (word, made) in some.iter().zip(made.chunks_exact(self.first.width())) {
                let made: Arc<[f32]> = made.into();
                if let Some(place) = self.kept.get(word % KEPT) {
                    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                    *place = Some((*word, Arc::clone(&made)));
                }
                out.insert(*word, made);
            }
        }
        out
    }

    fn kept(&self, word: usize) -> Option<Arc<[f32]>> {
        let place = self.kept.get(word % KEPT)?;
        let place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let (there, known) = place.as_ref()?;
        (*there == word).then(|| Arc::clone(known))
    }

    /// The contributions of `words` behind each other. Row by row of the weights, so that each is
    /// read once for all of them.
    fn work_out(&self, words: &[usize]) -> Vec<f32> {
        let width = self.first.width();
        let vectors: Vec<Vec<f32>> = words.iter().map(|w| self.vector(*w)).collect();
        let mut out = vec![0.0; width * words.len()];
        for (n, row) in self.first.rows().enumerate() {
            for (vector, out) in vectors.iter().zip(out.chunks_exact_mut(width)) {
                if let Some(x) = vector.get(n) {
                    axpy(*x, row, out);
                }
            }
        }
        out
    }

    fn vector(&self, word: usize) -> Vec<f32> {
        let mut out = Vec::with_capacity(PIECES * PIECE);
        let start = word.saturating_mul(PIECES);
        let indexes = self.indexes.get(start..start.saturating_add(PIECES));
        let codes = self.codes.chunks_exact(CODES * PIECE);
        for (index, codes) in indexes.unwrap_or_default().iter().zip(codes) {
            let at = usize::from(*index) * PIECE;
            out.extend_from_slice(codes.get(at..at + PIECE).unwrap_or_default());
        }
        out
    }
}
