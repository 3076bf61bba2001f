//! Passwords, by what people write before them.
//!
//! After `password:` nearly anything is one; after "password is" what looks like one or ends the
//! sentence; right after "password" only what no word looks like; after `mail@host:` too. English, Russian, German.
//! Limits: a password of several words is found whole only in quotes; a plain word after
//! "password is" is missed when a sentence goes on after it; a password nobody calls one is not
//! found.

use super::super::cue::{Cue, Sense};
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};

const NAME: &str = "password";
const LONGEST: usize = 128;
/// How long the login before a colon may be.
const PAIR: usize = 64;
/// How far after the word its colon may stand: "password for my account: …".
pub(crate) const COLON: usize = 48;

/// What stands between the word and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// A colon or an equal sign.
    Sign,
    /// "is", "ist", "это", a dash.
    Verb,
    /// A space.
    Nothing,
}

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in &scan.cues {
        let weak = cue.sense == Sense::WeakPassword;
        if !weak && cue.sense != Sense::Password {
            continue;
        }
        scan.spend(LONGEST * 2);
        let Some((at, link)) = value_at(scan, cue) else {
            continue;
        };
        let Some((start, end, quoted)) = chunk(scan, at) else {
            continue;
        };
        let value = scan.slice(start, end);
        if weak && link != Link::Sign && !(link == Link::Verb && lettered(value)) {
            continue;
        }
        if quoted || accepts(scan, value, end, link) {
            hits.push(hit(start, end));
            second(scan, value, end, hits);
        } else if PREPOSITIONS.contains(&last_link(scan, at)) {
            hits.extend(later(scan, end));
        }
    }
    pairs(scan, hits);
}

/// The word before the value.
fn last_link<'t>(scan: &Scan<'t>, at: usize) -> &'t str {
    let before = scan.token_at(at).checked_sub(1);
    before
        .and_then(|n| scan.tokens.get(n))
        .map_or("", |t| scan.lower(t.start, t.end))
}

/// "пароль от аккаунта Kotik1988!": the value stands up to two words later.
fn later(scan: &Scan<'_>, from: usize) -> Option<Hit> {
    let mut at = from;
    for _ in 0..2 {
        if !scan.char_after(at)?.is_whitespace() {
            return None;
        }
        let (start, end, _) = chunk(scan, at)?;
        let value = scan.slice(start, end);
        if lettered(value) && !value.contains("://") {
            return Some(hit(start, end));
        }
        at = end;
    }
    None
}

/// `ivan@mail.example:Secret1`, as stolen accounts are listed.
fn pairs(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let text = scan.slice(0, scan.len());
    for (at, sign) in text.match_indices(':') {
        let from = at.saturating_sub(PAIR);
        let from = (from..at).find(|n| text.is_char_boundary(*n)).unwrap_or(at);
        scan.spend(PAIR / 4);
        let before = scan.slice(from, at);
        let login = before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        let domain = login.rsplit_once('@').map_or("", |(_, domain)| domain);
        let next = scan.char_after(at + sign.len());
        if !domain.contains('.') || next.is_none_or(|c| c.is_whitespace() || c == '/') {
            continue;
        }
        if let Some((start, end, _)) = chunk(scan, at + sign.len())
            && strong(scan.slice(start, end))
        {
            hits.push(hit(start, end));
        }
    }
}

fn hit(start: usize, end: usize) -> Hit {
    Hit {
        start,
        end,
        kind: Kind::Password,
        detector: NAME,
        confidence: Confidence::Likely,
        reason: "follows a word for password",
        canonical: None,
    }
}

/// Where the value begins, and what led there.
pub(crate) fn value_at(scan: &Scan<'_>, cue: &Cue) -> Option<(usize, Link)> {
    let ahead = scan.ahead(cue.end, COLON);
    let first_line = ahead.split('\n').next().unwrap_or_default();
    if let Some(at) = sign(first_line) {
        return Some((cue.end + at, Link::Sign));
    }
    let mut at = cue.end;
    let mut link = Link::Nothing;
    for _ in 0..4 {
        let rest = scan.ahead(at, 64);
        let spaces = rest.len() - rest.trim_start_matches([' ', '\t', '\u{a0}']).len();
        let trimmed = rest.get(spaces..).unwrap_or_default();
        let word: String = trimmed
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '\'')
            .collect();
        let lower = word.to_lowercase();
        if LINKS.contains(&lower.as_str()) && spaces > 0 {
            link = Link::Verb;
            at += spaces + word.len();
        } else if let Some(dash) = trimmed.chars().next().filter(|c| "—–-→>".contains(*c)) {
            link = Link::Verb;
            at += spaces + dash.len_utf8();
        } else {
            // "password/2FA": no value without a space before it.
            return (spaces > 0).then_some((at + spaces, link));
        }
    }
    Some((at, link))
}

/// The offset after a colon or equal sign that assigns a value, at most four words away.
pub(crate) fn sign(line: &str) -> Option<usize> {
    let at = line.find([':', '='])?;
    let (before, after) = line.split_at_checked(at)?;
    let after = after.get(1..)?;
    let sentence = before.contains(['.', '!', '?', ';']) || before.split_whitespace().count() > 4;
    let url = after.starts_with("//");
    let clock = before.ends_with(|c: char| c.is_ascii_digit())
        && after.starts_with(|c: char| c.is_ascii_digit());
    (!sentence && !url && !clock).then_some(at + 1)
}

/// The next word in the widest sense, or what stands in quotes; with whether it did.
pub(crate) fn chunk(scan: &Scan<'_>, at: usize) -> Option<(usize, usize, bool)> {
    let rest = scan.ahead(at, LONGEST);
    let start = rest.len() - rest.trim_start().len();
    let rest = rest.get(start..)?;
    let mut chars = rest.chars();
    let first = chars.next()?;
    if let Some(close) = closing(first) {
        let inner = chars.as_str();
        if let Some(len) = inner.find([close, '\n']).filter(|len| *len > 0)
            && inner.get(len..).is_some_and(|s| s.starts_with(close))
        {
            let from = at + start + first.len_utf8();
            return Some((from, from + len, true));
        }
    }
    let word = rest.split(char::is_whitespace).next()?;
    let word = word.trim_end_matches(['.', ',', ';', ':', ')', '"', '»', '“', '”', '\'', '`']);
    let inner = word.trim_start_matches(['"', '«', '(', '„', '“', '\'', '`']);
    let from = at + start + (word.len() - inner.len());
    (!inner.is_empty()).then_some((from, from + inner.len(), false))
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '"' => '"',
        '\'' => '\'',
        '`' => '`',
        '«' => '»',
        '“' => '”',
        '„' => '“',
        _ => return None,
    })
}

fn accepts(scan: &Scan<'_>, value: &str, end: usize, link: Link) -> bool {
    let lower = value.to_lowercase();
    let stem = lower.trim_end_matches(['!', '?', ',']);
    if STOP.contains(&stem) || value.contains("://") || value.starts_with('[') {
        return false;
    }
    match link {
        Link::Sign => value.chars().nth(2).is_some(),
        Link::Verb => strong(value) || (last_word(scan, value, end) && wordlike(stem)),
        Link::Nothing => strong(value),
    }
}

/// What no word looks like: digits or symbols among letters, or a number.
fn strong(value: &str) -> bool {
    let (mut letters, mut digits, mut symbols, mut others) = (0, 0, 0, 0);
    for c in value.chars() {
        match c {
            c if c.is_alphabetic() => letters += 1,
            c if c.is_ascii_digit() => digits += 1,
            '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '_' | '+' | '=' | '~' | '|' | '\\'
            | '<' | '>' | '{' | '}' | '?' => symbols += 1,
            _ => others += 1,
        }
    }
    let inside = symbols > usize::from(value.ends_with(['!', '?']));
    let long = letters + digits + symbols + others >= 6;
    (long && letters > 0 && (digits > 0 || inside))
        || (long && digits > 0 && inside)
        || (letters == 0 && symbols == 0 && others == 0 && (4..=16).contains(&digits))
}

/// Strong, and not a mere number.
fn lettered(value: &str) -> bool {
    strong(value) && value.contains(char::is_alphabetic)
}

/// Whether the sentence ends with it, or goes on with "and" or "but".
fn last_word(scan: &Scan<'_>, value: &str, end: usize) -> bool {
    if value.ends_with('?') {
        return false;
    }
    let rest = scan.ahead(end, 32);
    let rest = rest.trim_start_matches(['"', '\'', ')']);
    let next = rest.trim_start().to_lowercase();
    rest.is_empty()
        || rest.starts_with(['.', ',', '\n', ';', '!'])
        || next.is_empty()
        || ["and ", "but ", "и ", "но ", "а ", "und ", "aber "]
            .iter()
            .any(|w| next.starts_with(w))
}

/// A word that could be chosen as a password, and is no participle or adjective we know.
fn wordlike(stem: &str) -> bool {
    stem.chars().nth(3).is_some()
        && ![
            "ed", "ing", "able", "ible", "ный", "ен", "ён", "лся", "ует", "ает", "ится", "ется",
        ]
        .iter()
        .any(|ending| stem.ends_with(ending))
}

/// `login/password: a@b.c / secret`: after an address, the next word counts too.
fn second(scan: &Scan<'_>, value: &str, end: usize, hits: &mut Vec<Hit>) {
    if !value.contains('@') || !value.contains('.') {
        return;
    }
    let gap = scan.ahead(end, 8);
    let skip = gap.len()
        - gap
            .trim_start_matches([' ', '/', ',', ';', ':', '|', '-'])
            .len();
    if skip == 0 {
        return;
    }
    if let Some((start, end, _)) = chunk(scan, end + skip)
        && strong(scan.slice(start, end))
    {
        hits.push(hit(start, end));
    }
}

const PREPOSITIONS: &[&str] = &["от", "для", "for", "zu", "für"];

#[rustfmt::skip]
const LINKS: &[&str] = &[
    "is", "was", "are", "это", "был", "есть", "вот", "такой", "теперь", "now", "currently", "ist",
    "war", "lautet", "still", "also", "equals", "мой", "от", "для", "for",
    "zu", "für",
];

/// What people write after "password:" or "password is" that is none.
#[rustfmt::skip]
const STOP: &[&str] = &[
    "not", "no", "none", "wrong", "incorrect", "invalid", "correct", "right", "fine", "ok",
    "okay", "good", "bad", "safe", "strong", "weak", "old", "new", "same", "different", "lost",
    "gone", "unknown", "missing", "the", "a", "an", "my", "your", "it", "i", "we", "you", "how",
    "what", "when", "where", "why", "which", "who", "can", "could", "should", "is", "was", "does",
    "doesn't", "don't", "please", "help", "reset", "change", "forgot", "forgotten", "expired",
    "compromised", "stolen", "leaked", "hacked", "broken", "blocked", "locked", "required", "too",
    "very", "really", "because", "and", "or", "but", "to", "for", "in", "at", "on", "with",
    "from", "so", "again", "here", "there", "this", "that", "never", "always", "already", "yet",
    "sent", "known", "secure", "secret", "private", "being", "empty", "short", "long", "error",
    "code", "login", "email", "не", "нет", "неверный", "неверен", "неправильный", "верный",
    "правильный", "старый", "новый", "забыт", "забыл", "забыла", "утерян", "потерян", "потерял",
    "украден", "взломан", "как", "что", "где", "когда", "почему", "или", "и", "но", "от", "для",
    "на", "в", "с", "по", "его", "мой", "моя", "вы", "я", "он", "она", "это", "был", "была",
    "сменить", "сбросить", "восстановить", "изменить", "поменять", "ошибка", "помогите",
    "пожалуйста", "слабый", "сложный", "простой", "nicht", "falsch", "richtig", "vergessen",
    "verloren", "ungültig", "abgelaufen", "gesperrt", "gestohlen", "unbekannt", "weg", "der",
    "die", "das", "ein", "mein", "wie", "was", "wo", "wann", "warum", "ist", "und", "oder",
    "aber", "zu", "für", "bitte", "ändern", "zurücksetzen", "kein", "keine", "alt", "neu",
    "sicher", "unsicher", "korrekt", "geändert",
];

#[cfg(test)]
mod tests {
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn values_are_found() {
        for (text, value) in [
            ("пароль: wOLutv$AFQ не подходит", "wOLutv$AFQ"),
            ("мой пароль ET6s7u!dXs", "ET6s7u!dXs"),
            ("my password is hunter2 and it fails", "hunter2"),
            ("My password is qwerty", "qwerty"),
            (
                "password = \"correct horse battery staple\"",
                "correct horse battery staple",
            ),
            ("Mein Passwort lautet Sommer2024!", "Sommer2024!"),
            ("Passwort: geheim", "geheim"),
            ("pass: abc123", "abc123"),
            ("password for binance: Qwe123asd", "Qwe123asd"),
            ("пароль - Zima2023", "Zima2023"),
            ("password 123456", "123456"),
            ("my pass is hunter2", "hunter2"),
            ("пароль от аккаунта Kotik1988!", "Kotik1988!"),
            ("pаsswоrd: hunter2", "hunter2"),
        ] {
            assert_eq!(found(text), [value], "{text}");
        }
        assert_eq!(found("ivan@mail.ru:Qwerty123").last(), Some(&"Qwerty123"));
        assert_eq!(
            found("логин/пароль: ivan@mail.ru / Qwerty12").last(),
            Some(&"Qwerty12")
        );
    }

    #[test]
    fn talk_about_passwords_passes() {
        for text in [
            "I forgot my password",
            "My password isn't being accepted and I need to reset it.",
            "my password is not working",
            "is my password compromised?",
            "my password was changed",
            "Пароль не подходит",
            "пароль: не подходит",
            "сброс пароля занял 24 часа",
            "Passwort vergessen? Wie kann ich es ändern?",
            "password reset link https://example.com/a1b2c3",
            "password/2FA",
            "my password manager is 1Password",
            "password for my account does not work",
            "How do I set a password: please explain",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
