//! What a receipt says, in English, Russian and German.
//!
//! The same for everybody: a receipt says what is kept wherever there is such a record, so that
//! nothing can be read from it that a customer must not be told (AMLR Art. 73).

use crate::catalog::RetentionClass;
use serde_json::{Value, json};

/// A text in the three languages.
pub(in crate::privacy) fn words(en: &str, ru: &str, de: &str) -> Value {
    json!({"en": en, "ru": ru, "de": de})
}

/// A class's name for people. Names that are not known here are shown as they are declared.
pub(in crate::privacy) fn title(class: &RetentionClass) -> Value {
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
pub(in crate::privacy) fn ground(class: &RetentionClass) -> Value {
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
pub(in crate::privacy) fn until(class: &RetentionClass) -> Value {
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

/// What a claim or an order keeps, of any class. It says this to everybody.
pub(super) fn claims() -> Value {
    json!({
        "class": "claims",
        "title": words(
            "Records of any kind that a legal claim or an order of a court or an authority needs",
            "Записи любого вида, которые нужны для правового требования или по решению суда или \
             ведомства",
            "Aufzeichnungen jeder Art, die ein Rechtsanspruch oder die Anordnung eines Gerichts \
             oder einer Behörde verlangt",
        ),
        "ground": words(
            "The law keeps them from erasure, where there are any; whether there are, we tell \
             nobody",
            "Закон не даёт их удалить, если они есть; есть ли они, мы никому не сообщаем",
            "Das Gesetz nimmt sie von der Löschung aus, wo es sie gibt; ob es sie gibt, sagen wir \
             niemandem",
        ),
        "source": "GDPR Art. 17(3)(b), (e)",
        "until": words(
            "Until the claim or the order has ended; then they go without another request",
            "До конца требования или действия решения; затем удаляются без нового запроса",
            "Bis der Anspruch oder die Anordnung erledigt ist; dann werden sie ohne neuen Antrag \
             gelöscht",
        ),
    })
}

/// What the receipt is.
pub(super) fn say() -> Value {
    words(
        "Your request was carried out. What was erased cannot be read here again; copies in \
         backups are refused and end with the backups. What the law requires is kept, where there \
         are such records, and out of the assistant's reach. If you disagree, you can ask us to \
         look again, complain to your data protection authority, or go to court. This costs you \
         nothing.",
        "Ваш запрос выполнен. Удалённое здесь больше не прочитать; копии в резервных копиях не \
         принимаются и исчезнут вместе с ними. То, что требует закон, хранится, если такие записи \
         есть, и недоступно помощнику. Если вы не согласны, вы можете попросить нас пересмотреть \
         решение, пожаловаться в орган по защите данных или обратиться в суд. Для вас это \
         бесплатно.",
        "Ihr Antrag wurde ausgeführt. Was gelöscht ist, kann hier niemand mehr lesen; Kopien in \
         Sicherungen werden abgewiesen und enden mit ihnen. Was das Gesetz verlangt, bleibt \
         aufbewahrt, wo es solche Aufzeichnungen gibt, und ist für den Assistenten nicht \
         erreichbar. Wenn Sie nicht einverstanden sind, können Sie uns um erneute Prüfung bitten, \
         sich bei Ihrer Datenschutzbehörde beschweren oder vor Gericht gehen. Das kostet Sie \
         nichts.",
    )
}

/// Why a request is not carried out, by a ground of the closed list (GDPR Art. 12(4) to (6)); none
/// for a ground that is not on it.
pub(super) fn refusal(ground: &str) -> Option<Value> {
    Some(match ground {
        "not_verified" => words(
            "We could not make sure that the request came from you, so nothing was erased. You \
             can ask again after signing in, complain to your data protection authority, or go to \
             court. This costs you nothing.",
            "Мы не смогли убедиться, что запрос исходит от вас, поэтому ничего не удалено. Вы \
             можете отправить запрос снова после входа, пожаловаться в орган по защите данных или \
             обратиться в суд. Для вас это бесплатно.",
            "Wir konnten nicht feststellen, dass der Antrag von Ihnen stammt; es wurde nichts \
             gelöscht. Sie können ihn nach der Anmeldung erneut stellen, sich bei Ihrer \
             Datenschutzbehörde beschweren oder vor Gericht gehen. Das kostet Sie nichts.",
        ),
        "unfounded" | "excessive" => words(
            "We refused the request as manifestly unfounded or excessive (GDPR Art. 12(5)); \
             nothing was erased. You can ask us to look again, complain to your data protection \
             authority, or go to court. This costs you nothing.",
            "Мы отклонили запрос как явно необоснованный или чрезмерный (GDPR, ст. 12(5)); ничего \
             не удалено. Вы можете попросить пересмотреть решение, пожаловаться в орган по защите \
             данных или обратиться в суд. Для вас это бесплатно.",
            "Wir haben den Antrag als offenkundig unbegründet oder exzessiv abgelehnt (DSGVO \
             Art. 12 Abs. 5); es wurde nichts gelöscht. Sie können uns um erneute Prüfung bitten, \
             sich bei Ihrer Datenschutzbehörde beschweren oder vor Gericht gehen. Das kostet Sie \
             nichts.",
        ),
        "withdrawn" => words(
            "The request was withdrawn; nothing was erased. You can ask again at any time.",
            "Запрос отозван; ничего не удалено. Вы можете отправить новый в любое время.",
            "Der Antrag wurde zurückgezogen; es wurde nichts gelöscht. Sie können ihn jederzeit \
             erneut stellen.",
        ),
        _ => return None,
    })
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
