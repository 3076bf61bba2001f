//! Conditions on arguments: `currency in btc|eth; limit <= 50`.
//!
//! All clauses must hold. A grant needs a condition that holds; a denial strikes unless its
//! condition is known not to hold, so an argument that is left out or cannot be compared never
//! slips past a denial. A condition with an argument an operation does not declare makes the line
//! not be about that operation.

use crate::catalog::decimal::Decimal;
use crate::catalog::{Argument, Operation, Shape};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// A condition, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition(Vec<Clause>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    argument: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    AtMost(Decimal),
    AtLeast(Decimal),
    Present,
    Absent,
}

const GRAMMAR: &str = "a condition is clauses joined by `;`: `NAME in A|B`, `NAME not in A|B`, `NAME <= NUMBER`, `NAME >= NUMBER`, `NAME present`, `NAME absent`";

impl Condition {
    /// Reads a condition.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let clauses = text.split(';').map(|c| Clause::parse(c.trim()));
        let clauses: Option<Vec<Clause>> = clauses.collect();
        clauses.map(Self).ok_or_else(|| GRAMMAR.to_owned())
    }

    /// Whether `operation` declares every argument, in a shape that can be compared.
    pub(crate) fn fits(&self, operation: &Operation) -> bool {
        self.0.iter().all(|clause| {
            let declared = operation.argument(&clause.argument);
            declared.is_some_and(|a| clause.test.fits(a))
        })
    }

    /// Whether every argument is among these names.
    pub(crate) fn is_declared(&self, names: &[String]) -> bool {
        self.0.iter().all(|c| names.contains(&c.argument))
    }

    /// Whether a line with this condition applies to these arguments.
    pub(crate) fn applies(&self, given: &Map<String, Value>, allow: bool) -> bool {
        let truth = self.truth(given);
        if allow {
            truth == Some(true)
        } else {
            truth != Some(false)
        }
    }

    /// The argument that makes the condition not hold, for an explanation.
    pub(crate) fn blames(&self, given: &Map<String, Value>) -> Option<&str> {
        let failing = |c: &&Clause| c.truth(given) != Some(true);
        self.0.iter().find(failing).map(|c| c.argument.as_str())
    }

    /// The first argument it is about.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.0.first().map(|c| c.argument.as_str())
    }

    /// Three-valued: a clause known to be false makes it false, else an unknown one unknown.
    fn truth(&self, given: &Map<String, Value>) -> Option<bool> {
        let truths: Vec<Option<bool>> = self.0.iter().map(|c| c.truth(given)).collect();
        if truths.contains(&Some(false)) {
            return Some(false);
        }
        if truths.contains(&None) {
            None
        } else {
            Some(true)
        }
    }
}

impl Clause {
    fn parse(text: &str) -> Option<Self> {
        let (argument, said) = text.split_once(char::is_whitespace)?;
        let said = said.trim();
        let list = |values: &str| {
            let values: Vec<String> = values.split('|').map(|v| v.trim().to_owned()).collect();
            (!values.iter().any(String::is_empty)).then_some(values)
        };
        let asks = if said == "present" {
            Test::Present
        } else if said == "absent" {
            Test::Absent
        } else if let Some(number) = said.strip_prefix("<=") {
            Test::AtMost(Decimal::parse(number.trim())?)
        } else if let Some(number) = said.strip_prefix(">=") {
            Test::AtLeast(Decimal::parse(number.trim())?)
        } else if let Some(values) = said.strip_prefix("not in ") {
            Test::NotIn(list(values)?)
        } else {
            Test::In(list(said.strip_prefix("in ")?)?)
        };
        crate::catalog::name::is_word(argument).then(|| Self {
            argument: argument.to_owned(),
            test: asks,
        })
    }

    fn truth(&self, given: &Map<String, Value>) -> Option<bool> {
        let value = given.get(&self.argument);
        match &self.test {
            Test::Present => Some(value.is_some()),
            Test::Absent => Some(value.is_none()),
            Test::In(values) => contains(values, value?),
            Test::NotIn(values) => contains(values, value?).map(|found| !found),
            Test::AtMost(bound) => Some(order(value?, bound)? != Ordering::Greater),
            Test::AtLeast(bound) => Some(order(value?, bound)? != Ordering::Less),
        }
    }
}

impl Test {
    fn fits(&self, argument: &Argument) -> bool {
        match self {
            Self::Present | Self::Absent => true,
            Self::In(_) | Self::NotIn(_) => argument.shape != Shape::Number,
            Self::AtMost(_) | Self::AtLeast(_) => argument.shape != Shape::Boolean,
        }
    }
}

/// Text is compared without regard to ASCII case: `BTC` must not slip past a denial of `btc`.
fn contains(values: &[String], value: &Value) -> Option<bool> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(values.iter().any(|v| v.eq_ignore_ascii_case(&text)))
}

fn order(value: &Value, bound: &Decimal) -> Option<Ordering> {
    Decimal::of(value).map(|number| number.compare(bound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn truth(condition: &str, given: &Value) -> Option<bool> {
        let given = given.as_object().unwrap().clone();
        Condition::parse(condition).unwrap().truth(&given)
    }

    #[test]
    fn every_clause_must_hold() {
        let both = "currency in btc|eth; limit <= 50";
        assert_eq!(
            truth(both, &json!({"currency": "btc", "limit": 50})),
            Some(true)
        );
        assert_eq!(
            truth(both, &json!({"currency": "btc", "limit": 51})),
            Some(false)
        );
        assert_eq!(truth(both, &json!({"currency": "xmr"})), Some(false));
        assert_eq!(truth(both, &json!({"currency": "ETH"})), None);
        assert_eq!(truth("a not in x|y", &json!({"a": "z"})), Some(true));
        assert_eq!(truth("a >= -0.5", &json!({"a": "-0.50"})), Some(true));
        assert_eq!(truth("a absent", &json!({})), Some(true));
        assert_eq!(truth("a present", &json!({})), Some(false));
    }

    #[test]
    fn amounts_are_compared_exactly() {
        let bound = "amount <= 100";
        assert_eq!(truth(bound, &json!({"amount": "100.00000000"})), Some(true));
        assert_eq!(
            truth(bound, &json!({"amount": "100.00000001"})),
            Some(false)
        );
        assert_eq!(truth(bound, &json!({"amount": "1e9"})), None);
        assert_eq!(truth(bound, &json!({"amount": true})), None);
    }

    #[test]
    fn i3_what_is_unknown_grants_nothing_and_evades_no_denial() {
        let condition = Condition::parse("limit <= 50").unwrap();
        let absent = Map::new();
        assert!(!condition.applies(&absent, true));
        assert!(condition.applies(&absent, false));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in [
            "",
            "limit",
            "limit < 5",
            "limit <= x",
            "in btc",
            "a in ",
            "a in b||c",
            "a <= 1;",
            "A in b",
            "a == b",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
