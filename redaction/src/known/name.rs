//! A known name in its cases and alphabets.
//!
//! A part of a name becomes a stem and the endings that Russian declension allows after it, both
//! as skeletons ([`super::skeleton`]); a word of the text is a mention if it is the stem and one
//! of the endings. Endings are taken in Cyrillic text, and in Latin text for a name that is
//! itself Russian ("Petrovoy"). Source: the regular declensions of names in Russian grammar;
//! words with a fleeting vowel ([`FLEETING`]) are listed.
//! Limits: diminutives and patronymics from a first name are not formed; plurals of families only
//! where they agree with another case.

use super::skeleton::skeleton;

/// A stem with its endings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stem {
    root: String,
    endings: &'static [&'static str],
    /// The name as given is Russian.
    russian: bool,
    /// The whole skeleton as given.
    whole: String,
}

/// The shortest stem that may take an ending.
const SHORTEST: usize = 3;

/// The stems of one part of a name, in lower case.
pub(super) fn stems(part: &str) -> Vec<Stem> {
    let russian = part.chars().any(|c| ('а'..='ё').contains(&c));
    let mut out: Vec<Stem> = Vec::new();
    for soft in [false, true] {
        let whole = skeleton(part, soft);
        let mut put = |stem: &str, endings| {
            let fits = stem.chars().count() >= SHORTEST;
            let stem = Stem {
                root: if fits { stem } else { whole.as_str() }.to_owned(),
                endings: if fits { endings } else { &[""] },
                russian,
                whole: whole.clone(),
            };
            if !out.contains(&stem) {
                out.push(stem);
            }
        };
        if let Some((_, oblique)) = FLEETING.iter().find(|(name, _)| *name == whole) {
            put(oblique, CONSONANT);
            put(&whole, &[""]);
        } else if let Some(stem) = whole.strip_suffix("ia") {
            put(stem, SOFT);
            // After a vowel the `i` belongs to both.
            let long = stem.chars().count() >= SHORTEST;
            put(
                &format!("{stem}i"),
                if long { AFTER_I } else { AFTER_SHORT },
            );
        } else if let Some(stem) = whole.strip_suffix('a') {
            put(stem, HARD);
        } else if let Some(stem) = whole.strip_suffix("oi") {
            put(stem, ADJECTIVE);
        } else if let Some(stem) = whole.strip_suffix('i') {
            put(stem, SHORT_I);
        } else if whole.ends_with(['o', 'e', 'u']) {
            put(&whole, &[""]);
        } else {
            put(&whole, CONSONANT);
        }
    }
    out
}

impl Stem {
    /// Whether the word of this skeleton is a mention; `cyrillic` says in what alphabet it stands.
    pub(super) fn fits(&self, word: &str, cyrillic: bool) -> bool {
        if word == self.whole {
            return true;
        }
        (cyrillic || self.russian)
            && word
                .strip_prefix(self.root.as_str())
                .is_some_and(|ending| self.endings.contains(&ending))
    }
}

/// Анна: Анны, Анне, Анну, Анной.
const HARD: &[&str] = &["a", "i", "e", "u", "oi", "oiu"];
/// Таня: Тани, Тане, Таню, Таней.
const SOFT: &[&str] = &["ia", "i", "e", "ie", "iu", "ei", "eiu", "iei"];
/// Мария: Марии, Марию, Марией.
const AFTER_I: &[&str] = &["", "a", "u", "ei", "eiu", "iu", "e"];
/// Илья: Илье, Илью.
const AFTER_SHORT: &[&str] = &["a", "e", "u", "ei"];
/// Иван: Ивана, Ивану, Иваном, Иване; Петров: Петрова, Петровым, Петровой.
const CONSONANT: &[&str] = &[
    "", "a", "u", "om", "em", "e", "im", "oi", "i", "ih", "ia", "iu", "iem",
];
/// Алексей: Алексея, Алексею; Достоевский: Достоевского, Достоевской.
const SHORT_I: &[&str] = &[
    "i", "ia", "iu", "em", "iem", "e", "ie", "ogo", "omu", "im", "om", "aia", "oi", "uiu", "ih",
    "ego", "emu",
];
/// Толстой: Толстого, Толстому.
const ADJECTIVE: &[&str] = &[
    "oi", "ogo", "omu", "im", "om", "aia", "uiu", "ih", "oia", "oiu", "oem", "oe",
];

/// Skeleton of the nominative, stem of the other cases.
const FLEETING: &[(&str, &str)] = &[
    ("pavel", "pavl"),
    ("lev", "lv"),
    ("petr", "petr"),
    ("piotr", "petr"),
];

#[cfg(test)]
mod tests {
    use super::{skeleton, stems};

    fn mentions(name: &str, word: &str) -> bool {
        let lower = word.to_lowercase();
        let cyrillic = lower.chars().any(|c| ('а'..='ё').contains(&c));
        stems(&name.to_lowercase()).iter().any(|s| {
            s.fits(&skeleton(&lower, false), cyrillic) || s.fits(&skeleton(&lower, true), cyrillic)
        })
    }

    #[test]
    fn cases_and_alphabets() {
        for (name, words) in [
            ("Иван", "Ивана Ивану Иваном Иване Ivan Ivanu"),
            ("Петрова", "Петровой Петрову Petrova Petrovoy"),
            ("Петров", "Петрова Петровым Петрове Petrov Petrovu"),
            ("Алексей", "Алексея Алексею Алексеем Aleksey Alexey Alexei"),
            ("Дмитрий", "Дмитрия Дмитрием Dmitry Dmitriya Dmitriem"),
            ("Мария", "Марии Марию Марией Maria Mariya"),
            ("Илья", "Илья Ilya Iliya"),
            (
                "Достоевский",
                "Достоевского Достоевскому Достоевской Dostoevsky Dostoyevsky",
            ),
            ("Толстой", "Толстого Толстому Tolstoy"),
            ("Павел", "Павла Павлу Павлом Pavel"),
            ("Фёдор", "Федора Фёдором Fyodor Fedor"),
            ("Julia", "Юлия Юлии Юлией"),
            ("Ivan Petrov", ""),
            ("Petrov", "Петров Петрову Петровым"),
        ] {
            for word in words.split_whitespace() {
                assert!(mentions(name, word), "{name}: {word}");
            }
        }
    }

    #[test]
    fn other_names_and_words_pass() {
        for (name, word) in [
            ("Иван", "Иванов"),
            ("Иван", "Иванович"),
            ("Mark", "Marka"),
            ("Anna", "Anne"),
            ("Илья", "Или"),
            ("Роман", "Романс"),
            ("Петров", "Петр"),
        ] {
            assert!(!mentions(name, word), "{name}: {word}");
        }
    }
}
