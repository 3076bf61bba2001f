//! What may leave, and what may be stored.

pub mod jsonl;
pub mod kind;
pub mod known;
pub mod placeholder;
pub mod text;
pub mod warning;

mod cue;
mod detect;
mod fold;
mod normal;
mod scan;

pub use jsonl::{JsonlError, Names, redact_jsonl};
pub use kind::{Attribute, Confidence, Kind, Length};
pub use known::Known;
pub use placeholder::{Numbering, Placeholders};
pub use text::{Finding, Forbidden, Profile, Redacted, Sealable, code_points, findings, never_stored, redact};
pub use warning::{Language, warning};
