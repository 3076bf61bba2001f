//! What holds of everything in a copy (GDPR Art. 15(1), (2)).

use crate::gateway::Language;
use crate::privacy::lookups::Names;
use serde_json::{Value, json};

/// Classes with why and until when, recipients, and the customer's rights.
pub(super) fn about(language: Language, names: Names<'_>) -> Value {
    let classes = names.catalog.retention().classes();
    let classes = classes.filter(|class| !["duty", "service"].contains(&class.name.as_str()));
    let classes: Vec<Value> = classes.map(|class| super::class(class, language)).collect();
    let assistants: Vec<Value> = names
        .agents
        .iter()
        .map(|agent| json!({"id": agent.id.as_str(), "title": agent.title, "recipients": agent.recipients}))
        .collect();
    let [what, source, rights, left_out] = words(language);
    json!({
        "what": what,
        "classes": classes,
        "assistants": assistants,
        "source": source,
        "rights": rights,
        "left_out": left_out,
    })
}

fn words(language: Language) -> [&'static str; 4] {
    match language {
        Language::En => [
            "What our assistants were told and shown in your chats, and what they looked up for \
             you. No decision about you is made by them.",
            "Your own messages, and our systems, which hold the original of what was looked up.",
            "You can have data corrected or erased, have their use restricted, object to it, take \
             your messages along, and complain to your data protection authority.",
            "Data of other people, and what the law forbids us to tell, are not in this copy; \
             whether there are any, we tell nobody.",
        ],
        Language::Ru => [
            "Что нашим помощникам сообщали и показывали в ваших чатах и что они для вас \
             запрашивали. Решений о вас они не принимают.",
            "Ваши собственные сообщения и наши системы, где хранится оригинал запрошенного.",
            "Вы можете исправить или удалить данные, ограничить их использование, возразить против \
             него, забрать свои сообщения и пожаловаться в орган по защите данных.",
            "Данных других людей и того, что закон запрещает сообщать, в этой копии нет; есть ли \
             такие данные, мы никому не сообщаем.",
        ],
        Language::De => [
            "Was unsere Assistenten in Ihren Chats erfuhren und gezeigt bekamen und was sie für \
             Sie nachgesehen haben. Entscheidungen über Sie treffen sie nicht.",
            "Ihre eigenen Nachrichten und unsere Systeme, in denen das Original des Nachgesehenen \
             liegt.",
            "Sie können Daten berichtigen oder löschen lassen, ihre Nutzung einschränken lassen \
             oder ihr widersprechen, Ihre Nachrichten mitnehmen und sich bei Ihrer \
             Datenschutzbehörde beschweren.",
            "Daten anderer Menschen und was wir von Gesetzes wegen nicht sagen dürfen, fehlen in \
             dieser Kopie; ob es sie gibt, sagen wir niemandem.",
        ],
    }
}
