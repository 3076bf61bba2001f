//! One operation: its arguments, its request, the class of every field of its answer.

use crate::catalog::Mask;
use crate::identity::Assurance;
use serde::{Deserialize, Serialize};

/// How sensitive a field of an answer is. The order is that of [`Class::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Known to anybody.
    Public,
    /// Plain facts of the account: states, dates, ids of own objects.
    Account,
    /// Amounts.
    Financial,
    /// E-mail, phone, address.
    Contact,
    /// Names, birth dates, documents.
    Identity,
    /// Addresses and transaction ids on a chain.
    Wallet,
    /// 2FA, devices, logins.
    Security,
    /// For staff only.
    Internal,
}

impl Class {
    /// All classes, in the order of their index.
    pub const ALL: [Self; 8] = [
        Self::Public,
        Self::Account,
        Self::Financial,
        Self::Contact,
        Self::Identity,
        Self::Wallet,
        Self::Security,
        Self::Internal,
    ];

    /// Its name in files and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Account => "account",
            Self::Financial => "financial",
            Self::Contact => "contact",
            Self::Identity => "identity",
            Self::Wallet => "wallet",
            Self::Security => "security",
            Self::Internal => "internal",
        }
    }
}

/// What could go wrong with an operation in the wrong hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing: public knowledge.
    Public,
    /// Facts of one account.
    Account,
    /// Moves money, or promises to.
    Money,
    /// Weakens the account's protection.
    Security,
}

impl Risk {
    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Account => "account",
            Self::Money => "money",
            Self::Security => "security",
        }
    }
}

/// Whether the upstream changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It does not.
    Read,
    /// It does: an intent is durable before, an outcome after.
    Write,
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// One JSON object.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl Encoding {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// The JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A string.
    String,
    /// A number without fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl Shape {
    /// Its name in JSON Schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// Where an argument or the subject's id stands in the upstream request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// `{name}` in the path template; percent-encoded.
    Path(String),
    /// A query parameter.
    Query(String),
    /// A header.
    Header(String),
    /// A member of the JSON body (top level), or a field of the form.
    Body(String),
}

impl Place {
    /// The name it has upstream.
    pub fn name(&self) -> &str {
        match self {
            Self::Path(name) | Self::Query(name) | Self::Header(name) | Self::Body(name) => name,
        }
    }
}

/// An argument the agent may give.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name, in the tool's input schema too.
    pub name: String,
    /// For the model.
    pub description: String,
    /// Its JSON type.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
    /// Where it goes upstream.
    pub place: Place,
    /// A string must match this whole (anchored), compiled.
    pub pattern: Option<regex::Regex>,
    /// A string's length bounds in characters; the upper one is never absent.
    pub length: (usize, usize),
    /// A number's bounds.
    pub range: Option<(i64, i64)>,
    /// The closed list of values, if there is one.
    pub one_of: Vec<String>,
    /// Whether it names an object that could be somebody else's.
    pub object: bool,
}

/// Where the gateway puts the subject's upstream id.
pub type SubjectBinding = Option<Place>;

/// How an operation proves that what it shows is the subject's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// It needs no subject: public data.
    None,
    /// The gateway fills the subject's id, and the upstream answers for that id only.
    Bound,
    /// This path must be present and equal the subject's id in every element, else the answer
    /// is discarded and looks like not found.
    Checked {
        /// The path of the owner's id in the answer, such as `[].uid`.
        path: String,
    },
    /// The object must appear in a subject-bound list first.
    Listed {
        /// The operation that lists, itself `Bound` or `Checked`.
        operation: String,
        /// The path of ids in its answer, such as `[].tid`.
        path: String,
        /// The argument whose value must be among them.
        argument: String,
    },
}

/// A declared field of an answer. What is not declared does not leave (I2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Members separated by `.`, `[]` for the elements of an array: `[].tid`, `user.email`.
    pub path: String,
    /// Its class.
    pub class: Class,
    /// Its JSON type; another type is dropped. `null` always passes as null.
    pub shape: Shape,
    /// Free text, searched by the detectors too.
    pub text: bool,
    /// The form it has where it is masked; none for its class's own.
    pub mask: Option<Mask>,
    /// The name under which wrong guesses about it are counted, over all fields of that name.
    pub fact: String,
    /// For the output schema.
    pub description: String,
}

/// Which elements of an array may leave at all: those whose field has one of these values.
///
/// An element without the field, or with another value, is dropped whole; where the path goes
/// through no array, so is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    /// The path of the deciding field, such as `[].scope`; it filters the innermost array.
    pub path: String,
    /// The values that let an element through.
    pub one_of: Vec<String>,
}

/// A call that works and what comes of it, checked against the operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Arguments that fit.
    pub arguments: serde_json::Map<String, serde_json::Value>,
    /// An answer of the upstream: declared fields only, each of its shape.
    pub answer: serde_json::Value,
}

/// One named access to one upstream.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `withdrawals.status`.
    pub name: String,
    /// The same without dots, for MCP: `withdrawals_status`.
    pub tool: String,
    /// For people.
    pub title: String,
    /// For the model.
    pub description: String,
    /// The upstream's name in the configuration.
    pub upstream: String,
    /// `GET`, `POST`, `PUT`…
    pub method: http::Method,
    /// The path template, such as `/withdraws/{id}`.
    pub path: String,
    /// How the body is written.
    pub encoding: Encoding,
    /// Constant members of the body.
    pub body: serde_json::Map<String, serde_json::Value>,
    /// What the agent may give.
    pub arguments: Vec<Argument>,
    /// Where the gateway puts the subject's id.
    pub subject: SubjectBinding,
    /// The proof of ownership.
    pub ownership: Ownership,
    /// Cluster for switches: `withdrawals`.
    pub topic: String,
    /// What could go wrong.
    pub risk: Risk,
    /// Whether it changes the upstream.
    pub effect: Effect,
    /// The least assurance of the subject.
    pub assurance: Assurance,
    /// Retention class of its records.
    pub retention: String,
    /// Purposes it may be called for; the first is the default.
    pub purposes: Vec<String>,
    /// Whether a conversation with the AI disclosure is needed. A `flow` operation may say no.
    pub conversation: bool,
    /// Which elements of an array may leave, before classes are looked at.
    pub only: Option<Only>,
    /// Every field of the answer.
    pub fields: Vec<Field>,
    /// A call that works, if the catalog gives one.
    pub example: Option<Example>,
    /// Paths of strings that hold JSON. Fields below them are those of what the string holds.
    pub json: Vec<String>,
}

impl Operation {
    /// Whether it is about a customer, so that a call without one is refused.
    pub fn needs_subject(&self) -> bool {
        self.ownership != Ownership::None
    }

    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|a| a.name == name)
    }

    /// The field at this path.
    pub fn field(&self, path: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.path == path)
    }
}
