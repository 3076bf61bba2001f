//! What the customer is told when they pasted what nobody may have.

use super::kind::Kind;

/// The languages the gateway speaks to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, and whatever is not one of the others.
    #[default]
    English,
    /// Russian.
    Russian,
    /// German.
    German,
}

impl Language {
    /// The language of a BCP 47 tag such as `ru-RU`; English if we do not speak it.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "ru" => Self::Russian,
            "de" => Self::German,
            _ => Self::English,
        }
    }
}

/// The warning for something of this kind. It never names the value. Kinds that may be stored
/// have none: their text is empty.
pub fn warning(kind: Kind, language: Language) -> &'static str {
    let [english, russian, german] = match kind {
        Kind::SeedPhrase => SEED_PHRASE,
        Kind::PrivateKey => PRIVATE_KEY,
        Kind::Password => PASSWORD,
        Kind::Otp => OTP,
        Kind::Cvv => CVV,
        Kind::ApiKey => API_KEY,
        Kind::Email
        | Kind::CreditCard
        | Kind::Iban
        | Kind::Passport
        | Kind::NationalId
        | Kind::DriverLicence
        | Kind::DateOfBirth
        | Kind::Phone
        | Kind::CryptoAddress
        | Kind::IpAddress
        | Kind::Name
        | Kind::Address
        | Kind::Known(_) => [""; 3],
    };
    match language {
        Language::English => english,
        Language::Russian => russian,
        Language::German => german,
    }
}

const SEED_PHRASE: [&str; 3] = [
    "Your message held a seed phrase. We removed it and did not keep it. Never share it with anyone: we will never ask for it, and whoever has it can take everything. Move your funds to a new wallet now.",
    "В вашем сообщении была сид-фраза. Мы удалили её и не сохранили. Никогда никому её не сообщайте: мы никогда её не спрашиваем, а тот, у кого она есть, может забрать все средства. Сейчас же переведите средства на новый кошелёк.",
    "Ihre Nachricht enthielt eine Seed-Phrase. Wir haben sie entfernt und nicht gespeichert. Geben Sie sie niemals weiter: Wir fragen nie danach, und wer sie kennt, kann Ihr gesamtes Guthaben nehmen. Übertragen Sie Ihr Guthaben sofort auf eine neue Wallet.",
];
const PRIVATE_KEY: [&str; 3] = [
    "Your message held a private key. We removed it and did not keep it. Never share it with anyone: we will never ask for it. Move your funds to a new wallet now.",
    "В вашем сообщении был приватный ключ. Мы удалили его и не сохранили. Никогда никому его не сообщайте: мы никогда его не спрашиваем. Сейчас же переведите средства на новый кошелёк.",
    "Ihre Nachricht enthielt einen privaten Schlüssel. Wir haben ihn entfernt und nicht gespeichert. Geben Sie ihn niemals weiter: Wir fragen nie danach. Übertragen Sie Ihr Guthaben sofort auf eine neue Wallet.",
];
const PASSWORD: [&str; 3] = [
    "Your message held a password or PIN. We removed it and did not keep it. We will never ask for it. Please change it now, everywhere you use it.",
    "В вашем сообщении был пароль или ПИН-код. Мы удалили его и не сохранили. Мы никогда его не спрашиваем. Пожалуйста, смените его сейчас везде, где он используется.",
    "Ihre Nachricht enthielt ein Passwort oder eine PIN. Wir haben es entfernt und nicht gespeichert. Wir fragen nie danach. Bitte ändern Sie es sofort überall, wo Sie es verwenden.",
];
const OTP: [&str; 3] = [
    "Your message held a one-time code or the secret behind it. We removed it and did not keep it. We will never ask for it: whoever does is a fraud. If you sent it to anyone else, change your password and set up 2FA again.",
    "В вашем сообщении был одноразовый код или секрет для его получения. Мы удалили его и не сохранили. Мы никогда его не спрашиваем: кто спрашивает, тот мошенник. Если вы сообщили его кому-то ещё, смените пароль и заново настройте 2FA.",
    "Ihre Nachricht enthielt einen Einmalcode oder dessen Geheimnis. Wir haben ihn entfernt und nicht gespeichert. Wir fragen nie danach: Wer danach fragt, ist ein Betrüger. Falls Sie ihn weitergegeben haben, ändern Sie Ihr Passwort und richten Sie 2FA neu ein.",
];
const CVV: [&str; 3] = [
    "Your message held a card's security code. We removed it and did not keep it. We will never ask for it in a chat. If you sent it to anyone else, ask your bank to block the card.",
    "В вашем сообщении был защитный код карты. Мы удалили его и не сохранили. Мы никогда не спрашиваем его в чате. Если вы сообщили его кому-то ещё, попросите банк заблокировать карту.",
    "Ihre Nachricht enthielt die Prüfnummer einer Karte. Wir haben sie entfernt und nicht gespeichert. Wir fragen im Chat nie danach. Falls Sie sie weitergegeben haben, lassen Sie die Karte von Ihrer Bank sperren.",
];
const API_KEY: [&str; 3] = [
    "Your message held an API key or access token. We removed it and did not keep it. We will never ask for it. Please delete that key now and create a new one.",
    "В вашем сообщении был API-ключ или токен доступа. Мы удалили его и не сохранили. Мы никогда его не спрашиваем. Пожалуйста, удалите этот ключ сейчас и создайте новый.",
    "Ihre Nachricht enthielt einen API-Schlüssel oder Zugriffstoken. Wir haben ihn entfernt und nicht gespeichert. Wir fragen nie danach. Bitte löschen Sie diesen Schlüssel jetzt und erstellen Sie einen neuen.",
];

#[cfg(test)]
mod tests {
    use super::{Kind, Language, warning};

    #[test]
    fn i8_every_forbidden_kind_has_a_warning_in_every_language() {
        for kind in Kind::ALL {
            for tag in ["en-GB", "ru", "de_AT", "fr"] {
                let text = warning(kind, Language::of(tag));
                assert_eq!(text.is_empty(), !kind.is_forbidden());
            }
        }
        assert_eq!(Language::of("ru-RU"), Language::Russian);
    }
}
