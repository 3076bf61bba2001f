//! Why something is looked up: a closed list, in words fit for the customer.

use crate::catalog::fault::Reporter;
use crate::catalog::{Faults, Files, name};
use crate::ledger::guess::Budget;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file's name.
const FILE: &str = "purposes.toml";

/// A budget that is larger protects nothing.
const MOST_WRONG: u32 = 20;
const MOST_HOURS: u32 = 720;

/// The purposes, by name, and how much guessing they are worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purposes {
    purposes: BTreeMap<String, Purpose>,
    guesses: Budget,
}

/// One purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Its name in files and records: `support.withdrawal`.
    pub name: String,
    /// The legal basis: `GDPR Art. 6(1)(b)`, with a word why.
    pub basis: String,
    say: Words,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    en: String,
    ru: String,
    de: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    purpose: Vec<Spanned<PurposeSource>>,
    guesses: Option<Spanned<GuessesSource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuessesSource {
    wrong: u32,
    hours: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeSource {
    name: String,
    basis: String,
    say: Words,
}

impl Purpose {
    /// The purpose in the customer's words. `language` is a BCP 47 tag; English if it is none of
    /// `en`, `ru`, `de`.
    pub fn say(&self, language: &str) -> &str {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ru") {
            &self.say.ru
        } else if primary.eq_ignore_ascii_case("de") {
            &self.say.de
        } else {
            &self.say.en
        }
    }
}

impl Purposes {
    /// Reads `purposes.toml`.
    pub fn parse(files: &Files) -> Result<Self, Faults> {
        let text = files.required(FILE)?;
        let mut reporter = Reporter::new(FILE, text);
        let source = match toml::from_str::<Source>(text) {
            Ok(source) => source,
            Err(error) => {
                reporter.toml(&error);
                Source {
                    purpose: Vec::new(),
                    guesses: None,
                }
            }
        };
        let mut purposes = BTreeMap::new();
        for purpose in source.purpose {
            let at = purpose.span().start;
            let purpose = purpose.into_inner();
            if !name::is_dotted(&purpose.name) {
                reporter.fault(
                    at,
                    "a purpose's name is words joined by dots: `support.deposit`",
                );
            }
            let words = [
                &purpose.basis,
                &purpose.say.en,
                &purpose.say.ru,
                &purpose.say.de,
            ];
            if words.iter().any(|t| t.trim().is_empty()) {
                reporter.fault(
                    at,
                    "basis and the words in en, ru and de must say something",
                );
            }
            let name = purpose.name.clone();
            let purpose = Purpose {
                name: purpose.name,
                basis: purpose.basis,
                say: purpose.say,
            };
            if purposes.insert(name.clone(), purpose).is_some() {
                reporter.fault(at, format!("purpose `{name}` is there twice"));
            }
        }
        let guesses = source.guesses.map(|source| {
            let (at, GuessesSource { wrong, hours }) = (source.span().start, source.into_inner());
            if !(1..=MOST_WRONG).contains(&wrong) || !(1..=MOST_HOURS).contains(&hours) {
                reporter.fault(at, "wrong is 1 to 20 guesses, hours is 1 to 720");
            }
            Budget { wrong, hours }
        });
        reporter.finish().or(Self {
            purposes,
            guesses: guesses.unwrap_or_default(),
        })
    }

    /// How many wrong guesses about one fact a customer's data can take.
    pub fn guesses(&self) -> Budget {
        self.guesses
    }

    /// The purpose of this name.
    pub fn purpose(&self, name: &str) -> Option<&Purpose> {
        self.purposes.get(name)
    }

    /// All purposes, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Purpose> {
        self.purposes.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_speaks_three_languages() {
        let purposes = Purposes::parse(&Files::shipped()).unwrap();
        let withdrawal = purposes.purpose("support.withdrawal").unwrap();
        assert_ne!(withdrawal.say("ru-RU"), withdrawal.say("en"));
        assert_ne!(withdrawal.say("DE"), withdrawal.say("en"));
        assert_eq!(withdrawal.say("fr"), withdrawal.say("en-GB"));
        assert!(purposes.iter().all(|p| !p.basis.is_empty()));
    }

    #[test]
    fn faults_are_found_with_their_lines() {
        let one = "[[purpose]]\nname = \"a.b\"\nbasis = \"x\"\nsay = { en = \"e\", ru = \"\", de = \"d\" }\n";
        let files = Files::shipped().with(FILE, format!("{one}{one}"));
        let faults = Purposes::parse(&files).unwrap_err().to_string();
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines.len(), 3, "{faults}");
        let silent = "purposes.toml:1: basis and the words in en, ru and de must say something";
        assert_eq!(lines[0], silent);
        assert_eq!(lines[2], "purposes.toml:5: purpose `a.b` is there twice");
    }

    #[test]
    fn a_budget_of_guesses_is_small_whatever_is_written() {
        let shipped = Files::shipped();
        let text = shipped.required(FILE).unwrap().to_owned();
        let text = text.split("[guesses]").next().unwrap().to_owned();
        let parse = |guesses: &str| {
            Purposes::parse(&Files::shipped().with(FILE, format!("{guesses}{text}")))
        };
        assert_eq!(parse("").unwrap().guesses(), Budget::default());
        let budget = parse("[guesses]\nwrong = 3\nhours = 48\n")
            .unwrap()
            .guesses();
        assert_eq!((budget.wrong, budget.hours), (3, 48));
        for bad in [
            "wrong = 0\nhours = 24",
            "wrong = 21\nhours = 24",
            "wrong = 5\nhours = 0",
            "wrong = 5",
        ] {
            assert!(parse(&format!("[guesses]\n{bad}\n")).is_err(), "{bad}");
        }
    }
}
