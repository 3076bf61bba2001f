//! What a field becomes under a treatment.
//!
//! A mask keeps as much as a person needs to recognise their own value, and never a short one:
//! four characters and fewer are hidden whole. It depends on the class alone, so an agent cannot
//! ask for a kinder one.

use crate::catalog::Class;

const HIDDEN: &str = "***";
/// Below this a wallet value would be mostly shown.
const WALLET: usize = 16;

/// The masked form of `value`: wallets keep four characters at both ends, e-mail addresses the
/// first letter and the domain, phones the last two digits, identities the first letter; all
/// else keeps nothing.
pub(crate) fn mask(class: Class, value: &str) -> String {
    let length = value.chars().count();
    if length <= 4 {
        return HIDDEN.to_owned();
    }
    match class {
        Class::Wallet if length >= WALLET => {
            let first: String = value.chars().take(4).collect();
            let last: String = value.chars().skip(length - 4).collect();
            format!("{first}…{last}")
        }
        Class::Contact => contact(value),
        Class::Identity => first_letter(value),
        Class::Public
        | Class::Account
        | Class::Financial
        | Class::Wallet
        | Class::Security
        | Class::Internal => HIDDEN.to_owned(),
    }
}

fn first_letter(value: &str) -> String {
    match value.chars().next() {
        Some(first) if first.is_alphabetic() => format!("{first}{HIDDEN}"),
        _ => HIDDEN.to_owned(),
    }
}

fn contact(value: &str) -> String {
    if let Some((local, domain)) = value.rsplit_once('@') {
        let shown = if local.chars().nth(1).is_some() {
            first_letter(local)
        } else {
            HIDDEN.to_owned()
        };
        // An address in prose is no address.
        return if domain.contains(char::is_whitespace) || domain.is_empty() {
            HIDDEN.to_owned()
        } else {
            format!("{shown}@{domain}")
        };
    }
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    let phone = digits.len() >= 7
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ' | '.'));
    match digits.get(digits.len().saturating_sub(2)..) {
        Some([a, b]) if phone => format!("{HIDDEN}{a}{b}"),
        _ => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, mask};

    #[test]
    fn masks_by_class() {
        for (class, value, masked) in [
            (
                Class::Wallet,
                "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
                "1BvB…NVN2",
            ),
            (Class::Wallet, "short-memo", "***"),
            (Class::Contact, "ivan@mail.example", "i***@mail.example"),
            (Class::Contact, "i@mail.example", "***@mail.example"),
            (Class::Contact, "+7 999 123-45-67", "***67"),
            (Class::Contact, "221B Baker Street 1234567", "***"),
            (Class::Identity, "Иванов", "И***"),
            (Class::Identity, "4509 123456", "***"),
            (Class::Financial, "12345.67", "***"),
            (Class::Internal, "some note", "***"),
        ] {
            assert_eq!(mask(class, value), masked);
        }
    }

    #[test]
    fn short_values_are_hidden_whole() {
        for class in Class::ALL {
            for value in ["", "a", "a@b", "abcd", "И", "1234"] {
                assert_eq!(mask(class, value), "***");
            }
        }
    }
}
