//! Why something is looked up: a closed list, in words fit for the customer.

use crate::catalog::fault::Reporter;
use crate::catalog::{Faults, Files, name};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file's name.
const FILE: &str = "purposes.toml";

/// The purposes, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purposes(BTreeMap<String, Purpose>);

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
        reporter.finish().or(Self(purposes))
    }

    /// The purpose of this name.
    pub fn purpose(&self, name: &str) -> Option<&Purpose> {
        self.0.get(name)
    }

    /// All purposes, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Purpose> {
        self.0.values()
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
}
