//! Postal addresses of many countries, by their grammar.
//!
//! A core that cannot well be anything else ([`anchor`]): a house number with a street's name and
//! word in either order ("14 Crown Street", "Hauptstraße 12", "ул. Ленина, д. 5"), a box or a unit,
//! the armed forces' post; without such a word a number, a name and a number where an announcement
//! stands before or a unit, a town or a country after. Then what goes on with it, to either side:
//! units, towns, regions, postcodes, countries, further lines.
//! Sources: UPU S42's order of parts, national street words ([`item`], `postal/word.txt`), lists of
//! towns and countries (`lexicon.rs`).
//! Near misses that must not fire: a town or a country alone ("I live in Berlin"), amounts, dates,
//! order ids, versions.
//! Limits: no address without a number but a street corner; no scripts but Latin, Greek, Cyrillic;
//! no words for numbers.

mod anchor;
mod item;
mod numbered;

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};
use anchor::{anchor, comma, line, near, unit};
use item::{Item, Role, items};
use std::ops::Range;

/// The most items one address goes on for after its core, and before.
const AHEAD: usize = 16;
const BACK: usize = 6;

/// Whether a word in small letters may be part of an address by itself.
pub(crate) fn plays(scan: &Scan<'_>, token: &Token) -> bool {
    let role = item::role(scan, token);
    !matches!(role, Role::Small | Role::Other | Role::WeakStreet)
        || matches!(
            scan.lower(token.start, token.end),
            "post" | "office" | "corner"
        )
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if !scan.bytes().iter().any(u8::is_ascii_digit) {
        return;
    }
    let items = items(scan);
    let (mut at, mut floor) = (0, 0);
    while at < items.len() {
        let told = || told(scan, &items, at);
        // A row of numbers is walked once.
        let dense = (at..at + 3).all(|n| items.get(n).is_none_or(|i| i.digits > 0));
        let candidate = !dense
            && items
                .get(at)
                .is_some_and(|i| !matches!(i.role, Role::Small | Role::Post | Role::Other));
        let corner = corner(scan, &items, at);
        let core = corner.or_else(|| {
            if candidate {
                anchor(scan, &items, at, told())
            } else {
                None
            }
        });
        let Some(core) = core else {
            at += 1;
            continue;
        };
        let first = back(scan, &items, at, floor);
        let last = ahead(scan, &items, core);
        let sure = told();
        for part in lines(scan, &items, first, last) {
            hits.push(Hit {
                start: part.start,
                end: part.end,
                kind: Kind::Address,
                detector: "postal",
                confidence: if sure || last > core {
                    Confidence::Likely
                } else {
                    Confidence::Possible
                },
                reason: if sure {
                    "after an announcement"
                } else {
                    "the grammar of an address"
                },
                canonical: None,
            });
        }
        at = last + 1;
        floor = at;
    }
}

/// The address, line by line where marks of quotation stand between, which are no part of it.
fn lines(scan: &Scan<'_>, items: &[Item], first: usize, last: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let inside = items.get(first..=last).unwrap_or_default();
    let Some(mut start) = inside.first().map(|i| lead(scan, i.start)) else {
        return out;
    };
    for (a, b) in inside.iter().zip(inside.iter().skip(1)) {
        if scan.slice(a.end, b.start).contains(['>', '|', '?']) {
            out.push(start..a.end);
            start = b.start;
        }
    }
    out.extend(inside.last().map(|i| start..i.end));
    out
}

/// "P.O." before "Box".
fn lead(scan: &Scan<'_>, start: usize) -> usize {
    let corner = scan.lower(start, start + 9) == "corner of";
    for form in ["the ", "p.o. ", "p.o ", "po ", "p. o. ", "post office "] {
        if let Some(at) = start.checked_sub(form.len())
            && scan.lower(at, start) == form
            && (form == "the ") == corner
        {
            return at;
        }
    }
    start
}

/// "Corner of Dalbraut 99 and Frederikke Coves".
fn corner(scan: &Scan<'_>, items: &[Item], at: usize) -> Option<usize> {
    let word = |n: usize| {
        items
            .get(n)
            .map_or("", |i: &Item| scan.lower(i.start, i.end))
    };
    if !(word(at) == "corner" && word(at + 1) == "of") {
        return None;
    }
    let (mut last, mut street, mut and) = (None, false, false);
    for n in at + 2..at + 14 {
        scan.spend(2);
        let Some(item) = items.get(n).filter(|_| near(scan, items, n - 1)) else {
            break;
        };
        match item.role {
            Role::Small => and |= word(n) == "and",
            Role::Number | Role::Before | Role::Street | Role::WeakStreet => street = true,
            Role::Name | Role::Place if item.capital => {}
            Role::Other if !item.plain && item.digits == 0 => continue,
            Role::Post
            | Role::Name
            | Role::Place
            | Role::Unit
            | Role::Part
            | Role::Town
            | Role::Force
            | Role::Ship
            | Role::Other => break,
        }
        if item.role != Role::Small {
            last = Some(n);
        }
    }
    last.filter(|_| street && and)
}

/// Whether an announcement stands right before item `at`.
fn told(scan: &Scan<'_>, items: &[Item], at: usize) -> bool {
    let Some(item) = items.get(at) else {
        return false;
    };
    let mut start = item.start;
    let mut phrase = String::new();
    for n in 1..=3 {
        let Some(before) = at.checked_sub(n).and_then(|n| items.get(n)) else {
            return false;
        };
        scan.spend(4);
        let between = scan.slice(before.end, start);
        let tie = between.len() <= 4
            && between
                .chars()
                .all(|c| matches!(c, ' ' | ':' | '\n' | '-' | '\'' | '’' | ',' | '?'));
        if !tie || before.end - before.start > 40 {
            return false;
        }
        let part = scan.lower(before.start, before.end);
        phrase = if n == 1 {
            part.to_owned()
        } else {
            format!("{part} {phrase}")
        };
        if item::cue(&phrase) {
            return true;
        }
        start = before.start;
    }
    false
}

/// The last item that goes on with the address after `core`.
fn ahead(scan: &Scan<'_>, items: &[Item], core: usize) -> usize {
    let (mut last, mut at, mut lines) = (core, core, 0);
    while at < core + AHEAD {
        scan.spend(3);
        let broken = line(scan, items, at);
        let postcode = lines > 0
            && items.get(at + 1).is_some_and(|i| {
                i.role == Role::Place || i.role == Role::Number && (4..=6).contains(&i.digits)
            });
        if broken && (lines > 4 || !(postcode || whole_line(scan, items, at + 1))) {
            break;
        }
        lines += usize::from(broken);
        if !(broken || near(scan, items, at) || comma(scan, items, at) || bracket(scan, items, at))
        {
            break;
        }
        let Some(item) = items.get(at + 1) else { break };
        if let Some(end) = unit(scan, items, at + 1)
            && matches!(item.role, Role::Unit | Role::Part)
        {
            (at, last) = (end, end);
            continue;
        }
        match item.role {
            Role::Number | Role::Place | Role::Force => last = at + 1,
            Role::Street | Role::Before | Role::WeakStreet | Role::Name
                if item.capital && item.end - item.start > 1 =>
            {
                last = at + 1;
            }
            Role::Post if item.end - item.start > 5 => last = at + 1,
            Role::Post if half(scan, items, at + 2) => last = at + 2,
            // "H-6112".
            Role::Name if item.capital && scan.byte(item.end) == Some(b'-') => {}
            // A town's district, a state: "København V", "Oulu NO".
            Role::Name | Role::Part | Role::Small
                if item.capital && closes(scan, items, at + 1) =>
            {
                last = at + 1;
            }
            // One word of no list between parts: a region nobody knows.
            Role::Other
                if !item.plain
                    && item.digits == 0
                    && at == last
                    && scan.byte(item.start).is_some_and(|b| b.is_ascii())
                    && items
                        .get(at + 2)
                        .is_some_and(|i| matches!(i.role, Role::Number | Role::Place)) => {}
            // "Frankfurt am Main", not "5 since 2019".
            Role::Small if items.get(at + 2).is_some_and(|i| i.role != Role::Number) => {}
            Role::Town | Role::Street | Role::Before => {}
            Role::Post
            | Role::Name
            | Role::WeakStreet
            | Role::Unit
            | Role::Part
            | Role::Ship
            | Role::Small
            | Role::Other => break,
        }
        at = last.max(at + 1);
    }
    last
}

/// Whether item `n` is two letters at most, in capitals, and the last of its line or sentence.
fn closes(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    items.get(n).is_some_and(|i| {
        let text = scan.slice(i.start, i.end);
        let next = scan.char_after(i.end);
        text.chars().count() <= 2
            && text.chars().all(char::is_uppercase)
            && text != "I"
            && next.is_none_or(|c| matches!(c, '.' | ',' | ';' | '\n' | '\r' | ')' | '"'))
    })
}

/// "Cyprus (Greek)".
fn bracket(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    let pair = items.get(n).zip(items.get(n + 1));
    pair.is_some_and(|(a, b)| matches!(scan.slice(a.end, b.start), " (" | ") "))
}

/// The second half of a postcode: "1AA", "1A1".
fn half(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    items
        .get(n)
        .filter(|_| near(scan, items, n - 1))
        .is_some_and(|i| {
            let text = scan.slice(i.start, i.end);
            let code = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
            text.len() == 4 && text.bytes().all(code) && i.digits > 0
                || text.len() == 3
                    && text.starts_with(|c: char| c.is_ascii_digit())
                    && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
}

/// Whether the line from item `first` on holds nothing but parts of an address.
fn whole_line(scan: &Scan<'_>, items: &[Item], first: usize) -> bool {
    for n in first..first + 7 {
        scan.spend(2);
        let Some(item) = items.get(n) else {
            return n > first;
        };
        let fits = match item.role {
            Role::Number
            | Role::Post
            | Role::Place
            | Role::Unit
            | Role::Part
            | Role::Force
            | Role::Town
            | Role::Small => true,
            Role::Street | Role::WeakStreet | Role::Before | Role::Name | Role::Ship => {
                item.capital
            }
            Role::Other => !item.plain && item.digits == 0 && n > first,
        };
        if !fits {
            return false;
        }
        // A postcode says enough of a line that goes on.
        let told =
            item.role == Role::Number && (4..=6).contains(&item.digits) || item.role == Role::Post;
        let town = |n: usize| items.get(n).is_some_and(Item::named);
        let split =
            item.digits == 3 && items.get(n + 1).is_some_and(|i| i.digits == 2) && town(n + 2);
        if told && (n > first || town(n + 1)) || split {
            return true;
        }
        let next = items.get(n + 1).map_or(scan.len(), |i| i.start);
        let between = scan.slice(item.end, next);
        if between.contains('\n') || n + 1 == items.len() {
            return true;
        }
        let tied = near(scan, items, n) || comma(scan, items, n) || bracket(scan, items, n);
        if !tied {
            // The sentence ends with the address.
            return between.starts_with(['.', '?', '!', ')', '"']);
        }
    }
    false
}

/// The first item that belongs to the address before its core.
fn back(scan: &Scan<'_>, items: &[Item], core: usize, floor: usize) -> usize {
    let (mut first, mut at) = (core, core);
    while at > floor && core - at < BACK {
        scan.spend(3);
        let n = at - 1;
        let Some(item) = items.get(n) else { break };
        let tied = near(scan, items, n) || comma(scan, items, n) || line(scan, items, n);
        if !tied {
            break;
        }
        let cyrillic = scan
            .byte(item.start)
            .is_some_and(|b| matches!(b, 0xd0 | 0xd1));
        match item.role {
            Role::Number => {
                let unit = n
                    .checked_sub(1)
                    .filter(|u| *u >= floor && items.get(*u).is_some_and(|i| i.role == Role::Unit));
                at = unit.unwrap_or(n);
                first = at;
                continue;
            }
            Role::Place if item.capital && comma(scan, items, n) => first = n,
            Role::Name
                if cyrillic && item.capital && (comma(scan, items, n) || near(scan, items, n)) =>
            {
                first = n;
            }
            Role::Town => first = n,
            Role::Unit
                if near(scan, items, n)
                    && items.get(at).is_some_and(|i| i.role == Role::Number) =>
            {
                first = n;
            }
            Role::Post
            | Role::Name
            | Role::Place
            | Role::Street
            | Role::WeakStreet
            | Role::Before
            | Role::Unit
            | Role::Part
            | Role::Force
            | Role::Ship
            | Role::Small
            | Role::Other => break,
        }
        at = n;
    }
    first
}

#[cfg(test)]
#[path = "postal/tests.rs"]
mod tests;
