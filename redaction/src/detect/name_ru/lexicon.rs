//! What a Russian word can be, from lists and endings.
//!
//! Lists hold nominatives; a word in another case is led back to the nominatives it could come
//! from. `ё` counts as `е` everywhere. Sources: the rare names from natasha (MIT), the rest our own.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A set of what a word can be.
pub(super) type Traits = u32;

/// A given name and nothing else.
pub(super) const GIVEN: Traits = 1;
/// A given name that is a word as well.
pub(super) const WORD: Traits = 1 << 1;
/// A given name of a long list, in which much else is found.
pub(super) const RARE: Traits = 1 << 2;
/// A name after one's father.
pub(super) const PATRONYMIC: Traits = 1 << 3;
/// Ends as surnames end and few words do.
pub(super) const SURNAME: Traits = 1 << 4;
/// Ends as surnames and many words do.
pub(super) const WEAK: Traits = 1 << 5;
/// Names nobody.
pub(super) const PLAIN: Traits = 1 << 6;
/// "My name is", "surname": even a word in small letters that ends as surnames do is one.
pub(super) const CALLED: Traits = 1 << 13;
/// "Yours sincerely", "in the name of".
pub(super) const NAME: Traits = 1 << 7;
/// Someone's husband, the payee: a capitalised word after it is a name.
pub(super) const ROLE: Traits = 1 << 8;
/// A minister, a manager: the word after it may be an office.
pub(super) const OFFICE: Traits = 1 << 9;
/// "I am", "hello", "from": a given name after it is one in any case of letters.
pub(super) const INTRO: Traits = 1 << 10;
/// Says, said.
pub(super) const SAY: Traits = 1 << 11;
/// Part of a surname in lower case.
pub(super) const PARTICLE: Traits = 1 << 12;

/// Ends in -in, as many surnames and few other words with capitals do.
pub(super) const ENDS_IN: Traits = 1 << 14;

/// Plain by its beginning alone: beside a given name it may be a surname.
pub(super) const LOOSE: Traits = 1 << 16;
/// Alone inside quotation marks, where things have names as well. Set by its place.
pub(super) const QUOTED: Traits = 1 << 15;

/// Any trait of a part of a name.
pub(super) const NAMELIKE: Traits = GIVEN | WORD | RARE | PATRONYMIC | SURNAME | WEAK;
/// Any trait of a given name.
pub(super) const ANY_GIVEN: Traits = GIVEN | WORD | RARE;

/// The longest word looked at, in bytes; more is no name.
const LONGEST: usize = 64;

/// Whether the word, in lower case, names nobody for certain.
pub(super) fn plain(word: &str) -> bool {
    traits(word) & (PLAIN | GIVEN | PATRONYMIC) == PLAIN
}

/// What the word, in lower case, can be.
pub(super) fn traits(word: &str) -> Traits {
    if word.len() > LONGEST {
        return 0;
    }
    let folded;
    let word = if word.contains('ё') {
        folded = word.replace('ё', "е");
        folded.as_str()
    } else {
        word
    };
    let names = given(word);
    let mut out = names | by_ending(word);
    out |= listed(word, out & (GIVEN | SURNAME) != 0);
    // The longest part of a double name decides: Анна-Мария, Римский-Корсаков.
    if let Some((left, right)) = word.split_once('-') {
        let parts = (given(left) | by_ending(left)) | (given(right) | by_ending(right));
        out |= parts & (GIVEN | SURNAME | PATRONYMIC);
    }
    if out & WORD != 0 {
        out &= !GIVEN;
    }
    out
}

/// The traits of the word as it stands, or of its beginning. What is a name by its whole form is
/// not plain by its beginning: Германа, Новиков.
fn listed(word: &str, name: bool) -> Traits {
    let lexicon = &*LEXICON;
    let (mut out, mut loose) = (lexicon.exact.get(word).copied().unwrap_or(0), 0);
    for (at, _) in word.char_indices().skip(2).chain([(word.len(), ' ')]) {
        let stem = word.get(..at).and_then(|stem| lexicon.open.get(stem));
        let Some(found) = stem else { continue };
        let rest = word.len() - at;
        let most = if at >= 12 { 12 } else { 6 };
        if rest <= most && !(name && at < 14) {
            loose |= found;
        }
    }
    if loose & PLAIN != 0 && out & PLAIN == 0 {
        out |= LOOSE;
    }
    out | loose
}

/// Whether it is a given name in some case.
fn given(word: &str) -> Traits {
    const ALL: Traits = GIVEN | WORD | RARE;
    let names = &LEXICON.exact;
    let look = |name: &str| names.get(name).copied().unwrap_or(0) & ALL;
    let mut out = look(word);
    let mut form = String::with_capacity(word.len() + 2);
    for (ending, nominatives) in CASES {
        let Some(stem) = word.strip_suffix(ending) else {
            continue;
        };
        if stem.len() < 4 {
            continue;
        }
        for nominative in *nominatives {
            form.clear();
            form.push_str(stem);
            form.push_str(nominative);
            out |= look(&form);
        }
    }
    out
}

/// An ending, and those of the nominatives it may come from.
const CASES: &[(&str, &[&str])] = &[
    ("а", &[""]),
    ("у", &["", "а"]),
    ("ом", &[""]),
    ("е", &["", "а", "я", "й", "ь"]),
    ("ы", &["а"]),
    ("и", &["а", "я", "ь", "й"]),
    ("ой", &["а"]),
    ("ою", &["а"]),
    ("ей", &["а", "я"]),
    ("ею", &["а", "я"]),
    ("ем", &["й", "ь", ""]),
    ("я", &["й", "ь"]),
    ("ю", &["я", "й", "ь"]),
    ("ью", &["ь"]),
];

/// What the cases of one surname have in common.
pub(super) fn stem(word: &str) -> &str {
    let cut = |ending: &&str| word.strip_suffix(*ending).filter(|stem| stem.len() >= 6);
    ENDINGS
        .split_whitespace()
        .find_map(|e| cut(&e))
        .unwrap_or(word)
}

const ENDINGS: &str = "ого ому ыми ими ом ем ым им ой ей ых их ую ая ий ый а у е ы и ю я ь й";

fn by_ending(word: &str) -> Traits {
    if let Some(whole) = LEXICON.endings.get(word) {
        return whole & PATRONYMIC;
    }
    // The longest ending first; two bytes a letter.
    let longest = word.len().saturating_sub(4).min(12);
    let ends = (2..=longest).rev().step_by(2);
    let mut out = 0;
    for len in ends {
        let Some(ending) = word.get(word.len() - len..) else {
            continue;
        };
        let Some(found) = LEXICON.endings.get(ending) else {
            continue;
        };
        let found = *found;
        // Before an ending that is common elsewhere must stand three letters.
        if found & (PATRONYMIC | SURNAME) != 0 || word.len() - len >= 6 {
            out |= found;
        }
    }
    if out & PATRONYMIC != 0 {
        PATRONYMIC
    } else if out & SURNAME != 0 {
        SURNAME
    } else {
        out
    }
}

const PATRONYMICS: &str = "ович овича овичу овичем овиче евич евича евичу евичем евиче ьич ьича ьичу \
    ьичем ьиче овна овны овне овну овной овною евна евны евне евну евной евною инична иничны иничне \
    иничну иничной оглы кызы улы углы";
const SHORT_PATRONYMICS: &str = "оглы кызы улы углы ильич фомич лукич никитич саввич кузьмич никитична \
    никитичны саввична фоминична лукинична";
const SURNAMES: &str = "ов ова ову овым ове овой овы овых овыми ев ева еву евым еве евой евы евых евыми \
    енко ченко чук чука чуку чуком щук щука дзе швили";
const SURNAMES_IN: &str = "ин ина ину иным ине";
const SURNAMES_WEAK: &str = "иной ины иных ын ына ыну ыным ыной ский ская ского скому \
    ским ском скую ской ские ских цкий цкая цкого цкому цким цкой цкую ских ых их ян яна яну яном \
    юк юка юку юком ук ука уку уком ич ича ичу ичем ко ло як яка яку ак ака аку ец ца ий ая";

struct Lexicon {
    exact: HashMap<String, Traits>,
    /// Beginnings.
    open: HashMap<String, Traits>,
    endings: HashMap<&'static str, Traits>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon {
        exact: HashMap::with_capacity(10_000),
        open: HashMap::with_capacity(1_000),
        endings: HashMap::with_capacity(200),
    };
    for (endings, traits) in [
        (PATRONYMICS, PATRONYMIC),
        (SHORT_PATRONYMICS, PATRONYMIC),
        (SURNAMES, SURNAME),
        (SURNAMES_IN, WEAK | ENDS_IN),
        (SURNAMES_WEAK, WEAK),
    ] {
        for ending in endings.split_whitespace() {
            *lexicon.endings.entry(ending).or_insert(0) |= traits;
        }
    }
    for (text, traits) in [
        (include_str!("given.txt"), GIVEN),
        (include_str!("given_word.txt"), WORD),
        (include_str!("rare.txt"), RARE),
        (include_str!("plain.txt"), PLAIN),
        (
            "фон ван де да ди дель дела ла ле эль аль ибн бен бин дер тер",
            PARTICLE,
        ),
    ] {
        lexicon.put(text, traits);
    }
    for line in include_str!("cue.txt").lines() {
        let (sense, words) = line.split_once(' ').unwrap_or_default();
        let traits = match sense {
            "called" => CALLED,
            "name" => NAME,
            "role" => ROLE | PLAIN,
            "office" => OFFICE | PLAIN,
            "intro" => INTRO,
            "say" => SAY | PLAIN,
            _ => continue,
        };
        lexicon.put(words, traits);
    }
    lexicon
});

impl Lexicon {
    fn put(&mut self, text: &str, traits: Traits) {
        let lines = text.lines().filter(|l| !l.starts_with('#'));
        for word in lines.flat_map(str::split_whitespace) {
            let word = word.replace('ё', "е");
            let (table, word) = match word.strip_suffix('*') {
                Some(stem) => (&mut self.open, stem.to_owned()),
                None => (&mut self.exact, word),
            };
            *table.entry(word).or_insert(0) |= traits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CALLED, GIVEN, PATRONYMIC, PLAIN, RARE, ROLE, SURNAME, WEAK, WORD, traits};

    #[test]
    fn names_in_their_cases() {
        for (words, wanted) in [
            (
                "иван ивана ивану иваном иване ольги ольгой алексея игорем саше насти лёхой",
                GIVEN,
            ),
            (
                "марии марию наталье павла петра пётр семёна илье анна-мария",
                GIVEN,
            ),
            ("вера любови роману льва надежде", WORD),
            ("шамсиддин гульназа", RARE),
            (
                "петрович петровны ильича викторовной рустамовну",
                PATRONYMIC,
            ),
            (
                "иванов петрову сидоровым гончаренко шевчук беридзе новиков лебедевой",
                SURNAME,
            ),
            ("никитин волконского саркисян", WEAK),
            ("биткоина солану спасибо москвы подскажите", PLAIN),
            ("получателя жене", ROLE),
            ("зовут", CALLED),
        ] {
            for word in words.split(' ') {
                assert_ne!(traits(word) & wanted, 0, "{word}");
            }
        }
    }

    #[test]
    fn words_are_no_names() {
        for word in "вывод перевод деньги счёт комиссия когда почему снова слова адрес".split(' ')
        {
            assert_eq!(traits(word) & (GIVEN | PATRONYMIC), 0, "{word}");
        }
    }
}
