//! False hits: people who do not occur in a text must not be found in it.

use super::{english, known, profile, russian};
use crate::Attribute;
use crate::known::Known;
use crate::text::findings;

/// Made-up people of common names, beside those of the corpus.
const OTHERS: &[&str] = &[
    "Иван Петров",
    "Роман Белый",
    "Вера Лебедева",
    "Лев Гончар",
    "Надежда Сорока",
    "Марк Замок",
    "Константин Волк",
    "Любовь Зима",
    "Слава Ли",
    "Майя Гора",
    "Юлия Осень",
    "Артур Банк",
    "Will May",
    "Mark Price",
    "Rose Cash",
    "Grace Law",
    "Bill Wood",
    "Art Bond",
    "April Summers",
    "Frank Key",
    "Hope Banks",
    "Chase Power",
    "Jack Lock",
    "Max Gold",
    "Dan Lee",
    "Jo Park",
    "Don Page",
    "Ian Case",
    "Kim Young",
    "Sandy Beach",
    "Robin Trade",
    "Will Power",
    "Ann Day",
    "Сергей Тихий",
    "Анна Кость",
    "Алла Свет",
    "Полина Поле",
    "Тимур Ключ",
    "Рита Право",
    "Максим Курс",
    "Виктор Победа",
    "Ян Ким",
    "Олег Пак",
    "Нина Тема",
    "Дмитрий Мост",
];

struct Told {
    known: Known,
    /// What must not be in a text for a hit in it to be false.
    parts: Vec<String>,
}

fn told() -> Vec<Told> {
    let mut out = Vec::new();
    for person in english::people().into_iter().chain(russian::people()) {
        for values in &person.known {
            out.push(tell(values));
        }
    }
    out.extend(
        OTHERS
            .iter()
            .map(|name| tell(&[(Attribute::Name, (*name).to_owned())])),
    );
    out
}

fn tell(values: &[(Attribute, String)]) -> Told {
    let parts = values
        .iter()
        .filter(|(a, _)| *a == Attribute::Name)
        .flat_map(|(_, name)| {
            name.to_lowercase()
                .split(' ')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|part| part.chars().count() > 3)
        .collect();
    Told {
        known: known(values),
        parts,
    }
}

/// Texts looked at, with false hits, and the hits.
fn alarms(texts: &[String]) -> (usize, Vec<String>) {
    let (mut looked, mut out) = (0, Vec::new());
    for told in told() {
        for text in texts {
            looked += 1;
            for f in findings(text, &told.known, &profile()) {
                let hit = text.get(f.start..f.end).unwrap().to_lowercase();
                // Another person of that very name.
                let same = told.parts.iter().any(|p| {
                    let stem: String = p.chars().take(p.chars().count() - 1).collect();
                    hit.contains(&stem) && f.confidence >= crate::Confidence::Likely
                });
                if !same && f.detector == "known" {
                    let name = told.parts.join(" ");
                    out.push(format!("{name}: [{hit}] {}", f.reason));
                }
            }
        }
    }
    (looked, out)
}

/// The sentences about secrets, which hold no names.
#[test]
fn people_are_not_found_where_they_are_not() {
    let texts: Vec<String> = [
        include_str!("../../ask/corpus/en.tsv"),
        include_str!("../../ask/corpus/ru.tsv"),
    ]
    .iter()
    .flat_map(|table| table.lines())
    .filter_map(|line| line.split_once('\t'))
    .map(|(_, text)| text.to_owned())
    .collect();
    let (looked, out) = alarms(&texts);
    assert!(out.len() * 10_000 <= looked, "{}", out.join("\n"));
}

/// The same on the development data: `PII=folder cargo test alarm -- --ignored --nocapture`.
#[test]
#[ignore = "needs the development data"]
#[expect(
    clippy::disallowed_methods,
    reason = "where the data lies is not a setting of the product"
)]
fn development_data() {
    let dir = std::path::PathBuf::from(std::env::var("PII").unwrap());
    for file in ["dev_plain.jsonl", "dev_en.jsonl", "dev_ru.jsonl"] {
        let texts: Vec<String> = std::fs::read_to_string(dir.join(file))
            .unwrap()
            .lines()
            .map(|l| {
                serde_json::from_str::<serde_json::Value>(l).unwrap()["text"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let (looked, out) = alarms(&texts);
        for line in &out {
            println!("{file} {line}");
        }
        println!("{file}: {} false hits in {looked} texts", out.len());
    }
}
