//! How long a record is kept, on what ground, and whether an erasure passes it by.

use crate::catalog::fault::Reporter;
use crate::catalog::{Faults, Files};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file's name.
const FILE: &str = "retention.toml";

/// Longer terms are taken for mistakes.
const MAX_MONTHS: u32 = 600;

/// The retention classes, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention(BTreeMap<String, RetentionClass>);

/// One retention class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionClass {
    /// Its name in files and records: `support`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Months from the end of the period (a calendar month) the record belongs to.
    pub term_months: u32,
    /// Whether the law keeps the record when the customer asks for erasure.
    pub kept_on_erasure: bool,
    /// Why it is kept, in words fit for the customer.
    pub ground: String,
    /// The text of law or the rule it rests on.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    class: Vec<Spanned<ClassSource>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassSource {
    name: String,
    title: String,
    term_months: u32,
    kept_on_erasure: bool,
    ground: String,
    source: String,
}

impl Retention {
    /// Reads `retention.toml`.
    pub fn parse(files: &Files) -> Result<Self, Faults> {
        let text = files.required(FILE)?;
        let mut reporter = Reporter::new(FILE, text);
        let source = match toml::from_str::<Source>(text) {
            Ok(source) => source,
            Err(error) => {
                reporter.toml(&error);
                Source { class: Vec::new() }
            }
        };
        let mut classes = BTreeMap::new();
        for class in source.class {
            let at = class.span().start;
            let class = class.into_inner();
            if !super::name::is_word(&class.name) {
                reporter.fault(at, "a class's name is a-z, then a-z 0-9 _");
            }
            if class.term_months == 0 || class.term_months > MAX_MONTHS {
                reporter.fault(at, "term_months is 1 to 600");
            }
            let texts = [&class.title, &class.ground, &class.source];
            if texts.iter().any(|t| t.trim().is_empty()) {
                reporter.fault(at, "title, ground and source must say something");
            }
            let name = class.name.clone();
            if classes.insert(name.clone(), class.into()).is_some() {
                reporter.fault(at, format!("class `{name}` is there twice"));
            }
        }
        reporter.finish().or(Self(classes))
    }

    /// The class of this name.
    pub fn class(&self, name: &str) -> Option<&RetentionClass> {
        self.0.get(name)
    }

    /// All classes, by name.
    pub fn classes(&self) -> impl Iterator<Item = &RetentionClass> {
        self.0.values()
    }

    /// The last day on which a record of `class` from `month` (`2026-11`) is kept: the term,
    /// counted from the month's last day. None for an unknown class or a month that is none.
    pub fn retain_until(&self, class: &str, month: &str) -> Option<Date> {
        let class = self.class(class)?;
        let (year, number) = month.split_once('-')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || number.len() != 2 || !digits(year) || !digits(number) {
            return None;
        }
        let first = Date::new(year.parse().ok()?, number.parse().ok()?, 1).ok()?;
        let term = i64::from(class.term_months).months();
        Some(first.checked_add(term).ok()?.last_of_month())
    }
}

impl From<ClassSource> for RetentionClass {
    fn from(source: ClassSource) -> Self {
        Self {
            name: source.name,
            title: source.title,
            term_months: source.term_months,
            kept_on_erasure: source.kept_on_erasure,
            ground: source.ground,
            source: source.source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_runs_from_the_end_of_the_month() {
        let retention = Retention::parse(&Files::shipped()).unwrap();
        let until = |class, month| retention.retain_until(class, month).map(|d| d.to_string());
        assert_eq!(until("support", "2026-11").unwrap(), "2027-11-30");
        assert_eq!(until("support", "2027-02").unwrap(), "2028-02-29");
        assert_eq!(until("regulated", "2026-12").unwrap(), "2031-12-31");
        for month in [
            "2026-13",
            "2026-1",
            "26-11",
            "2026-11-01",
            "",
            "-",
            "+026-11",
            "9999-12",
        ] {
            assert_eq!(until("service", month), None, "{month}");
        }
        assert_eq!(until("nobody", "2026-11"), None);
    }

    #[test]
    fn the_classes_that_law_keeps_are_kept() {
        let retention = Retention::parse(&Files::shipped()).unwrap();
        let kept = |name: &str| retention.class(name).unwrap().kept_on_erasure;
        assert!(!kept("support"));
        for name in ["regulated", "aml", "security", "duty", "service"] {
            assert!(kept(name), "{name}");
        }
        assert_eq!(retention.classes().count(), 6);
    }

    #[test]
    fn faults_are_found_with_their_lines() {
        let text = "[[class]]\nname = \"Bad\"\ntitle = \"\"\nterm_months = 0\n\
                    kept_on_erasure = true\nground = \"g\"\nsource = \"s\"\n";
        let files = Files::shipped().with(FILE, format!("{text}\n{text}"));
        let faults = Retention::parse(&files).unwrap_err().to_string();
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines.len(), 7, "{faults}");
        assert_eq!(
            lines[0],
            "retention.toml:1: a class's name is a-z, then a-z 0-9 _"
        );
        assert_eq!(lines[1], "retention.toml:1: term_months is 1 to 600");
        assert_eq!(lines[4], "retention.toml:9: class `Bad` is there twice");
        let files = Files::shipped().with(FILE, "[[class]]\nsurprise = 1\n");
        let faults = Retention::parse(&files).unwrap_err().to_string();
        assert!(
            faults.starts_with("retention.toml:2: unknown field `surprise`"),
            "{faults}"
        );
    }
}
