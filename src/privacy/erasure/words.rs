//! What a receipt says, in English, Russian and German.
//!
//! The same for everybody: a receipt says what is kept wherever there is such a record, so that
//! nothing can be read from it that a customer must not be told (AMLR Art. 73).

use crate::catalog::RetentionClass;
use serde_json::{Value, json};

/// A text in the three languages.
pub(super) fn words(en: &str, ru: &str, de: &str) -> Value {
    json!({"en": en, "ru": ru, "de": de})
}

/// A class's name for people. Names that are not known here are shown as they are declared.
pub(super) fn title(class: &RetentionClass) -> Value {
    match class.name.as_str() {
        "support" => words(
            &class.title,
            "Обычное общение с поддержкой",
            "Allgemeine Gespräche mit dem Support",
        ),
        "regulated" => words(
            &class.title,
            "Записи об услугах с криптоактивами",
            "Aufzeichnungen über Kryptowerte-Dienstleistungen",
        ),
        "aml" => words(
            &class.title,
            "Записи для предотвращения отмывания денег",
            "Aufzeichnungen zur Verhinderung von Geldwäsche",
        ),
        "security" => words(
            &class.title,
            "События безопасности",
            "Sicherheitsereignisse",
        ),
        _ => words(&class.title, &class.title, &class.title),
    }
}

/// Why a class is kept.
pub(super) fn ground(class: &RetentionClass) -> Value {
    match class.name.as_str() {
        "regulated" => words(
            &class.ground,
            "Закон обязывает хранить записи об услугах, ордерах и сделках",
            "Das Gesetz verlangt, Aufzeichnungen über Dienstleistungen, Aufträge und Geschäfte \
             aufzubewahren",
        ),
        "aml" => words(
            &class.ground,
            "Закон обязывает хранить записи о клиентах и операциях",
            "Das Gesetz verlangt, Aufzeichnungen über Kunden und Transaktionen aufzubewahren",
        ),
        "security" => words(
            &class.ground,
            "Хранится, чтобы находить и доказывать злоупотребления с аккаунтами",
            "Wird aufbewahrt, um Missbrauch von Konten zu finden und zu beweisen",
        ),
        _ => words(&class.ground, &class.ground, &class.ground),
    }
}

/// Until when a class is kept: a criterion, never a date.
pub(super) fn until(class: &RetentionClass) -> Value {
    let (years, months) = (class.term_months / 12, class.term_months % 12);
    if months == 0 {
        words(
            &format!(
                "Not before {years} years after the end of the month in which the record was \
                 made; an authority may extend it"
            ),
            &format!(
                "Не раньше чем через {years} г. после конца месяца, в котором сделана запись; \
                 ведомство может продлить срок"
            ),
            &format!(
                "Nicht vor Ablauf von {years} Jahren nach dem Ende des Monats der Aufzeichnung; \
                 eine Behörde kann die Frist verlängern"
            ),
        )
    } else {
        let months = class.term_months;
        words(
            &format!(
                "Not before {months} months after the end of the month in which the record was \
                 made; an authority may extend it"
            ),
            &format!(
                "Не раньше чем через {months} мес. после конца месяца, в котором сделана запись; \
                 ведомство может продлить срок"
            ),
            &format!(
                "Nicht vor Ablauf von {months} Monaten nach dem Ende des Monats der \
                 Aufzeichnung; eine Behörde kann die Frist verlängern"
            ),
        )
    }
}

/// What the receipt is.
pub(super) fn say() -> Value {
    words(
        "Your request was carried out. What was erased cannot be read here again; copies in \
         backups are refused and end with the backups. What the law requires is kept, where there are such records, and out of the assistant's reach. \
         If you disagree, you can ask us to look again, complain to your data protection \
         authority, or go to court. This costs you nothing.",
        "Ваш запрос выполнен. Удалённое здесь больше не прочитать; копии в резервных копиях не принимаются и исчезнут вместе с ними. То, что требует закон, \
         хранится, если такие записи есть, и недоступно помощнику. Если вы не согласны, вы можете \
         попросить нас пересмотреть решение, пожаловаться в орган по защите данных или обратиться \
         в суд. Для вас это бесплатно.",
        "Ihr Antrag wurde ausgeführt. Was gelöscht ist, kann hier niemand mehr lesen; Kopien in Sicherungen werden abgewiesen und enden mit ihnen. Was das Gesetz \
         verlangt, bleibt aufbewahrt, wo es solche Aufzeichnungen gibt, und ist für den \
         Assistenten nicht erreichbar. Wenn Sie nicht einverstanden sind, können Sie uns um \
         erneute Prüfung bitten, sich bei Ihrer Datenschutzbehörde beschweren oder vor Gericht \
         gehen. Das kostet Sie nichts.",
    )
}

/// What is left of what was erased.
pub(super) fn remains() -> Value {
    words(
        "Of each erased record: when it was made, its kind, the assistant, the operation and the \
         purpose, what was decided, and that it belongs to this request. No name, account or text.",
        "От каждой удалённой записи: время, вид, помощник, операция и цель, решение, и то, что она \
         относится к этому запросу. Ни имени, ни аккаунта, ни текста.",
        "Von jeder gelöschten Aufzeichnung: Zeit, Art, Assistent, Vorgang und Zweck, Entscheidung \
         und dass sie zu diesem Antrag gehört. Kein Name, kein Konto, kein Text.",
    )
}

/// What may be said of recipients.
pub(super) fn recipients() -> Value {
    words(
        "They were shown some of what was erased, and are to be told of the erasure. This receipt \
         does not speak for them.",
        "Им была показана часть удалённого, и им сообщают об удалении. Эта квитанция не говорит \
         за них.",
        "Ihnen wurde ein Teil des Gelöschten gezeigt, und ihnen wird die Löschung mitgeteilt. \
         Diese Quittung spricht nicht für sie.",
    )
}
