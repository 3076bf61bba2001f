//! The catalog's files as they are written, before anything is believed.

use crate::catalog::{Class, Effect, Encoding, Mask, Place, Risk, Shape};
use crate::identity::Assurance;
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

/// `[[operation]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationSource {
    pub(super) name: Spanned<String>,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) method: Spanned<String>,
    pub(super) path: Spanned<String>,
    pub(super) encoding: Option<Spanned<Encoding>>,
    pub(super) body: Option<Spanned<Map<String, Value>>>,
    #[serde(default)]
    pub(super) arguments: Vec<Spanned<ArgumentSource>>,
    pub(super) subject: Option<Spanned<SubjectSource>>,
    pub(super) ownership: Option<Spanned<OwnershipSource>>,
    pub(super) topic: Spanned<String>,
    pub(super) risk: Risk,
    pub(super) effect: Effect,
    #[serde(default = "lowest")]
    pub(super) assurance: Assurance,
    pub(super) retention: Spanned<String>,
    pub(super) purposes: Spanned<Vec<Spanned<String>>>,
    #[serde(default = "yes")]
    pub(super) conversation: bool,
    pub(super) only: Option<Spanned<OnlySource>>,
    pub(super) fields: Vec<Spanned<FieldSource>>,
    pub(super) example: Option<Spanned<ExampleSource>>,
}

/// `example`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleSource {
    #[serde(default)]
    pub(super) arguments: Map<String, Value>,
    pub(super) answer: Value,
}

/// An element of `arguments`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArgumentSource {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) shape: Shape,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(rename = "in")]
    pub(super) place: Option<PlaceSource>,
    #[serde(rename = "as")]
    pub(super) upstream_name: Option<String>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) length: Option<[usize; 2]>,
    pub(super) range: Option<[i64; 2]>,
    pub(super) one_of: Option<Vec<String>>,
    pub(super) object: Option<bool>,
}

/// `in`
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlaceSource {
    Path,
    Query,
    Header,
    Body,
}

impl PlaceSource {
    pub(super) fn named(self, name: String) -> Place {
        match self {
            Self::Path => Place::Path(name),
            Self::Query => Place::Query(name),
            Self::Header => Place::Header(name),
            Self::Body => Place::Body(name),
        }
    }
}

/// `subject`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectSource {
    #[serde(rename = "in")]
    pub(super) place: PlaceSource,
    #[serde(rename = "as")]
    pub(super) upstream_name: String,
}

/// `ownership`
#[derive(Deserialize)]
#[serde(tag = "proof", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum OwnershipSource {
    None {},
    Bound {},
    Checked {
        path: String,
    },
    Listed {
        operation: String,
        path: String,
        argument: String,
    },
}

/// `only`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnlySource {
    pub(super) path: String,
    pub(super) one_of: Vec<String>,
}

/// An element of `fields`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldSource {
    pub(super) path: String,
    pub(super) class: Option<Class>,
    #[serde(default)]
    pub(super) shape: FieldShape,
    #[serde(default)]
    pub(super) text: bool,
    pub(super) mask: Option<Mask>,
    pub(super) fact: Option<String>,
    #[serde(default)]
    pub(super) description: String,
    /// Of a string that holds JSON: what it holds.
    #[serde(default)]
    pub(super) fields: Vec<Spanned<Self>>,
}

/// `shape` of a field
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldShape {
    #[default]
    String,
    Integer,
    Number,
    Boolean,
    Json,
}

impl FieldShape {
    /// The shape of its value; none if it holds fields of its own.
    pub(super) fn of_value(self) -> Option<Shape> {
        match self {
            Self::String => Some(Shape::String),
            Self::Integer => Some(Shape::Integer),
            Self::Number => Some(Shape::Number),
            Self::Boolean => Some(Shape::Boolean),
            Self::Json => None,
        }
    }
}

fn lowest() -> Assurance {
    Assurance::Low
}

fn yes() -> bool {
    true
}
