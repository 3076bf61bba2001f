//! Three convolutions over neighbouring words, a projection and a chain.
//!
//! Each layer is convolution, rectifier, batch normalisation. A normalisation is folded into the
//! layer after it, which leaves the rectifier's zeros in its input to be skipped; what it adds
//! holds only for neighbours that exist, so it is added with each of them.
//! A layer's rows hold, for one input, its weights for the word after, the word itself and the
//! word before.

use super::pack::array;
use super::shape;
use std::collections::HashMap;

const TAPS: usize = 3;
const WORD: usize = 300;
const SHAPE: usize = 30;
const OUT: [usize; 3] = [256, 128, 64];
const TAGS: usize = 8;
/// How many words pass a layer together, for the processor's cache.
const TOGETHER: usize = 16;

type Members<'f> = HashMap<&'f str, &'f [u8]>;

/// A layer's output: so many numbers for each word, none negative.
#[derive(Debug)]
pub(super) struct Hidden {
    width: usize,
    values: Vec<f32>,
}

/// `out += x * row`.
pub(super) fn axpy(x: f32, row: &[f32], out: &mut [f32]) {
    for (out, weight) in out.iter_mut().zip(row) {
        *out += x * weight;
    }
}

/// The first layer, split into what a word and what its shape contribute.
#[derive(Debug)]
pub(super) struct First {
    rows: Vec<f32>,
    shapes: Vec<f32>,
    bias: Vec<f32>,
}

impl First {
    pub(super) fn parse(members: &Members<'_>) -> Option<Self> {
        let [out, ..] = OUT;
        let width = TAPS * out;
        let weight = array(members, 1, out * (WORD + SHAPE) * TAPS)?;
        let rows = rows(&weight, out, WORD + SHAPE);
        let (words, shape_rows) = rows.split_at_checked(WORD * width)?;
        let vectors = array(members, 0, shape::COUNT * SHAPE)?;
        let mut shapes = vec![0.0; shape::COUNT * width];
        for (vector, out) in vectors.chunks(SHAPE).zip(shapes.chunks_mut(width)) {
            for (x, row) in vector.iter().zip(shape_rows.chunks(width)) {
                axpy(*x, row, out);
            }
        }
        Some(Self {
            rows: words.to_vec(),
            shapes,
            bias: array(members, 2, out)?,
        })
    }

    /// Numbers in a contribution.
    pub(super) fn width(&self) -> usize {
        TAPS * self.bias.len()
    }

    /// The weights for each number of a word's vector.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.rows.chunks_exact(self.width())
    }

    /// What a shape contributes.
    pub(super) fn shape(&self, id: usize) -> &[f32] {
        let start = id * self.width();
        { self.shapes.get(start..start + self.width()) }.unwrap_or_default()
    }

    /// The layer's output for the contributions of words and their shapes.
    pub(super) fn combined(&self, parts: &[(&[f32], &[f32])]) -> Hidden {
        let mut sum = Sum::new(&self.bias, parts.len());
        for (at, (word, shape)) in parts.iter().enumerate() {
            sum.add(at, word);
            sum.add(at, shape);
        }
        sum.rectified()
    }
}

/// A layer's output while contributions come in.
struct Sum {
    width: usize,
    values: Vec<f32>,
}

impl Sum {
    fn new(bias: &[f32], words: usize) -> Self {
        Self {
            width: bias.len(),
            values: bias.repeat(words),
        }
    }

    /// Adds what the word at `at` contributes to the one after it, to itself, to the one before.
    fn add(&mut self, at: usize, contribution: &[f32]) {
        for (tap, part) in contribution.chunks_exact(self.width).enumerate() {
            let Some(start) = { (at + 1).checked_sub(tap) }.map(|to| to * self.width) else {
                continue;
            };
            if let Some(out) = self.values.get_mut(start..start + self.width) {
                axpy(1.0, part, out);
            }
        }
    }

    fn rectified(mut self) -> Hidden {
        for value in &mut self.values {
            *value = value.max(0.0);
        }
        Hidden {
            width: self.width,
            values: self.values,
        }
    }
}

/// A further layer with the normalisation before it folded in.
#[derive(Debug)]
struct Layer {
    rows: Vec<f32>,
    /// What the normalisation adds, for each neighbour that exists.
    constant: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    /// `first` is the number of its first array, `norm` of the normalisation before it.
    fn parse(m: &Members<'_>, first: usize, norm: usize, input: usize, out: usize) -> Option<Self> {
        let weight = array(m, first, out * input * TAPS)?;
        let mut rows = rows(&weight, out, input);
        let constant = fold(&mut rows, TAPS * out, &Norm::parse(m, norm, input)?);
        Some(Self {
            rows,
            constant,
            bias: array(m, first + 1, out)?,
        })
    }

    fn forward(&self, input: &Hidden) -> Hidden {
        let width = self.constant.len();
        let words = input.values.len() / input.width.max(1);
        let mut sum = Sum::new(&self.bias, words);
        let mut all = Vec::with_capacity(width * TOGETHER);
        for (n, some) in input.values.chunks(input.width * TOGETHER).enumerate() {
            all.clear();
            all.extend(self.constant.repeat(some.len() / input.width));
            for (c, row) in self.rows.chunks_exact(width).enumerate() {
                let xs = some.iter().skip(c).step_by(input.width);
                for (x, out) in xs.zip(all.chunks_exact_mut(width)) {
                    if *x > 0.0 {
                        axpy(*x, row, out);
                    }
                }
            }
            for (at, contribution) in all.chunks_exact(width).enumerate() {
                sum.add(n * TOGETHER + at, contribution);
            }
        }
        sum.rectified()
    }
}

/// Batch normalisation as a factor and a summand for each number.
struct Norm {
    factor: Vec<f32>,
    summand: Vec<f32>,
}

impl Norm {
    fn parse(members: &Members<'_>, first: usize, width: usize) -> Option<Self> {
        let part = |n| array(members, first + n, width);
        let (weight, bias, mean, std) = (part(0)?, part(1)?, part(2)?, part(3)?);
        let factor: Vec<f32> = weight.iter().zip(&std).map(|(w, s)| w / s).collect();
        let summand = { bias.iter().zip(&mean).zip(&factor) }
            .map(|((b, m), f)| b - m * f)
            .collect();
        factor
            .iter()
            .all(|f| f.is_finite())
            .then_some(Self { factor, summand })
    }
}

/// Multiplies the rows by the factors, and gives what the summands come to.
fn fold(rows: &mut [f32], width: usize, norm: &Norm) -> Vec<f32> {
    let mut constant = vec![0.0; width];
    let norms = norm.factor.iter().zip(&norm.summand);
    for (row, (factor, summand)) in rows.chunks_exact_mut(width).zip(norms) {
        axpy(*summand, row, &mut constant);
        for weight in row {
            *weight *= factor;
        }
    }
    constant
}

/// Weights of `out` filters over `input` numbers and [`TAPS`] words, as rows by input number.
fn rows(weight: &[f32], out: usize, input: usize) -> Vec<f32> {
    let mut rows = vec![0.0; weight.len()];
    for (filter, weights) in weight.chunks_exact(input * TAPS).enumerate() {
        let taps = weights.chunks_exact(TAPS);
        for (row, taps) in rows.chunks_exact_mut(out * TAPS).zip(taps) {
            for (to, tap) in row.iter_mut().skip(filter).step_by(out).zip(taps) {
                *to = *tap;
            }
        }
    }
    rows
}

/// Everything after the first layer.
#[derive(Debug)]
pub(super) struct Network {
    layers: [Layer; 2],
    /// Rows by input number, with the last normalisation folded in.
    project: Vec<f32>,
    bias: Vec<f32>,
    /// From each tag to each.
    transitions: Vec<f32>,
}

impl Network {
    pub(super) fn parse(members: &Members<'_>) -> Option<Self> {
        let [first, second, third] = OUT;
        let mut project = array(members, 19, third * TAGS)?;
        let constant = fold(&mut project, TAGS, &Norm::parse(members, 15, third)?);
        let mut bias = array(members, 20, TAGS)?;
        axpy(1.0, &constant, &mut bias);
        Some(Self {
            layers: [
                Layer::parse(members, 7, 3, first, second)?,
                Layer::parse(members, 13, 9, second, third)?,
            ],
            project,
            bias,
            transitions: array(members, 21, TAGS * TAGS)?,
        })
    }

    /// The best row of tags for the first layer's output.
    pub(super) fn tags(&self, mut hidden: Hidden) -> Vec<usize> {
        for layer in &self.layers {
            hidden = layer.forward(&hidden);
        }
        let emissions: Vec<[f32; TAGS]> = { hidden.values.chunks_exact(hidden.width) }
            .map(|word| self.emission(word))
            .collect();
        self.best(&emissions)
    }

    fn emission(&self, word: &[f32]) -> [f32; TAGS] {
        let mut out = [0.0; TAGS];
        axpy(1.0, &self.bias, &mut out);
        for (x, row) in word.iter().zip(self.project.chunks_exact(TAGS)) {
            axpy(*x, row, &mut out);
        }
        out
    }

    /// Viterbi's way through the tags.
    fn best(&self, emissions: &[[f32; TAGS]]) -> Vec<usize> {
        let Some((first, rest)) = emissions.split_first() else {
            return Vec::new();
        };
        let mut score = *first;
        let mut history: Vec<[usize; TAGS]> = Vec::with_capacity(rest.len());
        for emission in rest {
            let mut from = [0; TAGS];
            let mut next = [f32::NEG_INFINITY; TAGS];
            for (tag, (score, row)) in score
                .iter()
                .zip(self.transitions.chunks_exact(TAGS))
                .enumerate()
            {
                for ((next, from), step) in next.iter_mut().zip(&mut from).zip(row) {
                    if score + step > *next {
                        (*next, *from) = (score + step, tag);
                    }
                }
            }
            axpy(1.0, emission, &mut next);
            score = next;
            history.push(from);
        }
        let mut tag = highest(&score);
        let mut out = vec![tag];
        for from in history.iter().rev() {
            tag = from.get(tag).copied().unwrap_or_default();
            out.push(tag);
        }
        out.reverse();
        out
    }
}

/// The first of the highest.
fn highest(scores: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (at, score) in scores.iter().enumerate() {
        if *score > best.1 {
            best = (at, *score);
        }
    }
    best.0
}
