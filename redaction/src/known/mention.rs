//! From words that are forms of a name to mentions of it.
//!
//! Words of one name that stand together, with its initials, linking words and at most one
//! capitalised stranger between (a middle name we were not told), are one mention. A long word
//! that is nothing else is a mention by itself, in any case. A short one, or one that is also a
//! word of the language (`data/words.txt`: May, Law, Ли, Мороз), needs another part of the name
//! beside it, a word that names follow (`data/lead.txt`), or a capital inside a sentence, unless
//! it is capitalised for other reasons. A name by its sound needs that capital too. A slip of one letter needs a capital and seven letters,
//! or another part beside it.

mod context;
mod initial;

use super::name::{Form, Names, Way, links};
use super::sheet::Sheet;
use super::skeleton::{self, Reading, ambiguous, digest, is_cyrillic};
use crate::kind::{Attribute, Confidence, Kind};
use crate::scan::{Hit, Scan, Token};
use context::means_something;

/// The fewest letters of a form that is a mention by itself.
const SURE: usize = 4;
/// The same with a slip in it.
const SURE_SLIP: usize = 7;
/// The widest gap between the words of one mention, and the most words between two parts.
const GAP: usize = 3;
const BETWEEN: usize = 2;

/// Letters whose other reading begins with another symbol.
const OTHERWISE: fn(char) -> bool =
    |c| matches!(c, 'c' | 'x' | 'j' | 'y' | 'i' | 'ё') || !(c.is_ascii() || is_cyrillic(c));

/// A word of the text that is a form of a name.
struct Sight {
    at: usize,
    /// Its last token: "Ol'ga" has two.
    last: usize,
    start: usize,
    end: usize,
    form: Form,
    sure: bool,
    /// As it was given, letter for letter.
    exact: bool,
    other_alphabet: bool,
}

/// Words of one name that stand together.
#[expect(clippy::struct_excessive_bools, reason = "four things seen on the way")]
struct Mention {
    value: usize,
    first: usize,
    last: usize,
    start: usize,
    end: usize,
    parts: u32,
    sure: bool,
    exact: bool,
    other_alphabet: bool,
    way: Way,
    initials: bool,
}

impl Mention {
    fn of(sight: &Sight) -> Self {
        Self {
            value: sight.form.value,
            first: sight.at,
            last: sight.last,
            start: sight.start,
            end: sight.end,
            parts: bit(sight.form.part),
            sure: sight.sure,
            exact: sight.exact,
            other_alphabet: sight.other_alphabet,
            way: sight.form.way,
            initials: false,
        }
    }

    fn add(&mut self, sight: &Sight) {
        self.last = sight.last;
        self.end = sight.end;
        self.parts |= bit(sight.form.part);
        self.sure |= sight.sure;
        self.exact &= sight.exact;
        self.other_alphabet |= sight.other_alphabet;
        self.way = self.way.max(sight.form.way);
    }

    fn reason(&self, weak: bool) -> (Confidence, &'static str) {
        let likely = Confidence::Likely;
        match self.way {
            _ if weak => (
                Confidence::Possible,
                "a word that is also a part of the subject's name, capitalised inside a sentence",
            ),
            Way::Slip | Way::WeakSlip => (likely, "one letter off a part of the subject's name"),
            Way::Sound | Way::FaintSound => (likely, "a part of the subject's name, by its sound"),
            Way::Short => (likely, "a short form of the subject's name"),
            Way::Joined => (likely, "parts of the subject's name written as one word"),
            _ if self.initials => (likely, "a part of the subject's name with initials"),
            _ if self.other_alphabet => (likely, "the subject's name in another alphabet"),
            _ if self.exact => (Confidence::Certain, "the subject's name as it is known"),
            Way::Whole => (likely, "the subject's name in another spelling"),
            Way::Case => (likely, "the subject's name in another case"),
        }
    }
}

fn bit(part: usize) -> u32 {
    1 << part.min(31)
}

/// Finds the mentions of `names`.
pub(super) fn detect(names: &Names, scan: &Scan<'_>, sheet: &Sheet, hits: &mut Vec<Hit>) {
    if names.is_empty() {
        return;
    }
    let cased = {
        let text = scan.slice(0, scan.len());
        let upper = text.find(char::is_uppercase);
        let lower = text.find(char::is_lowercase);
        upper.zip(lower).map_or(usize::MAX, |(a, b)| a.max(b))
    };
    scan.spend(scan.len() / 4);
    let walk = Walk {
        names,
        scan,
        sheet,
        cased,
    };
    let mut open: Option<Mention> = None;
    let mut buffer = zeroize::Zeroizing::new(String::new());
    for (at, token) in scan.tokens.iter().enumerate() {
        let Some(sight) = walk.look(at, token, &mut buffer) else {
            continue;
        };
        match &mut open {
            Some(mention) if walk.continues(mention, &sight) => mention.add(&sight),
            _ => {
                let done = open.replace(Mention::of(&sight));
                hits.extend(done.and_then(|m| walk.judged(m)));
            }
        }
    }
    hits.extend(open.and_then(|m| walk.judged(m)));
}

/// Whether a word in small letters is, or is nearly, a form of a name.
pub(super) fn takes(names: &Names, word: &str) -> bool {
    let looks = |reading| {
        let skeleton = skeleton::skeleton(word, reading);
        names.look(digest(&skeleton), true).is_some() || names.look_near(&skeleton).0.is_some()
    };
    let cyrillic = word.chars().any(is_cyrillic);
    looks(Reading::Plain)
        || looks(Reading::Other)
        || names.look_near(word).0.is_some()
        || names.look_sound(word, cyrillic).is_some()
}

struct Walk<'a> {
    names: &'a Names,
    scan: &'a Scan<'a>,
    sheet: &'a Sheet,
    /// From where on the text has had capitals and small letters.
    cased: usize,
}

impl Walk<'_> {
    /// Whether capitals say something at the word that ends at `end`: by what came before, for
    /// what follows may still come.
    fn cased(&self, end: usize) -> bool {
        self.cased < end
    }

    fn look(&self, at: usize, token: &Token, buffer: &mut String) -> Option<Sight> {
        let scan = self.scan;
        scan.spend(1);
        if token.digits || token.end - token.start > 80 {
            return None;
        }
        // "Ol'ga", "O'Brien": one word if it is one of ours.
        if let Some(next) = self.apostrophe(at, token) {
            let mut joined = zeroize::Zeroizing::new(String::with_capacity(80));
            joined.push_str(scan.lower(token.start, token.end));
            joined.push_str(scan.lower(next.start, next.end));
            if let Some(sight) = self.word(at, at + 1, token.start..next.end, &joined, buffer) {
                return Some(sight);
            }
        }
        // "petrov90": letters and at most four digits.
        let all = scan.lower(token.start, token.end);
        let word = all.trim_end_matches(|c: char| c.is_ascii_digit());
        let cut = all.len() - word.len();
        if word.len() < 2 || cut > 4 || (cut > 0 && word.len() < 5) {
            return None;
        }
        self.word(at, at, token.start..token.end - cut, word, buffer)
    }

    fn apostrophe(&self, at: usize, token: &Token) -> Option<&Token> {
        let next = self.scan.tokens.get(at + 1)?;
        let gap = self.scan.slice(token.end, next.start);
        let short = next.end - next.start <= 40 && token.end - token.start <= 40;
        (short && matches!(gap, "'" | "’" | "`" | "ʹ")).then_some(next)
    }

    fn word(
        &self,
        at: usize,
        end_at: usize,
        span: std::ops::Range<usize>,
        word: &str,
        buffer: &mut String,
    ) -> Option<Sight> {
        let first = self.scan.char_after(span.start);
        let upper = first.is_some_and(char::is_uppercase);
        let cyrillic = word.chars().any(is_cyrillic);
        let form = self.form(at, word, cyrillic, upper || !self.cased(span.end), buffer)?;
        let word_too = means_something(word);
        if matches!(
            form.way,
            Way::Slip | Way::WeakSlip | Way::Sound | Way::FaintSound
        ) && word_too
        {
            return None;
        }
        let part = self
            .names
            .values
            .get(form.value)
            .and_then(|(_, parts)| parts.get(form.part))?;
        let exact = digest(word) == part.raw;
        let other_alphabet = cyrillic != part.cyrillic;
        let enough = match form.way {
            Way::Slip if upper => SURE_SLIP,
            Way::Sound if upper && self.inside(at) => SURE,
            Way::Slip | Way::WeakSlip | Way::Sound | Way::FaintSound => usize::MAX,
            Way::Joined => SURE + 1,
            _ if exact || (upper && self.inside(at)) => SURE,
            // A capital that says nothing, or none: the less alike, the longer.
            Way::Whole if !other_alphabet || upper => SURE,
            Way::Case if !other_alphabet => SURE + usize::from(!upper),
            Way::Short if upper => SURE,
            Way::Whole | Way::Short => SURE + 2,
            Way::Case => SURE + 1,
        };
        Some(Sight {
            at,
            last: end_at,
            start: span.start,
            end: span.end,
            sure: !word_too && word.chars().count() >= enough,
            exact,
            other_alphabet,
            form,
        })
    }

    /// What `word` at token `at` is, in either reading; with `slips`, but for one letter.
    fn form(
        &self,
        at: usize,
        word: &str,
        cyrillic: bool,
        slips: bool,
        buffer: &mut String,
    ) -> Option<Form> {
        self.scan.spend(2);
        let token = self.scan.tokens.get(at)?;
        let whole = token.end - token.start == word.len();
        if whole {
            if let Some(form) = self.names.look(self.sheet.plain(at), cyrillic) {
                return Some(form);
            }
            // Nothing that is spelled otherwise, and no slip, begins with this letter.
            if !slips && !self.names.begins(self.sheet.first(at)) && !word.starts_with(OTHERWISE) {
                return None;
            }
        }
        self.scan.spend(word.len() / 2);
        skeleton::write(word, Reading::Plain, buffer);
        let plain = self.names.look(digest(buffer), cyrillic);
        if plain.is_some() {
            return plain;
        }
        let near = |word: &str| {
            let (found, steps) = self.names.look_near(word);
            self.scan.spend(steps);
            found
        };
        let slip = if slips {
            near(buffer).or_else(|| near(word))
        } else {
            None
        };
        let other = if ambiguous(word) {
            self.scan.spend(word.len() / 2);
            skeleton::write(word, Reading::Other, buffer);
            self.names.look(digest(buffer), cyrillic)
        } else {
            None
        };
        let by_sound = || {
            self.scan.spend(word.len());
            let found = slips.then(|| self.names.look_sound(word, cyrillic));
            found.flatten()
        };
        other.or(slip).or_else(by_sound)
    }

    /// Whether `sight` is more of `mention`.
    fn continues(&self, mention: &Mention, sight: &Sight) -> bool {
        let new = mention.parts & bit(sight.form.part) == 0;
        if mention.value != sight.form.value || sight.at - mention.last > BETWEEN + 1 {
            return false;
        }
        let mut strangers = 0;
        for at in mention.last..sight.at {
            self.scan.spend(4);
            if !self.joint(at, new) {
                return false;
            }
            let Some(token) = self.scan.tokens.get(at + 1).filter(|_| at + 1 < sight.at) else {
                continue;
            };
            let word = self.scan.lower(token.start, token.end);
            if links(word) || self.is_initial(token, mention.value) {
                continue;
            }
            let capital = self
                .scan
                .char_after(token.start)
                .is_some_and(char::is_uppercase);
            strangers += 1;
            if !(capital && self.cased(token.end) && new && strangers == 1) {
                return false;
            }
        }
        new || self.scan.slice(mention.end, sight.start) == "-"
    }

    /// Whether what stands between token `at` and the next holds a name together.
    fn joint(&self, at: usize, comma: bool) -> bool {
        let (Some(a), Some(b)) = (self.scan.tokens.get(at), self.scan.tokens.get(at + 1)) else {
            return false;
        };
        let gap = self.scan.slice(a.end, b.start);
        let short = self.scan.slice(a.start, a.end).chars().take(3).count() < 3;
        gap.len() <= GAP
            && gap.chars().all(|c| match c {
                ' ' | '-' | '_' | '\'' | '’' | '\u{a0}' => true,
                '.' => short || gap == ".",
                ',' => comma,
                _ => false,
            })
    }

    /// A mention with its initials, if it is one.
    fn judged(&self, mut mention: Mention) -> Option<Hit> {
        self.initials(&mut mention);
        let several = mention.parts.count_ones() > 1;
        let led = mention.way != Way::FaintSound && self.led(mention.first);
        let strong = mention.sure || several || mention.initials || led;
        let weak = !strong
            && !matches!(
                mention.way,
                Way::Slip | Way::WeakSlip | Way::Sound | Way::FaintSound
            )
            && self.stands_out(mention.first);
        if !strong && !weak {
            return None;
        }
        let (confidence, reason) = mention.reason(weak);
        let (canonical, _) = self.names.values.get(mention.value)?;
        Some(Hit {
            start: mention.start,
            end: mention.end,
            kind: Kind::Known(Attribute::Name),
            detector: "known",
            confidence,
            reason,
            canonical: Some(canonical.to_string()),
        })
    }
}
