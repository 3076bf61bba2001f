//! Names of people in Russian text, without knowing them.
//!
//! Words that begin with capitals and follow each other are a name if one of them is a given name
//! or a patronymic in any case, or an initial; a word after "меня зовут", "получатель", "муж" is
//! one by what stands before it, in small letters too where it is a given name. What only looks
//! like a surname is possible, and open to a model's verdict.
//!
//! Lists are data beside this file. Sources: given names of natasha (MIT), and our own.
//! Limits: a surname alone at the beginning of a sentence, or of no Russian ending, is not seen
//! without a cue; words that are names as well ("Вера", "Роман") need a neighbour or a cue.

mod item;
mod lexicon;
mod veto;

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};
use super::super::tagger::token;
use crate::memory::digest;
use item::{Form, Item, items};
use lexicon::{
    ANY_GIVEN, CALLED, ENDS_IN, GIVEN, INTRO, LOOSE, NAME, NAMELIKE, OFFICE, PARTICLE, PATRONYMIC,
    PLAIN, QUOTED, RARE, ROLE, SAY, SURNAME, Traits, WEAK, WORD,
};
use std::ops::Range;

pub(crate) use veto::{Company, person};

/// Whether a name follows the word, in lower case, even in small letters.
pub(crate) fn calls(word: &str) -> bool {
    !word.is_ascii() && lexicon::traits(word) & CALLED != 0
}

/// Whether a word in small letters is part of no name; `called`: after a word that [`calls`].
pub(crate) fn inert(word: &str, called: bool) -> bool {
    let open = GIVEN | PATRONYMIC | SURNAME | PARTICLE;
    let called = if called { NAMELIKE } else { 0 };
    lexicon::traits(word) & (open | called) == 0
}

/// The most words of a name.
const MOST: usize = 5;
/// How far a cue reaches over signs.
const SIGNS: usize = 2;

const DETECTOR: &str = "name-ru";

/// Why, and how sure.
type Verdict = (Confidence, &'static str);

const BESIDE: Verdict = (
    Confidence::Likely,
    "a given name or patronymic, and what stands with it",
);
const INITIALS: Verdict = (Confidence::Likely, "initials and a surname");
const CUED: Verdict = (
    Confidence::Likely,
    "words before it say that a name follows",
);
const AGAIN: Verdict = (Confidence::Likely, "the surname of a name found before");
const SURNAMED: Verdict = (Confidence::Possible, "it ends as surnames do");
const PERHAPS: Verdict = (Confidence::Possible, "a name that may be a word");

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    // The first bytes of Russian letters.
    if !scan.bytes().iter().any(|b| matches!(b, 0xd0 | 0xd1)) {
        return;
    }
    let words = token::words(scan.slice(0, scan.len()));
    let items = items(scan, &words);
    let mut names: Vec<(Range<usize>, Verdict)> = Vec::new();
    let mut at = 0;
    while at < items.len() {
        scan.spend(4);
        match cued(scan, &items, at).or_else(|| found(scan, &items, at)) {
            Some((range, verdict)) => {
                at = range.end.max(at + 1);
                names.push((range, verdict));
            }
            None => at += 1,
        }
    }
    let again = again(scan, &items, &names);
    for (range, (confidence, reason)) in names.into_iter().chain(again) {
        let place = (
            items.get(range.start),
            items.get(range.end.saturating_sub(1)),
        );
        let (Some(first), Some(last)) = place else {
            continue;
        };
        hits.push(Hit {
            start: first.start,
            end: last.end,
            kind: Kind::Name,
            detector: DETECTOR,
            confidence,
            reason,
            canonical: None,
        });
    }
}

/// The surnames of names that were found whole, where they stand alone later on.
fn again(
    scan: &Scan<'_>,
    items: &[Item],
    names: &[(Range<usize>, Verdict)],
) -> Vec<(Range<usize>, Verdict)> {
    let known = |item: &Item| {
        let plain = item.is(PLAIN) && !item.is(LOOSE);
        let fits = item.title() && !item.latin && !plain && !item.is(ANY_GIVEN | PATRONYMIC);
        let word = scan.lower(item.start, item.end);
        (fits && word.len() >= 8).then(|| lexicon::stem(word))
    };
    let sure = |verdict: &Verdict| verdict.0 == Confidence::Likely;
    let mut memory = scan.memory.borrow_mut();
    if memory.is_empty() && !names.iter().any(|(_, verdict)| sure(verdict)) {
        return Vec::new();
    }
    let mut whole = { names.iter() }
        .filter(|(range, verdict)| range.len() > 1 && sure(verdict))
        .map(|(range, _)| range)
        .peekable();
    let mut taken = names
        .iter()
        .map(|(range, verdict)| (range, verdict.0))
        .peekable();
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        scan.spend(2);
        while let Some(range) = whole.next_if(|range| range.end <= at) {
            let inside = items.get(range.clone()).unwrap_or_default();
            for stem in inside.iter().filter_map(known) {
                scan.spend(stem.len());
                memory.put(digest(DETECTOR, stem));
            }
        }
        while taken.next_if(|(range, _)| range.end <= at).is_some() {}
        let free = taken.peek().is_none_or(|(range, confidence)| {
            range.start > at || *confidence == Confidence::Possible
        });
        let before = |stem| memory.holds(digest(DETECTOR, stem));
        if free && known(item).is_some_and(before) {
            out.push((at..at + 1, AGAIN));
        }
    }
    for range in whole {
        let inside = items.get(range.clone()).unwrap_or_default();
        for stem in inside.iter().filter_map(known) {
            memory.put(digest(DETECTOR, stem));
        }
    }
    out
}

/// The name that a cue before `at` announces there.
fn cued(scan: &Scan<'_>, items: &[Item], at: usize) -> Option<(Range<usize>, Verdict)> {
    let item = items.get(at)?;
    if item.form == Form::Sign || item.form == Form::Lower && item.is(PLAIN) {
        return None;
    }
    let cue = cue(scan, items, at)?;
    if item.is(PLAIN) && !(cue == CALLED && item.title() && !item.opens) {
        return None;
    }
    let small = item.is(GIVEN | PATRONYMIC);
    let pair = items.get(at + 1).is_some_and(|i| i.title() && i.glued);
    let begins = match cue {
        CALLED => item.form != Form::Lower || item.is(NAMELIKE),
        NAME => item.form != Form::Lower || small,
        ROLE => (item.title() && (!item.latin || pair)) || item.form == Form::Initial || small,
        OFFICE => item.title() && item.is(NAMELIKE) && !item.latin || item.form == Form::Initial,
        _ => item.is(GIVEN) || item.title() && item.is(ANY_GIVEN | SURNAME | PATRONYMIC),
    };
    if !begins {
        return None;
    }
    let mut end = at + 1;
    while let Some(next) = items.get(end)
        && end - at < MOST
        && next.glued
        && !bars(items, end)
    {
        scan.spend(1);
        if cue & (CALLED | NAME) == 0 && another(items, end, true) {
            break;
        }
        let part = match next.form {
            Form::Title | Form::Initial => true,
            Form::Upper => item.form == Form::Upper,
            Form::Lower => particle(items, end) || next.is(GIVEN | PATRONYMIC | SURNAME),
            Form::Sign => false,
        };
        if !part {
            break;
        }
        end += 1;
    }
    Some((at..end, CUED))
}

/// What the words before `at` announce, over a sign or two.
fn cue(scan: &Scan<'_>, items: &[Item], at: usize) -> Option<Traits> {
    let mut signs = 0;
    let mut ended = false;
    for item in { items.get(..at)? }.iter().rev() {
        scan.spend(1);
        if item.form == Form::Sign {
            signs += 1;
            let text = scan.slice(item.start, item.end);
            ended |= text.starts_with(['.', '!', '?', ';', '/', ')']);
            if signs > SIGNS {
                return None;
            }
            continue;
        }
        let sense = [CALLED, NAME, ROLE, OFFICE, INTRO]
            .into_iter()
            .find(|s| item.is(*s));
        return match sense? {
            INTRO if signs > 0 && !vocative(scan, item) => None,
            ROLE | OFFICE if ended => None,
            sense => (!ended || sense & (CALLED | NAME) != 0).then_some(sense),
        };
    }
    None
}

/// A greeting, after which one is named beyond a comma.
fn vocative(scan: &Scan<'_>, item: &Item) -> bool {
    !matches!(
        scan.lower(item.start, item.end),
        "я" | "от" | "для" | "с" | "со" | "у" | "к" | "ко" | "про" | "через"
    )
}

/// The name in the row of capitalised words at `at`.
fn found(scan: &Scan<'_>, items: &[Item], at: usize) -> Option<(Range<usize>, Verdict)> {
    let first = items.get(at)?;
    if first.form == Form::Lower {
        return small(items, at);
    }
    if !starts(first) {
        return None;
    }
    let mut end = at + 1;
    while let Some(next) = items.get(end)
        && end - at < MOST
        && next.glued
    {
        scan.spend(1);
        let loose = next.is(LOOSE) && next.title() && !bars(items, end);
        if !(starts(next) || loose || particle(items, end)) {
            break;
        }
        end += 1;
    }
    let row = items.get(at..end)?;
    let (part, verdict) = judge(items, at, row)?;
    Some((at + part.start..at + part.end, verdict))
}

/// A small word inside a name: "фон" before a capital, "оглы".
fn particle(items: &[Item], at: usize) -> bool {
    items.get(at).is_some_and(|item| {
        let capital = || items.get(at + 1).is_some_and(|i| i.title() && i.glued);
        item.form == Form::Lower && (item.is(PATRONYMIC) || item.is(PARTICLE) && capital())
    })
}

/// Whether a word ends the name before it: a plain one, unless it is so by its beginning alone and
/// stands after a given name.
fn bars(items: &[Item], at: usize) -> bool {
    let named = || {
        { at.checked_sub(1) }
            .and_then(|n| items.get(n))
            .is_some_and(|i| i.is(GIVEN))
    };
    items
        .get(at)
        .is_none_or(|i| i.is(PLAIN) && !(i.is(LOOSE) && i.title() && named()))
}

/// Whether a word may be part of a name by its form.
fn starts(item: &Item) -> bool {
    !item.latin && !item.is(PLAIN) && matches!(item.form, Form::Title | Form::Upper | Form::Initial)
}

/// What of a row of capitalised words is a name.
fn judge(items: &[Item], at: usize, row: &[Item]) -> Option<(Range<usize>, Verdict)> {
    let row = one(row);
    let any = |traits| row.iter().any(|i| i.is(traits));
    let surnames = any(SURNAME | WEAK);
    let initials = row.iter().any(|i| i.form == Form::Initial);
    let several = row.len() > 1;
    let anchor = if any(GIVEN | PATRONYMIC) {
        GIVEN | PATRONYMIC
    } else if several && any(RARE) && (surnames || row.iter().filter(|i| i.title()).count() > 1) {
        RARE
    } else if several && any(WORD) && (surnames || row.iter().all(Item::title)) {
        WORD
    } else if several && initials && row.iter().any(|i| i.title() || i.is(SURNAME | WEAK)) {
        0
    } else {
        return alone(items, at, row);
    };
    let kept = |item: &&Item| {
        item.form == Form::Initial
            || item.is(NAMELIKE | PARTICLE)
            || (item.title() && !item.opens && several)
    };
    let start = row.iter().position(|i| kept(&i))?;
    let end = start + row.iter().skip(start).take_while(kept).count();
    let part = row.get(start..end)?;
    let holds = part
        .iter()
        .any(|i| anchor == 0 && i.form == Form::Initial || i.is(anchor));
    let verdict = if anchor == 0 { INITIALS } else { BESIDE };
    holds.then_some((start..end, verdict))
}

/// The row up to where another name begins: "пресс-секретарь Путина | Дмитрий Песков".
fn one(row: &[Item]) -> &[Item] {
    let cut = (1..row.len()).find(|n| another(row, *n, false));
    { row.get(..cut.unwrap_or(row.len())) }.unwrap_or(row)
}

/// Whether a given name after a surname begins another name: its own surname follows.
/// `strict`: what stands before must end as surnames do.
fn another(items: &[Item], at: usize, strict: bool) -> bool {
    let is = |n: usize, what: fn(&Item) -> bool| items.get(n).is_some_and(|i| i.title() && what(i));
    let before = at.checked_sub(1);
    before.is_some_and(|n| {
        is(n, |i| !i.is(ANY_GIVEN)) && (!strict || is(n, |i| i.is(SURNAME | WEAK)))
    }) && is(at, |i| i.is(ANY_GIVEN))
        && is(at + 1, |i| i.glued && !i.is(GIVEN | PATRONYMIC))
}

/// A row without anything that says it is a name: one that may be.
fn alone(items: &[Item], at: usize, row: &[Item]) -> Option<(Range<usize>, Verdict)> {
    let said = |n: Option<usize>| n.and_then(|n| items.get(n)).is_some_and(|i| i.is(SAY));
    // "…, — отметил Хоермаер."
    let quoted = { at.checked_sub(2) }
        .and_then(|n| items.get(n))
        .is_some_and(|i| i.form == Form::Sign);
    if quoted && row.len() == 1 && row.iter().all(Item::title) && said(at.checked_sub(1)) {
        return Some((0..1, SURNAMED));
    }
    let (n, item) = { row.iter().enumerate() }.find(|(_, i)| i.title() && i.is(NAMELIKE))?;
    if item.is(QUOTED) {
        return None;
    }
    let here = at + n;
    let says = said(here.checked_sub(1)) || said(Some(here + 1));
    let whole = { items.get(here + 1) }.is_none_or(|i| i.opens) && item.opens;
    let weak = item.is(WEAK) && says || item.is(ENDS_IN);
    if item.is(SURNAME) && (says || whole || !item.opens) || weak && (says || !item.opens) {
        return Some((n..n + 1, SURNAMED));
    }
    let called = items
        .get(here + 1)
        .is_some_and(|i| i.form == Form::Sign && !i.glued);
    let word = item.is(WORD | RARE) && (!item.opens || says || called && item.is(WORD));
    word.then_some((n..n + 1, PERHAPS))
}

/// A given name and a surname or patronymic in small letters.
fn small(items: &[Item], at: usize) -> Option<(Range<usize>, Verdict)> {
    let (first, second) = (items.get(at)?, items.get(at + 1)?);
    let pair = second.form == Form::Lower && second.glued;
    let plain = first.is(PLAIN) || second.is(PLAIN);
    let fits = |a: &Item, b: &Item| a.is(GIVEN) && b.is(SURNAME | PATRONYMIC);
    if !pair || plain || !(fits(first, second) || fits(second, first)) {
        return None;
    }
    let third = items.get(at + 2).is_some_and(|i| {
        i.form == Form::Lower && i.glued && i.is(PATRONYMIC | SURNAME | GIVEN) && !i.is(PLAIN)
    });
    Some((at..at + 2 + usize::from(third), BESIDE))
}

#[cfg(test)]
mod tests;
