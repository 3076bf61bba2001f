use super::{Class, HIDDEN, Mask, mask, mask_number};
use proptest::prelude::*;

const FORMS: [Mask; 11] = [
    Mask::Hidden,
    Mask::Ends,
    Mask::Last2,
    Mask::Last4,
    Mask::BinLast4,
    Mask::Email,
    Mask::Domain,
    Mask::FirstLetter,
    Mask::City,
    Mask::Rounded,
    Mask::Year,
];

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
        (Class::Contact, "write to ivan@mail.example", "***"),
        (Class::Identity, "Иванов", "И***"),
        (Class::Identity, "4509 123456", "***"),
        (Class::Financial, "12345.67", "***"),
        (Class::Internal, "some note", "***"),
    ] {
        assert_eq!(mask(class, None, value), masked);
    }
}

#[test]
fn masks_by_form() {
    for (form, value, masked) in [
        (Mask::Last4, "4509 123456", "***3456"),
        (Mask::Last4, "DE89 3704 0044 0532 0130 00", "***3000"),
        (Mask::Last4, "1234567", "***"),
        (Mask::Last2, "12345", "***45"),
        (Mask::BinLast4, "4111 1111 1111 1111", "411111…1111"),
        (Mask::BinLast4, "3782-822463-10005", "378282…0005"),
        // No card: its check digit is wrong.
        (Mask::BinLast4, "4111 1111 1111 1112", "***1112"),
        (Mask::Domain, "ivan@mail.example", "***@mail.example"),
        (Mask::Email, "ivan@mail.example", "i***@mail.example"),
        (Mask::Email, "not an @ address", "***"),
        (Mask::Domain, "ivan at mail", "***"),
        (Mask::FirstLetter, "Мария Иванова", "М***"),
        (
            Mask::Ends,
            "0x52908400098527886E0F7030069857D2",
            "0x52…57D2",
        ),
        (Mask::Hidden, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "***"),
        (
            Mask::City,
            "221B Baker Street, London, NW1 6XE, United Kingdom",
            "London",
        ),
        (
            Mask::City,
            "Россия, г. Москва, ул. Ленина, д. 5, кв. 12",
            "Москва",
        ),
        (Mask::City, "Musterstraße 5, 10115 Berlin", "Berlin"),
        // A street without a word for it cannot be told from a city.
        (Mask::City, "Ленина, 5-12, Казань", "***"),
        (Mask::City, "London", "***"),
        (Mask::Rounded, "12345.67", "~10000"),
        (Mask::Rounded, "-0.0962", "~-0.1"),
        (Mask::Rounded, "0.04213", "~0.04"),
        (Mask::Rounded, "99.99", "~100"),
        (Mask::Rounded, "1e30000", "***"),
        (Mask::Year, "1990-05-17", "1990"),
        (Mask::Year, "17.05.1990", "1990"),
        (Mask::Year, "1990-2001", "***"),
        (Mask::Year, "19900517", "***"),
    ] {
        assert_eq!(mask(Class::Identity, Some(form), value), masked, "{form:?}");
    }
    assert_eq!(mask_number(Some(Mask::Rounded), "12345"), "~10000");
    assert_eq!(mask_number(Some(Mask::Rounded), "1234"), "***");
    assert_eq!(mask_number(None, "12345"), "***");
    assert_eq!(mask_number(Some(Mask::Rounded), "1e5"), "***");
}

#[test]
fn short_values_are_hidden_whole() {
    for class in Class::ALL {
        for form in FORMS.into_iter().map(Some).chain([None]) {
            for value in ["", "a", "a@b", "abcd", "И", "1234", "19.9"] {
                assert_eq!(mask(class, form, value), "***");
            }
        }
    }
}

/// How many characters of `value` a masked form can show, by what stands in it.
fn shown(form: Mask, value: &str, masked: &str) -> usize {
    let plain = masked.replace(HIDDEN, "").replace('…', "");
    match form {
        // The domain is the provider's.
        Mask::Email | Mask::Domain => local(&plain).chars().count(),
        // One digit; the zeros are ours.
        Mask::Rounded => plain.chars().filter(|c| matches!(c, '1'..='9')).count(),
        _ => {
            assert!(plain.chars().count() <= value.chars().count());
            plain.chars().count()
        }
    }
}

fn local(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(local, _domain)| local)
}

fn most(form: Mask) -> usize {
    match form {
        Mask::Hidden | Mask::Domain => 0,
        Mask::Email | Mask::FirstLetter | Mask::Rounded => 1,
        Mask::Last2 => 2,
        Mask::Last4 | Mask::Year => 4,
        Mask::Ends => 8,
        Mask::BinLast4 => 10,
        Mask::City => 200,
    }
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[0-9]{0,24}(\\.[0-9]{1,12})?",
        "[a-z.]{1,12}@[a-z]{1,12}\\.[a-z]{2,8}",
        "[0-9]{4}([ -]?[0-9]{4}){2,3}",
        "[12][09][0-9]{2}-[01][0-9]-[0-3][0-9]",
        "([A-Za-zА-Яа-я0-9.]{1,9}( [A-Za-zА-Яа-я0-9]{1,9})?, ){1,4}[A-Za-zА-Яа-я0-9]{1,9}",
    ]
}

proptest! {
    #[test]
    fn a_mask_shows_little_and_never_more_than_half(value in values()) {
        for form in FORMS {
            let masked = mask(Class::Identity, Some(form), &value);
            let shown = shown(form, &value, &masked);
            prop_assert!(shown <= most(form), "{form:?} {masked}");
            let secret = match form {
                Mask::Email | Mask::Domain => local(&value),
                _ => &value,
            };
            let card = form == Mask::BinLast4 && masked.contains('…');
            // An amount's only digit says nothing of where between two it lies.
            let whole = form == Mask::Rounded;
            prop_assert!(card || whole || shown * 2 <= secret.chars().count().max(1), "{form:?} {value} {masked}");
        }
    }

    /// Numbers that share a first digit and its neighbour look alike, however they go on.
    #[test]
    fn a_rounded_amount_tells_its_size_alone(lead in 1..=9_u8, next in 0..=4_u8, rest in "[0-9]{8}", other in "[0-9]{8}") {
        let one = mask_number(Some(Mask::Rounded), &format!("{lead}{next}{rest}"));
        let two = mask_number(Some(Mask::Rounded), &format!("{lead}{next}{other}"));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn by_class_never_more_than_half_of_what_tells(value in values()) {
        for class in Class::ALL {
            let masked = mask(class, None, &value);
            let plain = masked.replace(HIDDEN, "").replace('…', "");
            let secret = |text: &str| match class {
                Class::Contact => local(text).chars().count(),
                _ => text.chars().count(),
            };
            prop_assert!(secret(&plain) <= 8 && secret(&plain) * 2 <= secret(&value).max(1), "{class:?} {value} {masked}");
        }
    }
}
