//! How well a redactor does on texts whose personal data is marked.
//!
//! A corpus is lines of JSON, `{"id","text","spans":[{"start","end","type"}],"ignore":[…]}`, with
//! offsets in Unicode code points, end exclusive; a prediction is a row of spans of the same form.
//! A prediction of the right type is a hit if what it shares with a marked span is at least half
//! of both; one prediction serves one span. *Cover* and *leak* ask what a redactor must: whether
//! every letter and digit of a marked span lies in some prediction, whatever its type. Predictions
//! that lie mostly in ignored text do not count, and neighbouring parts of an address are one.
//! Leaves to others: reading files, running other engines, time.

mod matching;
mod tally;

pub use tally::{Scores, Shares, TypeScore};

use matching::Marked;
use serde::{Deserialize, Serialize};

/// A span of a text, in code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// Where it starts.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// Its type, in the names of the corpus.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A part of a text where nothing counts.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Ignored {
    /// Where it starts.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// A text with its personal data marked.
#[derive(Debug, Clone, Deserialize)]
pub struct Sample {
    /// Unique in its corpus.
    pub id: serde_json::Value,
    /// The text.
    pub text: String,
    /// What a redactor should find.
    pub spans: Vec<Spot>,
    /// Where it is not judged.
    #[serde(default)]
    pub ignore: Vec<Ignored>,
}

/// Other engines' names of types in ours; `None` for what the corpora do not mark.
pub fn canonical(kind: &str) -> Option<&str> {
    Some(match kind {
        "EMAIL_ADDRESS" => "EMAIL",
        "PHONE_NUMBER" => "PHONE",
        "LOCATION" | "STREET_ADDRESS" | "GPE" | "LOC" => "ADDRESS",
        "IBAN_CODE" => "IBAN",
        "CRYPTO" => "CRYPTO_ADDRESS",
        "US_SSN" | "US_ITIN" | "UK_NHS" => "NATIONAL_ID",
        "US_PASSPORT" => "PASSPORT",
        "US_DRIVER_LICENSE" => "DRIVER_LICENCE",
        "US_BANK_NUMBER" => "BANK_ACCOUNT",
        "ORGANIZATION" | "ORG" => "ORGANISATION",
        "PER" => "PERSON",
        "DOMAIN_NAME" => "URL",
        "NRP" | "MEDICAL_LICENSE" | "AGE" | "MAC_ADDRESS" => return None,
        other => other,
    })
}

/// Scores `predictions`, one row a sample, in the same order and in our names of types. Marked
/// spans of the types in `without` are treated as ignored, and predictions of them are dropped.
pub fn score(samples: &[Sample], predictions: &[Vec<Spot>], without: &[&str]) -> Scores {
    let mut scores = Scores::default();
    let none = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let predicted = predictions.get(at).unwrap_or(&none);
        scores.add(&Marked::new(sample, predicted, without));
    }
    scores
}

#[cfg(test)]
mod tests;
