//! The whole catalog: every file, and what holds between operations.

use crate::catalog::compile::{self, Draft, Known};
use crate::catalog::fault::Reporter;
use crate::catalog::source::OperationSource;
use crate::catalog::{Catalog, Effect, Faults, Files, Operation, Ownership, name};
use serde::Deserialize;
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// All that is wrong with the catalog of these files; nothing if it can be used.
pub fn check(files: &Files) -> Faults {
    Catalog::parse(files).err().unwrap_or_default()
}

/// One file's operations with the reporter that knows its lines.
struct Read<'a> {
    reporter: Reporter<'a>,
    drafts: Vec<Draft>,
}

/// Reads all files and checks each operation alone and beside the others.
pub(super) fn operations(files: &Files, known: Known<'_>) -> Result<Vec<Operation>, Faults> {
    let mut read: Vec<Read<'_>> = files
        .under("catalog")
        .map(|(file, text)| read(file, text, known))
        .collect();
    let faults = together(&read);
    for (file, at, message) in faults {
        if let Some(read) = read.get_mut(file) {
            read.reporter.fault(at, message);
        }
    }
    let mut faults = Faults::new();
    let mut operations = Vec::new();
    for Read { reporter, drafts } in read {
        faults.append(reporter.finish());
        operations.extend(drafts.into_iter().map(|d| d.operation));
    }
    faults.or(operations)
}

/// Reads one file. An operation that cannot be read costs one fault, not the file.
fn read<'a>(file: &'a str, text: &'a str, known: Known<'_>) -> Read<'a> {
    let mut reporter = Reporter::new(file, text);
    let mut drafts = Vec::new();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reporter.toml(error);
    }
    let mut upstream = String::new();
    let mut sources = Vec::new();
    for (key, value) in table.into_inner() {
        let at = key.span().start;
        match (key.as_ref().as_ref(), value.into_inner()) {
            ("upstream", DeValue::String(name)) if name::is_word(&name) => {
                upstream = name.into_owned();
            }
            ("operation", DeValue::Array(list)) => sources.extend(list),
            (_, _) => reporter.fault(
                at,
                "a catalog file has `upstream = \"name\"` and `[[operation]]` tables, nothing else",
            ),
        }
    }
    if upstream.is_empty() && errors.is_empty() {
        reporter.fault(0, "`upstream = \"name\"` is missing");
    }
    for source in sources {
        match parse(source) {
            Ok(source) => drafts.push(compile::operation(source, &upstream, known, &mut reporter)),
            // After an error in the syntax, what is left of an operation tells nothing.
            Err(_) if !errors.is_empty() => {}
            Err(error) => reporter.toml(&error),
        }
    }
    Read { reporter, drafts }
}

fn parse(source: Spanned<DeValue<'_>>) -> Result<OperationSource, toml::de::Error> {
    OperationSource::deserialize(ValueDeserializer::from(source))
}

/// What is wrong between operations: file number, place, message.
fn together(read: &[Read<'_>]) -> Vec<(usize, usize, String)> {
    let mut faults = Vec::new();
    let mut names: HashMap<&str, &Operation> = HashMap::new();
    let mut tools: HashMap<&str, &Operation> = HashMap::new();
    let all = || {
        let files = read.iter().enumerate();
        files.flat_map(|(file, read)| read.drafts.iter().map(move |d| (file, d)))
    };
    for (file, draft) in all() {
        let operation = &draft.operation;
        let name = &operation.name;
        if names.insert(name, operation).is_some() {
            faults.push((file, draft.at, format!("operation `{name}` is there twice")));
        } else if let Some(other) = tools.insert(&operation.tool, operation) {
            let message = format!(
                "`{name}` and `{}` are both the tool `{}`",
                other.name, operation.tool
            );
            faults.push((file, draft.at, message));
        }
    }
    for (file, draft) in all() {
        if let Some(message) = listed(&draft.operation, &names) {
            faults.push((file, draft.ownership_at, message));
        }
    }
    faults
}

/// What is wrong with a `listed` proof, seen from the operation that lists.
fn listed(operation: &Operation, names: &HashMap<&str, &Operation>) -> Option<String> {
    let Ownership::Listed {
        operation: list,
        path,
        argument,
    } = &operation.ownership
    else {
        return None;
    };
    let Some(lister) = names.get(list.as_str()) else {
        return Some(format!("there is no operation `{list}` to list with"));
    };
    let bound = lister.subject.is_some()
        && matches!(
            lister.ownership,
            Ownership::Bound | Ownership::Checked { .. }
        );
    if !bound || lister.effect == Effect::Write {
        return Some(format!(
            "`{list}` does not list for a bound subject: it must read, bind the subject, and be `bound` or `checked`"
        ));
    }
    if let Some(required) = lister.arguments.iter().find(|a| a.required) {
        let name = &required.name;
        return Some(format!("`{list}` cannot be asked: it requires `{name}`"));
    }
    let Some(field) = lister.field(path).filter(|f| f.path.contains("[]")) else {
        return Some(format!(
            "`{path}` is not a field of the elements `{list}` lists"
        ));
    };
    match operation.argument(argument) {
        Some(argument) if argument.shape != field.shape => Some(format!(
            "argument `{}` is {}, but `{path}` of `{list}` is {}",
            argument.name,
            argument.shape.as_str(),
            field.shape.as_str()
        )),
        Some(argument) if !argument.object => Some(format!(
            "argument `{}` names the listed object: say `object = true`",
            argument.name
        )),
        Some(_) | None => None,
    }
}
