//! The text as the pieces an address is made of.

use super::super::super::lexicon;
use super::super::super::scan::{Scan, Token};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a token may be in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A number of at most six digits, with a letter or a second number maybe.
    Number,
    /// Half of a postcode of letters and digits.
    Post,
    /// A word with a capital that no list speaks against.
    Name,
    /// A country or a town, however written.
    Place,
    /// "Street", "улица", or a name that ends so.
    Street,
    /// The same, of words that mean other things as well.
    WeakStreet,
    /// "Rue", "ul.", "улица": the name follows.
    Before,
    /// "Apt.", "кв.": a number follows.
    Unit,
    /// "Floor", "Box": a number follows, and the word means other things too.
    Part,
    /// "г.": the name of a town follows.
    Town,
    /// "APO".
    Force,
    /// "USS".
    Ship,
    /// "de la", "of".
    Small,
    /// Anything else.
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) role: Role,
    /// Its first letter is a capital.
    pub(super) capital: bool,
    /// A name of people, or a word of English: no evidence of a street.
    pub(super) plain: bool,
    /// A word of English.
    pub(super) common: bool,
    /// How many digits.
    pub(super) digits: usize,
}

impl Item {
    pub(super) fn named(&self) -> bool {
        matches!(self.role, Role::Name | Role::Place) && self.capital
    }
}

/// All pieces of the text.
pub(super) fn items(scan: &Scan<'_>) -> Vec<Item> {
    let mut out = Vec::with_capacity(scan.tokens.len());
    let mut at = 0;
    while let Some(token) = scan.tokens.get(at) {
        scan.spend(3);
        let text = scan.slice(token.start, token.end);
        let mut item = Item {
            start: token.start,
            end: token.end,
            role: Role::Other,
            capital: text.starts_with(char::is_uppercase),
            plain: false,
            common: false,
            digits: text.bytes().filter(u8::is_ascii_digit).count(),
        };
        at += 1;
        if text.len() > 60 {
            out.push(item);
            continue;
        }
        scan.spend(text.len() / 4);
        if item.digits > 0 {
            at += number(scan, &mut item, scan.tokens.get(at));
        } else {
            item.role = word(scan, &mut item);
        }
        out.push(item);
    }
    out
}

/// Settles what a token with digits is; how many more tokens belong to it.
fn number(scan: &Scan<'_>, item: &mut Item, next: Option<&Token>) -> usize {
    let text = scan.slice(item.start, item.end);
    let led = text.starts_with(|c: char| c.is_ascii_digit());
    let letters = text.chars().count() - item.digits;
    let before = scan.char_before(item.start);
    let bad = before.is_some_and(|c| "$€£¥₽₿+@:_=*%".contains(c));
    if bad || item.digits > 6 {
        return 0;
    }
    if !led {
        // "SW1A", "K1A": letters first.
        let upper = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        // "L4E7S3", "R33EV63": both halves in one.
        let whole = matches!(text.len(), 6 | 7) && item.digits >= 2 && letters >= 3;
        if upper && ((2..=4).contains(&text.len()) || whole) {
            item.role = Role::Post;
        }
        return 0;
    }
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|o| text.ends_with(o));
    if letters > 2 || letters > 0 && item.digits > 4 {
        return 0;
    }
    let tie = scan.char_after(item.end);
    let joined =
        next.filter(|n| n.start == item.end + 1 && tie.is_some_and(|c| "-/.,:".contains(c)));
    let Some(other) = joined.filter(|n| n.digits || tie == Some('-')) else {
        let sign = tie.is_some_and(|c| "%$€£₽@_=".contains(c));
        let tail = before.is_some_and(|c| ".,/-".contains(c))
            && item.start > 1
            && scan
                .byte(item.start - 2)
                .is_some_and(|b| b.is_ascii_digit());
        if !sign && !tail {
            item.role = if ordinal { Role::Name } else { Role::Number };
            item.capital |= ordinal;
        }
        return 0;
    };
    let sizes = (item.digits, other.end - other.start);
    let post = matches!(sizes, (5, 3 | 4) | (2 | 4, 3));
    let range = sizes.0 <= 3 && sizes.1 <= 3 && matches!(tie, Some('-' | '/'));
    let more = scan
        .char_after(other.end)
        .is_some_and(|c| "-/.:".contains(c))
        && scan.byte(other.end + 1).is_some_and(|b| b.is_ascii_digit());
    let led_by = before.is_some_and(|c| "-/.,".contains(c));
    if other.digits && (post && tie == Some('-') || range) && !more && !led_by {
        item.role = Role::Number;
        item.end = other.end;
        return 1;
    }
    0
}

fn word(scan: &Scan<'_>, item: &mut Item) -> Role {
    let glued = |c: Option<char>| c.is_some_and(|c| "@_=\\&+".contains(c));
    if glued(scan.char_before(item.start)) || glued(scan.char_after(item.end)) {
        return Role::Other;
    }
    let text = scan.slice(item.start, item.end);
    let lower = scan.lower(item.start, item.end);
    let folded;
    let key = if text.is_ascii() {
        lower
    } else {
        folded = lexicon::fold(text);
        if folded.is_empty() { lower } else { &folded }
    };
    match (key, scan.byte(item.end)) {
        // "C/ Mayor", "Imre u. 12".
        ("u", Some(b'.')) => return Role::Street,
        ("c", Some(b'/')) | ("al" | "r", Some(b'.')) => return Role::Before,
        _ => {}
    }
    if let Some((role, rare)) = TABLE.roles.get(key) {
        item.common = *rare;
        return *role;
    }
    let class = if key.is_ascii() {
        lexicon::word(key)
    } else {
        lexicon::Word::default()
    };
    item.common = class.ordinary();
    item.plain = class.ordinary() || class.strong();
    // "ABC 123", "BTC 5": letters in capitals are codes.
    item.plain |=
        text.len() < 5 && text.chars().count() > 1 && !text.chars().any(char::is_lowercase);
    if class.place() {
        return Role::Place;
    }
    let compound = !class.ordinary()
        && TABLE
            .endings
            .iter()
            .any(|e| key.len() >= e.len() + 3 && key.ends_with(e));
    if compound && (item.capital || key.len() > 9) && !class.strong() {
        return Role::Street;
    }
    if item.capital {
        Role::Name
    } else {
        Role::Other
    }
}

/// What a token without digits is.
pub(super) fn role(scan: &Scan<'_>, token: &Token) -> Role {
    let text = scan.slice(token.start, token.end);
    let mut item = Item {
        start: token.start,
        end: token.end,
        role: Role::Other,
        capital: text.starts_with(char::is_uppercase),
        plain: false,
        common: false,
        digits: 0,
    };
    word(scan, &mut item)
}

/// Whether `phrase` announces an address.
pub(super) fn cue(phrase: &str) -> bool {
    TABLE.cues.contains(&phrase)
}

#[derive(Default)]
struct Table {
    roles: HashMap<&'static str, (Role, bool)>,
    endings: Vec<&'static str>,
    cues: Vec<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in include_str!("word.txt").lines() {
        let (role, words) = line.split_once(' ').unwrap_or_default();
        let rare = role == "rare";
        let role = match role {
            "street" => Role::Street,
            "weak" | "rare" => Role::WeakStreet,
            "before" => Role::Before,
            "unit" => Role::Unit,
            "part" => Role::Part,
            "town" => Role::Town,
            "force" => Role::Force,
            "ship" => Role::Ship,
            "small" => Role::Small,
            "ending" => {
                table.endings.extend(words.split(' '));
                continue;
            }
            "cue" => {
                table.cues.extend(words.split(',').map(str::trim));
                continue;
            }
            _ => continue,
        };
        for word in words.split(' ') {
            table.roles.entry(word).or_insert((role, rare));
        }
    }
    table
});
