//! The core of an address: what cannot well be anything else.

use super::super::super::scan::Scan;
use super::item::{Item, Role};
use super::numbered::numbered;

/// The most words of a street's name.
pub(super) const NAME: usize = 6;

/// The last item of the core that begins at `first`, if one does. `told`: an announcement stands before.
pub(super) fn anchor(scan: &Scan<'_>, items: &[Item], first: usize, told: bool) -> Option<usize> {
    let item = items.get(first)?;
    scan.spend(2);
    match item.role {
        Role::Number => numbered(scan, items, first, told),
        Role::Before | Role::Street | Role::Name | Role::Place | Role::WeakStreet => {
            street_first(scan, items, first, told).or_else(|| town_line(scan, items, first))
        }
        Role::Unit => unit(scan, items, first).filter(|last| {
            let lettered =
                item.end - item.start > 2 && scan.byte(item.start).is_some_and(|b| b.is_ascii());
            lettered
                && (told || fills_line(scan, items, first, *last) || follows(scan, items, *last))
        }),
        Role::Part => boxed(scan, items, first),
        Role::Force => force(scan, items, first),
        Role::Ship => {
            let next = items.get(first + 2).filter(|i| i.role == Role::Force)?;
            (near(scan, items, first) && next.capital)
                .then(|| force(scan, items, first + 2))
                .flatten()
        }
        Role::Small | Role::Town | Role::Post | Role::Other => None,
    }
}

/// "Hauptstraße 12", "ul. Miła 53", "улица Ленина, дом 5", "Ленинский проспект, 12".
fn street_first(scan: &Scan<'_>, items: &[Item], first: usize, told: bool) -> Option<usize> {
    let (mut streets, mut names, mut firm) = (0, 0, true);
    for n in first..first + NAME {
        scan.spend(2);
        let item = items.get(n)?;
        if n > first && !(near(scan, items, n - 1) || streets > 0 && comma(scan, items, n - 1)) {
            return None;
        }
        match item.role {
            Role::Before | Role::Street => {
                let bare = !item.capital
                    && (weak_alone(scan, item) || item.role == Role::Street && names == 0);
                if bare && n > first {
                    return None;
                }
                let compound = item.end - item.start > 5 && item.capital;
                streets += 1;
                names += usize::from(compound);
            }
            Role::WeakStreet if item.capital => streets += usize::from(names > 0),
            Role::Name | Role::Place if item.capital => {
                firm &= !item.plain;
                names += 1;
            }
            Role::Other if names > 0 && foreign(items, n) => {}
            Role::Name | Role::Place | Role::Other
                if streets > 0 && item.digits == 0 && names == 0 =>
            {
                names += 1;
            }
            Role::Small if n > first => {}
            Role::Unit | Role::Part if streets > 0 && names > 0 => return unit(scan, items, n),
            Role::Number => {
                let tight = near(scan, items, n - 1) || comma(scan, items, n - 1);
                if !tight || n == first || names == 0 || item.digits > 4 {
                    return None;
                }
                if streets > 0 {
                    // Not "Ralph Branch in 1974".
                    let before = n.checked_sub(1).and_then(|n| items.get(n));
                    let loose =
                        before.is_none_or(|i| i.role == Role::Small) || year(scan, item) && !told;
                    return (!loose).then_some(n);
                }
                // "Dalmatinova 43, 1000 Ljubljana".
                let continental = postcode(scan, items, n);
                let whole = continental || told && firm && item.digits < 5 && !year(scan, item);
                return whole.then_some(n);
            }
            Role::Name
            | Role::Place
            | Role::WeakStreet
            | Role::Small
            | Role::Unit
            | Role::Part
            | Role::Post
            | Role::Town
            | Role::Force
            | Role::Ship
            | Role::Other => return None,
        }
    }
    None
}

/// Whether item `n` is an unknown small word before a street's: "Árpád fejedelem útja".
fn foreign(items: &[Item], n: usize) -> bool {
    let next = items.get(n + 1);
    let long = |i: &Item| i.end - i.start > 3;
    let unknown = items
        .get(n)
        .is_some_and(|i| i.digits == 0 && !i.plain && long(i));
    unknown && next.is_some_and(|i| !i.capital && matches!(i.role, Role::Street | Role::Number))
}

/// Whether a postcode and a town come after item `n`: "1000 Ljubljana", "661 07 Brno".
fn postcode(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    let number = |n: usize, digits: std::ops::RangeInclusive<usize>| {
        items
            .get(n)
            .is_some_and(|i| i.role == Role::Number && digits.contains(&i.digits))
    };
    let tied = comma(scan, items, n) || line(scan, items, n) || near(scan, items, n);
    let town = if number(n + 1, 4..=6) {
        n + 2
    } else if number(n + 1, 3..=3) && number(n + 2, 2..=2) && near(scan, items, n + 1) {
        n + 3
    } else {
        return false;
    };
    tied && near(scan, items, town - 1) && items.get(town).is_some_and(Item::named)
}

/// "Germany 74285" or "1010 Wien" filling a line of its own.
fn town_line(scan: &Scan<'_>, items: &[Item], first: usize) -> Option<usize> {
    let mut last = first;
    while last < first + 3
        && items
            .get(last)
            .is_some_and(|i| i.role == Role::Place || i.named())
    {
        last += 1;
    }
    let number = items.get(last)?;
    let country = items
        .get(first..last)?
        .iter()
        .any(|i| i.role == Role::Place);
    let quoted = scan
        .char_before(items.get(first)?.start)
        .is_some_and(|c| c != '\n');
    let fits = country && number.role == Role::Number && (4..=6).contains(&number.digits);
    (fits && quoted && near(scan, items, last - 1) && fills_line(scan, items, first, last))
        .then_some(last)
}

/// "Apt. 864", "кв. 5".
pub(super) fn unit(scan: &Scan<'_>, items: &[Item], first: usize) -> Option<usize> {
    let next = items.get(first + 1)?;
    let tie = scan.slice(items.get(first)?.end, next.start);
    let near = tie.len() <= 4
        && tie
            .chars()
            .all(|c| matches!(c, ' ' | '.' | '#' | '№' | ':'));
    (next.role == Role::Number && next.digits < 6 && near).then_some(first + 1)
}

/// "PO Box 12", "PSC 6293, Box 8158", "Unit 0822 Box 8858".
fn boxed(scan: &Scan<'_>, items: &[Item], first: usize) -> Option<usize> {
    let word = |n: usize| {
        items
            .get(n)
            .map_or("", |i: &Item| scan.lower(i.start, i.end))
    };
    let last = unit(scan, items, first)?;
    match word(first) {
        "box" => {
            let head = items.get(first)?.start;
            let before = scan
                .slice(head.saturating_sub(6), head)
                .to_ascii_lowercase();
            before
                .trim_end()
                .ends_with(['o', '.'])
                .then_some(last)
                .filter(|_| before.contains('p') || before.contains("o."))
        }
        "psc" | "unit" if word(last + 1) == "box" => unit(scan, items, last + 1),
        _ => None,
    }
}

/// "APO AE 25990".
fn force(scan: &Scan<'_>, items: &[Item], first: usize) -> Option<usize> {
    let area = items.get(first + 1)?;
    let number = items.get(first + 2)?;
    let known = matches!(scan.lower(area.start, area.end), "aa" | "ae" | "ap");
    (known && number.role == Role::Number && number.digits == 5 && near(scan, items, first))
        .then_some(first + 2)
}

/// Whether a unit, a town or a country comes next.
pub(super) fn follows(scan: &Scan<'_>, items: &[Item], last: usize) -> bool {
    let Some(next) = items.get(last + 1) else {
        return false;
    };
    let tied = near(scan, items, last) || comma(scan, items, last) || line(scan, items, last);
    let shouted =
        next.named() && (comma(scan, items, last) || line(scan, items, last)) && !next.plain;
    tied && (unit(scan, items, last + 1).is_some() && next.role == Role::Unit
        || next.role == Role::Place && next.capital
        || shouted)
}

/// A year is no house number after a name.
pub(super) fn year(scan: &Scan<'_>, item: &Item) -> bool {
    let text = scan.slice(item.start, item.end);
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// Two letters are a street only with a capital or a number before: "st", "av".
pub(super) fn weak_alone(scan: &Scan<'_>, item: &Item) -> bool {
    let word = scan.lower(item.start, item.end);
    !item.capital
        && !matches!(word, "rue" | "ul")
        && word.chars().count() < 4
        && scan.byte(item.start).is_some_and(|b| b.is_ascii())
        && scan.byte(item.end) != Some(b'.')
}

/// Whether only a space, or the stop of an abbreviation, stands after item `n`.
pub(super) fn near(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    let Some((a, b)) = items.get(n).zip(items.get(n + 1)) else {
        return false;
    };
    let between = scan.slice(a.end, b.start);
    matches!(between, " " | "  " | "'" | "’" | "-" | " #" | "/" | "/ ")
        || matches!(between, "." | ". ")
            && (abbreviated(scan, a)
                || a.digits > 0 && (!b.capital || scan.byte(b.end) == Some(b'-')))
}

/// Whether a full stop after `item` may be that of an abbreviation.
fn abbreviated(scan: &Scan<'_>, item: &Item) -> bool {
    match item.role {
        Role::Street | Role::WeakStreet | Role::Before | Role::Unit | Role::Part | Role::Town => {
            item.end - item.start <= 12
        }
        Role::Name | Role::Small => scan.slice(item.start, item.end).chars().count() == 1,
        Role::Number | Role::Post | Role::Place | Role::Force | Role::Ship | Role::Other => false,
    }
}

/// Whether a comma stands after item `n`.
pub(super) fn comma(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    let pair = items.get(n).zip(items.get(n + 1));
    pair.is_some_and(|(a, b)| {
        matches!(
            scan.slice(a.end, b.start),
            "," | ", " | ".," | "., " | ",  " | " - "
        )
    })
}

/// Whether one line ends after item `n`, quotation marks aside.
pub(super) fn line(scan: &Scan<'_>, items: &[Item], n: usize) -> bool {
    let Some((a, b)) = items.get(n).zip(items.get(n + 1)) else {
        return false;
    };
    let between = scan.slice(a.end, b.start);
    between.len() <= 8
        && between.matches('\n').count() == 1
        && between
            .chars()
            .all(|c| matches!(c, ' ' | '\n' | '\r' | ',' | '.' | '>' | '?' | '|' | ')'))
}

/// Whether items `first` to `last` are all of their line.
pub(super) fn fills_line(scan: &Scan<'_>, items: &[Item], first: usize, last: usize) -> bool {
    let (Some(a), Some(b)) = (items.get(first), items.get(last)) else {
        return false;
    };
    let head = scan.slice(a.start.saturating_sub(5), a.start);
    let head = head.trim_end_matches([' ', '>', '?', '|', '*', '-']);
    let tail = scan
        .ahead(b.end, 3)
        .trim_start_matches([' ', ',', '.', '\r']);
    (head.ends_with('\n') || head.is_empty()) && (tail.is_empty() || tail.starts_with('\n'))
}
