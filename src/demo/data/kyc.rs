//! What a check of identity came to: public labels for the customer, private ones among staff.

use super::chance::Chance;
use super::name::Locale;
use super::time::DAY_US;
use super::user::{Label, label};

/// What was refused, and why in the customer's language: English, Russian, German.
const REFUSALS: &[(&str, [&str; 3])] = &[
    (
        "document",
        [
            "The document has expired. Please send one that is valid for at least another month.",
            "Срок действия документа истёк. Пришлите документ, который действует ещё не менее месяца.",
            "Das Dokument ist abgelaufen. Bitte senden Sie eines, das noch mindestens einen Monat gilt.",
        ],
    ),
    (
        "document",
        [
            "A corner of the page is cut off. Please photograph the whole page, all four corners.",
            "Обрезан угол страницы. Сфотографируйте страницу целиком, чтобы были видны все четыре угла.",
            "Eine Ecke der Seite fehlt. Bitte fotografieren Sie die ganze Seite mit allen vier Ecken.",
        ],
    ),
    (
        "profile",
        [
            "The name in the profile is not the one in the document. Please write it as the document does.",
            "Имя в профиле не совпадает с именем в документе. Укажите его так, как в документе.",
            "Der Name im Profil ist nicht der im Dokument. Bitte schreiben Sie ihn wie im Dokument.",
        ],
    ),
    (
        "address",
        [
            "The proof of address is older than three months. A bank statement or a utility bill will do.",
            "Подтверждение адреса старше трёх месяцев. Подойдёт выписка из банка или счёт за услуги.",
            "Der Adressnachweis ist älter als drei Monate. Ein Kontoauszug oder eine Rechnung genügt.",
        ],
    ),
    (
        "selfie",
        [
            "The face is not fully visible. Please take off glasses and headwear and use daylight.",
            "Лицо видно не полностью. Снимите очки и головной убор и сделайте фото при дневном свете.",
            "Das Gesicht ist nicht ganz zu sehen. Bitte ohne Brille und Kopfbedeckung bei Tageslicht.",
        ],
    ),
];

/// What staff and systems noted about the same customers, and the customers must not hear.
const WATCHED: &[(&str, &str, &str)] = &[
    (
        "pep",
        "possible",
        "name match with a regional deputy, second line decides",
    ),
    (
        "fraud_watch",
        "suspected",
        "same device fingerprint as two closed accounts",
    ),
    (
        "source_of_funds",
        "requested",
        "salary does not explain the inflow of last quarter",
    ),
];

/// The labels of a customer at a level.
pub(super) fn labels(
    number: u64,
    level: u8,
    locale: Locale,
    joined_us: i64,
    chance: &mut Chance,
) -> Vec<Label> {
    let mut out: Vec<_> = [("email", 1), ("phone", 2), ("profile", 3), ("document", 3)]
        .into_iter()
        .filter(|(_, from)| level >= *from)
        .map(|(key, _)| label(number, (key, "verified", "public"), None, joined_us))
        .collect();
    if level == 2 {
        let at_us = joined_us.saturating_add(3 * DAY_US);
        out.push(check(number, locale, at_us, chance));
    }
    let risk = chance.pick(&["low", "low", "low", "medium"]);
    let score = format!("score {} by chain analytics", chance.between(2, 58));
    out.push(label(
        number,
        ("aml_risk", risk, "private"),
        Some(&score),
        joined_us,
    ));
    if chance.one_in(9) {
        let (key, value, why) = chance.pick(WATCHED);
        out.push(label(number, (key, value, "private"), Some(why), joined_us));
    }
    out
}

/// A check under way, or refused with its reason.
fn check(number: u64, locale: Locale, at_us: i64, chance: &mut Chance) -> Label {
    if chance.one_in(3) {
        return label(number, ("document", "pending", "public"), None, at_us);
    }
    let (key, [en, ru, de]) = chance.pick(REFUSALS);
    let why = match locale {
        Locale::En => en,
        Locale::Ru => ru,
        Locale::De => de,
    };
    label(number, (key, "rejected", "public"), Some(why), at_us)
}
