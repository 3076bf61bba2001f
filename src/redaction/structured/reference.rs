//! The same promise, written a second time over a tree, slowly and by paths as strings.

use super::super::plan::Filter;
use super::super::treat::{mask, mask_number};
use crate::catalog::{Field, Ownership, Shape};
use crate::policy::{Treatment, Treatments};
use serde_json::{Map, Value};

pub(super) struct Reference<'a> {
    pub(super) fields: &'a [Field],
    pub(super) treatments: Treatments,
    pub(super) ownership: &'a Ownership,
    pub(super) filter: Option<&'a Filter>,
}

impl Reference<'_> {
    /// `None` stands for withheld.
    pub(super) fn apply(&self, input: &Value, uid: Option<&str>) -> Option<Value> {
        if let Ownership::Checked { path } = self.ownership
            && !(owned(input, path, uid?)
                || (path.starts_with("[]") && input == &Value::Array(vec![])))
        {
            return None;
        }
        if let Some(filter) = self.filter.filter(|f| !f.path.contains("[]"))
            && !matches(input, &filter.path, &filter.one_of)
        {
            return None;
        }
        Some(self.project(input, "").unwrap_or(Value::Null))
    }

    fn shown_below(&self, prefix: &str) -> bool {
        self.fields
            .iter()
            .any(|f| f.path.starts_with(prefix) && self.treatments.of(f.class) >= Treatment::Mask)
    }

    fn project(&self, value: &Value, path: &str) -> Option<Value> {
        let inside = if path.is_empty() {
            String::new()
        } else {
            format!("{path}.")
        };
        // At the root, `[]…` is a path but no member.
        let object = self.fields.iter().any(|f| {
            f.path.starts_with(&inside)
                && !f.path[inside.len()..].starts_with("[]")
                && !f.path[inside.len()..].is_empty()
                && self.treatments.of(f.class) >= Treatment::Mask
        });
        let array = self.shown_below(&format!("{path}[]"));
        match value {
            Value::Object(members) => object.then(|| {
                Value::Object(
                    members
                        .iter()
                        .filter(|(name, _)| !name.contains(['.', '[', ']']) && !name.is_empty())
                        .filter_map(|(name, v)| {
                            Some((name.clone(), self.project(v, &format!("{inside}{name}"))?))
                        })
                        .collect::<Map<_, _>>(),
                )
            }),
            Value::Array(elements) => array.then(|| {
                let here = format!("{path}[]");
                let rest = self.filter.and_then(|f| {
                    let at = f.path.rfind("[]")?;
                    (f.path[..at + 2] == here).then(|| f.path[at + 2..].trim_start_matches('.'))
                });
                let keep = |v: &Value| {
                    rest.is_none_or(|rest| matches(v, rest, &self.filter.unwrap().one_of))
                };
                Value::Array(
                    elements
                        .iter()
                        .filter(|v| keep(v))
                        .filter_map(|v| self.project(v, &here))
                        .collect(),
                )
            }),
            scalar => self.scalar(scalar, path, object || array),
        }
    }

    fn scalar(&self, value: &Value, path: &str, container: bool) -> Option<Value> {
        let leaf = self.fields.iter().find(|f| f.path == path);
        let shown = leaf.filter(|f| self.treatments.of(f.class) >= Treatment::Mask);
        if value.is_null() {
            return (shown.is_some() || container).then_some(Value::Null);
        }
        let field = shown?;
        let fits = match field.shape {
            Shape::String => value.is_string(),
            Shape::Integer => value.is_i64() || value.is_u64(),
            Shape::Number => value.is_number(),
            Shape::Boolean => value.is_boolean(),
        };
        let masked = match value {
            Value::String(text) => mask(field.class, field.mask, text),
            number => mask_number(field.mask, &number.to_string()),
        };
        fits.then(|| match self.treatments.of(field.class) {
            Treatment::Reveal => value.clone(),
            _ => Value::String(masked),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// The one value at a path without `[]`.
fn matches(value: &Value, path: &str, one_of: &[String]) -> bool {
    let found = path
        .split('.')
        .filter(|s| !s.is_empty())
        .try_fold(value, |v, name| v.as_object()?.get(name));
    found.and_then(text).is_some_and(|t| one_of.contains(&t))
}

/// Whether `path` is there, in every element, and equal to `uid`.
fn owned(value: &Value, path: &str, uid: &str) -> bool {
    if path.is_empty() {
        return match value {
            Value::String(s) => s == uid,
            Value::Number(n) => !n.is_f64() && n.to_string() == uid,
            _ => false,
        };
    }
    if let Some(rest) = path.strip_prefix("[]") {
        let rest = rest.trim_start_matches('.');
        return value
            .as_array()
            .is_some_and(|a| !a.is_empty() && a.iter().all(|v| owned(v, rest, uid)));
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let rest = path[end..].trim_start_matches('.');
    value
        .as_object()
        .and_then(|o| o.get(&path[..end]))
        .is_some_and(|v| owned(v, rest, uid))
}
