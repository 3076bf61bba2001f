//! An answer's fields, from how they are written; strings that hold JSON are unfolded.

use crate::catalog::fault::Reporter;
use crate::catalog::path::{Conflict, Node, Path, Step};
use crate::catalog::source::FieldSource;
use crate::catalog::{Field, Shape, name};
use crate::policy::{Treatment, Treatments};
use toml::Spanned;

/// All fields, with the paths of strings that hold some of them.
pub(super) fn fields(
    sources: &[Spanned<FieldSource>],
    out: &mut Reporter<'_>,
) -> (Vec<Field>, Vec<String>) {
    let mut found = Found::default();
    found.read(sources, None, out);
    (found.fields, found.json)
}

#[derive(Default)]
struct Found {
    tree: Node,
    fields: Vec<Field>,
    json: Vec<String>,
}

impl Found {
    /// Reads the fields below `within`, the path of a string that holds them.
    fn read(
        &mut self,
        sources: &[Spanned<FieldSource>],
        within: Option<&str>,
        out: &mut Reporter<'_>,
    ) {
        for source in sources {
            let (at, source) = (source.span().start, source.as_ref());
            let path = match within {
                None => source.path.clone(),
                Some(above) if source.path.starts_with("[]") => format!("{above}{}", source.path),
                Some(above) => format!("{above}.{}", source.path),
            };
            if within.is_none() && self.json.iter().any(|json| below(&path, json)) {
                out.fault(
                    at,
                    format!(
                        "`{path}` stands in a string that holds JSON: put it into its `fields`"
                    ),
                );
            }
            match source.shape.of_value() {
                Some(shape) => self.value(source, path, shape, at, out),
                None if within.is_some() => {
                    out.fault(at, "a string that holds JSON does not hold another one");
                }
                None => self.unfold(source, path, at, out),
            }
        }
    }

    /// A string that holds JSON: its fields stand where what it holds will stand.
    fn unfold(&mut self, source: &FieldSource, path: String, at: usize, out: &mut Reporter<'_>) {
        let plain = source.class.is_none()
            && !source.text
            && source.mask.is_none()
            && source.fact.is_none();
        if !plain {
            let message = "of a string that holds JSON (shape = \"json\") there are its `fields` and nothing else";
            out.fault(at, message);
        }
        if source.fields.is_empty() {
            out.fault(at, "a string that holds JSON needs its `fields`");
        }
        if path.parse::<Path>().is_err() || self.json.contains(&path) {
            out.fault(at, format!("`{path}` is no path, or is there twice"));
        }
        // Whatever else stood below it would be read from an object in one answer and from a
        // string in another.
        let taken = self.fields.iter().any(|f| below(&f.path, &path));
        if taken {
            out.fault(
                at,
                format!("`{path}` holds JSON: all that is below stands in its `fields`"),
            );
        }
        self.read(&source.fields, Some(&path), out);
        self.json.push(path);
    }

    fn value(
        &mut self,
        source: &FieldSource,
        path: String,
        shape: Shape,
        at: usize,
        out: &mut Reporter<'_>,
    ) {
        let parsed = path.parse::<Path>();
        let fits = match &parsed {
            Err(bad) => Err(format!("`{path}`: {bad}")),
            Ok(steps) => match self.tree.insert(steps.steps(), self.fields.len()) {
                Ok(()) => Ok(()),
                Err(Conflict::Same) => Err(format!("field `{path}` is there twice")),
                Err(Conflict::Kind) => Err(format!(
                    "field `{path}` contradicts another: a value, an object and an array cannot stand in one place"
                )),
            },
        };
        if let Err(message) = fits {
            out.fault(at, message);
        }
        if !source.fields.is_empty() {
            out.fault(at, "only a string that holds JSON has `fields`");
        }
        if source.text && shape != Shape::String {
            out.fault(at, "free text (text = true) is a string");
        }
        if source.mask.is_some_and(|mask| !mask.fits(shape)) {
            out.fault(at, "a value of this shape has no such mask");
        }
        if source
            .fact
            .as_deref()
            .is_some_and(|fact| !name::is_word(fact))
        {
            out.fault(at, "a fact is one word of a-z 0-9 _, such as `email`");
        }
        let Some(class) = source.class else {
            out.fault(at, format!("field `{path}` has no class"));
            return;
        };
        let fact = source.fact.clone();
        self.fields.push(Field {
            fact: fact.unwrap_or_else(|| parsed.map_or_else(|_bad| path.clone(), |p| fact_of(&p))),
            path,
            class,
            shape,
            text: source.text,
            mask: source.mask,
            description: source.description.clone(),
        });
    }
}

/// Whether a path leads through another.
fn below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The last member of a path, in lower case.
fn fact_of(path: &Path) -> String {
    let mut steps = path.steps().iter().rev();
    let last = steps.find_map(|step| match step {
        Step::Member(name) => Some(name.to_ascii_lowercase()),
        Step::Each => None,
    });
    last.unwrap_or_else(|| "element".to_owned())
}

impl Field {
    /// Whether what it holds may be compared with what a caller expects. One guess would reveal a
    /// boolean, so those are not.
    pub fn is_comparable(&self, treatments: Treatments) -> bool {
        self.shape != Shape::Boolean && treatments.of(self.class) >= Treatment::Compare
    }

    /// Whether guessing at it can teach anything, so that wrong guesses are counted: not if it is
    /// shown whole anyway.
    pub fn is_guessed(&self, treatments: Treatments) -> bool {
        self.is_comparable(treatments)
            && (self.text || treatments.of(self.class) < Treatment::Reveal)
    }
}
