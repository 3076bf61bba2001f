//! Names that only the sentence tells: models that tag words, and where they are asked.
//!
//! A [`Tagger`] is made from bytes by its own module; reading files is the caller's. A
//! [`Profile`](super::Profile) may carry some; without them everything works and less is found.
//! They are fed windows only: the words around one that could be a name and that no detector has
//! settled. What they call a person becomes a name; what they call a place or an organisation
//! takes back a name that a rule merely thought possible.
//!
//! Promise: each word is fed to a tagger at most once, so work stays linear in the text.
//! Limits: no tagger for a language, no mention. A sentence has the language of most of its words'
//! alphabet: Cyrillic is Russian, Latin is English.

mod slovnet;
mod spacy;
pub(crate) mod token;
mod window;

use super::detect::{name_ru, person};
use super::kind::{Confidence, Kind};
use super::scan::{Hit, Scan};
pub use slovnet::{Slovnet, SlovnetError, SlovnetFiles};
pub use spacy::{Spacy, SpacyError};
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;
use token::Word;
use window::Windows;
pub(crate) use window::sentence_at;

/// What a model says of words.
pub trait Tagger: Send + Sync + Debug {
    /// Its name in findings.
    fn name(&self) -> &'static str;

    /// The languages it reads, as ISO 639-1 codes: `ru`, `en`.
    fn languages(&self) -> &'static [&'static str];

    /// One label for each of `words`, which follow each other in a text: words, numbers and signs
    /// apart from each other. Fewer labels than words leave the rest outside.
    fn tag(&self, words: &[&str]) -> Vec<Label>;

    /// How many words to either side what it says of a word depends on.
    fn reach(&self) -> usize {
        4
    }
}

/// What a word is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// Nothing that has a name.
    Outside,
    /// The first word of a name.
    Begin(Entity),
    /// A further word of it.
    Inside(Entity),
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entity {
    /// A person.
    Person,
    /// A country, a city, a street.
    Place,
    /// A company, an authority, a team.
    Organisation,
}

/// The taggers of a profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taggers(Vec<Arc<dyn Tagger>>);

impl Taggers {
    pub(crate) fn push(&mut self, tagger: Arc<dyn Tagger>) {
        self.0.push(tagger);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The very same taggers: what they would say cannot be compared.
impl PartialEq for Taggers {
    fn eq(&self, other: &Self) -> bool {
        let both = self.0.iter().zip(&other.0);
        self.0.len() == other.0.len() && { both }.all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

impl Eq for Taggers {}

/// Something a tagger named, in offsets of the normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) entity: Entity,
    /// Which tagger says so.
    pub(crate) tagger: &'static str,
}

/// Asks the taggers about what `hits` and the stretches `others` leave open, and adds what they
/// name to the hits.
pub(crate) fn detect(
    taggers: &Taggers,
    scan: &Scan<'_>,
    others: &[Range<usize>],
    hits: &mut Vec<Hit>,
) {
    if taggers.0.is_empty() || !scan.slice(0, scan.len()).contains(char::is_uppercase) {
        return;
    }
    let (mentions, asked) = mentions(taggers, scan, others, hits);
    scan.spend(mentions.len() + hits.len());
    withdraw(&mentions, &asked, hits);
    let people = mentions.iter().filter(|m| m.entity == Entity::Person);
    let known = name_ru::Company::new(scan, people.map(|m| m.start..m.end), hits);
    // Cut where something else was found: it must not grow by being called a name.
    let found = merged(others, settled(hits, |h| h.kind != Kind::Name));
    for mention in mentions.iter().filter(|m| m.entity == Entity::Person) {
        let parts = pieces(scan, mention, &found).into_iter();
        let parts = parts.filter_map(|part| name_ru::person(scan, part, &known));
        let parts = parts.filter_map(|part| person::person(scan, part));
        hits.extend(parts.map(|at| Hit {
            start: at.start,
            end: at.end,
            kind: Kind::Name,
            detector: mention.tagger,
            confidence: Confidence::Likely,
            reason: "a model reads it as a person's name",
            canonical: None,
        }));
    }
}

/// What the taggers name, in order for each of them, and the stretches they were asked about.
fn mentions(
    taggers: &Taggers,
    scan: &Scan<'_>,
    others: &[Range<usize>],
    hits: &[Hit],
) -> (Vec<Mention>, Vec<Range<usize>>) {
    let words = token::words(scan.slice(0, scan.len()));
    scan.spend(scan.len());
    let settled = merged(
        others,
        settled(hits, |h| h.confidence != Confidence::Possible),
    );
    let windows = Windows::new(scan, &words, &settled);
    let (mut out, mut asked) = (Vec::new(), Vec::new());
    for tagger in &taggers.0 {
        for window in windows.of(tagger.languages(), tagger.reach()) {
            let part = words.get(window.clone()).unwrap_or_default();
            scan.spend(part.len());
            let fed: Vec<&str> = part.iter().map(|w| scan.slice(w.start, w.end)).collect();
            let labels = tagger.tag(&fed);
            gather(part, &labels, tagger.name(), &mut out);
            if let (Some(first), Some(last)) = (part.first(), part.last()) {
                asked.push(first.start..last.end);
            }
        }
    }
    (out, asked)
}

/// The mentions that `labels` make of `words`. An `Inside` that continues nothing begins anew.
fn gather(words: &[Word], labels: &[Label], tagger: &'static str, out: &mut Vec<Mention>) {
    let mut open: Option<Mention> = None;
    for (word, label) in words.iter().zip(labels) {
        let (entity, continues) = match label {
            Label::Outside => {
                out.extend(open.take());
                continue;
            }
            Label::Begin(entity) => (*entity, false),
            Label::Inside(entity) => (*entity, true),
        };
        match &mut open {
            Some(mention) if mention.entity == entity && (continues || follows(mention, word)) => {
                mention.end = word.end;
            }
            _ => out.extend(open.replace(Mention {
                start: word.start,
                end: word.end,
                entity,
                tagger,
            })),
        }
    }
    out.extend(open);
}

/// Whether two people named without anything between them are one: "Ахмедов | Руслан Маратович".
fn follows(mention: &Mention, word: &Word) -> bool {
    let letters = matches!(word.class, token::Class::Cyrillic | token::Class::Latin);
    mention.entity == Entity::Person && letters && mention.end + 1 == word.start
}

/// The ranges of those hits, in order, overlapping ones made one.
pub(crate) fn settled(hits: &[Hit], which: impl Fn(&Hit) -> bool) -> Vec<Range<usize>> {
    let of = |h: &Hit| h.start..h.end;
    merged(&[], hits.iter().filter(|h| which(h)).map(of).collect())
}

fn merged(some: &[Range<usize>], mut all: Vec<Range<usize>>) -> Vec<Range<usize>> {
    all.extend_from_slice(some);
    all.sort_by_key(|r| (r.start, r.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for next in all {
        match out.last_mut() {
            Some(last) if next.start < last.end => last.end = last.end.max(next.end),
            _ => out.push(next),
        }
    }
    out
}

/// What of `ranges`, which are in order and apart, lies in `part`, in offsets of that part.
pub(crate) fn inside(ranges: &[Range<usize>], part: &Range<usize>) -> Vec<Range<usize>> {
    let first = ranges.partition_point(|r| r.end <= part.start);
    let clip = |at: usize| at.clamp(part.start, part.end) - part.start;
    { ranges.get(first..).unwrap_or_default().iter() }
        .take_while(|r| r.start < part.end)
        .map(|r| clip(r.start)..clip(r.end))
        .collect()
}

/// Takes back names that were merely possible where a tagger was asked and sees no person.
fn withdraw(mentions: &[Mention], asked: &[Range<usize>], hits: &mut Vec<Hit>) {
    let mut asked = asked.to_vec();
    asked.sort_by_key(|r| r.start);
    let mut people: Vec<Range<usize>> = { mentions.iter() }
        .filter(|m| m.entity == Entity::Person)
        .map(|m| m.start..m.end)
        .collect();
    people.sort_by_key(|r| r.start);
    let touches = |ranges: &[Range<usize>], hit: &Hit| {
        let first = ranges.partition_point(|r| r.end <= hit.start);
        ranges.get(first).is_some_and(|r| r.start < hit.end)
    };
    hits.retain(|hit| {
        let open = hit.kind == Kind::Name && hit.confidence == Confidence::Possible;
        !open || touches(&people, hit) || !touches(&asked, hit)
    });
}

/// The parts of a mention outside `found` that hold a capital letter, without signs at their ends.
fn pieces(scan: &Scan<'_>, mention: &Mention, found: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = mention.start;
    let first = found.partition_point(|r| r.end <= at);
    let inside = found.get(first..).unwrap_or_default();
    let last = mention.end..mention.end;
    for other in inside
        .iter()
        .take_while(|r| r.start < mention.end)
        .chain([&last])
    {
        let part = scan.slice(at, other.start);
        scan.spend(part.len() + 1);
        let left = part.trim_start_matches(|c: char| !c.is_alphanumeric());
        let start = at + (part.len() - left.len());
        let whole = left.trim_end_matches(|c: char| !c.is_alphanumeric());
        if whole.contains(char::is_uppercase) {
            // The full stop of a closing initial belongs to it.
            let initial = left.get(whole.len()..).is_some_and(|s| s.starts_with('.')) && {
                whole.chars().rev()
            }
            .nth(1)
            .is_none_or(|c| !c.is_alphanumeric());
            out.push(start..start + whole.len() + usize::from(initial));
        }
        at = other.end;
    }
    out
}

#[cfg(test)]
pub(crate) mod tests;
