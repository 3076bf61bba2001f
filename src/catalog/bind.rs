//! Where values go in a request: arguments, the subject, constants; and that no two meet.
//!
//! Promises I4: an argument never stands where the subject stands, under any spelling, in any
//! part of the request, since some servers merge path, query and body into one set of names.

use crate::catalog::compile::{has_body, in_template, template};
use crate::catalog::fault::Reporter;
use crate::catalog::schema::ANCHORED;
use crate::catalog::source::{ArgumentSource, PlaceSource, SubjectSource};
use crate::catalog::{Argument, Encoding, Operation, Place, Shape, name};
use http::Method;
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use toml::Spanned;

/// A string's upper bound when the catalog gives none, and the highest it may give.
const LENGTH: ((usize, usize), usize) = ((1, 256), 4096);

/// What a tool takes beside its arguments, so that none may be called so.
pub(crate) const EXPECT: &str = "expect";

/// A pattern's compiled size at most.
const PATTERN_BYTES: usize = 1 << 20;

pub(super) fn arguments(
    sources: &[Spanned<ArgumentSource>],
    method: &Method,
    path: &str,
    out: &mut Reporter<'_>,
) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for source in sources {
        let (at, source) = (source.span().start, source.as_ref());
        if !name::is_word(&source.name) {
            out.fault(at, "an argument's name is one word of a-z 0-9 _");
        }
        if source.name == EXPECT {
            out.fault(
                at,
                "`expect` is what a caller expects of the answer, no argument's name",
            );
        }
        if arguments.iter().any(|a| a.name == source.name) {
            out.fault(at, format!("argument `{}` is there twice", source.name));
        }
        if source.description.trim().is_empty() {
            out.fault(at, "an argument's description must say something");
        }
        bounds(source, at, out);
        arguments.push(Argument {
            name: source.name.clone(),
            description: source.description.clone(),
            shape: source.shape,
            required: source.required,
            place: place(source, method, path),
            pattern: source.pattern.as_ref().and_then(|p| pattern(p, out)),
            length: source
                .length
                .map_or(LENGTH.0, |[least, most]| (least, most)),
            range: source.range.map(|[least, most]| (least, most)),
            one_of: source.one_of.clone().unwrap_or_default(),
            object: source.object.unwrap_or_default(),
        });
    }
    arguments
}

/// Where an argument goes: where it says, else its placeholder in the path, else the body, else
/// the query.
fn place(source: &ArgumentSource, method: &Method, path: &str) -> Place {
    let name = source.upstream_name.clone();
    let name = name.unwrap_or_else(|| source.name.clone());
    let templated = template(path).is_ok_and(|names| names.contains(&name.as_str()));
    let default = if templated {
        PlaceSource::Path
    } else if has_body(method) {
        PlaceSource::Body
    } else {
        PlaceSource::Query
    };
    source.place.unwrap_or(default).named(name)
}

fn bounds(source: &ArgumentSource, at: usize, out: &mut Reporter<'_>) {
    let string = source.shape == Shape::String;
    let number = matches!(source.shape, Shape::Integer | Shape::Number);
    let unfit = |[least, most]: [usize; 2]| !string || least > most || most > LENGTH.1;
    if source.length.is_some_and(unfit) {
        out.fault(at, "length is [least, most] of a string, at most 4096");
    }
    if source.range.is_some_and(|[a, b]| !number || a > b) {
        out.fault(at, "range is [least, most] of an integer or a number");
    }
    if number && source.range.is_none() {
        out.fault(at, "a number needs a range");
    }
    if source.pattern.is_some() && !string {
        out.fault(at, "a pattern is for strings");
    }
    if source.object == Some(true) && !source.shape.names_things() {
        out.fault(at, "an object's id is a string or an integer");
    }
    if let Some(values) = &source.one_of {
        let (least, most) = source.length.map_or(LENGTH.0, |[a, b]| (a, b));
        let fits = |v: &String| (least..=most).contains(&v.chars().count());
        if !string || values.is_empty() || !values.iter().all(fits) {
            out.fault(
                at,
                "one_of is a list of strings within the argument's length",
            );
        }
    }
}

fn pattern(source: &Spanned<String>, out: &mut Reporter<'_>) -> Option<Regex> {
    let (at, text) = (source.span().start, source.as_ref());
    if !text.starts_with('^') || !text.ends_with('$') || text.ends_with("\\$") {
        out.fault(at, "a pattern starts with ^ and ends with $");
    }
    let whole = format!("{}{text}{}", ANCHORED.0, ANCHORED.1);
    let compiled = RegexBuilder::new(&whole).size_limit(PATTERN_BYTES).build();
    if compiled.is_err() {
        out.fault(at, "this pattern does not compile, or is too large");
    }
    compiled.ok()
}

pub(super) fn subject(source: &Spanned<SubjectSource>, out: &mut Reporter<'_>) -> Place {
    let place = source
        .as_ref()
        .place
        .named(source.as_ref().upstream_name.clone());
    name_fits(&place, source.span().start, out);
    place
}

pub(super) fn body(
    source: Option<&Spanned<Map<String, Value>>>,
    out: &mut Reporter<'_>,
) -> Map<String, Value> {
    let Some(source) = source else {
        return Map::new();
    };
    let at = source.span().start;
    for (name, value) in source.as_ref() {
        if value.is_object() || value.is_array() || !name::is_plain(name) {
            let message =
                format!("constant `{name}` is not a plain name with a string, number or boolean");
            out.fault(at, message);
        }
        if name::names_subject(name) {
            out.fault(at, format!("constant `{name}` would choose the customer"));
        }
    }
    source.as_ref().clone()
}

/// How the body is written; only where there can be one.
pub(super) fn encoding(
    source: Option<&Spanned<Encoding>>,
    method: &Method,
    out: &mut Reporter<'_>,
) -> Encoding {
    let Some(source) = source else {
        return Encoding::default();
    };
    if !has_body(method) {
        let message = "encoding is of a body, which this method has not";
        out.fault(source.span().start, message);
    }
    *source.as_ref()
}

fn name_fits(place: &Place, at: usize, out: &mut Reporter<'_>) {
    let name = place.name();
    if !name::is_plain(name) {
        let message =
            format!("`{name}`: a name upstream is a letter or _, then those, digits and -");
        out.fault(at, message);
    }
    if matches!(place, Place::Header(_)) && name::is_own_header(name) {
        out.fault(at, format!("header `{name}` is not the catalog's to set"));
    }
}

/// Everything that is put into the request, together.
pub(super) fn places(operation: &Operation, at: usize, out: &mut Reporter<'_>) {
    for argument in &operation.arguments {
        name_fits(&argument.place, at, out);
        for name in [argument.name.as_str(), argument.place.name()] {
            if name::names_subject(name) {
                let message = format!(
                    "argument `{name}` would let an agent choose the customer: bind it as the subject"
                );
                out.fault(at, message);
                break;
            }
        }
    }
    placeholders(operation, at, out);
    let mut names: Vec<String> = operation.body.keys().map(|k| k.to_lowercase()).collect();
    let arguments = operation.arguments.iter().map(|a| &a.place);
    for place in arguments.chain(operation.subject.as_ref()) {
        let name = place.name().to_lowercase();
        if names.contains(&name) {
            let message =
                format!("`{name}` is put into the request twice, in one place or several");
            out.fault(at, message);
        }
        if matches!(place, Place::Body(_)) && !has_body(&operation.method) {
            out.fault(
                at,
                format!("`{name}` goes into a body, which this method has not"),
            );
        }
        names.push(name);
    }
    if !operation.body.is_empty() && !has_body(&operation.method) {
        out.fault(at, "constants go into a body, which this method has not");
    }
}

/// Placeholders and what fills them, one to one.
fn placeholders(operation: &Operation, at: usize, out: &mut Reporter<'_>) {
    let names = match template(&operation.path) {
        Ok(names) => names,
        Err(message) => return out.fault(at, message),
    };
    let mut filled: Vec<&str> = operation.subject.iter().filter_map(in_template).collect();
    for argument in &operation.arguments {
        let Some(name) = in_template(&argument.place) else {
            continue;
        };
        filled.push(name);
        if !argument.required {
            let message = format!("`{name}` is part of the path, so it must be required");
            out.fault(at, message);
        }
    }
    for name in names.iter().filter(|n| !filled.contains(n)) {
        let message = if name::names_subject(name) {
            format!(
                "`{{{name}}}` is left unbound: say `subject = {{ in = \"path\", as = \"{name}\" }}`"
            )
        } else {
            format!("`{{{name}}}` is filled by no argument")
        };
        out.fault(at, message);
    }
    for name in filled.iter().filter(|n| !names.contains(n)) {
        out.fault(at, format!("the path has no `{{{name}}}`"));
    }
}

impl Shape {
    fn names_things(self) -> bool {
        matches!(self, Self::String | Self::Integer)
    }
}
