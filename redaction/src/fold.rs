//! Letters that look alike in Latin, Cyrillic and Greek.
//!
//! Only tokens that mix scripts are folded, and towards the script of their other letters, so
//! that honest Russian and Greek stay as they are. Source: the Cyrillic and Greek rows of
//! Unicode's TR 39 table that are identical in common fonts, written down by hand.
//! Limit: a token written wholly in look-alikes is left alone (the seed-phrase detector folds
//! those itself, against its word lists).

/// The Latin letter that looks like the Cyrillic or Greek `c`.
pub(crate) fn to_latin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' => 'C',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'Е' | 'Ё' | 'Ε' => 'E',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'к' | 'κ' => 'k',
        'К' | 'Κ' => 'K',
        'ӏ' => 'l',
        'м' => 'm',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ԛ' => 'q',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'т' | 'τ' => 't',
        'Т' | 'Τ' => 'T',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'Ζ' => 'Z',
        _ => return None,
    })
}

/// The Cyrillic letter that looks like the Latin `c`.
fn to_cyrillic(c: char) -> Option<char> {
    Some(match c {
        'a' => 'а',
        'A' => 'А',
        'B' => 'В',
        'c' => 'с',
        'C' => 'С',
        'e' => 'е',
        'E' => 'Е',
        'H' => 'Н',
        'i' => 'і',
        'K' => 'К',
        'k' => 'к',
        'M' => 'М',
        'm' => 'м',
        'o' => 'о',
        'O' => 'О',
        'p' => 'р',
        'P' => 'Р',
        't' => 'т',
        'T' => 'Т',
        'x' => 'х',
        'X' => 'Х',
        'y' => 'у',
        'Y' => 'У',
        _ => return None,
    })
}

/// Cyrillic or Greek.
fn is_foreign(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}')
}

/// Folds one token in place if it mixes Latin with Cyrillic or Greek.
pub(crate) fn fold_token<'a>(token: impl Iterator<Item = &'a mut char> + 'a) {
    let mut letters: Vec<&mut char> = token.collect();
    let (mut latin, mut foreign, mut latin_only, mut foreign_only) = (0_usize, 0_usize, 0_usize, 0);
    let (mut changes, mut last) = (0, None);
    for c in &letters {
        let is_latin = c.is_ascii_alphabetic();
        if is_latin {
            latin += 1;
            latin_only += usize::from(to_cyrillic(**c).is_none());
        } else if is_foreign(**c) {
            foreign += 1;
            foreign_only += usize::from(to_latin(**c).is_none());
        } else {
            continue;
        }
        changes += usize::from(last.replace(is_latin).is_some_and(|l| l != is_latin));
    }
    // One word after another without a space is no disguise.
    if changes == 0 || (changes == 1 && latin.min(foreign) > 2) {
        return;
    }
    // The letters that exist in one script only say which word was meant.
    let towards_latin = (latin_only, latin) >= (foreign_only, foreign);
    for c in &mut letters {
        let twin = if towards_latin {
            to_latin(**c)
        } else {
            to_cyrillic(**c)
        };
        if let Some(twin) = twin {
            **c = twin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fold_token;

    fn folded(token: &str) -> String {
        let mut chars: Vec<char> = token.chars().collect();
        fold_token(chars.iter_mut());
        chars.into_iter().collect()
    }

    #[test]
    fn mixed_tokens_go_to_the_script_they_were_meant_in() {
        assert_eq!(folded("аbandon"), "abandon");
        assert_eq!(folded("пapoль"), "пароль");
        assert!(folded("1BvВMSEYstWetqTFn5Au4m4GFg7xJaNVN2").is_ascii());
    }

    #[test]
    fn honest_tokens_stay() {
        assert_eq!(folded("Москва"), "Москва");
        assert_eq!(folded("Moscow"), "Moscow");
        assert_eq!(folded("адрес0xABCDE"), "адрес0xABCDE");
        assert_eq!(folded("τιμή"), "τιμή");
    }
}
