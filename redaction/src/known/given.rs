//! Given names that stand for one another: full forms, short ones, fond ones.
//!
//! The list is closed and data (`data/given.txt`), in English and Russian and across them:
//! Александр is Саша, Шура, Alex. Limits: what is not in the list is not a short form.

use super::skeleton::{Reading, digest, is_cyrillic, skeleton};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A name of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// Its skeleton.
    pub(super) skeleton: String,
    /// Written in Cyrillic, and so with cases.
    pub(super) cyrillic: bool,
}

/// The other names of whom `skeleton` is a given name of; none if it is not in the list.
pub(super) fn others(skeleton: &str) -> Vec<&'static Given> {
    let lines = BOOK.lines.get(&digest(skeleton));
    lines
        .into_iter()
        .flatten()
        .filter_map(|line| BOOK.names.get(*line))
        .flatten()
        .filter(|given| given.skeleton != skeleton)
        .collect()
}

struct Book {
    names: Vec<Vec<Given>>,
    /// For the digest of a skeleton, the lines it stands in.
    lines: HashMap<u64, Vec<usize>>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book {
        names: Vec::new(),
        lines: HashMap::new(),
    };
    for line in include_str!("data/given.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        let mut names: Vec<Given> = Vec::new();
        for word in line.split_whitespace() {
            let word = word.to_lowercase();
            for reading in [Reading::Plain, Reading::Other] {
                if reading == Reading::Other && !word.contains('ё') {
                    continue;
                }
                let given = Given {
                    skeleton: skeleton(&word, reading).to_string(),
                    cyrillic: word.chars().any(is_cyrillic),
                };
                if names.iter().all(|n| n.skeleton != given.skeleton) {
                    let lines = book.lines.entry(digest(&given.skeleton)).or_default();
                    if lines.last() != Some(&book.names.len()) {
                        lines.push(book.names.len());
                    }
                    names.push(given);
                }
            }
        }
        book.names.push(names);
    }
    book
});

#[cfg(test)]
mod tests {
    use super::others;

    fn has(name: &str, other: &str) -> bool {
        others(name).iter().any(|g| g.skeleton == other)
    }

    #[test]
    fn short_forms_go_both_ways() {
        assert!(has("aleksandr", "sawa"));
        assert!(has("sawa", "aleksandra"));
        assert!(has("viliam", "bil"));
        assert!(has("bil", "viliam"));
        assert!(others("mbeki").is_empty());
    }
}
