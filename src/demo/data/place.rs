//! Where customers live and what papers their country gives them.
//!
//! Telephone numbers are from the ranges regulators keep for fiction where there is one (the
//! British, the Irish, the German, and 555-01xx in North America); Russia and Kazakhstan keep none.

use super::chance::Chance;
use super::name::Locale;

/// A country with customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Country {
    #[default]
    Gb,
    Us,
    Ie,
    Ru,
    Kz,
    De,
}

/// A postal address.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) country: Country,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) postcode: String,
}

impl Country {
    pub(super) fn draw(locale: Locale, chance: &mut Chance) -> Self {
        match locale {
            Locale::En => chance.pick(&[Self::Gb, Self::Gb, Self::Us, Self::Us, Self::Ie]),
            Locale::Ru => chance.pick(&[Self::Ru, Self::Ru, Self::Ru, Self::Ru, Self::Kz]),
            Locale::De => Self::De,
        }
    }

    /// ISO 3166-1 alpha-2, as Barong keeps it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Gb => "GB",
            Self::Us => "US",
            Self::Ie => "IE",
            Self::Ru => "RU",
            Self::Kz => "KZ",
            Self::De => "DE",
        }
    }

    /// An international number without its plus, as Barong keeps it. The customer's number in
    /// the data set keeps them apart.
    pub(super) fn phone(self, number: u64, chance: &mut Chance) -> String {
        // 37 and 101 share no factor with 100 and 1,000: different customers, different ends.
        let (short, long) = (number * 37 % 100, number * 101 % 1_000);
        match self {
            Self::Gb => format!("447700900{long:03}"),
            Self::Us => format!("1{}55501{short:02}", 212 + number / 100 * 101),
            Self::Ie => format!("35320910{long:04}"),
            Self::Ru => format!("79{}{long:03}", chance.digits(6)),
            Self::Kz => format!("770{}{long:03}", chance.digits(5)),
            Self::De => format!("498999998{long:03}"),
        }
    }

    /// A passport number in the country's form.
    pub(super) fn passport(self, chance: &mut Chance) -> String {
        match self {
            Self::Gb => chance.digits(9),
            Self::Us => format!("A{}", chance.digits(8)),
            Self::Ie => format!("PA{}", chance.digits(7)),
            Self::Ru => {
                format!("45{:02} {}", chance.between(4, 24), chance.digits(6))
            }
            Self::Kz => format!("N{}", chance.digits(8)),
            Self::De => {
                let (a, b, c) = (chance.digits(2), chance.digits(2), chance.digits(2));
                format!("C{a}X{b}T{c}")
            }
        }
    }

    /// A driving licence's number in the country's form.
    pub(super) fn licence(self, last: &str, chance: &mut Chance) -> String {
        let stem: String = last.chars().chain("99999".chars()).take(5).collect();
        match self {
            Self::Gb => format!("{}{}AB9CD", stem.to_uppercase(), chance.digits(6)),
            Self::Us => format!("D{}", chance.digits(7)),
            Self::Ie => chance.digits(9),
            Self::De => format!(
                "B{}RRE{}I{}",
                chance.digits(3),
                chance.digits(1),
                chance.digits(2)
            ),
            Self::Ru | Self::Kz => format!("99{} {}", chance.digits(2), chance.digits(6)),
        }
    }
}

impl Home {
    pub(super) fn draw(country: Country, chance: &mut Chance) -> Self {
        let house = chance.between(1, 148);
        let flat = chance.between(1, 210);
        let (city, postcode) = chance.pick(match country {
            Country::Gb => GB,
            Country::Us => US,
            Country::Ie => IE,
            Country::Ru => RU,
            Country::Kz => KZ,
            Country::De => DE,
        });
        let (street, postcode) = match country {
            Country::Gb | Country::Ie => (
                format!("{house} {}", chance.pick(EN_STREETS)),
                postcode.to_owned(),
            ),
            Country::De => {
                let street = chance.pick(DE_STREETS);
                (format!("{street} {house}"), postcode.to_owned())
            }
            Country::Us => {
                let street = chance.pick(EN_STREETS);
                (
                    format!("{house}{} {street}, Apt {flat}", chance.digits(1)),
                    postcode.to_owned(),
                )
            }
            Country::Ru | Country::Kz => {
                let street = chance.pick(RU_STREETS);
                (
                    format!("{street}, д. {house}, кв. {flat}"),
                    format!("{postcode}{}", chance.digits(3)),
                )
            }
        };
        Self {
            country,
            street,
            city: city.to_owned(),
            postcode,
        }
    }
}

const GB: &[(&str, &str)] = &[
    ("Bristol", "BS6 5QA"),
    ("Edinburgh", "EH3 6SS"),
    ("Leeds", "LS6 2HT"),
    ("London", "SE15 4QL"),
    ("Manchester", "M20 3BG"),
    ("Norwich", "NR2 3TU"),
];
const US: &[(&str, &str)] = &[
    ("Austin", "78704"),
    ("Boston", "02130"),
    ("Chicago", "60614"),
    ("Denver", "80205"),
    ("Portland", "97211"),
    ("Seattle", "98103"),
];
const IE: &[(&str, &str)] = &[
    ("Cork", "T12 X8NV"),
    ("Dublin", "D06 V2K7"),
    ("Galway", "H91 E6K8"),
];
/// City and the first three digits of its postcodes.
const RU: &[(&str, &str)] = &[
    ("Москва", "119"),
    ("Санкт-Петербург", "197"),
    ("Казань", "420"),
    ("Екатеринбург", "620"),
    ("Новосибирск", "630"),
    ("Самара", "443"),
    ("Краснодар", "350"),
];
const KZ: &[(&str, &str)] = &[("Алматы", "050"), ("Астана", "010")];
const DE: &[(&str, &str)] = &[
    ("Berlin", "10967"),
    ("Frankfurt am Main", "60316"),
    ("Hamburg", "20357"),
    ("Köln", "50674"),
    ("Leipzig", "04229"),
    ("München", "80469"),
];
const DE_STREETS: &[&str] = &[
    "Ahornweg",
    "Bahnhofstraße",
    "Bergstraße",
    "Goethestraße",
    "Kirchgasse",
    "Lindenallee",
    "Mühlenweg",
    "Schillerstraße",
    "Waldstraße",
];
const EN_STREETS: &[&str] = &[
    "Albert Road",
    "Beech Avenue",
    "Cherry Lane",
    "Church Street",
    "Clarence Terrace",
    "Elm Grove",
    "Hawthorn Drive",
    "Maple Street",
    "Mill Lane",
    "Orchard Close",
    "Park Avenue",
    "Station Road",
    "Victoria Street",
    "Willow Court",
];
const RU_STREETS: &[&str] = &[
    "ул. Гагарина",
    "ул. Садовая",
    "ул. Чехова",
    "пр-т Мира",
    "ул. Лесная",
    "ул. Пушкина",
    "Набережная ул.",
    "ул. Толстого",
    "Вишнёвый пер.",
    "ул. Зелёная",
    "ул. Космонавтов",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn telephone_numbers_do_not_meet() {
        let mut chance = Chance::new(2, "phone", 0);
        for country in [
            Country::Gb,
            Country::Us,
            Country::Ie,
            Country::Ru,
            Country::Kz,
            Country::De,
        ] {
            let numbers: HashSet<_> = (0..300).map(|n| country.phone(n, &mut chance)).collect();
            assert_eq!(numbers.len(), 300, "{country:?}");
        }
    }

    #[test]
    fn papers_have_the_form_of_their_country() {
        let mut chance = Chance::new(2, "papers", 0);
        assert_eq!(Country::Ru.passport(&mut chance).len(), 11);
        assert_eq!(Country::Gb.passport(&mut chance).len(), 9);
        assert!(Country::Gb.licence("Fox", &mut chance).starts_with("FOX99"));
        let home = Home::draw(Country::Ru, &mut chance);
        assert_eq!(home.postcode.len(), 6);
    }
}
