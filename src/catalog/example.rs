//! An operation's example: arguments that fit, and an answer as the upstream gives it.
//!
//! Models call with fewer mistakes when they see one call that works, and a reviewer sees what a
//! field looks like. Neither helps if it is not true, so an example that the operation itself
//! would refuse, or that shows what it does not declare, is a fault.

use crate::catalog::fault::Reporter;
use crate::catalog::source::ExampleSource;
use crate::catalog::{Example, Operation, Shape};
use serde_json::Value;
use toml::Spanned;

/// The example, held against its operation.
pub(super) fn example(
    operation: &Operation,
    source: Spanned<ExampleSource>,
    out: &mut Reporter<'_>,
) -> Example {
    let at = source.span().start;
    let ExampleSource { arguments, answer } = source.into_inner();
    if let Err(error) = operation.check(&arguments) {
        out.fault(at, format!("the example's arguments: {error}"));
    }
    let mut faults = Vec::new();
    walk(operation, &answer, "", &mut faults);
    for fault in faults {
        out.fault(at, fault);
    }
    Example { arguments, answer }
}

/// Every value of an answer must be a declared field of the declared shape.
fn walk(operation: &Operation, value: &Value, path: &str, faults: &mut Vec<String>) {
    let shape = match value {
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                walk(operation, member, &format!("{path}{dot}{name}"), faults);
            }
            return;
        }
        Value::Array(elements) => {
            for element in elements {
                walk(operation, element, &format!("{path}[]"), faults);
            }
            return;
        }
        Value::Null => return,
        Value::String(_) => Shape::String,
        Value::Bool(_) => Shape::Boolean,
        Value::Number(number) if number.is_f64() => Shape::Number,
        Value::Number(_) => Shape::Integer,
    };
    let fits = |declared: Shape| {
        declared == shape || (declared == Shape::Number && shape == Shape::Integer)
    };
    match operation.field(path) {
        None => faults.push(format!("`{path}` of the example is not one of the fields")),
        Some(field) if !fits(field.shape) => {
            let shape = field.shape.as_str();
            faults.push(format!("`{path}` of the example is no {shape}"));
        }
        Some(_) => {}
    }
}
