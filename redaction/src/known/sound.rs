//! What is left of a foreign name when it is written by ear: Thornton and Торнтон, Blackwood and
//! Блэквуд, Fitzgerald and Фицджеральд.
//!
//! English names are put into Cyrillic by their sound, which no table of letters undoes. Their
//! consonants survive: the key of a word is those, with what spells one sound made one, `h` and
//! `y` dropped, `z` as `s`, and a mark for a vowel in front. Source: the rules of practical
//! transcription from English to Russian (Гиляревский, Старостин), read backwards.
//! Limits: `l` before a consonant that is not said (Walker, Уокер), `h` as г (Howard, Говард);
//! four consonants at least, for shorter keys fit too much.

use super::skeleton::LONGEST;

/// The fewest consonants of a key that tells, and beside another part of the name.
pub(super) const LEAST: usize = 4;
pub(super) const LEAST_BESIDE: usize = 2;

/// The key of a lower-case word.
pub(super) fn key(word: &str) -> String {
    let letters: Vec<char> = word.chars().take(LONGEST).collect();
    let mut out = String::with_capacity(letters.len());
    let mut at = 0;
    while let Some(rest) = letters.get(at..).filter(|rest| !rest.is_empty()) {
        let (taken, sound) = GROUPS
            .iter()
            .find(|(group, _)| starts(rest, group))
            .map_or((1, ""), |(group, sound)| (group.chars().count(), *sound));
        if taken > 1 {
            out.push_str(sound);
        } else if rest.first() == Some(&'ц') {
            out.push_str("ts");
        } else if rest.first() == Some(&'x') {
            out.push_str("ks");
        } else {
            single(&mut out, &letters, at);
        }
        at += taken;
    }
    let mut last = None;
    out.retain(|c| last.replace(c) != Some(c));
    out
}

/// How many consonants a key has.
pub(super) fn consonants(key: &str) -> usize {
    key.trim_start_matches('_').len()
}

fn starts(rest: &[char], group: &str) -> bool {
    let mut rest = rest.iter();
    group.chars().all(|c| rest.next() == Some(&c))
}

fn vowel(c: Option<&char>) -> bool {
    c.is_some_and(|c| "aeiouyаеёиоуыэюя".contains(*c))
}

fn single(out: &mut String, letters: &[char], at: usize) {
    let Some(c) = letters.get(at) else { return };
    let next = letters.get(at + 1);
    let sound = match c {
        'w' if at > 0 && !vowel(next) => return,
        'у' if vowel(next) => 'v',
        'g' if matches!(next, Some('e' | 'i' | 'y')) => 'j',
        'c' if matches!(next, Some('e' | 'i' | 'y')) => 's',
        'b' | 'б' => 'b',
        'c' | 'k' | 'q' | 'к' => 'k',
        'd' | 'д' => 'd',
        'f' | 'ф' => 'f',
        'g' | 'г' => 'g',
        'j' | 'ж' => 'j',
        'l' | 'л' => 'l',
        'm' | 'м' => 'm',
        'n' | 'н' => 'n',
        'p' | 'п' => 'p',
        'r' | 'р' => 'r',
        's' | 'z' | 'с' | 'з' => 's',
        't' | 'т' => 't',
        'v' | 'w' | 'в' => 'v',
        'ч' => '4',
        'ш' | 'щ' => 'w',
        _ => {
            if vowel(Some(c)) && out.is_empty() {
                out.push('_');
            }
            return;
        }
    };
    out.push(sound);
}

/// Letters of one sound, the first that fits.
const GROUPS: &[(&str, &str)] = &[
    ("sch", "w"),
    ("tch", "4"),
    ("тч", "4"),
    ("дж", "j"),
    ("dge", "j"),
    ("dg", "j"),
    ("gh", ""),
    ("wr", "r"),
    ("kn", "n"),
    ("ch", "4"),
    ("sh", "w"),
    ("zh", "j"),
    ("ck", "k"),
    ("ph", "f"),
    ("th", "t"),
    ("tz", "ts"),
    ("wh", "v"),
    ("кс", "ks"),
];

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn names_by_ear() {
        for (english, russian) in [
            ("thornton", "торнтон"),
            ("blackwood", "блэквуд"),
            ("fitzgerald", "фицджеральд"),
            ("whitfield", "уитфилд"),
            ("hernandez", "эрнандес"),
            ("johnson", "джонсон"),
            ("wilson", "уилсон"),
            ("richardson", "ричардсон"),
            ("mitchell", "митчелл"),
            ("williams", "уильямс"),
            ("jenkins", "дженкинс"),
            ("maxwell", "максвелл"),
        ] {
            assert_eq!(key(english), key(russian), "{english}");
        }
        assert_ne!(key("johnson"), key("джексон"));
        assert_ne!(key("anderson"), key("сандерсон"));
    }
}
