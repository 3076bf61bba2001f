//! Short numbers that context makes secret: one-time codes, PINs, card verification values.
//!
//! The number stands right after the phrase, after a colon, or with nothing but linking words
//! between; or right before it ("4821 is my SMS code"). English, Russian, German.
//! Limits: four to eight digits (three and four for a CVV); codes with letters, and codes sent
//! alone in a later message, are not found; "code" without an adjective counts unless a word
//! near it says what other code it is.

use super::super::cue::{Cue, Sense};
use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan, Token};
use std::ops::RangeInclusive;

const NAME: &str = "code";
/// How many linking words may stand between.
const WORDS: usize = 5;
/// And how many bytes.
const REACH: usize = 64;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for cue in &scan.cues {
        let Some((kind, lengths)) = wanted(cue.sense) else {
            continue;
        };
        if cue.sense == Sense::WeakOtp && other_code(scan, cue) {
            continue;
        }
        let found = after(scan, cue, &lengths).or_else(|| before(scan, cue, &lengths));
        let Some((start, end)) = found else {
            continue;
        };
        let digits = scan
            .slice(start, end)
            .bytes()
            .filter(u8::is_ascii_digit)
            .count();
        let kind = if cue.sense == Sense::CvvOrOtp && digits == 3 {
            Kind::Cvv
        } else {
            kind
        };
        let hit = Hit {
            start,
            end,
            kind,
            detector: NAME,
            confidence: Confidence::Likely,
            reason: "short number beside a word for it",
            canonical: None,
        };
        list(scan, &hit, hits);
        hits.push(hit);
    }
}

/// "Backup codes: 12345678 87654321 …": more numbers of the same length.
fn list(scan: &Scan<'_>, first: &Hit, hits: &mut Vec<Hit>) {
    let mut end = first.end;
    let next = scan.token_at(first.end);
    for token in scan.tokens.get(next..).unwrap_or_default().iter().take(16) {
        scan.spend(2);
        let gap = scan.slice(end, token.start);
        let joined = gap.len() <= 3 && gap.bytes().all(|b| b" ,;\n\r".contains(&b));
        if !joined || !token.digits || token.end - token.start != first.end - first.start {
            break;
        }
        end = token.end;
        hits.push(Hit {
            start: token.start,
            end,
            ..first.clone()
        });
    }
}

/// Whether the words before say that it is an error's, a promotion's or a country's code.
fn other_code(scan: &Scan<'_>, cue: &Cue) -> bool {
    let upto = scan.token_at(cue.start);
    let tokens = scan.tokens.get(..upto).unwrap_or_default();
    let before = tokens.iter().rev().take(3);
    let after = scan.token_at(cue.end);
    let tokens = scan.tokens.get(after..).unwrap_or_default();
    before
        .chain(tokens.iter().take(3))
        .inspect(|_| scan.spend(24))
        .any(|t| {
            let word = scan.lower(t.start, t.end.min(t.start + 32));
            OTHER.iter().any(|o| word.starts_with(o))
        })
}

pub(crate) fn wanted(sense: Sense) -> Option<(Kind, RangeInclusive<usize>)> {
    Some(match sense {
        Sense::Otp | Sense::WeakOtp => (Kind::Otp, 4..=8),
        Sense::CvvOrOtp => (Kind::Otp, 3..=8),
        Sense::Cvv => (Kind::Cvv, 3..=4),
        Sense::Pin => (Kind::Password, 4..=8),
        Sense::Seed
        | Sense::Key
        | Sense::WeakKey
        | Sense::Api
        | Sense::Token
        | Sense::Password
        | Sense::WeakPassword
        | Sense::OtpSecret
        | Sense::Card
        | Sense::Wallet
        | Sense::Phone
        | Sense::Network
        | Sense::Version
        | Sense::Birth
        | Sense::NationalId
        | Sense::Passport
        | Sense::Licence
        | Sense::Identifier => return None,
    })
}

fn after(scan: &Scan<'_>, cue: &Cue, lengths: &RangeInclusive<usize>) -> Option<(usize, usize)> {
    let first = scan.token_at(cue.end);
    let tokens = scan.tokens.get(first..)?;
    let mut from = cue.end;
    let mut strangers = 0;
    for (at, token) in tokens.iter().take(WORDS + 1).enumerate() {
        scan.spend(16);
        let gap = scan.slice(from, token.start);
        if token.start - cue.end > REACH || ends_sentence(gap) {
            return None;
        }
        if token.digits {
            let announced = gap.contains([':', '=']);
            if strangers > 0 && !announced {
                return None;
            }
            return number(scan, tokens.get(at..)?, lengths);
        }
        let word = scan.lower(token.start, token.end);
        if NOT.contains(&word) {
            return None;
        }
        strangers += usize::from(!LINKS.contains(&word));
        from = token.end;
    }
    None
}

fn before(scan: &Scan<'_>, cue: &Cue, lengths: &RangeInclusive<usize>) -> Option<(usize, usize)> {
    let upto = scan.token_at(cue.start);
    let mut to = cue.start;
    for back in 1..=4 {
        scan.spend(16);
        let at = upto.checked_sub(back)?;
        let token = scan.tokens.get(at)?;
        let gap = scan.slice(token.end, to);
        if to - token.end > 8 || ends_sentence(gap) {
            return None;
        }
        if token.digits {
            // "… 123 456 is the code": begin at the first group.
            let first = at
                .checked_sub(1)
                .filter(|p| {
                    scan.tokens.get(*p).is_some_and(|t| {
                        t.digits
                            && t.end - t.start == 3
                            && token.end - token.start == 3
                            && token.start - t.end == 1
                    })
                })
                .unwrap_or(at);
            return number(scan, scan.tokens.get(first..)?, lengths);
        }
        if !LINKS.contains(&scan.lower(token.start, token.end)) {
            return None;
        }
        to = token.start;
    }
    None
}

pub(crate) fn ends_sentence(gap: &str) -> bool {
    let mut chars = gap.chars().peekable();
    while let Some(c) = chars.next() {
        let end = matches!(c, '.' | '!' | '?' | ';');
        if end && chars.peek().is_none_or(|next| next.is_whitespace()) && !gap.starts_with("..") {
            return true;
        }
    }
    false
}

/// The code that begins with the first token: one group of digits, or two or three of three or
/// two with a space or a dash between. Not part of a decimal, date, time, percentage or price.
fn number(
    scan: &Scan<'_>,
    tokens: &[Token],
    lengths: &RangeInclusive<usize>,
) -> Option<(usize, usize)> {
    let first = tokens.first()?;
    let size = first.end - first.start;
    let mut end = first.end;
    let mut digits = size;
    if matches!(size, 2 | 3) {
        for token in tokens.iter().skip(1).take(3) {
            let joint = token.start - end == 1 && matches!(scan.byte(end), Some(b' ' | b'-'));
            if !joint || !token.digits || token.end - token.start != size || digits >= 6 {
                break;
            }
            digits += size;
            end = token.end;
        }
    }
    if size == 2 && digits < 6 || !lengths.contains(&digits) {
        return None;
    }
    let glued_before = matches!(
        scan.char_before(first.start),
        Some('.' | ',' | '/' | '$' | '€' | '£' | '₽')
    );
    let rest = scan.ahead(end, 12);
    let mut next = rest.chars();
    let glued_after = match next.next() {
        Some('.' | ',' | ':' | '/' | '-') => next.next().is_some_and(|c| c.is_ascii_digit()),
        Some('%' | '$' | '€' | '£' | '₽') => true,
        _ => false,
    };
    let unit = tokens
        .iter()
        .find(|t| t.start >= end)
        .filter(|t| t.start - end <= 1)
        .is_some_and(|t| UNITS.contains(&scan.lower(t.start, t.end)));
    (!glued_before && !glued_after && !unit).then_some((first.start, end))
}

#[rustfmt::skip]
pub(crate) const LINKS: &[&str] = &[
    "is", "was", "my", "the", "it", "its", "s", "code", "codes", "here", "just", "got",
    "received", "i", "number", "equals", "from", "by", "via", "app", "sms", "google", "a", "this",
    "that", "came", "says", "now", "new", "on", "card", "of", "your", "g", "also", "and", "это",
    "мой", "моя", "вот", "такой", "пришел", "пришёл", "код", "из", "от", "смс", "в", "равен",
    "был", "на", "для", "с", "приложения", "гугл", "входа", "карты", "карте", "моей", "номер",
    "ist", "lautet", "der", "mein", "meine", "die", "das", "war", "für", "aus", "per", "code",
    "hier", "karte", "meiner", "nummer", "kam", "are", "were", "shows", "show", "says", "gives",
    "gave", "which", "показывает", "пишет", "говорит", "пришло", "zeigt", "sagt", "steht", "ihr", "от", "у", "меня", "2fa", "otp",
];

/// Beginnings of words that make a code something else than a secret.
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "err", "promo", "referr", "invit", "countr", "zip", "postal", "area", "sort", "swift", "status",
    "currenc", "coupon", "gift", "voucher", "track", "product", "http", "exit", "discount", "bonus",
    "bank", "branch", "fehler", "gutschein", "einladung", "land", "промо", "рефер", "ошибк", "стран",
    "почтов", "валют", "купон", "скидк", "банк", "приглаш", "подарочн", "бонус", "статус", "отделен",
];

#[rustfmt::skip]
const NOT: &[&str] = &[
    "not", "no", "never", "didn", "doesn", "isn", "wasn", "hasn", "haven", "cannot", "can", "don",
    "t", "не", "нет", "ни", "nicht", "kein", "keine", "keinen", "nie",
];

#[rustfmt::skip]
const UNITS: &[&str] = &[
    "usdt", "usdc", "usd", "btc", "eth", "eur", "rub", "руб", "рублей", "рубля", "долларов",
    "евро", "euro", "euros", "dollars", "pounds", "gbp", "times", "minutes", "min", "hours",
    "days", "seconds", "раз", "раза", "минут", "часов", "дней", "mal", "minuten", "stunden",
    "tage", "trx", "ton", "sol",
];

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    #[test]
    fn codes_are_found() {
        for (text, kind, value) in [
            ("code 2FA 123456", Kind::Otp, "123456"),
            ("код из смс 4821", Kind::Otp, "4821"),
            ("код из смс:\n4821", Kind::Otp, "4821"),
            ("the 2FA code is 429409", Kind::Otp, "429409"),
            ("my verification code: 296 835", Kind::Otp, "296 835"),
            ("482193 is my verification code", Kind::Otp, "482193"),
            ("4821 - это код из смс", Kind::Otp, "4821"),
            ("Der Bestätigungscode lautet 771204.", Kind::Otp, "771204"),
            ("cvv 123", Kind::Cvv, "123"),
            ("CVC-код: 4821", Kind::Cvv, "4821"),
            ("security code 123", Kind::Cvv, "123"),
            ("security code 123456", Kind::Otp, "123456"),
            ("my pin is 4821", Kind::Password, "4821"),
            ("ПИН-код карты 4821", Kind::Password, "4821"),
            (
                "сейчас в приложении код 482913, он не подходит",
                Kind::Otp,
                "482913",
            ),
            ("Authenticator shows 482 913", Kind::Otp, "482 913"),
            ("Ihr Code lautet 482913 (SMS)", Kind::Otp, "482913"),
            ("код на обороте 123", Kind::Cvv, "123"),
            ("ｃｏｄｅ ２ＦＡ １２３４５６", Kind::Otp, "１２３４５６"),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
            assert_eq!(found(text), [value], "{text}");
        }
    }

    #[test]
    fn a_list_of_codes_goes_whole() {
        assert_eq!(found("backup codes: 12345678 87654321, 11223344").len(), 3);
    }

    #[test]
    fn talk_about_codes_passes() {
        for text in [
            "error at 2026-01-23T13:15:00Z code 532",
            "Where's the verification code for the top-up card?",
            "I didn't get the 2FA code. Order 8181959 is stuck",
            "verification code for order 8181959",
            "I asked for the 2FA code 5 minutes ago",
            "код из смс не пришёл, вывожу 5000 USDT",
            "2FA 1000 USDT",
            "pin 2024-01-05",
            "tan 12.5",
            "error code 30014",
            "ошибка с кодом 40012",
            "referral code 123456",
            "code 10045 error",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
