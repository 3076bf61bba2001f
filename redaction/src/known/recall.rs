//! Recall of known values on mentions made from people, forms and sentences of our own.
//!
//! Three sentences in ten and three people in ten, by hash, are kept apart: a mention counts as
//! tuned only if both its sentence and its person are.

mod alarm;
mod chat;
mod english;
mod russian;

use super::Known;
use crate::kind::{Attribute, Kind};
use crate::text::{Profile, findings};
use ring::digest;
use std::collections::BTreeMap;

/// One way to mention a value.
pub(super) struct Variant {
    pub(super) attribute: &'static str,
    /// Which of several known values of the person is told to the gateway.
    pub(super) known: usize,
    /// Nominative, genitive, dative, accusative, instrumental, prepositional.
    pub(super) forms: Vec<String>,
}

pub(super) struct Person {
    /// Alternative sets of known values.
    pub(super) known: Vec<Vec<(Attribute, String)>>,
    pub(super) variants: Vec<Variant>,
}

impl Person {
    pub(super) fn put(&mut self, attribute: &'static str, known: usize, forms: &[String]) {
        let forms = forms.to_vec();
        self.variants.push(Variant {
            attribute,
            known,
            forms,
        });
    }

    pub(super) fn one(&mut self, attribute: &'static str, form: impl Into<String>) {
        self.put(attribute, 0, &[form.into()]);
    }
}

const SLOTS: [&str; 6] = ["{}", "{gen}", "{dat}", "{acc}", "{ins}", "{pre}"];

/// Words in a mention that say nothing of anybody.
const LABELS: [&str; 12] = [
    "серия",
    "номер",
    "г",
    "года",
    "го",
    "mailto",
    "mr",
    "s",
    "the",
    "no",
    "in",
    "of",
];

fn hash(text: &str) -> u64 {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    u64::from_be_bytes(digest.as_ref()[..8].try_into().unwrap())
}

fn kept_apart(text: &str) -> bool {
    hash(text) % 10 < 3
}

/// Lines of a table without its comments.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .map(|l| l.split('\t').collect())
}

/// A text with a mention of a person, by bytes.
struct Sample {
    apart: bool,
    language: &'static str,
    attribute: &'static str,
    person: usize,
    known: usize,
    text: String,
    start: usize,
    end: usize,
}

fn samples(language: &'static str, people: &[Person]) -> Vec<Sample> {
    let sentences: Vec<(&str, &str)> = rows(include_str!("corpus/sentences.tsv"))
        .filter(|r| r[0] == language)
        .map(|r| (r[1], r[2]))
        .collect();
    let mut out = Vec::new();
    for (number, person) in people.iter().enumerate() {
        for (n, variant) in person.variants.iter().enumerate() {
            let wanted = variant.attribute.split(' ').next().unwrap();
            let mut fitting: Vec<(usize, &str)> = sentences
                .iter()
                .filter(|(attribute, _)| *attribute == wanted)
                .filter_map(|(_, text)| {
                    let slot = SLOTS.iter().position(|s| text.contains(s))?;
                    let single = variant.forms.len() == 1 && slot > 0;
                    (!single).then_some((slot, *text))
                })
                .collect();
            fitting.sort_by_key(|(_, text)| hash(&format!("{text}{number}{n}{wanted}")));
            for (slot, text) in fitting.into_iter().take(3) {
                let form = &variant.forms[slot.min(variant.forms.len() - 1)];
                let start = text.find(SLOTS[slot]).unwrap();
                out.push(Sample {
                    apart: kept_apart(text) || kept_apart(&person.known[0][0].1),
                    language,
                    attribute: variant.attribute,
                    person: number,
                    known: variant.known,
                    text: text.replace(SLOTS[slot], form),
                    start,
                    end: start + form.len(),
                });
            }
        }
    }
    out
}

/// Known values and nothing else.
fn profile() -> Profile {
    Kind::ALL
        .iter()
        .filter(|k| !matches!(k, Kind::Known(_)))
        .fold(Profile::agent(), |p, k| p.without(*k))
}

fn known(values: &[(Attribute, String)]) -> Known {
    Known::new(values.iter().map(|(a, v)| (*a, v.as_str())))
}

/// Whether every letter and digit of the mention is covered.
fn covered(sample: &Sample, known: &Known) -> bool {
    let found = findings(&sample.text, known, &profile());
    let mention = &sample.text[sample.start..sample.end];
    mention
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !LABELS.contains(&word.to_lowercase().as_str()))
        .flat_map(|word| {
            let start = sample.start + word.as_ptr().addr() - mention.as_ptr().addr();
            start..start + word.len()
        })
        .all(|at| found.iter().any(|f| f.start <= at && at < f.end))
}

type Table = BTreeMap<(&'static str, &'static str), [usize; 4]>;

/// For each language and attribute: tuned, found, apart, found.
fn measure(show: bool) -> Table {
    let mut table = Table::new();
    for (language, people) in [("en", english::people()), ("ru", russian::people())] {
        let compiled: Vec<Vec<Known>> = people
            .iter()
            .map(|p| p.known.iter().map(|k| known(k)).collect())
            .collect();
        for sample in samples(language, &people) {
            let found = covered(&sample, &compiled[sample.person][sample.known]);
            let row = table
                .entry((sample.language, sample.attribute))
                .or_default();
            let part = if sample.apart { 2 } else { 0 };
            row[part] += 1;
            row[part + 1] += usize::from(found);
            if show && !found && !sample.apart {
                println!("{} {}: {}", language, sample.attribute, sample.text);
            }
        }
    }
    table
}

/// The goal, for each attribute in each language and in both halves.
#[test]
fn mentions_are_found() {
    let mut sums = Table::new();
    for ((language, attribute), counts) in measure(false) {
        let attribute = attribute.split(' ').next().unwrap();
        let sum = sums.entry((language, attribute)).or_default();
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    for ((language, attribute), [n, hit, apart, apart_hit]) in sums {
        let figures = format!("{language} {attribute}: {hit}/{n} tuned, {apart_hit}/{apart} apart");
        assert!(hit * 1000 >= n * 975, "{figures}");
        assert!(apart_hit * 1000 >= apart * 975, "{figures}");
    }
    let [(tuned, missed), (apart, missed_apart)] = chat::measure();
    assert!(missed.len() * 1000 <= tuned * 25, "{}", missed.join("\n"));
    assert!(
        missed_apart.len() * 20 <= apart,
        "{} of {apart}",
        missed_apart.len()
    );
}

/// What is found of a person is found because it is known.
#[test]
fn nobody_is_found_who_is_not_known() {
    let people = english::people();
    let nobody = Known::none();
    let found = samples("en", &people)
        .iter()
        .filter(|s| covered(s, &nobody))
        .count();
    assert_eq!(found, 0);
}

/// Prints the misses that are not kept apart: `cargo test -p tidewaiter-redaction recall -- --ignored --nocapture`.
#[test]
#[ignore = "for reading"]
fn misses() {
    let [(tuned, missed), (apart, missed_apart)] = chat::measure();
    println!("{}", missed.join("\n"));
    println!(
        "chat: {}/{tuned} tuned, {}/{apart} apart",
        tuned - missed.len(),
        apart - missed_apart.len()
    );
    let table = measure(true);
    for ((language, attribute), [n, hit, apart, apart_hit]) in table {
        println!("{language} {attribute}: {hit}/{n} tuned, {apart_hit}/{apart} apart");
    }
}
