//! What a field becomes under a mask.
//!
//! A mask keeps as much as a person needs to recognise their own value, and never a short one:
//! four characters and fewer are hidden whole. Its form is the catalog's, else the class's, so an
//! agent cannot ask for a kinder one.
//!
//! Promises that of what tells one value from another never more than half is shown, with one
//! exception: a card's first six and last four digits, which PCI DSS allows and people know their
//! cards by. A domain tells the provider and no more, so it counts as nothing; it is shown whole.

mod shorten;

use crate::catalog::{Class, Mask};
use shorten::{city, rounded, year};

const HIDDEN: &str = "***";
/// Shorter values are hidden whole.
const SHORT: usize = 4;
/// How many characters [`Mask::Ends`] keeps at each end.
const END: usize = 4;

/// The masked form of a string: as `form` says, else as its class does. Wallets keep four
/// characters at both ends, e-mail addresses the first letter and the domain, phones the last two
/// digits, identities the first letter; all else keeps nothing.
pub(crate) fn mask(class: Class, form: Option<Mask>, value: &str) -> String {
    if value.chars().nth(SHORT).is_none() {
        return HIDDEN.to_owned();
    }
    let masked = match form {
        Some(form) => formed(form, value),
        None => match class {
            Class::Wallet => formed(Mask::Ends, value),
            Class::Contact => contact(value),
            Class::Identity => formed(Mask::FirstLetter, value),
            Class::Public
            | Class::Account
            | Class::Financial
            | Class::Security
            | Class::Internal => None,
        },
    };
    masked.unwrap_or_else(|| HIDDEN.to_owned())
}

/// The masked form of a number or a boolean, as it is written in JSON.
pub(crate) fn mask_number(form: Option<Mask>, value: &str) -> String {
    let long = value.chars().nth(SHORT).is_some();
    let masked = (long && form == Some(Mask::Rounded)).then(|| rounded(value));
    masked.flatten().unwrap_or_else(|| HIDDEN.to_owned())
}

/// None where the value is not of the kind that has this form.
fn formed(form: Mask, value: &str) -> Option<String> {
    match form {
        Mask::Hidden => None,
        Mask::Ends => ends(value),
        Mask::Last2 => last(value, 2),
        Mask::Last4 => last(value, 4),
        Mask::BinLast4 => card(value).or_else(|| last(value, 4)),
        Mask::Email => domain(value).map(|(local, domain)| {
            let first = first_letter(local).unwrap_or_else(|| HIDDEN.to_owned());
            format!("{first}@{domain}")
        }),
        Mask::Domain => domain(value).map(|(_local, domain)| format!("{HIDDEN}@{domain}")),
        Mask::FirstLetter => first_letter(value),
        Mask::City => city(value),
        Mask::Rounded => rounded(value),
        Mask::Year => year(value),
    }
}

fn ends(value: &str) -> Option<String> {
    let length = value.chars().count();
    (length >= 4 * END).then(|| {
        let first: String = value.chars().take(END).collect();
        let last: String = value.chars().skip(length - END).collect();
        format!("{first}…{last}")
    })
}

/// The last letters and digits, of which there are at least twice as many.
fn last(value: &str, kept: usize) -> Option<String> {
    let letters: Vec<char> = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let from = letters
        .len()
        .checked_sub(kept)
        .filter(|hidden| *hidden >= kept)?;
    let shown: String = letters.get(from..)?.iter().collect();
    Some(format!("{HIDDEN}{shown}"))
}

fn card(value: &str) -> Option<String> {
    let apart = |c: char| c == ' ' || c == '-';
    let digits: String = value.chars().filter(|c| !apart(*c)).collect();
    let is_card = (15..=19).contains(&digits.len()) && luhn(&digits);
    let (first, last) = (
        digits.get(..6)?,
        digits.get(digits.len().checked_sub(4)?..)?,
    );
    is_card.then(|| format!("{first}…{last}"))
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (at, c) in digits.chars().rev().enumerate() {
        let Some(digit) = c.to_digit(10) else {
            return false;
        };
        let doubled = if at % 2 == 1 { digit * 2 } else { digit };
        sum += doubled / 10 + doubled % 10;
    }
    sum % 10 == 0
}

/// The first letter, if there is another.
fn first_letter(value: &str) -> Option<String> {
    let mut letters = value.chars();
    let first = letters.next().filter(|c| c.is_alphabetic())?;
    letters.next().map(|_more| format!("{first}{HIDDEN}"))
}

/// Both sides of an e-mail address. An address in prose is none.
fn domain(value: &str) -> Option<(&str, &str)> {
    let (local, domain) = value.rsplit_once('@')?;
    let is_one = !local.is_empty()
        && domain.contains('.')
        && !value.contains(char::is_whitespace)
        && domain
            .chars()
            .all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    is_one.then_some((local, domain))
}

fn contact(value: &str) -> Option<String> {
    if value.contains('@') {
        return formed(Mask::Email, value);
    }
    let is_phone = value.chars().filter(char::is_ascii_digit).count() >= 7
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.'));
    is_phone.then(|| last(value, 2)).flatten()
}

#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what the tests allow a form they do not name is the least"
)]
mod tests;
