//! Mentions of Russian people.

use super::{Person, rows};
use crate::kind::Attribute;

/// Letters of a passport (ICAO 9303), of GOST 7.79 system B, of ISO 9, and as typed.
#[rustfmt::skip]
const SYSTEMS: [[&str; 33]; 4] = [
    ["a","b","v","g","d","e","e","zh","z","i","i","k","l","m","n","o","p","r","s","t","u","f","kh","ts","ch","sh","shch","ie","y","","e","iu","ia"],
    ["a","b","v","g","d","e","yo","zh","z","i","j","k","l","m","n","o","p","r","s","t","u","f","x","cz","ch","sh","shh","","y","","e","yu","ya"],
    ["a","b","v","g","d","e","ë","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","h","c","č","š","ŝ","","y","","è","û","â"],
    ["a","b","v","g","d","e","e","zh","z","i","y","k","l","m","n","o","p","r","s","t","u","f","h","ts","ch","sh","sch","","y","","e","yu","ya"],
];
const ALPHABET: &str = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя";

fn latin(word: &str, system: usize) -> String {
    let mut out = String::new();
    for c in word.chars() {
        let lower = c.to_lowercase().next().unwrap();
        match ALPHABET.chars().position(|a| a == lower) {
            Some(at) if c == lower => out.push_str(SYSTEMS[system][at]),
            Some(at) => out.push_str(&capital(SYSTEMS[system][at])),
            None => out.push(c),
        }
    }
    out
}

pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Surnames that are words, or short.
const WORDS: [&str; 5] = ["Ким", "Ли", "Мороз", "Черных", "Кузнец"];

pub(super) fn people() -> Vec<Person> {
    rows(include_str!("../corpus/people_ru.tsv"))
        .map(|row| person(&row))
        .collect()
}

fn person(row: &[&str]) -> Person {
    let cases = |field: usize| -> Vec<&str> { row[field].split(' ').collect() };
    let (given, father, surname) = (cases(1), cases(2), cases(3));
    let place: Vec<&str> = row[11].split('|').collect();
    let full = format!("{} {} {}", surname[0], given[0], father[0]);
    let latins: (Vec<&str>, Vec<&str>) = (cases(5), cases(6));
    let address = format!(
        "{}, г. {}, {} {}, д. {}, кв. {}",
        place[4], place[0], place[5], place[1], place[2], place[3]
    );
    let mut person = Person {
        known: vec![
            vec![
                (Attribute::Name, full),
                (Attribute::Email, row[7].to_owned()),
                (Attribute::Phone, row[8].to_owned()),
                (Attribute::BirthDate, row[9].to_owned()),
                (Attribute::Document, row[10].to_owned()),
                (Attribute::Address, address),
            ],
            vec![(Attribute::Name, format!("{} {}", latins.0[0], latins.1[0]))],
        ],
        variants: Vec::new(),
    };
    names(&mut person, &given, &father, &surname);
    spellings(&mut person, &given, &surname, &latins);
    for short in cases(4) {
        person.one("name short", short);
        person.one("name short", format!("{short} {}", surname[0]));
        person.one("name short", short.to_uppercase());
    }
    mails(&mut person, row[7]);
    phones(&mut person, row[8]);
    births(&mut person, row[9]);
    documents(&mut person, row[10]);
    addresses(&mut person, &place);
    person
}

fn names(person: &mut Person, given: &[&str], father: &[&str], surname: &[&str]) {
    let all = |f: &dyn Fn(usize) -> String| -> Vec<String> { (0..6).map(f).collect() };
    let first = |w: &str| w.chars().next().unwrap();
    let (i, o) = (first(given[0]), first(father[0]));
    for known in [0, 1] {
        person.put(
            "name case",
            known,
            &all(&|c| format!("{} {}", given[c], surname[c])),
        );
        person.put(
            "name case",
            known,
            &all(&|c| format!("{} {}", surname[c], given[c])),
        );
        person.put("name case", known, &all(&|c| given[c].to_owned()));
        person.put("name case", known, &all(&|c| given[c].to_lowercase()));
        person.put(
            "name case",
            known,
            &all(&|c| format!("{} {}", given[c], surname[c]).to_lowercase()),
        );
        person.put(
            "name case",
            known,
            &all(&|c| format!("{} {}", given[c], surname[c]).to_uppercase()),
        );
        person.put(
            "name initials",
            known,
            &all(&|c| format!("{i}. {}", surname[c])),
        );
        person.put(
            "name initials",
            known,
            &all(&|c| format!("{} {i}.", surname[c])),
        );
        let alone = if WORDS.contains(&surname[0]) {
            "name word"
        } else {
            "name case"
        };
        person.put(alone, known, &all(&|c| surname[c].to_owned()));
        if alone == "name case" {
            person.put(alone, known, &all(&|c| surname[c].to_lowercase()));
            person.put(alone, known, &all(&|c| surname[c].to_uppercase()));
        }
    }
    person.put(
        "name case",
        0,
        &all(&|c| format!("{} {} {}", surname[c], given[c], father[c])),
    );
    person.put(
        "name case",
        0,
        &all(&|c| format!("{} {}", given[c], father[c])),
    );
    person.put(
        "name case",
        0,
        &all(&|c| format!("{} {} {}", given[c], father[c], surname[c])),
    );
    person.put("name case", 0, &all(&|c| father[c].to_owned()));
    person.put(
        "name initials",
        0,
        &all(&|c| format!("{i}.{o}. {}", surname[c])),
    );
    person.put(
        "name initials",
        0,
        &all(&|c| format!("{} {i}.{o}.", surname[c])),
    );
    person.put(
        "name initials",
        0,
        &all(&|c| format!("{} {i}. {o}.", surname[c])),
    );
    person.one("name joined", format!("{}{}", given[0], surname[0]));
    person.one(
        "name joined",
        format!("{}_{}", surname[0], given[0]).to_lowercase(),
    );
    person.one(
        "name joined",
        spaced(&format!("{} {} {}", surname[0], given[0], father[0])),
    );
    for (n, part) in [surname[0], father[0], given[0]].iter().enumerate() {
        if part.chars().count() >= 8 {
            for kind in 0..4 {
                person.one("name slip", slip(part, kind, n));
            }
        }
    }
    for kind in 0..4 {
        person.one(
            "name slip",
            format!("{} {}", given[0], slip(surname[0], kind, 1)),
        );
    }
}

fn spaced(text: &str) -> String {
    let letters: Vec<String> = text
        .chars()
        .filter(|c| *c != ' ')
        .map(String::from)
        .collect();
    letters.join(" ")
}

/// One letter left out, doubled, changed, or swapped with the next; never the first.
pub(super) fn slip(word: &str, kind: usize, seed: usize) -> String {
    let mut chars: Vec<char> = word.chars().collect();
    if chars.len() < 5 {
        return word.to_owned();
    }
    let at = 1 + (seed * 7 + kind * 3 + chars.len()) % (chars.len() - 2);
    match kind {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[at]),
        2 => {
            chars[at] = if chars[at] == 'р' || chars[at] == 'r' {
                'п'
            } else {
                'р'
            }
        }
        _ => chars.swap(at, at + 1),
    }
    if kind == 2 && word.is_ascii() {
        chars[at] = if word.as_bytes()[at] == b'r' {
            't'
        } else {
            'r'
        };
    }
    chars.into_iter().collect()
}

fn spellings(
    person: &mut Person,
    given: &[&str],
    surname: &[&str],
    latins: &(Vec<&str>, Vec<&str>),
) {
    for (g, s) in latins.0.iter().zip(&latins.1) {
        for known in [0, 1] {
            person.put("name latin", known, &[format!("{g} {s}")]);
            person.put("name latin", known, &[format!("{s} {g}").to_uppercase()]);
            person.put("name latin", known, &[(*g).to_owned()]);
            if !WORDS.contains(&surname[0]) {
                person.put("name latin", known, &[(*s).to_owned()]);
            }
        }
        person.one("name joined", format!("{g}{s}"));
        person.one("name joined", format!("{g}.{s}").to_lowercase());
    }
    for system in 0..4 {
        let (g, s) = (latin(given[0], system), latin(surname[0], system));
        for known in [0, 1] {
            person.put("name latin", known, &[format!("{g} {s}")]);
            if !WORDS.contains(&surname[0]) {
                person.put("name latin", known, std::slice::from_ref(&s));
            }
        }
        if !WORDS.contains(&surname[0]) {
            person.one("name latin", latin(surname[2], system));
        }
    }
}

fn mails(person: &mut Person, mail: &str) {
    let (local, domain) = mail.split_once('@').unwrap();
    person.one("email", mail);
    person.one("email", mail.to_uppercase());
    person.one("email", format!("{local} @ {domain}"));
    person.one("email", format!("{local}(собака){domain}"));
    let said = |t: &str| {
        t.replace('.', " точка ")
            .replace('_', " нижнее подчеркивание ")
            .replace('-', " дефис ")
    };
    person.one("email", format!("{} собака {}", said(local), said(domain)));
    person.one("email", format!("{local} собака {domain}"));
    person.one(
        "email",
        format!("{local} at {}", domain.replace('.', " dot ")),
    );
    person.one(
        "email",
        format!(
            "{} собачка {}",
            said(local),
            said(domain)
                .replace("mail", "мейл")
                .replace("example", "экзампле")
        )
        .replace("экзампле", "example"),
    );
}

fn phones(person: &mut Person, phone: &str) {
    let all = &phone[2..];
    let (a, b, c, e) = (&all[..3], &all[3..6], &all[6..8], &all[8..]);
    for form in [
        format!("+7{all}"),
        format!("8{all}"),
        all.to_owned(),
        format!("7{all}"),
        format!("+7 ({a}) {b}-{c}-{e}"),
        format!("8 ({a}) {b}-{c}-{e}"),
        format!("8-{a}-{b}-{c}-{e}"),
        format!("8 {a} {b} {c} {e}"),
        format!("+7 {a} {b}{c}{e}"),
        format!("{a} {b} {c} {e}"),
        format!("{a}-{b}-{c}{e}"),
        format!("+7.{a}.{b}.{c}.{e}"),
        format!("8({a}){b}{c}{e}"),
        format!("007 {a} {b} {c} {e}"),
        format!("+7({a}){b}-{c}{e}"),
        format!("{a}.{b}.{c}.{e}"),
        format!("8 {a} {b}-{c}{e}"),
        format!("+7 – {a} – {b} – {c} – {e}"),
    ] {
        person.one("phone", form);
    }
}

#[rustfmt::skip]
const ORDINALS: [&str; 32] = ["", "перв", "втор", "треть", "четвёрт", "пят", "шест", "седьм", "восьм", "девят", "десят", "одиннадцат", "двенадцат", "тринадцат", "четырнадцат", "пятнадцат", "шестнадцат", "семнадцат", "восемнадцат", "девятнадцат", "двадцат", "двадцать перв", "двадцать втор", "двадцать треть", "двадцать четвёрт", "двадцать пят", "двадцать шест", "двадцать седьм", "двадцать восьм", "двадцать девят", "тридцат", "тридцать перв"];
#[rustfmt::skip]
const MONTHS: [&str; 13] = ["", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
#[rustfmt::skip]
const TENS: [(&str, &str); 10] = [("", ""), ("", ""), ("двадцать", "двадцат"), ("тридцать", "тридцат"), ("сорок", "сороков"), ("пятьдесят", "пятидесят"), ("шестьдесят", "шестидесят"), ("семьдесят", "семидесят"), ("восемьдесят", "восьмидесят"), ("девяносто", "девяност")];

fn ordinal(stem: &str, ending: &str) -> String {
    let soft = if stem.ends_with("треть") {
        "его"
    } else {
        "ого"
    };
    let ending = match (ending, soft) {
        ("ое", "его") => "е",
        ("ое", _) => "ое",
        _ => soft,
    };
    format!("{stem}{ending}")
}

/// The last two digits of a year, as an ordinal in the genitive.
fn short_year(year: usize) -> String {
    match (year % 100 / 10, year % 10) {
        (0 | 1, _) => ordinal(ORDINALS[year % 100], "ого"),
        (tens, 0) => ordinal(TENS[tens].1, "ого"),
        (tens, ones) => format!("{} {}", TENS[tens].0, ordinal(ORDINALS[ones], "ого")),
    }
}

fn births(person: &mut Person, date: &str) {
    let (y, m, d): (usize, usize, usize) = (
        date[..4].parse().unwrap(),
        date[5..7].parse().unwrap(),
        date[8..].parse().unwrap(),
    );
    let short = y % 100;
    let century = if y < 2000 {
        "тысяча девятьсот"
    } else {
        "две тысячи"
    };
    for form in [
        format!("{d:02}.{m:02}.{y}"),
        format!("{d}.{m}.{short:02}"),
        format!("{d:02}/{m:02}/{y}"),
        format!("{d:02}-{m:02}-{y}"),
        date.to_owned(),
        format!("{d} {} {y} года", MONTHS[m]),
        format!("{d} {} {y}", MONTHS[m]),
        format!("{d}-го {} {y}-го", MONTHS[m]),
        format!("{d} {} {short:02}-го года", MONTHS[m]),
        format!(
            "{} {} {century} {} года",
            ordinal(ORDINALS[d], "ого"),
            MONTHS[m],
            short_year(y)
        ),
        format!(
            "{} {} {}",
            ordinal(ORDINALS[d], "ого"),
            MONTHS[m],
            short_year(y)
        ),
        format!(
            "{} {} {} года",
            ordinal(ORDINALS[d], "ое"),
            MONTHS[m],
            short_year(y)
        ),
        format!(
            "{} {} {}",
            ordinal(ORDINALS[d], "ое"),
            ordinal(ORDINALS[m], "ое"),
            short_year(y)
        ),
        format!("{d} {} {}", MONTHS[m], short_year(y)),
        format!("{d:02}{m:02}{y}"),
        format!("{d:02} {m:02} {y}"),
        format!("{y}.{m:02}.{d:02}"),
        format!("{} {} {y} г.", ordinal(ORDINALS[d], "ого"), MONTHS[m]),
    ] {
        person.one("birth", form.trim_end_matches('.'));
    }
}

fn documents(person: &mut Person, document: &str) {
    let (series, number) = document.split_once(' ').unwrap();
    let (a, b) = series.split_at(2);
    for form in [
        document.to_owned(),
        format!("{series}{number}"),
        format!("{a} {b} {number}"),
        format!("{a}-{b}-{number}"),
        format!("{series}-{number}"),
        format!("{series} № {number}"),
        format!("серия {series} номер {number}"),
        format!("{a} {b} №{number}"),
        format!("{series} {} {}", &number[..3], &number[3..]),
        format!("серия {a} {b}, номер {number}"),
        format!("{series}/{number}"),
        format!("{series}.{number}"),
    ] {
        person.one("document", form);
    }
}

fn addresses(person: &mut Person, place: &[&str]) {
    let (town, street, house, flat, post, kind) =
        (place[0], place[1], place[2], place[3], place[4], place[5]);
    let brief = match kind {
        "улица" => "ул.",
        _ => "пр-т",
    };
    for form in [
        format!("{post}, г. {town}, {brief} {street}, д. {house}, кв. {flat}"),
        format!("{town}, {kind} {street}, дом {house}, квартира {flat}"),
        format!("{town} {street} {house}-{flat}"),
        format!("{brief} {street}, {house}"),
        format!("{street} {house}"),
        format!("{kind} {street} {house} кв {flat}"),
        format!("{street}, д.{house}, кв.{flat}"),
        format!("{street} {brief}, {house}/{flat}, {town}"),
        format!("{town}, {street}, {house}").to_uppercase(),
        format!("{kind} {street} дом {house} квартира {flat}").to_lowercase(),
        format!("д{house} кв{flat} {brief} {street}"),
        format!("кв. {flat}, д. {house}, {brief} {street}, г. {town}, {post}"),
        latin(
            &format!("г. {town}, {brief} {street}, д. {house}, кв. {flat}"),
            0,
        ),
        latin(&format!("{street} {house}"), 3),
        format!("{town}\n{brief} {street}\n{house}-{flat}"),
        format!("{street} {house}, квартира {flat}, {post}"),
    ] {
        person.one("address", form);
    }
}
