//! The layers: tables of vectors, four convolutions over three words, and what the moves read.
//!
//! Weights are kept with their outputs side by side, so that the inner loop runs over a row. The
//! four rows of nothing that the original puts around a text take part, as there.

use super::feature;
use super::pack::Array;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The width of a word's vector, and the pieces each layer chooses from.
const WIDTH: usize = 96;
const PIECES: usize = 3;
const WIDE: usize = WIDTH * PIECES;
/// What the moves read of a word.
pub(super) const STATE: usize = 64;
/// Rows of nothing before and after a text.
const PAD: usize = 4;
/// How many words' vectors are kept.
const KEPT: usize = 20_000;

type Row = [f32; WIDTH];

/// A layer that chooses the largest of three pieces and normalises.
#[derive(Debug)]
struct Maxout {
    /// One row of `WIDE` for each input; the three pieces of an output are a row's thirds.
    weights: Vec<[f32; WIDE]>,
    bias: [f32; WIDE],
    scale: Row,
    shift: Row,
}

impl Maxout {
    fn new(weights: &Array, bias: &Array, scale: &Array, shift: &Array) -> Option<Self> {
        let [WIDTH, PIECES, inputs] = *weights.shape.as_slice() else {
            return None;
        };
        let mut rows = vec![[0.0; WIDE]; inputs];
        for (n, values) in weights.values.chunks_exact(inputs).enumerate() {
            let place = (n % PIECES) * WIDTH + n / PIECES;
            for (row, value) in rows.iter_mut().zip(values) {
                *row.get_mut(place)? = *value;
            }
        }
        let mut sorted = [0.0; WIDE];
        for (n, value) in bias.values.iter().enumerate() {
            *sorted.get_mut((n % PIECES) * WIDTH + n / PIECES)? = *value;
        }
        Some(Self {
            weights: rows,
            bias: sorted,
            scale: scale.values.as_slice().try_into().ok()?,
            shift: shift.values.as_slice().try_into().ok()?,
        })
    }

    /// Adds what `inputs`, which begin at input `first`, contribute to `sums`.
    fn add(&self, first: usize, inputs: &[f32], sums: &mut [f32; WIDE]) {
        let rows = self.weights.get(first..).unwrap_or_default();
        for (row, x) in rows.iter().zip(inputs) {
            for (sum, w) in sums.iter_mut().zip(row) {
                *sum += x * w;
            }
        }
    }

    /// The largest pieces, normalised.
    fn finish(&self, sums: &[f32; WIDE]) -> Row {
        let mut out = [0.0; WIDTH];
        let (a, rest) = sums.split_at(WIDTH);
        let (b, c) = rest.split_at(WIDTH);
        for (((out, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
            *out = a.max(*b).max(*c);
        }
        let mean = out.iter().sum::<f32>() / 96.0;
        let spread = out.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 96.0 + 1e-8;
        let factor = spread.sqrt().recip();
        for ((x, scale), shift) in out.iter_mut().zip(&self.scale).zip(&self.shift) {
            *x = (*x - mean) * factor * scale + shift;
        }
        out
    }
}

/// A table of vectors, found by hash.
#[derive(Debug)]
struct Table {
    seed: u64,
    rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Network {
    tables: Vec<Table>,
    mix: Maxout,
    layers: Vec<Maxout>,
    /// Inputs by outputs.
    reduce: Vec<[f32; STATE]>,
    reduce_bias: [f32; STATE],
    pub(super) moves: super::moves::Moves,
    /// The vectors of words seen, before their neighbours count.
    seen: Mutex<HashMap<Box<str>, Row>>,
}

impl Network {
    /// The network of these arrays, which come in the order of the file.
    pub(super) fn new(arrays: &[Array]) -> Option<Self> {
        let (head, rest) = arrays.split_at_checked(7)?;
        let [
            affine,
            affine_bias,
            pad,
            upper,
            upper_bias,
            reduce,
            reduce_bias,
        ] = head
        else {
            return None;
        };
        let (tables, rest) = rest.split_at_checked(4)?;
        let mut layers = Vec::with_capacity(5);
        for layer in rest.chunks(4) {
            let [weights, bias, scale, shift] = layer else {
                return None;
            };
            layers.push(Maxout::new(weights, bias, scale, shift)?);
        }
        if layers.len() != 5 || reduce.shape != [STATE, WIDTH] {
            return None;
        }
        let mix = layers.remove(0);
        let fits =
            mix.weights.len() == WIDTH * 4 && layers.iter().all(|l| l.weights.len() == WIDTH * 3);
        let mut columns = vec![[0.0; STATE]; WIDTH];
        for (n, values) in reduce.values.chunks_exact(WIDTH).enumerate() {
            for (column, value) in columns.iter_mut().zip(values) {
                *column.get_mut(n)? = *value;
            }
        }
        let tables = tables.iter().zip(8..).map(|(table, seed)| {
            let rows = table.values.chunks_exact(WIDTH);
            let rows: Option<Vec<Row>> = rows.map(|r| r.try_into().ok()).collect();
            Some(Table { seed, rows: rows? })
        });
        fits.then_some(Self {
            tables: tables.collect::<Option<_>>()?,
            mix,
            layers,
            reduce: columns,
            reduce_bias: reduce_bias.values.as_slice().try_into().ok()?,
            moves: super::moves::Moves::new([affine, affine_bias, pad, upper, upper_bias])?,
            seen: Mutex::default(),
        })
    }

    /// What the moves read of each word.
    pub(super) fn read(&self, words: &[&str]) -> Vec<[f32; STATE]> {
        let mut rows = vec![[0.0; WIDTH]; words.len() + 2 * PAD];
        for (row, word) in rows.iter_mut().skip(PAD).zip(words) {
            *row = self.alone(word);
        }
        // Each layer needs one row of nothing less on either side than the one before.
        for (layer, margin) in self.layers.iter().zip([3, 2, 1, 0]) {
            let from = PAD - margin;
            let mut next = rows.clone();
            for (n, out) in next
                .iter_mut()
                .enumerate()
                .take(words.len() + PAD + margin)
                .skip(from)
            {
                let mut sums = layer.bias;
                for (place, row) in rows.iter().skip(n.saturating_sub(1)).take(3).enumerate() {
                    layer.add(place * WIDTH, row, &mut sums);
                }
                for (x, y) in out.iter_mut().zip(layer.finish(&sums)) {
                    *x += y;
                }
            }
            rows = next;
        }
        let words = rows.iter().skip(PAD).take(words.len());
        words
            .map(|row| {
                let mut out = self.reduce_bias;
                for (x, column) in row.iter().zip(&self.reduce) {
                    for (out, w) in out.iter_mut().zip(column) {
                        *out += x * w;
                    }
                }
                out
            })
            .collect()
    }

    /// A word's vector before its neighbours count.
    fn alone(&self, word: &str) -> Row {
        // A poisoned lock only means that some thread panicked: the map is whole.
        let kept = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = kept().get(word) {
            return *row;
        }
        let mut sums = self.mix.bias;
        let keys = feature::features(word);
        for ((table, key), place) in self.tables.iter().zip(keys).zip(0_usize..) {
            let size = u64::try_from(table.rows.len()).unwrap_or(1);
            let mut vector = [0.0; WIDTH];
            for at in feature::rows(key, table.seed, size) {
                let row = usize::try_from(at).ok().and_then(|at| table.rows.get(at));
                for (sum, x) in vector.iter_mut().zip(row.into_iter().flatten()) {
                    *sum += x;
                }
            }
            self.mix.add(place * WIDTH, &vector, &mut sums);
        }
        let row = self.mix.finish(&sums);
        if word.len() <= 40 {
            let mut kept = kept();
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(word.into(), row);
        }
        row
    }
}
