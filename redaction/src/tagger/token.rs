//! Words, numbers and signs as the models were taught to read them.
//!
//! The rules are razdel's (MIT), with which the Russian model's texts were cut: what is joined by
//! a hyphen or an underscore is one word, a decimal number is one, signs stand alone except runs
//! of full stops, question and exclamation marks. One thing is added: an apostrophe between Latin
//! letters joins them.

/// A word, a number or a sign of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What its first character is.
    pub(crate) class: Class,
}

/// What a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Russian letters.
    Cyrillic,
    /// English letters.
    Latin,
    /// Digits.
    Number,
    /// One of [`SIGNS`].
    Sign,
    /// Anything else that is no space.
    Other,
}

/// A run of one class; a sign, and anything else, for itself.
#[derive(Clone, Copy)]
struct Atom {
    start: usize,
    end: usize,
    class: Class,
    /// Its first character.
    first: char,
}

const DASHES: &str = "‑–—−-";
const ENDINGS: &str = ".?!…";
const SIGNS: &str = "\\/!#$%&*+,.:;<=>?@^_`|~№…‑–—−-«“‘»”’\"„'([{)]}";

fn class(c: char) -> Option<Class> {
    if c.is_whitespace() {
        return None;
    }
    Some(match c {
        'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => Class::Cyrillic,
        'a'..='z' | 'A'..='Z' => Class::Latin,
        '0'..='9' => Class::Number,
        _ if SIGNS.contains(c) => Class::Sign,
        _ => Class::Other,
    })
}

fn atoms(text: &str) -> Vec<Atom> {
    let mut out: Vec<Atom> = Vec::with_capacity(text.len() / 4);
    for (start, first) in text.char_indices() {
        let Some(class) = class(first) else { continue };
        let end = start + first.len_utf8();
        match out.last_mut() {
            Some(last)
                if last.end == start
                    && last.class == class
                    && !matches!(class, Class::Sign | Class::Other) =>
            {
                last.end = end;
            }
            _ => out.push(Atom {
                start,
                end,
                class,
                first,
            }),
        }
    }
    out
}

/// The words of `text`, in one pass.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let atoms = atoms(text);
    let mut out: Vec<Word> = Vec::with_capacity(atoms.len());
    for (n, atom) in atoms.iter().enumerate() {
        if let Some(word) = out.last_mut()
            && word.end == atom.start
            && (joins(&atoms, n) || smile(text.get(word.start..atom.end).unwrap_or_default()))
        {
            word.end = atom.end;
            continue;
        }
        out.push(Word {
            start: atom.start,
            end: atom.end,
            class: atom.class,
        });
    }
    out
}

/// Whether the atom `n` goes on where the one before it ended.
fn joins(atoms: &[Atom], n: usize) -> bool {
    let back = |by: usize| n.checked_sub(by).and_then(|n| atoms.get(n));
    let (Some(left), Some(right)) = (back(1), atoms.get(n)) else {
        return false;
    };
    let sign = |atom: &Atom| atom.class == Class::Sign;
    // The two around a sign that stands at this border.
    let around = if sign(left) {
        back(2).map(|before| (before, left, right))
    } else if sign(right) {
        atoms.get(n + 1).map(|after| (left, right, after))
    } else {
        None
    };
    if let Some((before, joint, after)) = around {
        let both = |class| before.class == class && after.class == class;
        let joined = match joint.first {
            '_' => !sign(before) && !sign(after),
            '.' | ',' | '/' | '\\' => both(Class::Number),
            '\'' | '’' => {
                both(Class::Latin) && before.end == joint.start && joint.end == after.start
            }
            c => DASHES.contains(c) && !sign(before) && !sign(after),
        };
        if joined {
            return true;
        }
    }
    let letters = |atom: &Atom| !matches!(atom.class, Class::Sign | Class::Number);
    match (sign(left), sign(right)) {
        (true, true) => {
            (ENDINGS.contains(left.first) && ENDINGS.contains(right.first))
                || (left.first == right.first && matches!(left.first, '-' | '*'))
        }
        (false, false) => {
            letters(left)
                && letters(right)
                && (left.class == Class::Other || right.class == Class::Other)
        }
        _ => false,
    }
}

/// `:)` and its like.
fn smile(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['=', ':', ';']) else {
        return false;
    };
    let mouth = rest.strip_prefix('-').unwrap_or(rest);
    (1..=3).contains(&mouth.len()) && mouth.bytes().all(|b| matches!(b, b'(' | b')'))
}

#[cfg(test)]
mod tests {
    use super::words;

    fn cut(text: &str) -> Vec<&str> {
        words(text)
            .iter()
            .map(|w| text.get(w.start..w.end).unwrap())
            .collect()
    }

    /// razdel's own cases.
    #[test]
    fn cut_as_the_model_was_taught() {
        for (text, parts) in [
            ("Кое-кто, А.С. Пушкин", "Кое-кто|,|А|.|С|.|Пушкин"),
            ("1,5 1/2 3.14", "1,5|1/2|3.14"),
            ("ГКБ-1 2011-2020", "ГКБ-1|2011-2020"),
            ("что?!.. да...", "что|?!..|да|..."),
            ("«Ом»:)) ок)))", "«|Ом|»|:))|ок|)|)|)"),
            ("snake_case a_1", "snake_case|a_1"),
            ("СИЗО6 U1", "СИЗО|6|U|1"),
            ("і їжак Δx", "і|їжак|Δx"),
            ("O'Brien don’t 'tis", "O'Brien|don’t|'|tis"),
            ("cho- to -x", "cho-|to|-x"),
            ("a@b.cd", "a|@|b|.|cd"),
            ("** --- 5%", "**|---|5|%"),
        ] {
            assert_eq!(cut(text).join("|"), parts, "{text}");
        }
    }
}
