//! From what is written to [`Operation`]s: the checks that need one operation only.

use crate::catalog::example::example;
use crate::catalog::fault::Reporter;
use crate::catalog::path::Path;
use crate::catalog::purpose::Purposes;
use crate::catalog::request::placeholder;
use crate::catalog::retention::Retention;
use crate::catalog::source::{OnlySource, OperationSource, OwnershipSource};
use crate::catalog::{
    Class, Effect, Only, Operation, Ownership, Place, Risk, Shape, bind, field, name,
};
use http::Method;
use toml::Spanned;

/// What an operation is checked against, as far as it could be read.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) purposes: Option<&'a Purposes>,
    pub(super) retention: Option<&'a Retention>,
}

/// An operation with the places in its file that later checks complain about.
pub(super) struct Draft {
    pub(super) operation: Operation,
    pub(super) at: usize,
    pub(super) ownership_at: usize,
}

/// Makes an operation of its source. Faults go to `out`; the operation is used further only if
/// there are none in the whole directory.
pub(super) fn operation(
    source: OperationSource,
    upstream: &str,
    known: Known<'_>,
    out: &mut Reporter<'_>,
) -> Draft {
    let at = source.name.span().start;
    let method = method(&source.method, out);
    let path = source.path.as_ref().clone();
    let arguments = bind::arguments(&source.arguments, &method, &path, out);
    let subject = source.subject.as_ref().map(|s| bind::subject(s, out));
    let body = bind::body(source.body.as_ref(), out);
    let encoding = bind::encoding(source.encoding.as_ref(), &method, out);
    names(&source, known, out);
    let ownership_at = source.ownership.as_ref().map_or(at, |o| o.span().start);
    let ownership = ownership(source.ownership, at, out);
    let (fields, json) = field::fields(&source.fields, out);
    let operation = Operation {
        tool: source.name.as_ref().replace('.', "_"),
        name: source.name.into_inner(),
        title: source.title,
        description: source.description,
        upstream: upstream.to_owned(),
        method,
        path,
        encoding,
        body,
        arguments,
        subject,
        ownership,
        topic: source.topic.into_inner(),
        risk: source.risk,
        effect: source.effect,
        assurance: source.assurance,
        retention: source.retention.into_inner(),
        purposes: source
            .purposes
            .into_inner()
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
        conversation: source.conversation,
        only: None,
        fields,
        example: None,
        json,
    };
    bind::places(&operation, source.path.span().start, out);
    let mut draft = Draft {
        operation,
        at,
        ownership_at,
    };
    proof(&draft, out);
    effect(&draft, &source.arguments, out);
    draft.operation.only = source.only.and_then(|o| only(&draft.operation, o, out));
    let shown = source.example.map(|e| example(&draft.operation, e, out));
    draft.operation.example = shown;
    draft
}

fn method(method: &Spanned<String>, out: &mut Reporter<'_>) -> Method {
    match method.as_ref().as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => {
            let at = method.span().start;
            out.fault(at, "method is GET, POST, PUT, PATCH or DELETE");
            Method::GET
        }
    }
}

fn names(source: &OperationSource, known: Known<'_>, out: &mut Reporter<'_>) {
    let at = source.name.span().start;
    let name = source.name.as_ref();
    if !name::is_dotted(name) {
        let message = "an operation's name is words of a-z 0-9 _ joined by dots, such as `withdrawals.status`";
        out.fault(at, message);
    } else if name.len() > 64 {
        out.fault(at, "an operation's name has at most 64 characters");
    }
    if source.title.trim().is_empty() || source.description.trim().is_empty() {
        out.fault(at, "title and description must say something");
    }
    if !name::is_word(source.topic.as_ref()) {
        let message = "a topic is one word of a-z 0-9 _, such as `withdrawals`";
        out.fault(source.topic.span().start, message);
    }
    let retention = source.retention.as_ref();
    if known
        .retention
        .is_some_and(|r| r.class(retention).is_none())
    {
        let message = format!("retention class `{retention}` is not in retention.toml");
        out.fault(source.retention.span().start, message);
    }
    let mut seen: Vec<&str> = Vec::new();
    for purpose in source.purposes.as_ref() {
        let (at, purpose) = (purpose.span().start, purpose.as_ref());
        if known.purposes.is_some_and(|p| p.purpose(purpose).is_none()) {
            out.fault(at, format!("purpose `{purpose}` is not in purposes.toml"));
        }
        if seen.contains(&purpose.as_str()) {
            out.fault(at, format!("purpose `{purpose}` is there twice"));
        }
        seen.push(purpose);
    }
    if seen.is_empty() {
        let message = "at least one purpose is needed; the first is the default";
        out.fault(source.purposes.span().start, message);
    }
}

fn ownership(
    source: Option<Spanned<OwnershipSource>>,
    at: usize,
    out: &mut Reporter<'_>,
) -> Ownership {
    let Some(source) = source else {
        let message = "no ownership proof: say `ownership = { proof = \"none\" }` (public data), `bound`, `checked` or `listed`";
        out.fault(at, message);
        return Ownership::None;
    };
    match source.into_inner() {
        OwnershipSource::None {} => Ownership::None,
        OwnershipSource::Bound {} => Ownership::Bound,
        OwnershipSource::Checked { path } => Ownership::Checked { path },
        OwnershipSource::Listed {
            operation,
            path,
            argument,
        } => Ownership::Listed {
            operation,
            path,
            argument,
        },
    }
}

/// The ownership proof against the operation's own parts.
fn proof(draft: &Draft, out: &mut Reporter<'_>) {
    let (operation, at) = (&draft.operation, draft.ownership_at);
    match &operation.ownership {
        Ownership::None => public(operation, at, out),
        Ownership::Bound => {
            if operation.subject.is_none() {
                let message = "ownership is `bound`, but the subject's id is put nowhere: give `subject = { in = …, as = … }`";
                out.fault(at, message);
            }
        }
        Ownership::Checked { path } => {
            let declared = operation.field(path);
            if path.parse::<Path>().is_err() || declared.is_none() {
                let message = format!("`{path}`, which is to be checked, is not one of the fields");
                out.fault(at, message);
            } else if declared.is_some_and(|f| f.shape != Shape::String) {
                out.fault(
                    at,
                    format!("`{path}`, which is to be checked, is no string"),
                );
            }
        }
        Ownership::Listed { argument, .. } => match operation.argument(argument) {
            None => out.fault(at, format!("there is no argument `{argument}` to look for")),
            Some(argument) if !argument.required && operation.subject.is_none() => {
                let name = &argument.name;
                let message = format!(
                    "without `{name}` nothing proves ownership: make it required or bind the subject"
                );
                out.fault(at, message);
            }
            Some(_) => {}
        },
    }
    let unproven = matches!(operation.ownership, Ownership::Bound)
        && operation.effect == Effect::Read
        && operation.arguments.iter().any(|a| a.object);
    if unproven {
        let message =
            "an argument names an object, so the owner must be `checked` in the answer or `listed`";
        out.fault(at, message);
    }
}

/// Without an owner there is nothing that could be anybody's.
fn public(operation: &Operation, at: usize, out: &mut Reporter<'_>) {
    if operation.subject.is_some() {
        out.fault(at, "the subject's id is bound, so ownership is not `none`");
    }
    if operation.risk != Risk::Public {
        out.fault(at, "without an owner, risk is `public`");
    }
    if operation.arguments.iter().any(|a| a.object) {
        out.fault(at, "an argument names an object, so somebody owns it");
    }
    if let Some(field) = operation.fields.iter().find(|f| f.class != Class::Public) {
        let (path, class) = (&field.path, field.class.as_str());
        let message = format!("without an owner, every field is public, but `{path}` is {class}");
        out.fault(at, message);
    }
}

/// What changes the upstream must prove the object is the subject's before, not after.
fn effect(
    draft: &Draft,
    sources: &[Spanned<super::source::ArgumentSource>],
    out: &mut Reporter<'_>,
) {
    let operation = &draft.operation;
    if operation.effect == Effect::Read {
        return;
    }
    if operation.method == Method::GET {
        out.fault(
            draft.at,
            "a GET does not change anything; its effect is `read`",
        );
    }
    if matches!(operation.ownership, Ownership::Checked { .. }) {
        let message = "a change cannot be `checked` in its answer: it has happened by then";
        out.fault(draft.ownership_at, message);
    }
    for (argument, source) in operation.arguments.iter().zip(sources) {
        let at = source.span().start;
        let name = &argument.name;
        let listed = matches!(
            &operation.ownership,
            Ownership::Listed { argument, .. } if argument == name
        );
        if argument.object && !listed {
            let message = format!(
                "`{name}` names an object of a change, so ownership must be `listed` with this argument"
            );
            out.fault(at, message);
        }
        let looks_like_one = name::names_object(name) || name::names_object(argument.place.name());
        if looks_like_one && source.as_ref().object.is_none() {
            let message =
                format!("`{name}` looks like an object's id: say `object = true` or `false`");
            out.fault(at, message);
        }
    }
}

fn only(
    operation: &Operation,
    source: Spanned<OnlySource>,
    out: &mut Reporter<'_>,
) -> Option<Only> {
    let at = source.span().start;
    let OnlySource { path, one_of } = source.into_inner();
    let string = operation
        .field(&path)
        .is_some_and(|f| f.shape == Shape::String);
    if path.parse::<Path>().is_err() || !string {
        let message = format!("`{path}` is not a declared string field");
        out.fault(at, message);
        return None;
    }
    if one_of.is_empty() {
        out.fault(at, "one_of must name at least one value");
        return None;
    }
    Some(Only { path, one_of })
}

/// The names in a template's placeholders, or what is wrong with it.
pub(super) fn template(path: &str) -> Result<Vec<&str>, &'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("a path starts with `/`");
    };
    let mut names = Vec::new();
    for part in rest.split('/') {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        match placeholder(part) {
            Some(name) if !name::is_plain(name) => {
                return Err("a placeholder is one name in braces, `{uid}`");
            }
            Some(name) if names.contains(&name) => {
                return Err("a placeholder stands in the path once");
            }
            Some(name) => names.push(name),
            None if part.is_empty() || part == "." || part == ".." || !part.bytes().all(plain) => {
                return Err(
                    "a path is segments of A-Z a-z 0-9 - _ . ~ or whole placeholders, without a query",
                );
            }
            None => {}
        }
    }
    Ok(names)
}

/// Whether a place is filled from the path's template.
pub(super) fn in_template(place: &Place) -> Option<&str> {
    match place {
        Place::Path(name) => Some(name),
        Place::Query(_) | Place::Header(_) | Place::Body(_) => None,
    }
}

/// Whether the method's requests have a body.
pub(super) fn has_body(method: &Method) -> bool {
    method != Method::GET && method != Method::DELETE
}
