//! JSON Schema (2020-12) of an operation's arguments, and of its answer as one agent sees it.

use crate::catalog::path::{Node, Path};
use crate::catalog::{Argument, Effect, Field, Operation, Shape};
use crate::policy::{Treatment, Treatments};
use serde_json::{Map, Value, json};

impl Operation {
    /// The schema of the arguments: an object, nothing undeclared.
    pub fn input_schema(&self) -> Value {
        let properties: Map<String, Value> = self
            .arguments
            .iter()
            .map(|a| (a.name.clone(), a.schema()))
            .collect();
        let required: Vec<&str> = self
            .arguments
            .iter()
            .filter(|a| a.required)
            .map(|a| a.name.as_str())
            .collect();
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        let example = self.example.as_ref().map(|e| &e.arguments);
        if let Some(arguments) = example.filter(|a| !a.is_empty()) {
            set(&mut schema, "examples", json!([arguments]));
        }
        schema
    }

    /// The schema of what a caller may expect of the answer: a value for a field that `treatments`
    /// let it compare and do not show whole. None if there is no such field, and for a change,
    /// whose answer comes too late to be compared.
    pub fn expect_schema(&self, treatments: Treatments) -> Option<Value> {
        if self.effect == Effect::Write || !self.needs_subject() {
            return None;
        }
        let guessed = self.fields.iter().filter(|f| f.is_guessed(treatments));
        let properties: Map<String, Value> = guessed
            .map(|field| (field.path.clone(), field.expected_schema()))
            .collect();
        (!properties.is_empty()).then(|| {
            json!({
                "type": "object",
                "description": "What the customer says a value is, to learn in `compared` whether \
                    it is so. The value itself is not shown, and wrong guesses are few.",
                "properties": properties,
                "maxProperties": EXPECTED_MOST,
                "additionalProperties": false,
            })
        })
    }

    /// The schema of the answer under `treatments`: dropped and compared fields are absent, masked
    /// ones are strings. Every value may be null, and every member may be missing.
    pub fn output_schema(&self, treatments: Treatments) -> Value {
        let mut root = Node::default();
        for (at, field) in self.fields.iter().enumerate() {
            let path = field.path.parse::<Path>();
            let leaves = treatments.of(field.class) >= Treatment::Mask;
            if let (Ok(path), true) = (path, leaves) {
                // The catalog refused conflicting paths when it was read.
                let fits = root.insert(path.steps(), at).is_ok();
                debug_assert!(fits, "a conflict the catalog let through");
            }
        }
        if root == Node::Open {
            root = self.bare_root();
        }
        self.node_schema(&root, treatments)
    }

    /// The schema of a tool's structured result: the answer, how its fields were treated, and the
    /// name of the record.
    pub fn tool_output_schema(&self, treatments: Treatments) -> Value {
        let mut schema = json!({
            "type": "object",
            "properties": {
                "result": self.output_schema(treatments),
                "treated": { "type": "array", "items": { "type": "object" } },
                "record": { "type": "string" },
            },
            "required": ["result", "record"],
            "additionalProperties": false,
        });
        if self.expect_schema(treatments).is_some()
            && let Some(properties) = schema.get_mut("properties")
        {
            set(properties, "compared", compared_schema());
        }
        schema
    }

    /// What is left of an answer of which no field may leave.
    fn bare_root(&self) -> Node {
        let array = self
            .fields
            .first()
            .is_some_and(|f| f.path.starts_with("[]"));
        let object = Node::Object(std::collections::BTreeMap::new());
        if array {
            Node::Array(Box::new(object))
        } else {
            object
        }
    }

    fn node_schema(&self, node: &Node, treatments: Treatments) -> Value {
        match node {
            Node::Open => json!({}),
            Node::Field(at) => self
                .fields
                .get(*at)
                .map_or(json!({}), |f| f.schema(treatments.of(f.class))),
            Node::Array(element) => json!({
                "type": ["array", "null"],
                "items": self.node_schema(element, treatments),
            }),
            Node::Object(members) => {
                let properties: Map<String, Value> = members
                    .iter()
                    .map(|(name, node)| (name.clone(), self.node_schema(node, treatments)))
                    .collect();
                json!({
                    "type": ["object", "null"],
                    "properties": properties,
                    "additionalProperties": false,
                })
            }
        }
    }
}

/// The schema of what became of an expectation.
fn compared_schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "path": { "type": "string" },
                "match": {
                    "type": ["boolean", "null"],
                    "description": "null if it cannot be told: there is no value, or more than one.",
                },
            },
            "required": ["path", "match"],
            "additionalProperties": false,
        },
    })
}

impl Field {
    fn expected_schema(&self) -> Value {
        let kinds = match self.shape {
            Shape::String | Shape::Boolean => json!("string"),
            Shape::Integer | Shape::Number => json!(["string", "number"]),
        };
        let mut schema = json!({ "type": kinds });
        if !self.description.is_empty() {
            set(&mut schema, "description", self.description.as_str());
        }
        schema
    }

    fn schema(&self, treatment: Treatment) -> Value {
        let masked = treatment < Treatment::Reveal;
        let shape = if masked { Shape::String } else { self.shape };
        let mut schema = json!({ "type": [shape.as_str(), "null"] });
        let note = if masked { " (masked)" } else { "" };
        if !self.description.is_empty() || masked {
            set(
                &mut schema,
                "description",
                format!("{}{note}", self.description).trim(),
            );
        }
        schema
    }
}

impl Argument {
    fn schema(&self) -> Value {
        let mut schema = json!({ "type": self.shape.as_str() });
        if !self.description.is_empty() {
            set(&mut schema, "description", self.description.as_str());
        }
        if self.shape == Shape::String {
            let (least, most) = self.length;
            set(&mut schema, "minLength", least);
            set(&mut schema, "maxLength", most);
        }
        if let Some(pattern) = self.source() {
            set(&mut schema, "pattern", pattern);
        }
        if let Some((least, most)) = self.range {
            set(&mut schema, "minimum", least);
            set(&mut schema, "maximum", most);
        }
        if !self.one_of.is_empty() {
            set(&mut schema, "enum", self.one_of.clone());
        }
        schema
    }

    /// The pattern as it was written, without the anchors that were put around it.
    fn source(&self) -> Option<&str> {
        let compiled = self.pattern.as_ref()?.as_str();
        let inner = compiled.strip_prefix(ANCHORED.0)?;
        inner.strip_suffix(ANCHORED.1)
    }
}

/// How many fields are compared in one call.
pub(crate) const EXPECTED_MOST: usize = 8;

/// What is put around a pattern, so that it must match the whole string, whatever it says.
pub(crate) const ANCHORED: (&str, &str) = (r"\A(?:", r")\z");

fn set(schema: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(members) = schema {
        members.insert(key.to_owned(), value.into());
    }
}
