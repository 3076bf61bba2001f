//! What stands beside a name, as weights: `cue.txt`, compiled once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The most words of one phrase.
pub(super) const LONGEST: usize = 4;

/// The weight of `phrase` right before a name.
pub(super) fn before(phrase: &str) -> Option<i32> {
    TABLE.before.get(phrase).copied()
}

/// The weight of `phrase` right after a name.
pub(super) fn after(phrase: &str) -> Option<i32> {
    TABLE.after.get(phrase).copied()
}

/// Whether this is a company, product or event although it reads like a person.
pub(super) fn never(phrase: &str) -> bool {
    TABLE.never.contains(phrase)
}

/// Whether a word with a capital is a title or one of grammar, and no part of a name.
pub(super) fn grammar(word: &str) -> bool {
    TABLE.grammar.contains(word)
}

/// Whether a surname far more often is a verb or a word of grammar.
pub(super) fn everyday(word: &str) -> bool {
    TABLE.everyday.contains(word)
}

/// Whether a small word may stand inside a name.
pub(super) fn particle(word: &str) -> bool {
    TABLE.particle.contains(word)
}

/// Whether a word is German grammar.
pub(super) fn german(word: &str) -> bool {
    TABLE.german.contains(word)
}

#[derive(Default)]
struct Table {
    before: HashMap<&'static str, i32>,
    after: HashMap<&'static str, i32>,
    never: HashSet<&'static str>,
    grammar: HashSet<&'static str>,
    everyday: HashSet<&'static str>,
    particle: HashSet<&'static str>,
    german: HashSet<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in include_str!("cue.txt").lines() {
        let (name, rest) = line.split_once(' ').unwrap_or_default();
        let list = match name {
            "never" => Some(&mut table.never),
            "grammar" => Some(&mut table.grammar),
            "everyday" => Some(&mut table.everyday),
            "particle" => Some(&mut table.particle),
            "german" => Some(&mut table.german),
            _ => None,
        };
        if let Some(list) = list {
            list.extend(rest.split(',').map(str::trim));
            continue;
        }
        let mut parts = line.splitn(3, ' ');
        let (Some(side), Some(weight), Some(phrases)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let (side, Ok(weight)) = (side, weight.parse()) else {
            continue;
        };
        let into = match side {
            "before" => &mut table.before,
            "after" => &mut table.after,
            _ => continue,
        };
        for phrase in phrases.split(',').map(str::trim) {
            into.entry(phrase).or_insert(weight);
        }
    }
    table
});

#[cfg(test)]
mod tests {
    use super::{LONGEST, TABLE, after, before};

    #[test]
    fn every_line_is_read_and_no_phrase_is_too_long() {
        assert!(TABLE.before.len() > 200 && TABLE.after.len() > 100);
        for phrase in TABLE.before.keys().chain(TABLE.after.keys()) {
            assert!(phrase.split(' ').count() <= LONGEST, "{phrase}");
        }
        assert_eq!((before("my name is"), after("said")), (Some(8), Some(5)));
    }
}
