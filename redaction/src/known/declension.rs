//! A Russian name in all its cases, as skeletons.
//!
//! The endings are data (`data/declension.tsv`), from the regular declensions of Russian grammar;
//! names whose stem changes are listed here. Both genders of a surname are formed, for the same
//! letters are a case of one and another gender of the other.

use super::skeleton::extend;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// The nominative of names with a fleeting vowel, and their stem in other cases.
const FLEETING: &[(&str, &str)] = &[("pavel", "pavl"), ("lev", "lv"), ("piotr", "petr")];

/// All forms of a name whose skeleton is `nominative`, that one first.
pub(super) fn cases(nominative: &str) -> Vec<Zeroizing<String>> {
    let mut out = vec![Zeroizing::new(nominative.to_owned())];
    let put = |stem: &str, endings: &[&str], out: &mut Vec<Zeroizing<String>>| {
        for ending in endings {
            let mut form = Zeroizing::new(String::with_capacity(stem.len() + 6));
            form.push_str(stem);
            extend(&mut form, ending.trim_start_matches('-'));
            if !out.contains(&form) {
                out.push(form);
            }
        }
    };
    if let Some((_, stem)) = FLEETING.iter().find(|(name, _)| *name == nominative) {
        put(stem, &["a", "u", "om", "em", "e"], &mut out);
        return out;
    }
    let pattern = PATTERNS.iter().find_map(|(ending, endings)| {
        let stem = nominative.strip_suffix(ending)?;
        (stem.chars().count() >= 2 || stem == nominative).then_some((stem, endings))
    });
    if let Some((stem, endings)) = pattern {
        put(stem, endings, &mut out);
    }
    out
}

/// The lines of the table: the nominative's ending, the endings of all cases.
static PATTERNS: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    include_str!("data/declension.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(ending, all)| (ending.trim_start_matches('-'), all.split(' ').collect()))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::super::skeleton::{Reading, skeleton};
    use super::cases;

    fn is_form(name: &str, word: &str) -> bool {
        let word = skeleton(&word.to_lowercase(), Reading::Plain);
        cases(&skeleton(&name.to_lowercase(), Reading::Plain)).contains(&word)
    }

    #[test]
    fn names_in_their_cases() {
        for (name, words) in [
            ("Иван", "Ивана Ивану Иваном Иване Ivan Ivanu"),
            ("Петрова", "Петровой Петрову Petrova Petrovoy"),
            ("Петров", "Петрова Петровым Петрове Petrov Petrovu"),
            ("Алексей", "Алексея Алексею Алексеем Aleksey Alexey Alexei"),
            ("Дмитрий", "Дмитрия Дмитрием Dmitry Dmitriya Dmitriem"),
            ("Мария", "Марии Марию Марией Maria Mariya"),
            ("Илья", "Ильи Илье Илью Ильёй Ilya"),
            ("Зоя", "Зои Зое Зою Зоей"),
            ("Достоевский", "Достоевского Достоевскому Dostoevsky"),
            ("Достоевская", "Достоевской Достоевскую"),
            ("Толстой", "Толстого Толстому Tolstoy"),
            ("Павел", "Павла Павлу Павлом Pavel"),
            ("Лев", "Льва Льву Львом"),
            ("Пётр", "Петра Петру Петром"),
            ("Фёдор", "Федора Фёдором Fedor"),
            ("Кузнец", "Кузнецу Кузнеца"),
            ("Любовь", "Любови Любовью"),
            ("Сергей", "Сергее Сергеем Сергея"),
            ("Ольга", "Ольги Ольге Ольгой"),
            ("Julia", "Юлия Юлии Юлией"),
            ("Petrov", "Петров Петрову Петровым"),
        ] {
            for word in words.split_whitespace() {
                assert!(is_form(name, word), "{name}: {word}");
            }
        }
    }

    #[test]
    fn other_names_are_no_cases() {
        for (name, word) in [
            ("Иван", "Иванович"),
            ("Иван", "Иванова"),
            ("Роман", "Романс"),
            ("Петров", "Петр"),
            ("Марина", "Мария"),
        ] {
            assert!(!is_form(name, word), "{name}: {word}");
        }
    }
}
