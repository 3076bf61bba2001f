//! Personal data and secrets in free text: found, named, replaced.
//!
//! A library without input or output: [`redact`] takes text, what is [`Known`] of its author and a
//! [`Profile`], and gives the text with numbered placeholders and every [`Finding`] at its place in
//! the original. [`request`] tells a turn that asks for a secret. Detectors find candidates in one
//! pass and validators decide; work is linear in the length of the text, whatever it is.
//!
//! Promise I8 (what must not be stored is removed before anything is logged, sealed or forwarded):
//! [`Sealable`] is made by [`never_stored`] and [`redact`] and by nothing else.
//! Leaves to others: structured answers, policy, records.

pub mod ask;
pub mod evaluation;
pub mod jsonl;
pub mod kind;
pub mod markup;
pub mod placeholder;
pub mod tagger;
pub mod text;
pub mod warning;

mod cue;
mod detect;
mod fold;
mod known;
mod lexicon;
mod memory;
mod normal;
mod scan;
mod segment;
pub mod stream;

pub use ask::{Request, request};
pub use detect::phone::Region;
pub use jsonl::{JsonlError, Names, redact_jsonl};
pub use kind::{Attribute, Confidence, Kind, Length};
pub use known::Known;
pub use normal::{hides, strip_invisible};
pub use placeholder::{Numbering, Placeholders, numbered_in};
pub use stream::{Segment, Stream};
pub use tagger::{Entity, Label, Slovnet, SlovnetError, SlovnetFiles, Spacy, SpacyError, Tagger};
pub use text::{
    Finding, Forbidden, Profile, Redacted, Sealable, code_points, findings, never_stored, redact,
};
pub use warning::{Language, warning};
