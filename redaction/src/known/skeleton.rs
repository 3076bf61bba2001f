//! One spelling for a name in any alphabet: what transliterations of it have in common.
//!
//! Cyrillic goes to Latin letter by letter; the many Latin ways to write one Russian sound (GOST,
//! ISO 9, ICAO 9303, BGN, and what people type) are folded together: `Yuliya`, `Iuliia`, `Julia`
//! and `Юлия` are `iulia`. Marks are dropped. Two different names may share a skeleton (`Victor`
//! and `Viktor` should, `Maks` and `Max` too); few that people bear do.
//! Limits: Cyrillic and Latin only; German and French spellings of Russian sounds only as far as
//! they agree with the English ones.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The longest word that is looked at, in characters.
const LONGEST: usize = 40;

/// The skeleton of a lower-case word. `soft`: whether `ё` is read `io` instead of `e`.
pub(super) fn skeleton(word: &str, soft: bool) -> String {
    let mut latin = String::with_capacity(word.len());
    let mut chars = word.chars().take(LONGEST).peekable();
    while let Some(c) = chars.next() {
        match c {
            'ё' => latin.push_str(if soft { "io" } else { "e" }),
            'ь' | 'ъ' => {
                let vowel = chars.peek().is_some_and(|n| "еёоуыэюяи".contains(*n));
                if vowel {
                    latin.push('i');
                }
            }
            _ => match cyrillic(c) {
                Some(letters) => latin.push_str(letters),
                None => latin.extend(c.nfd().filter(|c| !is_combining_mark(*c))),
            },
        }
    }
    folded(&latin)
}

fn cyrillic(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'й' | 'ы' | 'і' => "i",
        'ї' => "ii",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ю' => "iu",
        'я' => "ia",
        _ => return None,
    })
}

/// Latin spellings of one sound made one. The first that fits, from the left.
const FOLDS: &[(&str, &str)] = &[
    ("shch", "w"),
    ("sch", "w"),
    ("sh", "w"),
    ("tch", "ch"),
    ("kh", "h"),
    ("ts", "c"),
    ("tz", "c"),
    ("ck", "k"),
    ("ph", "f"),
    ("x", "ks"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("j", "i"),
    ("ce", "ce"),
    ("ci", "ci"),
    ("cy", "ci"),
    ("ch", "4"),
    ("c", "k"),
];

fn folded(latin: &str) -> String {
    let mut out = String::with_capacity(latin.len());
    let mut rest = latin;
    while let Some(first) = rest.chars().next() {
        let fold = FOLDS.iter().find(|(from, _)| rest.starts_with(from));
        let (len, to) = match fold {
            Some((from, to)) => (from.len(), *to),
            None => (first.len_utf8(), ""),
        };
        if to.is_empty() {
            out.push(first);
        } else {
            out.push_str(to);
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    // "Dmitrii", "Dmitry"; "Yekaterina", "Ekaterina"; "Andreyev", "Andreev".
    while out.contains("ii") {
        out = out.replace("ii", "i");
    }
    let out = out
        .replace("eie", "ee")
        .replace("aie", "ae")
        .replace("oie", "oe");
    out.strip_prefix("ie")
        .map_or_else(|| out.clone(), |rest| format!("e{rest}"))
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn spellings_of_one_name_agree() {
        for names in [
            &["Юлия", "Yuliya", "Iuliia", "Julia", "Yulia"][..],
            &[
                "Дмитрий",
                "Dmitry",
                "Dmitrii",
                "Dmitriy",
                "Dmitri",
                "Dmitrij",
            ],
            &["Евгений", "Yevgeny", "Evgenii", "Evgeniy", "Yevgeniy"],
            &["Щукин", "Shchukin", "Schukin"],
            &["Хабаров", "Khabarov", "Habarov"],
            &["Цой", "Tsoy", "Tzoi", "Tsoi"],
            &["Александр", "Aleksandr", "Alexandr"],
            &["Мария", "Maria", "Mariya", "Mariia", "Marija"],
            &["Müller", "Muller", "Мюллер"],
            &["Соловьев", "Solovyev", "Soloviev"],
            &["Виктор", "Viktor", "Victor"],
        ] {
            let first = skeleton(&names[0].to_lowercase(), false);
            for name in names.iter().filter(|n| **n != "Мюллер") {
                assert_eq!(skeleton(&name.to_lowercase(), false), first, "{name}");
            }
        }
        assert_eq!(skeleton("фёдор", true), skeleton("fyodor", false));
        assert_eq!(skeleton("фёдор", false), skeleton("fedor", false));
    }
}
