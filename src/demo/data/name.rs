//! Names of customers who do not exist: English and Russian, with their Latin spelling.

use super::chance::Chance;

/// The language a customer writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl Locale {
    /// `en` or `ru`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

/// A first and a last name in the customer's own script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) locale: Locale,
    pub(super) first: String,
    pub(super) last: String,
}

impl Name {
    pub(super) fn of(locale: Locale, first: &str, last: &str) -> Self {
        Self {
            locale,
            first: first.to_owned(),
            last: last.to_owned(),
        }
    }

    /// A name of this locale.
    pub(super) fn draw(locale: Locale, chance: &mut Chance) -> Self {
        match locale {
            Locale::En => Self::of(locale, chance.word(EN_FIRST), chance.word(EN_LAST)),
            Locale::Ru if chance.one_in(2) => Self::of(
                locale,
                chance.word(RU_WOMEN),
                &feminine(chance.word(RU_LAST)),
            ),
            Locale::Ru => Self::of(locale, chance.word(RU_MEN), chance.word(RU_LAST)),
        }
    }

    /// `first.last` in lower-case Latin letters.
    pub(super) fn mailbox(&self) -> String {
        format!("{}.{}", latin(&self.first), self.last_latin())
    }

    pub(super) fn last_latin(&self) -> String {
        latin(&self.last)
    }
}

/// The form of a Russian surname that a woman bears.
fn feminine(last: &str) -> String {
    if let Some(stem) = last.strip_suffix("ий").or_else(|| last.strip_suffix("ой")) {
        return format!("{stem}ая");
    }
    if ["ов", "ев", "ёв", "ин", "ын"]
        .iter()
        .any(|it| last.ends_with(it))
    {
        return format!("{last}а");
    }
    last.to_owned()
}

/// Lower-case ASCII letters, as people spell themselves in mail addresses.
fn latin(text: &str) -> String {
    let mut out = String::new();
    for letter in text.to_lowercase().chars() {
        match CYRILLIC.chars().position(|it| it == letter) {
            Some(at) => out.push_str(LATIN.get(at).copied().unwrap_or_default()),
            None if letter.is_ascii_lowercase() => out.push(letter),
            None => {}
        }
    }
    out
}

const CYRILLIC: &str = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя";
const LATIN: [&str; 33] = [
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
    "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
];

const EN_FIRST: &str = "Alice Amelia Andrew Anthony Beatrice Benjamin Brian Caroline Catherine Charles Charlotte \
    Christopher Daniel David Deborah Edward Eleanor Emily Fiona Frances George Grace Hannah \
    Harriet Helen Isabel Jack Jessica Jonathan Joseph Kevin Laura Liam Lucy Margaret Mark \
    Matthew Megan Michael Naomi Nathan Nicola Oliver Patrick Rachel Robert Samuel Sophie \
    Stephen Thomas Victoria William";

const EN_LAST: &str = "Abbott Armstrong Barker Bennett Blackwood Bradley Brennan Callahan Carter Chapman Coleman \
    Crawford Dalton Donnelly Doyle Ellison Fairbanks Fletcher Gallagher Gardner Graham \
    Greenwood Hammond Hartley Hastings Holloway Jenkins Kavanagh Kendall Lancaster Lawson \
    Mackenzie Marsh Mercer Morrison Nicholson Norris Parsons Pemberton Quinn Redmond Saunders \
    Sheridan Sinclair Thornton Vaughan Wakefield Whitaker";

const RU_MEN: &str = "Александр Алексей Андрей Антон Артём Борис Вадим Виктор Владимир Глеб Григорий Даниил \
    Денис Дмитрий Евгений Егор Иван Игорь Кирилл Константин Лев Максим Михаил Никита Олег \
    Павел Роман Сергей Тимофей Фёдор Юрий Ярослав";

const RU_WOMEN: &str = "Алина Анастасия Анна Валентина Варвара Вера Виктория Дарья Екатерина Елена Елизавета Ирина \
    Ксения Лариса Любовь Людмила Маргарита Марина Мария Надежда Наталья Ольга Полина Светлана \
    София Татьяна Юлия Яна";

const RU_LAST: &str = "Абрамов Баранов Белов Богданов Васильев Виноградов Власов Волков Воробьёв Гаврилов Голубев \
    Горшков Громов Давыдов Дорофеев Ермаков Жуков Зайцев Ильин Калинин Ковальский Козлов \
    Крылов Кудрявцев Лебедев Луговой Макаров Мельников Миронов Никитин Орлов Осипов Панфилов \
    Поляков Романов Рыбаков Савельев Селиванов Тарасов Трофимов Ушаков Филатов Чернов Шевченко \
    Широков Щербаков Юдин Яковлев";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_woman_bears_her_form_of_the_surname() {
        for (man, woman) in [
            ("Орлов", "Орлова"),
            ("Ильин", "Ильина"),
            ("Ковальский", "Ковальская"),
            ("Луговой", "Луговая"),
            ("Шевченко", "Шевченко"),
        ] {
            assert_eq!(feminine(man), woman);
        }
    }

    #[test]
    fn every_name_has_a_latin_mailbox() {
        let mut chance = Chance::new(5, "name", 0);
        for _ in 0..200 {
            for locale in [Locale::En, Locale::Ru] {
                let mailbox = Name::draw(locale, &mut chance).mailbox();
                assert!(mailbox.len() > 5, "{mailbox}");
                assert!(
                    mailbox
                        .chars()
                        .all(|it| it == '.' || it.is_ascii_lowercase())
                );
            }
        }
        let name = Name::of(Locale::Ru, "Артём", "Щербаков");
        assert_eq!(name.mailbox(), "artem.shcherbakov");
    }
}
