//! The words that make a sentence a request, as data: English, Russian, German in one table.
//!
//! A word's [`Class`]es are bits; one word may have several. Forms are listed, not derived: the
//! imperatives and infinitives of some fifty verbs are a closed list.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A set of classes.
pub(super) type Class = u32;

/// Hands something over: an imperative of it asks.
pub(super) const GIVE: Class = 1;
/// Puts something somewhere: asks unless the place is one where secrets belong.
pub(super) const ENTER: Class = 1 << 1;
/// Writes something down: asks only when the place is this chat.
pub(super) const NOTE: Class = 1 << 2;
/// Asks when the secret is its object and stands right after it.
pub(super) const CONFIRM: Class = 1 << 3;
/// The same verbs where the form alone does not direct: infinitives, futures of the second person.
pub(super) const BOUND: Class = 1 << 4;
/// "By providing", "указав".
pub(super) const GERUND: Class = 1 << 5;
/// Not, never, nobody.
pub(super) const NOT: Class = 1 << 6;
/// Nobody, as the one to whom.
pub(super) const NOBODY: Class = 1 << 7;
/// I, we.
pub(super) const FIRST: Class = 1 << 8;
/// You.
pub(super) const YOU: Class = 1 << 9;
/// Anybody else who could be the subject.
pub(super) const THIRD: Class = 1 << 10;
/// People one is warned of.
pub(super) const FRAUD: Class = 1 << 11;
/// Asks, requests, says.
pub(super) const ASK: Class = 1 << 12;
/// Needs, requires.
pub(super) const NEED: Class = 1 << 13;
/// I wait.
pub(super) const WAIT: Class = 1 << 14;
/// What, which.
pub(super) const WHAT: Class = 1 << 15;
/// Ends the reach of a verb: if, when, where.
pub(super) const BLOCK: Class = 1 << 16;
/// May stand between a trigger and the secret.
pub(super) const MOD: Class = 1 << 17;
/// Here, below, in this chat, to me.
pub(super) const HERE: Class = 1 << 18;
/// In the app, on the page, at the terminal.
pub(super) const THERE: Class = 1 << 19;
/// It, them.
pub(super) const PRONOUN: Class = 1 << 20;
/// Please, just, then: may stand before an imperative, and in an elliptical request.
pub(super) const OPENER: Class = 1 << 21;
/// May make up an elliptical request together with the secret.
pub(super) const FILLER: Class = 1 << 22;
/// Makes the following clause a condition or a question about the past.
pub(super) const CONDITION: Class = 1 << 23;
/// May, can, must, need to, please to: makes an infinitive a request.
pub(super) const MODAL: Class = 1 << 24;
/// Except: takes back a prohibition.
pub(super) const EXCEPT: Class = 1 << 25;
/// Please.
pub(super) const PLEASE: Class = 1 << 26;
/// Starts a clause.
pub(super) const BUT: Class = 1 << 27;
/// Yours.
pub(super) const YOURS: Class = 1 << 28;
/// Click, tap, press: the sentence explains a screen.
pub(super) const SCREEN: Class = 1 << 29;
/// Makes another thing of the secret named beside it: "password reset", "error code".
pub(super) const OTHER: Class = 1 << 30;

/// The classes of `word`, in lower case.
pub(super) fn class(word: &str) -> Class {
    TABLE.get(word).copied().unwrap_or(0) | by_stem(word)
}

/// Russian and German nouns have too many forms to list.
fn by_stem(word: &str) -> Class {
    STEMS
        .iter()
        .filter(|(stem, _)| word.starts_with(stem))
        .fold(0, |all, (_, class)| all | class)
}

static TABLE: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    let mut table = HashMap::with_capacity(1_024);
    for (class, words) in WORDS {
        for word in words.split_whitespace() {
            *table.entry(word).or_insert(0) |= class;
        }
    }
    table
});

const STEMS: &[(&str, Class)] = &[
    ("мошенник", FRAUD),
    ("аферист", FRAUD),
    ("злоумышлен", FRAUD),
    ("betrüger", FRAUD),
    ("приложени", THERE),
    ("страниц", THERE),
    ("терминал", THERE),
    ("настройк", THERE),
    ("einstellung", THERE),
    ("anmeldeseite", THERE),
    ("сброс", OTHER),
    ("смен", OTHER | SCREEN),
    ("ввод", OTHER),
    ("менеджер", OTHER),
    ("восстановлени", OTHER),
    ("ошибк", OTHER),
    ("стран", OTHER),
    ("промо", OTHER),
    ("рефер", OTHER),
    ("валют", OTHER),
    ("почтов", OTHER),
    ("купон", OTHER),
    ("банк", THERE),
    ("приглаш", OTHER),
    ("скидк", OTHER),
    ("бонус", OTHER),
    ("fehler", OTHER),
    ("zurücksetz", OTHER),
    ("gutschein", OTHER),
];

#[rustfmt::skip]
const WORDS: &[(Class, &str)] = &[
    (GIVE, "send tell give provide share reply respond answer message text forward submit dictate read \
        show upload dm drop state disclose reveal supply pass hand spell resend retype list name say \
        communicate advise indicate email gimme attach speak relay transmit present let leave post \
        пришлите пришли присылайте присылай отправьте отправь отправляйте скиньте скинь скидывайте \
        киньте кинь назовите назови называйте скажите скажи говорите говори сообщите сообщи сообщайте \
        дайте дай давайте продиктуйте продиктуй диктуйте напишите напиши укажите укажи предоставьте \
        предоставь покажите покажи передайте передай поделитесь поделись вышлите вышли перешлите \
        перешли повторите повтори перечислите перечисли уточните подскажите подскажи прикрепите \
        загрузите приложите озвучьте произнесите раскройте зачитайте прочитайте прочтите ответьте \
        шлите шли выдайте доверьте \
        nennen nenne nenn senden sende schicken schick schicke geben gib teilen sagen sag verraten \
        verrate zeigen zeig lesen lies diktieren diktiere antworten übermitteln übermittle schreiben \
        schreib übersenden reichen wiederholen wiederhole mitteilen vorlesen hochladen laden"),
    (ENTER, "ввести enter type input insert key put fill paste введите введи вводите наберите набери впишите \
        вставьте вставь заполните tippen tippe eingeben fügen trage tragen"),
    (NOTE, "write copy include note add запишите скопируйте пишите пиши оставьте включите kopieren kopiere \
        notieren"),
    (CONFIRM, "confirm verify validate repeat подтвердите подтверди проверьте bestätigen bestätige"),
    (BOUND, "прислать присылать отправить отправлять скинуть назвать сказать сообщить сообщать дать давать \
        продиктовать написать указать предоставить показать передать поделиться выслать переслать \
        повторить уточнить узнать озвучить ввести пришлёте пришлете назовёте назовете скажете дадите \
        подскажете сообщите скинете отправите покажете продиктуете поделитесь"),
    (GERUND, "sending telling giving providing sharing typing entering forwarding supplying pasting \
        указав отправив назвав сообщив прислав предоставив продиктовав показав"),
    (NOT, "not never don doesn didn won can't cannot no nobody none neither without refuse avoid avoiding \
        ignore stop shouldn mustn isn aren wouldn couldn didnt dont never не нет ни никогда нельзя никто \
        никому избегайте небезопасно незачем \
        nicht nie niemals kein keine keinen keinem keiner niemand niemandem niemanden"),
    (NOBODY, "nobody никому niemandem niemanden noone"),
    (FIRST, "i we my our me us я мы мне нам меня нас наш наша наше наши нашему ich wir mir uns unser unsere"),
    (YOU, "you u ya вы ты sie du"),
    (YOURS, "your ur yours ваш ваша ваше ваши вашу вашего вашей ваших вашему твой твоя твою твои ihr ihre \
        ihren ihrem ihrer dein deine deinen deinem deiner"),
    (THIRD, "he she they it someone somebody anyone anybody everyone who system bank app website site page \
        application authenticator staff employees agents server provider он она \
        они кто кому тем система банк приложение сайт кто-то wer jemand die app das system"),
    (FRAUD, "scammer scammers fraudster fraudsters phishers thieves criminals impostors"),
    (ASK, "ask asks asked asking request requests requested requesting demand demands wants tells says say \
        просит просят попросит попросят спрашивает спрашивают спросит спросят запрашивает запрашивают \
        просьбой написать пишут говорят попросил просил просили fragt fragen gefragt sagen verlangt"),
    (NEED, "need needs needing require requires required missing want wants нужен нужна нужно нужны \
        понадобится понадобятся потребуется требуется необходим необходима необходимо необходимы надо \
        brauche brauchen benötige benötigen bräuchte"),
    (WAIT, "waiting awaiting ждёт ждет жду ждём ждем ожидаю ожидаем warte warten"),
    (WHAT, "what which whats что какой какая какое какие какую каков какова lautet welche welchen welcher \
        welches was wie"),
    (BLOCK, "if whether when where why how after before because error who whom whose than unless how \
        while since once that's if's about если когда где почему зачем ли придёт придет подойдёт подойдет \
        подошёл подошел который которая которое которые которую которого кто чем ob wenn wann wo warum \
        номер время хеш ордера ордер тех order id hash"),
    (MOD, "your ur the that this those my is are was of for me a an new old current last first own right \
        correct fresh one two three four six digit digits words word login and s re no number pin full \
        second account exact complete actual latest same to us with this google authenticator does did do has using just now please in app \
        sms from email all numbers letters characters following card code password details username e mail \
        это вашего вашей ваших твоего у вас тебя ваш ваша ваше ваши вашу твой твоя твою был была было старый старая новый новая \
        новую последний последние последнюю первые первый три два две один сейчас вам тебе пришёл пришел \
        там символы символ цифры слова логин логины и буквы от из в с на именно ещё еще раз пожалуйста \
        мне нам за тот правильный правильную текущий полный свой свою мой свои фото скриншот фотографию \
        почту сюда прямо здесь все всё вот ihr ihre ihren ihrem ihrer dein deine deinen deinem deiner \
        auf der die das den dem des aus neue neuen neues alte aktuelle aktuellen bitte ist war die und mir uns \
        login sms e mail app karte zu an im"),
    (HERE, "here below chat conversation reply message me us dm thread response сюда здесь тут ниже \
        чат чате чата мне нам ответ ответе сообщение сообщении сообщением ответном hier chat unten mir uns \
        nachricht"),
    (THERE, "app page website site form field terminal settings screen official login device bank wallet's \
        checkout sign-in window box application browser extension atm поле форме форму окне окно сайте сайт app seite \
        terminal formular feld webseite website"),
    (PRONOUN, "it them these that those one all both его её ее их этот эту это всё все один одну ihn es sie \
        diese dieses alle"),
    (OPENER, "please pls plz kindly just simply then now and also so ok okay great thanks first next to \
        hello hi dear well perfect but no not sure again quickly finally instead пожалуйста просто теперь затем потом \
        и тогда сначала ну а но bitte aber jetzt dann einfach und nun"),
    (FILLER, "your ur the and also please pls plz now ok okay then from sms email text message app of card \
        account for verification purposes first last a one to me us so new second current ваш ваша ваше \
        ваши вашу твой твоя и а ещё еще из с от на пожалуйста теперь смс письма почты карты приложения \
        тогда будьте добры мне бы можно вас дело за малым только что это нужно единственное новый сначала итак ihr ihre \
        ihren dein deine den die das der und aus bitte noch ihrer karte jetzt dann also zuerst"),
    (CONDITION, "did have has had if when after once whether unless before do does если haben hat wenn"),
    (MODAL, "нужно надо необходимо должны должен можете можешь сможете могли прошу просьба готовы готов \
        осталось попрошу почему можно могу разрешите хочу хотел хотела может бы требуется следует \
        придётся придется понадобится"),
    (EXCEPT, "except кроме außer besides"),
    (PLEASE, "please pls plz пожалуйста добры bitte"),
    (BUT, "but aber sondern но а"),
    (SCREEN, "click tap press sign log then choose open scan нажмите нажми войти кнопку кнопка выберите \
        klicken drücken"),
    (OTHER, "reset link page manager managers field form change requirements policy screen prompt request \
        requests settings option error promo referral referr invite invitation country zip postal area sort \
        swift status currency coupon gift voucher tracking product http exit discount bonus bank branch \
        qr source reason swift bic iban morse dress индекс swift bic postleit confirmation's protected \
        lookup length strength policies expiry free name-free менеджер манагер"),
];

#[cfg(test)]
mod tests {
    use super::{GIVE, MOD, NOT, class};

    #[test]
    fn words_have_the_classes_of_every_line_they_stand_in() {
        assert_ne!(class("пришлите") & GIVE, 0);
        assert_ne!(class("never") & NOT, 0);
        assert_eq!(class("never") & GIVE, 0);
        assert_ne!(class("your") & MOD, 0);
        assert_eq!(class("tidewaiter"), 0);
    }
}
