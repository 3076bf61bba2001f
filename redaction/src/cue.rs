//! Context: the words that say what the characters beside them are.
//!
//! English, Russian and German, all found in one Aho-Corasick pass over the lower-cased text.
//! A phrase ends at a word boundary unless it is written with `*`, which takes any ending; its
//! spaces also match `-`, `_` and nothing. Where phrases overlap, the longest counts.
//! Limits: these are lists, not grammar; other languages have only the seed phrase's own words.

use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::LazyLock;

/// What a phrase says about its neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Seed,
    Key,
    WeakKey,
    Api,
    Token,
    Password,
    WeakPassword,
    Pin,
    Otp,
    /// "Code" alone, which is many things.
    WeakOtp,
    OtpSecret,
    Cvv,
    /// "Security code": of a card if it has three digits, of a message if it has more.
    CvvOrOtp,
    Card,
    Wallet,
    Phone,
    /// IP addresses.
    Network,
    /// Versions of software, which look like IP addresses.
    Version,
    Birth,
    /// Social security, tax and pension numbers.
    NationalId,
    /// Passports and identity cards.
    Passport,
    Licence,
    /// Transactions, orders, commits: what follows is an identifier and no secret.
    Identifier,
}

/// One phrase found in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cue {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) sense: Sense,
}

/// All phrases in `lower`, in order. `None` is never returned by valid tables (tested).
pub(crate) fn find(lower: &str) -> Vec<Cue> {
    let Some(book) = BOOK.as_ref() else {
        return Vec::new();
    };
    let bytes = lower.as_bytes();
    let mut cues = Vec::new();
    for found in book.automaton.find_iter(bytes) {
        let Some(&(sense, open)) = book.meaning.get(found.pattern().as_usize()) else {
            continue;
        };
        let word_before = lower
            .get(..found.start())
            .and_then(|s| s.chars().next_back())
            .is_some_and(char::is_alphanumeric);
        let rest = lower.get(found.end()..).unwrap_or_default();
        // An ending is a few letters; 16 bounds the work.
        let ending: usize = rest
            .chars()
            .take(16)
            .take_while(|c| c.is_alphabetic())
            .map(char::len_utf8)
            .sum();
        let cut = rest.chars().next().is_some_and(char::is_alphanumeric);
        if word_before || (cut && !open) || in_placeholder(lower, found.start(), rest) {
            continue;
        }
        cues.push(Cue {
            start: found.start(),
            end: found.end() + ending,
            sense,
        });
    }
    cues
}

/// Whether the phrase is the label of a placeholder: `[PHONE_1]` says nothing of what follows.
fn in_placeholder(lower: &str, start: usize, rest: &str) -> bool {
    let opened = lower.get(..start).is_some_and(|s| s.ends_with('['));
    let inner = || {
        rest.find(']')
            .filter(|at| *at <= 20)
            .and_then(|at| rest.get(..at))
    };
    opened
        && inner().is_some_and(|inner| {
            let number = inner.rsplit('_').next().unwrap_or_default();
            let numbered = inner.contains('_')
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit());
            numbered
                || [" removed, short", " removed, medium", " removed, long"]
                    .iter()
                    .any(|r| inner.ends_with(r))
        })
}

/// Whether a phrase may begin with `beginning`, in lower case, and go on.
pub(crate) fn may_begin(beginning: &str) -> bool {
    BOOK.as_ref().is_some_and(|book| {
        let first = book.sorted.partition_point(|p| p.as_str() <= beginning);
        book.sorted
            .get(first)
            .is_some_and(|p| p.starts_with(beginning))
    })
}

struct Book {
    automaton: AhoCorasick,
    meaning: Vec<(Sense, bool)>,
    /// The phrases in order.
    sorted: Vec<String>,
}

static BOOK: LazyLock<Option<Book>> = LazyLock::new(|| {
    let mut patterns: Vec<String> = Vec::new();
    let mut meaning = Vec::new();
    for (sense, phrases) in PHRASES {
        for phrase in phrases.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (stem, open) = phrase
                .strip_suffix('*')
                .map_or((phrase, false), |stem| (stem, true));
            let joints: &[&str] = if stem.contains(' ') {
                &[" ", "-", "_", ""]
            } else {
                &[" "]
            };
            for joint in joints {
                patterns.push(stem.replace(' ', joint));
                meaning.push((*sense, open));
            }
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(&patterns)
        .ok()?;
    patterns.sort();
    Some(Book {
        automaton,
        meaning,
        sorted: patterns,
    })
});

const PHRASES: &[(Sense, &str)] = &[
    (
        Sense::Seed,
        "seed, seeds, seed phrase*, seed word*, recovery phrase*, recovery word*, recovery seed*, \
         mnemonic*, secret phrase*, secret recovery phrase*, backup phrase*, backup words, \
         12 word*, 24 word*, words are, words below, following words, twelve words, my words, wallet words, bip39, bip 39, \
         сид, сида, сиду, сидом, сид фраз*, сидк*, мнемоник*, мнемоническ*, мнемо фраз*, \
         фраза восстановления, фразу восстановления, фразы восстановления, \
         фразой восстановления, секретная фраза, секретную фразу, секретной фраз*, \
         секретные слова, мои слова, 12 слов, 24 слов*, двенадцать слов, слова от кошелька, \
         слова кошелька, seed фраз*, \
         wiederherstellungsphrase*, wiederherstellungswörter*, wiederherstellungswort*, \
         mnemonik*, sicherungsphrase*, geheime phrase, geheime wörter, 12 wörter, 24 wörter, \
         zwölf wörter, 助记词, 助記詞, 注记词, 种子, frase semilla, frase de recuperación, \
         phrase de récupération, frase di recupero, ニーモニック, 니모닉",
    ),
    (
        Sense::Key,
        "private key*, privat key*, priv key*, secret key*, signing key*, spending key*, wif, \
         prv key*, приватный ключ*, приватного ключ*, приватному ключ*, приватным ключ*, \
         приватные ключ*, приватник*, приват ключ*, закрытый ключ*, закрытого ключ*, \
         закрытые ключ*, секретный ключ*, секретного ключ*, секретным ключ*, \
         privater schlüssel*, privaten schlüssel*, privatem schlüssel*, private schlüssel*, \
         privatschlüssel*, geheimer schlüssel*, geheimen schlüssel*, geheimschlüssel*",
    ),
    (
        Sense::WeakKey,
        "key, keys, ключ*, schlüssel*, secret, secrets, секрет*, geheimnis*",
    ),
    (
        Sense::Api,
        "api key*, api secret*, api token*, access token*, access key*, secret access key*, \
         auth token*, client secret*, refresh token*, session token*, bearer, bearer token*, \
         jwt, apikey, app secret*, webhook secret*, \
         ключ api, ключ апи, ключа api, api ключ*, апи ключ*, секрет api, токен доступа, \
         токен api, api токен*, api schlüssel*, zugriffstoken*, zugangstoken*",
    ),
    (Sense::Token, "token, токен, токена"),
    (
        Sense::Password,
        "password*, pasword*, passwort, passwörter, passworts, passwd, pwd, psw, passcode*, pass phrase*, \
         kennwort*, passw, пароль, пароля, паролем, паролю, пароли, пороль, парол, parol",
    ),
    (Sense::WeakPassword, "pass, пасс, пас"),
    (
        Sense::Pin,
        "pin, pin code*, pin number*, pin nummer*, пин, пин код*, пинкод*, пинкода",
    ),
    (
        Sense::Otp,
        "2fa, 2fa code*, 2 fa code*, code 2fa, mfa, mfa code*, otp, otp code*, totp, totp code*, one time code*, \
         one time password*, one time passcode*, one time pin*, verification code*, verify code*, \
         confirmation code*, sms code*, text code*, code from sms, code from the sms, code in the sms, \
         authenticator, authenticator code*, authenticator app code*, authentication code*, \
         auth code*, login code*, email code*, two factor code*, 2 step code*, google authenticator, \
         backup code*, recovery code*, \
         код из смс, код из sms, код с смс, код в смс, смс код*, sms код*, код подтверждения, кода подтверждения, \
         кодом подтверждения, код 2fa, 2fa код*, код 2фа, 2фа, 2фа код*, код аутентификатора, \
         код из аутентификатора, код аутентификации, код из приложения, код авторизации, \
         код двухфактор*, код google authenticator, код гугл*, код из гугл*, одноразовый код*, \
         одноразовый пароль, одноразового кода, одноразовый парол*, код из письма, код с почты, \
         код на почт*, проверочный код*, код проверки, код входа, код для входа, резервный код*, \
         код верификации, смс пришел код, \
         bestätigungscode*, einmalcode*, einmalpasswort*, einmalkennwort*, tan, sms tan, mtan, \
         push tan, code aus der sms, code per sms, authentifizierungscode*, \
         verifizierungscode*, freigabecode*, zwei faktor code*, anmeldecode*",
    ),
    (
        Sense::WeakOtp,
        "code, codes, код, кода, кодом, коды, коде, sms, смс, смска, смску, смски, смске",
    ),
    (
        Sense::OtpSecret,
        "2fa secret*, 2fa secret key*, 2fa key*, totp secret*, totp key*, otp secret*, \
         authenticator secret*, authenticator secret key*, authenticator key*, setup key*, \
         google authenticator key*, google authenticator secret*, \
         секрет для google authenticator, секрет google authenticator, секрет 2fa, \
         секретный ключ 2fa, ключ 2fa, ключ google authenticator, ключ для google authenticator, \
         ключ аутентификатора, ключ от аутентификатора, резервный ключ, 2fa schlüssel*, \
         authenticator schlüssel*",
    ),
    (
        Sense::Cvv,
        "cvv, cvc, cvv2, cvc2, cvv code*, cvc code*, cvv код*, cvc код*, cvn, csc, цвв, цвц, cvv nummer, \
         код с обратной стороны, код на обороте, цифры на обороте, \
         код сзади, prüfnummer*,  код на обратной стороне, три цифры на обороте, \
         three digits on the back, 3 digits on the back, kartenprüfnummer*, prüfziffer*, \
         kartenprüfziffer*, card verification value, card verification code",
    ),
    (
        Sense::CvvOrOtp,
        "security code*, код безопасности, кода безопасности, sicherheitscode*",
    ),
    (
        Sense::Card,
        "card*, cc, visa, mastercard, master card, maestro, amex, american express, unionpay, \
         мир, карт*, kreditkarte*, debitkarte*, karte, karten*, pan",
    ),
    (
        Sense::Wallet,
        "address*, adress*, wallet*, deposit*, withdraw*, sent it to, sent to, send to, solana, \
         sol, phantom, spl, metamask, адрес*, кошел*, вывод*, вывел*, отправил*, перевел*, перевёл*, \
         депозит*, солан*, überwies*, auszahl*, einzahl*, geldbörse*, gesendet, polkadot, dot, \
         monero, xmr",
    ),
    (
        Sense::Identifier,
        "tx, txn, txid, tx id, tx hash, hash*, transaction*, transfer id, block, blocks, \
         block hash, commit*, sha, sha1, sha256, sha 256, md5, order*, ticket*, uuid, guid, uid, user id, \
         memo, tag, signature*, sig, trace*, request id, correlation id, checksum*, merkle, \
         public key*, pubkey*, \
         хеш*, хэш*, транзакц*, блок, блока, ордер*, заявк*, тикет*, подпис*, сигнатур*, \
         номер заявки, номер ордера, публичный ключ*, открытый ключ*, \
         transaktion*, bestellung*, auftrag*, prüfsumme*, signatur*, öffentlicher schlüssel*",
    ),
    (
        Sense::Phone,
        "phone*, phone number*, telephone*, mobile*, mobile number*, cell, cell phone*, cellphone*, tel, fax, \
         call me*, call us*, whatsapp, viber, contact number*, my number, callback number*, office, desk, \
         телефон*, номер телефона, номера телефона, тел, моб, мобильн*, сотов*, позвони*, перезвони*, \
         ватсап*, вотсап*, вайбер*, мой номер, звонит*, набери*, \
         telefon*, telefonnummer*, handy*, handynummer*, mobilnummer*, rufnummer*, meine nummer, rückruf*, \
         móvil, teléfono*, téléphone*, portable, cellulare",
    ),
    (
        Sense::Network,
        "ip, ips, ipv4, ipv6, ip address*, ip адрес*, айпи, айпи адрес*, ип адрес*, ip adresse*, gateway, \
         dns, subnet*, netmask*, src, dst, nat64, ssh, ping, host*, server*, сервер*",
    ),
    (
        Sense::Version,
        "version*, ver, v, build*, release*, firmware, sdk, changelog, верси*, сборк*, прошивк*, обновлени*, \
         раздел*, пункт*, section*, chapter*",
    ),
    (
        Sense::Birth,
        "born, date of birth, birth date*, birthday*, birth day*, dob, d.o.b, year of birth, \
         дата рождения, дату рождения, даты рождения, дате рождения, датой рождения, день рождения, \
         дня рождения, др, д.р, год рождения, года рождения, г.р, г. р, рождения, родил*, рожден*, рождён*, \
         geboren*, geburtsdatum*, geburtstag*, geburtsjahr*, geb, nacido, nacida, né le, née le, nato il, nata il",
    ),
    (
        Sense::NationalId,
        "ssn, social security, social security number*, social security no, social, tax id*, tax number*, \
         tax identification number*, taxpayer*, tin, itin, national id*, id number*, identity number*, \
         personal number*, identity code*, personal id*, national insurance*, ni number*, nino, nhs, nhs number*, \
         sin, nas, aadhaar*, pan number*, pesel, cpf, dni, nie, nif, codice fiscale, bsn, ahv, avs, \
         nir, hetu, henkilötunnus*, personnummer*, pnr, rrn, frn, nric, fin number*, kimlik*, thai id, \
         medicare*, tfn, tnin, turkish id, swedish id, rsa id, sa id, resident number*, voter*, identificación*, \
         steuer id*, steueridentifikationsnummer*, steuernummer*, idnr, rvnr, sozialversicherungsnummer*, \
         rentenversicherungsnummer*, versicherungsnummer*, versichertennummer*, egk nummer, \
         инн, снилс, огрн, огрнип, иин, бин, рнокпп, номер налогоплательщика, страховой номер*, \
         идентификационный номер, идентификационный код",
    ),
    (
        Sense::Passport,
        "passport*, passport number*, passport no, паспорт*, серия и номер, загран*, reisepass*, \
         reisepassnummer*, pasaporte, passeport, passaporto, id card*, identity card*, \
         удостоверение личности, удостоверения личности, удостоверению личности, личн* карт*, \
         personalausweis*, ausweisnummer*, ausweis",
    ),
    (
        Sense::Licence,
        "driver license*, drivers license*, driver's license*, driver licence*, drivers licence*, \
         driver's licence*, driving license*, driving licence*, licence, dl number*, \
         водительск*, водительское удостоверение, водительского удостоверения, номер прав, права, \
         führerschein*, führerscheinnummer*, fahrerlaubnis*",
    ),
];

#[cfg(test)]
mod tests {
    use super::{BOOK, Sense, find};

    fn senses(text: &str) -> Vec<Sense> {
        find(text).into_iter().map(|c| c.sense).collect()
    }

    #[test]
    fn the_table_compiles() {
        assert!(BOOK.is_some());
    }

    #[test]
    fn the_longest_phrase_counts() {
        assert_eq!(senses("my 2fa secret key is"), [Sense::OtpSecret]);
        assert_eq!(senses("private-key"), [Sense::Key]);
        assert_eq!(senses("the key"), [Sense::WeakKey]);
    }

    #[test]
    fn words_are_whole() {
        assert!(senses("monkey seedling passive bypass").is_empty());
        assert_eq!(senses("паролем, сид-фразу"), [Sense::Password, Sense::Seed]);
        let cue = find("сид-фразу: x")[0];
        assert_eq!("сид-фразу: x".get(cue.start..cue.end), Some("сид-фразу"));
    }
}
