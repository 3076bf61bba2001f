//! The work on known values is linear in the text, whatever it is.

use super::{Known, detect};
use crate::kind::Attribute;
use crate::normal::Normal;
use crate::scan::Scan;

fn rich() -> Known {
    Known::new([
        (Attribute::Name, "Щербакова Юлия Сергеевна"),
        (Attribute::Name, "Anna O'Connor-Bell"),
        (Attribute::Email, "a.a.a.a.a.a@a.a.a.a.a"),
        (Attribute::Email, "anna.bell@mail.example"),
        (Attribute::Phone, "+1 111 111 1111"),
        (Attribute::Document, "111111"),
        (Attribute::Uid, "aaaa"),
        (Attribute::BirthDate, "1990-05-17"),
        (Attribute::BirthDate, "2011-11-11"),
        (Attribute::Address, "1 Anna Street, Flat 1, London NW1 1AA"),
        (Attribute::Address, "г. Тула, ул. Анны, д. 1, кв. 1"),
    ])
}

/// Each meant to make some matcher look again at what it has seen.
#[rustfmt::skip]
const HOSTILE: &[&str] = &[
    "a", "A", "1", "1 ", "11 ", "1-", "Anna ", "anna ", "Anna. ", "Anna, ", "Anna-", "A. ", "A.A.A. ", "Анна ", "Ю. С. ",
    "Юлия Сергеевна ", "Юлий ", "Щербакав ", "Щербакоав", "Annna ", "O'", "O'C", "O'Connor", "o'a'", "Ol'ga ", "a.", "a.a@", "a at ",
    "a dot ", "a.a.a.a.a.a@a.a.a.a.", "собака ", "anna.bell@", "anna dot bell at mail dot ", "17 ", "17 мая ", "мая ", "May ",
    "the of ", "seventeenth of May ", "twenty ", "twenty one ", "тысяча ", "тысяча девятьсот ", "nineteen ", "1990 ", "1990-05-", "17.05.",
    "17.05.1990", "11.11.11.", "11/11/", "111111", "1111 1111 ", "серия 1 номер ", "№1", "No 1 ", "1 Anna Street ", "1 Anna ", "Street ",
    "Anna Street, ", "д. 1 ", "ул. Анны, ", "д1", "к1к1к1 ", "1a1a1a", "NW1 ", "Flat 1, ", "в на по ", "Mr ", "Mr Anna ", "это это ",
    "ё", "ж", "x", "xj", "юююю", "ščž", "e\u{301}", "\u{200b}", "я1", "😀", "的", "annabellmailexample",
];

#[test]
fn work_is_linear_on_hostile_text() {
    let known = rich();
    for pattern in HOSTILE {
        let steps = |size: usize| {
            let text = pattern.repeat(size / pattern.len() + 1);
            let normal = Normal::new(&text);
            let scan = Scan::new(&normal);
            let before = scan.work();
            detect(&known, &scan, &mut Vec::new());
            (scan.work() - before, text.len())
        };
        let ((one, len), (four, long)) = (steps(1 << 13), steps(1 << 15));
        assert!(one <= len * 90, "{pattern}: {one} for {len}");
        // Four times the text, four times the work.
        assert!(
            four * len <= one * long * 11 / 10 + 4096 * len,
            "{pattern}: {four} after {one}"
        );
    }
}
