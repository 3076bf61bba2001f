//! Mentions of people with English names, in English and Russian.

use super::russian::slip;
use super::{Person, rows};
use crate::kind::Attribute;

/// Surnames that are words.
const WORDS: [&str; 3] = ["May", "Law", "Park"];

pub(super) fn people() -> Vec<Person> {
    rows(include_str!("../corpus/people_en.tsv"))
        .map(|row| person(&row))
        .collect()
}

fn person(row: &[&str]) -> Person {
    let place: Vec<&str> = row[10].split('|').collect();
    let address = full(&place);
    let mut person = Person {
        known: vec![vec![
            (Attribute::Name, format!("{} {} {}", row[1], row[2], row[3])),
            (Attribute::Email, row[6].to_owned()),
            (Attribute::Phone, row[7].to_owned()),
            (Attribute::BirthDate, row[8].to_owned()),
            (Attribute::Document, row[9].to_owned()),
            (Attribute::Address, address),
        ]],
        variants: Vec::new(),
    };
    names(&mut person, row[1], row[2], row[3]);
    for short in row[4].split(' ') {
        person.one("name short", short);
        person.one("name short", format!("{short} {}", row[3]));
    }
    let surnames = row[11].split(' ');
    for (given, surname) in row[5].split(' ').zip(surnames) {
        person.one("name cyrillic", given);
        person.one("name cyrillic", format!("{given} {surname}"));
        if !WORDS.contains(&row[3]) {
            person.one("name cyrillic", surname);
        }
    }
    mails(&mut person, row[6]);
    phones(&mut person, row[7]);
    births(&mut person, row[8]);
    documents(&mut person, row[9]);
    addresses(&mut person, &place);
    person
}

fn names(person: &mut Person, given: &str, middle: &str, surname: &str) {
    let (i, m) = (&given[..1], &middle[..1]);
    let several = [
        format!("{given} {surname}"),
        format!("{surname} {given}"),
        format!("{surname}, {given}"),
        format!("{given} {middle} {surname}"),
        format!("{given} {m}. {surname}"),
        format!("{surname}, {given} {middle}"),
        format!("{surname} {given} {middle}"),
    ];
    for form in several {
        person.one("name", form.to_uppercase());
        person.one("name", form.to_lowercase());
        person.one("name", form);
    }
    for form in [
        format!("{i}. {surname}"),
        format!("{i}.{m}. {surname}"),
        format!("{i} {surname}"),
        format!("{surname}, {i}."),
        format!("{i}. {m}. {surname}"),
        format!("{surname} {i}.{m}."),
        format!("{given} {m} {surname}"),
    ] {
        person.one("name initials", form);
    }
    for form in [
        format!("{given}{surname}"),
        format!("{given}-{surname}"),
        format!("{given}_{surname}"),
        format!("{i}{surname}"),
    ] {
        person.one("name joined", form.to_lowercase());
        person.one("name joined", form);
    }
    person.one("name", given);
    person.one("name", given.to_lowercase());
    person.one("name", given.to_uppercase());
    if WORDS.contains(&surname) {
        person.one("name word", surname);
        person.one("name word", format!("Mr {surname}"));
    } else {
        person.one("name", surname);
        person.one("name", surname.to_lowercase());
        person.one("name", surname.to_uppercase());
        person.one("name", format!("{surname}'s"));
        for kind in 0..4 {
            person.one("name slip", slip(surname, kind, 0));
            person.one("name slip", format!("{given} {}", slip(surname, kind, 1)));
        }
    }
}

fn mails(person: &mut Person, mail: &str) {
    let (local, domain) = mail.split_once('@').unwrap();
    let said = |t: &str| {
        t.replace('.', " dot ")
            .replace('_', " underscore ")
            .replace('-', " dash ")
    };
    for form in [
        mail.to_owned(),
        mail.to_uppercase(),
        format!("{local} @ {domain}"),
        format!("{local}(at){domain}"),
        format!("{local} [at] {}", domain.replace('.', " [dot] ")),
        format!("{} at {}", said(local), said(domain)),
        format!("{local} at {domain}"),
        format!("{local} at {}", said(domain)),
        format!("{local}+news@{domain}"),
        format!("mailto:{mail}"),
    ] {
        person.one("email", form);
    }
}

fn phones(person: &mut Person, phone: &str) {
    let codes = ["1", "44", "353", "49", "61"];
    let code = codes.iter().find(|c| phone[1..].starts_with(**c)).unwrap();
    let d = &phone[1 + code.len()..];
    let (a, b, c) = (&d[..3], &d[3..6], &d[6..]);
    let trunk = if *code == "1" { "1" } else { "0" };
    for form in [
        phone.to_owned(),
        phone[1..].to_owned(),
        d.to_owned(),
        format!("{a}-{b}-{c}"),
        format!("({a}) {b}-{c}"),
        format!("({a}) {b} {c}"),
        format!("{a}.{b}.{c}"),
        format!("{a} {b} {c}"),
        format!("+{code} {a} {b} {c}"),
        format!("+{code} ({a}) {b}-{c}"),
        format!("00{code} {a} {b} {c}"),
        format!("+{code}-{a}-{b}-{c}"),
        format!("{trunk}{d}"),
        format!("+{code}.{a}.{b}.{c}"),
        format!("+{code} {a}{b}{c}"),
        format!("{code} {a} {b} {c}"),
        format!("{a} {b}{c}"),
        format!("{a}/{b}-{c}"),
    ] {
        person.one("phone", form);
    }
}

const MONTHS: [&str; 13] = [
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
#[rustfmt::skip]
const DAYS: [&str; 32] = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"];
#[rustfmt::skip]
const ONES: [&str; 20] = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

fn words(n: usize) -> String {
    if n < 20 {
        return ONES[n].to_owned();
    }
    format!("{} {}", TENS[n / 10], ONES[n % 10])
        .trim()
        .to_owned()
}

fn births(person: &mut Person, date: &str) {
    let (y, m, d): (usize, usize, usize) = (
        date[..4].parse().unwrap(),
        date[5..7].parse().unwrap(),
        date[8..].parse().unwrap(),
    );
    let (short, month) = (y % 100, MONTHS[m]);
    let suffix = match (d % 10, d / 10) {
        (1, 0 | 2 | 3) => "st",
        (2, 0 | 2) => "nd",
        (3, 0 | 2) => "rd",
        _ => "th",
    };
    let year = match y {
        2000 => "two thousand".to_owned(),
        _ => format!("nineteen {}", words(short)),
    };
    let brief = match y {
        2000 => year.clone(),
        _ => words(short),
    };
    for form in [
        date.to_owned(),
        format!("{d}/{m}/{y}"),
        format!("{m}/{d}/{y}"),
        format!("{d:02}.{m:02}.{y}"),
        format!("{m:02}-{d:02}-{y}"),
        format!("{d} {month} {y}"),
        format!("{month} {d}, {y}"),
        format!("{month} {d}{suffix}, {y}"),
        format!("{d}{suffix} of {month} {y}"),
        format!("{} {d} {y}", &month[..3]),
        format!("{d}-{}-{short:02}", &month[..3]),
        format!("{d}{suffix} {month} '{short:02}"),
        format!("the {} of {month} {year}", DAYS[d]),
        format!("{d}{suffix} of {month}, {brief}"),
        format!("{month} the {}, {year}", DAYS[d]),
        format!("{month} {} {brief}", DAYS[d]),
        format!("{d:02}{m:02}{y}"),
        format!("{y}{m:02}{d:02}"),
        format!("{m}/{d}/{short:02}"),
        format!("{y}/{m:02}/{d:02}"),
        format!("{} {} {y}", DAYS[d], month).to_lowercase(),
    ] {
        person.one("birth", form.trim_start_matches("the ").to_owned());
    }
}

fn documents(person: &mut Person, document: &str) {
    let plain: String = document.chars().filter(|c| c.is_alphanumeric()).collect();
    let pairs: Vec<String> = plain
        .as_bytes()
        .chunks(3)
        .map(|c| String::from_utf8(c.to_vec()).unwrap())
        .collect();
    for form in [
        document.to_owned(),
        plain.clone(),
        plain.to_lowercase(),
        pairs.join(" "),
        pairs.join("-"),
        pairs.join("."),
        plain
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(" "),
    ] {
        person.one("document", form);
    }
}

fn full(place: &[&str]) -> String {
    let (house, street, kind, flat, town) = (place[0], place[1], place[2], place[3], place[4]);
    let tail = format!("{} {}", place[5], place[6]);
    format!(
        "{house} {street} {kind}, Apt {flat}, {town}, {}",
        tail.trim()
    )
}

fn addresses(person: &mut Person, place: &[&str]) {
    let (house, street, kind, flat, town, post) =
        (place[0], place[1], place[2], place[3], place[4], place[6]);
    let brief = match kind {
        "Street" => "St.",
        "Avenue" => "Ave",
        "Terrace" => "Ter.",
        "Road" => "Rd",
        "Lane" => "Ln",
        "Drive" => "Dr.",
        "Boulevard" => "Blvd",
        "Square" => "Sq",
        _ => kind,
    };
    let all = full(place);
    for form in [
        all.clone(),
        all.to_uppercase(),
        all.to_lowercase(),
        all.replace(',', ""),
        format!("{house} {street} {kind}"),
        format!("{house} {street} {brief}, #{flat}"),
        format!("Apartment {flat}, {house} {street} {kind}, {town}"),
        format!("flat {flat} {house} {street} {brief}"),
        format!("{house} {street}, {town}"),
        format!("{street} {kind} {house}, {town}"),
        format!("{house}, {street} {brief}, {post}"),
        format!("{town}, {street} {kind}, {house}, apt. {flat}"),
        format!("{town} {post}, {house} {street} {brief}"),
        all.replace(", ", "\n"),
        format!("{house} {} {kind} unit {flat}", street.to_lowercase()),
        format!("{house} {street} {kind} in {town}"),
    ] {
        person.one("address", form);
    }
}
