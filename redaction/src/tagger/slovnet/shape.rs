//! The shape of a word, as the network numbers it.

/// How many shapes there are.
pub(super) const COUNT: usize = 66;

const PUNCTS: &str = "!#$%&()[]\\/*+,.:;<=>?@^_{|}~-‐−‒⁃–—―`\"'«»„“ʼʻ”№…";
const RUSSIAN: usize = 1;
const ENGLISH: usize = 8;
const PUNCT: usize = 15;
const PUNCT_OTHER: usize = 63;
const NUMBER: usize = 64;
const OTHER: usize = 65;

/// The number of `word`'s shape: alphabet and capitals, the sign itself, a number, or neither.
pub(super) fn id(word: &str) -> usize {
    let mut chars = word.chars();
    let Some(first) = chars.next() else {
        return OTHER;
    };
    let second = chars.next();
    match first {
        'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => RUSSIAN + outline(word),
        'a'..='z' | 'A'..='Z' => ENGLISH + outline(word),
        _ if first.is_ascii_digit() => NUMBER,
        '+' | '-' if second.is_some_and(|c| c.is_ascii_digit()) => NUMBER,
        _ => match PUNCTS.chars().position(|c| c == first) {
            Some(at) if second.is_none() => PUNCT + at,
            Some(_) => PUNCT_OTHER,
            None => OTHER,
        },
    }
}

/// X, x, XX, xx, Xx, Xx-Xx, other.
fn outline(word: &str) -> usize {
    let upper = word.chars().any(char::is_uppercase);
    let lower = word.chars().any(char::is_lowercase);
    if word.chars().nth(1).is_none() {
        return usize::from(!upper);
    }
    match (upper, lower) {
        (true, false) => 2,
        (false, true) => 3,
        _ if is_title(word) => 4,
        _ => {
            let both = |(left, right)| is_title(left) && is_title(right);
            if word.split_once('-').is_some_and(both) {
                5
            } else {
                6
            }
        }
    }
}

fn is_title(word: &str) -> bool {
    let mut chars = word.chars();
    let first = chars.next().is_some_and(char::is_uppercase);
    let rest = chars.as_str();
    first && rest.chars().any(char::is_lowercase) && !rest.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::{COUNT, PUNCTS, id};

    #[test]
    fn shapes_in_the_network_s_order() {
        for (word, shape) in [
            ("А", 1),
            ("а", 2),
            ("РФ", 3),
            ("дом", 4),
            ("Дом", 5),
            ("Анна-Мария", 6),
            ("ПриВет", 7),
            ("СИЗО-6", 3),
            ("X", 8),
            ("Bob", 12),
            ("iPhone", 14),
            ("!", 15),
            ("…", 62),
            ("...", 63),
            ("2011-2020", 64),
            ("-5", 64),
            ("Δ", 65),
            ("", 65),
        ] {
            assert_eq!(id(word), shape, "{word}");
        }
        assert_eq!(15 + PUNCTS.chars().count() + 3, COUNT);
    }
}
