//! Names of customers who do not exist: English, Russian and German, with their Latin spelling.

use super::chance::Chance;

/// The language a customer writes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
    /// German.
    De,
}

impl Locale {
    /// The language of the customer in this place: of five two Russian, two English, one German.
    pub(super) fn of_place(at: usize) -> Self {
        match at % 5 {
            0 | 2 => Self::Ru,
            1 | 3 => Self::En,
            _ => Self::De,
        }
    }

    /// `en`, `ru` or `de`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::De => "de",
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
            Locale::De => Self::of(locale, chance.word(DE_FIRST), chance.word(DE_LAST)),
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
            None => match letter {
                'ä' => out.push_str("ae"),
                'ö' => out.push_str("oe"),
                'ü' => out.push_str("ue"),
                'ß' => out.push_str("ss"),
                letter if letter.is_ascii_lowercase() => out.push(letter),
                _ => {}
            },
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

const DE_FIRST: &str = "Anja Annika Anton Benedikt Birgit Britta Christoph Claudia Dieter Elke Emil Erik Florian \
    Franziska Friedrich Gisela Greta Hannes Heike Henning Ingrid Jakob Johanna Jonas Jörg Jürgen \
    Karin Katharina Klaus Konrad Lena Leonhard Lukas Marlene Matthias Moritz Nele Niklas Paula \
    Petra Rainer Sabine Stefan Susanne Theresa Tobias Uwe Wiebke";

const DE_LAST: &str = "Albrecht Bäcker Baumann Böhm Brandt Busch Dietrich Ebert Engel Falk Friedrich Fuchs Graf Groß \
    Günther Haas Hartmann Heinrich Herrmann Huber Jäger Keller Köhler König Krämer Krüger Kuhn \
    Lindner Lorenz Maier Möller Neumann Otto Pfeiffer Pohl Reinhardt Roth Sauer Schäfer Schubert \
    Seidel Sommer Stein Thiele Vogt Voß Walter Wegener Weiß Winkler";

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
            for locale in [Locale::En, Locale::Ru, Locale::De] {
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
        let name = Name::of(Locale::De, "Jörg", "Groß");
        assert_eq!(name.mailbox(), "joerg.gross");
    }
}
