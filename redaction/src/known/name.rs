//! The subject's names, in every form a mention can take, as a table of digests.
//!
//! A value is cut into parts; each part becomes its cases ([`super::declension`]), its short and
//! fond forms ([`super::given`]), spoken patronymics (Иваныч), and the parts joined (`ivanpetrov`,
//! `ipetrov`). All are skeletons ([`super::skeleton`]), so that alphabet and spelling do not
//! matter, and only their digests are kept. A word of the text is one look into the table.
//! Who puts words together to a mention and judges it: [`super::mention`].
//! Limits: eight parts a name; plurals of families only where they agree with a case.

use super::declension::cases;
use super::given;
use super::near::{self, Near};
use super::skeleton::{Reading, ambiguous, digest, extend, is_cyrillic, skeleton};
use super::sound;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use zeroize::Zeroizing;

/// The most names, and the most parts of one.
const NAMES: usize = 16;
const PARTS: usize = 8;

/// Words of a name that are nobody's own.
const LINKS: &[&str] = &[
    "van", "von", "der", "den", "de", "la", "le", "di", "da", "del", "dos", "al", "el", "bin",
    "ibn", "jr", "sr", "ii", "iii", "iv", "mr", "mrs", "ms", "dr", "оглы", "кызы", "фон", "де",
    "ван", "аль", "эль", "ибн",
];

/// How a form comes of a part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The part itself, in some spelling.
    Whole,
    /// In another case.
    Case,
    /// Two parts written as one word.
    Joined,
    /// A short or fond form.
    Short,
    /// By its sound, in the other alphabet.
    Sound,
    /// The same of too few consonants to tell.
    FaintSound,
    /// All but one letter of a long form.
    Slip,
    /// The same of a shorter form, or of one that is a case.
    WeakSlip,
}

/// What a word of the text can be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) value: usize,
    pub(super) part: usize,
    pub(super) way: Way,
    /// May stand in Latin letters: an English name has no cases there.
    latin: bool,
}

/// One part of a name as it was given.
pub(super) struct Part {
    /// The digest of its letters.
    pub(super) raw: u64,
    pub(super) cyrillic: bool,
    /// Its first letter, and its first symbols, for initials.
    pub(super) initial: char,
    pub(super) head: Zeroizing<String>,
}

/// All names of the subject.
#[derive(Default)]
pub(super) struct Names {
    forms: HashMap<u64, Form, Digested>,
    /// The first symbols of all forms, a bit each.
    firsts: u128,
    near: Near,
    /// Keys by sound: the part, and whether its letters are Cyrillic.
    sounds: HashMap<u64, ((usize, usize), bool), Digested>,
    /// What each name is numbered by, and its parts.
    pub(super) values: Vec<(Zeroizing<String>, Vec<Part>)>,
}

impl Names {
    /// Adds a name in lower case.
    pub(super) fn put(&mut self, lower: &str, canonical: Zeroizing<String>) {
        if self.values.len() >= NAMES {
            return;
        }
        let value = self.values.len();
        let mut parts: Vec<Part> = Vec::new();
        let mut pieces_of: Vec<Zeroizing<String>> = Vec::new();
        for word in lower.split_whitespace() {
            let pieces = || word.split(|c: char| !c.is_alphanumeric());
            for piece in pieces().filter(|p| !p.is_empty() && !LINKS.contains(p)) {
                if parts.len() < PARTS {
                    let base = skeleton(piece, Reading::Plain);
                    parts.push(Part {
                        raw: digest(piece),
                        cyrillic: piece.chars().any(is_cyrillic),
                        initial: piece.chars().next().unwrap_or(' '),
                        head: Zeroizing::new(base.chars().take(3).collect()),
                    });
                    self.put_part(piece, (value, parts.len() - 1));
                    pieces_of.push(Zeroizing::new(piece.to_owned()));
                }
            }
            if pieces().count() > 1 && !parts.is_empty() {
                let whole: Zeroizing<String> = Zeroizing::new(pieces().collect());
                self.put_part(&whole, (value, parts.len() - 1));
                pieces_of.push(whole);
            }
        }
        let pieces: Vec<&str> = pieces_of.iter().map(|p| p.as_str()).collect();
        self.put_joined(&pieces, (value, parts.len()));
        self.values.push((canonical, parts));
    }

    /// To be called once after the last name.
    pub(super) fn settle(&mut self) {
        self.near.settle();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// How many forms the table holds.
    pub(super) fn len(&self) -> usize {
        self.forms.len()
    }

    /// What a word whose skeleton has this digest is.
    pub(super) fn look(&self, skeleton: u64, cyrillic: bool) -> Option<Form> {
        let form = *self.forms.get(&skeleton)?;
        (cyrillic || form.latin).then_some(form)
    }

    /// Whether some form begins with this symbol.
    pub(super) fn begins(&self, symbol: u8) -> bool {
        self.firsts & bit(symbol) != 0
    }

    /// What a word, or a skeleton, is but for one letter, and the steps it took to say.
    pub(super) fn look_near(&self, word: &str) -> (Option<Form>, usize) {
        let (found, steps) = self.near.find(word);
        let form = found.map(|((value, part), telling)| Form {
            value,
            part,
            way: if telling { Way::Slip } else { Way::WeakSlip },
            latin: true,
        });
        (form, steps)
    }

    /// What a word of another alphabet is by its sound.
    pub(super) fn look_sound(&self, word: &str, cyrillic: bool) -> Option<Form> {
        if self.sounds.is_empty() {
            return None;
        }
        let key = sound::key(word);
        let ((value, part), written) = *self.sounds.get(&digest(&key))?;
        let telling = sound::consonants(&key) >= sound::LEAST;
        (written != cyrillic).then_some(Form {
            value,
            part,
            way: if telling { Way::Sound } else { Way::FaintSound },
            latin: true,
        })
    }

    /// "Торнтон", and "Торнтоном".
    fn put_sound(&mut self, piece: &str, whose: (usize, usize), cyrillic: bool) {
        let mut key = Zeroizing::new(sound::key(piece));
        if sound::consonants(&key) >= sound::LEAST_BESIDE {
            self.sounds.insert(digest(&key), (whose, cyrillic));
            key.push('m');
            self.sounds.insert(digest(&key), (whose, cyrillic));
        }
    }

    fn put_part(&mut self, piece: &str, whose: (usize, usize)) {
        if piece.chars().count() < 2 || piece.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let cyrillic = piece.chars().any(is_cyrillic);
        let readings: &[Reading] = if ambiguous(piece) {
            &[Reading::Plain, Reading::Other]
        } else {
            &[Reading::Plain]
        };
        for reading in readings {
            let base = skeleton(piece, *reading);
            let mut way = Way::Whole;
            for form in cases(&base) {
                self.insert(&form, whose, way, cyrillic || way == Way::Whole);
                self.near.put(&form, whose, way == Way::Whole);
                way = Way::Case;
            }
            if !cyrillic && base.chars().count() >= near::SHORTEST {
                let mut plural = base.clone();
                extend(&mut plural, "s");
                self.insert(&plural, whose, Way::Case, true);
            }
        }
        self.near.put(piece, whose, true);
        self.put_sound(piece, whose, cyrillic);
        let base = skeleton(piece, Reading::Plain);
        self.put_spoken(&base, whose);
        self.put_short(&base, whose);
    }

    /// "Иваныч", "Сергеич", "Иванна" for the patronymic.
    fn put_spoken(&mut self, base: &str, whose: (usize, usize)) {
        for (full, spoken) in [
            ("ovi4", "i4"),
            ("evi4", "i4"),
            ("ovna", "na"),
            ("evna", "vna"),
        ] {
            let Some(stem) = base.strip_suffix(full).filter(|s| s.len() > 2) else {
                continue;
            };
            let mut short = Zeroizing::new(stem.to_owned());
            // "Сергеевич" is "Сергеич"; its `e` went with the ending.
            if full == "evi4" {
                extend(&mut short, "e");
            }
            extend(&mut short, spoken);
            for form in cases(&short) {
                self.insert(&form, whose, Way::Short, true);
            }
        }
    }

    fn put_short(&mut self, base: &str, whose: (usize, usize)) {
        for given in given::others(base) {
            if !given.cyrillic {
                self.insert(&given.skeleton, whose, Way::Short, true);
                continue;
            }
            for form in cases(&given.skeleton) {
                let nominative = *form == given.skeleton;
                self.insert(&form, whose, Way::Short, nominative);
            }
            // "Саш!", "Сашка", "Сашенька", "Леночка".
            let soft = given.skeleton.strip_suffix("ia");
            let hard = given.skeleton.strip_suffix('a');
            let Some(stem) = soft.or(hard).filter(|s| s.len() > 1) else {
                continue;
            };
            self.insert(stem, whose, Way::Short, false);
            for ending in [
                "ka", "ke", "ku", "ki", "koi", "enka", "enki", "enke", "enku", "o4ka", "o4ki",
                "o4ke", "o4ku",
            ] {
                let mut fond = Zeroizing::new(stem.to_owned());
                extend(&mut fond, ending);
                self.insert(&fond, whose, Way::Short, ending == "ka");
            }
        }
    }

    /// `ivanpetrov`, `petrovivan`, `ipetrov`, `sashapetrov`.
    fn put_joined(&mut self, pieces: &[&str], (value, parts): (usize, usize)) {
        if pieces.len() < 2 || parts == 0 {
            return;
        }
        let mut put = |letters: &str, part: usize| {
            let part = part.min(parts - 1);
            let joined = skeleton(letters, Reading::Plain);
            if joined.len() >= near::SHORTEST {
                self.insert(&joined, (value, part), Way::Joined, true);
            }
        };
        for (n, one) in pieces.iter().enumerate() {
            let head = one.chars().next().map_or(0, char::len_utf8);
            let (initial, _) = one.split_at_checked(head).unwrap_or_default();
            for (m, other) in pieces.iter().enumerate().filter(|(m, _)| *m != n) {
                put(&Zeroizing::new([*one, other].concat()), m);
                put(&Zeroizing::new([initial, other].concat()), m);
                put(&Zeroizing::new([*other, initial].concat()), m);
            }
        }
        // The surname is the longest part that is no given name's.
        let surname = pieces
            .iter()
            .filter(|p| given::others(&skeleton(p, Reading::Plain)).is_empty())
            .max_by_key(|p| p.len());
        let Some(surname) = surname else {
            return;
        };
        let base = skeleton(surname, Reading::Plain);
        for piece in pieces {
            for given in given::others(&skeleton(piece, Reading::Plain)) {
                for (one, other) in [
                    (given.skeleton.as_str(), base.as_str()),
                    (&base, &given.skeleton),
                ] {
                    let mut joined = Zeroizing::new(one.to_owned());
                    extend(&mut joined, other);
                    self.insert(&joined, (value, 0), Way::Joined, true);
                }
            }
        }
    }

    fn insert(&mut self, skeleton: &str, whose: (usize, usize), way: Way, latin: bool) {
        if skeleton.chars().nth(1).is_none() {
            return;
        }
        self.firsts |= bit(skeleton.bytes().next().unwrap_or_default());
        let form = Form {
            value: whose.0,
            part: whose.1,
            way,
            latin,
        };
        let known = self.forms.entry(digest(skeleton)).or_insert(form);
        if (known.value, known.part) == whose {
            known.way = known.way.min(way);
            known.latin |= latin;
        }
    }
}

fn bit(symbol: u8) -> u128 {
    1 << (symbol & 127)
}

/// Whether `word` links the parts of a name.
pub(super) fn links(word: &str) -> bool {
    LINKS.contains(&word)
}

type Digested = BuildHasherDefault<AsIs>;

/// Keys are digests already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = super::skeleton::step(self.0, *byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        // The table takes its slot from the low bits, and its tag from the high ones.
        self.0 = digest ^ (digest >> 29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
