//! English names: the entity recogniser of spaCy's `en_core_web_sm`, run here.
//!
//! Hashed vectors of a word's norm, ends and shape go through four convolutions over three words;
//! a transition system reads them and says where an entity begins, goes on and ends. Moves equal
//! those of the original on the same words; a test says so where the file is at hand.
//! What the model calls a person is believed only where some word of it is no plain English word.
//!
//! Sources: spaCy 3.8, thinc 8 (MIT, © ExplosionAI); the weights are fetched, never part of the
//! program. Limits: taught on news, talk and blogs of English; the sentence's borders that spaCy's
//! parser tells, and its list of spellings, are not used.

mod feature;
mod moves;
mod network;
mod pack;

use super::{Entity, Label, Tagger};
use crate::lexicon;
use network::Network;

/// The file is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the network is damaged or of another version")]
pub struct SpacyError;

/// spaCy's network.
#[derive(Debug)]
pub struct Spacy(Network);

impl Spacy {
    /// Reads `ner/model` of the package. About 7 MB are kept.
    pub fn parse(model: &[u8]) -> Result<Self, SpacyError> {
        let arrays = pack::arrays(model).ok_or(SpacyError)?;
        Network::new(&arrays).map(Self).ok_or(SpacyError)
    }

    fn moves(&self, words: &[&str]) -> Vec<moves::Move> {
        self.0.moves.make(&self.0.read(words))
    }
}

impl Tagger for Spacy {
    fn name(&self) -> &'static str {
        "spacy"
    }

    fn languages(&self) -> &'static [&'static str] {
        &["en"]
    }

    fn tag(&self, words: &[&str]) -> Vec<Label> {
        let mut labels: Vec<Label> = self.moves(words).into_iter().map(label).collect();
        believe(words, &mut labels);
        labels
    }

    fn reach(&self) -> usize {
        // Four layers of three words.
        4
    }
}

fn label(made: moves::Move) -> Label {
    let Some((kind, begins)) = made else {
        return Label::Outside;
    };
    let entity = match kind {
        moves::PERSON => Entity::Person,
        moves::PLACE | moves::REGION => Entity::Place,
        moves::ORGANISATION => Entity::Organisation,
        _ => return Label::Outside,
    };
    if begins {
        Label::Begin(entity)
    } else {
        Label::Inside(entity)
    }
}

/// Leaves out people made of plain English words, towns or numbers alone.
fn believe(words: &[&str], labels: &mut [Label]) {
    let mut at = 0;
    for chunk in labels.chunk_by_mut(|_, next| *next == Label::Inside(Entity::Person)) {
        let inside = words.get(at..at + chunk.len()).unwrap_or_default();
        at += chunk.len();
        let person = chunk.first() == Some(&Label::Begin(Entity::Person));
        if person && !inside.iter().any(|w| telling(w)) {
            chunk.fill(Label::Outside);
        }
    }
}

/// Whether a word may be a name.
fn telling(word: &str) -> bool {
    let capital = word.starts_with(char::is_uppercase) && word.chars().count() > 1;
    let letters = word.chars().all(|c| c.is_alphabetic() || "-'’".contains(c));
    let class = lexicon::word(&lexicon::fold(word));
    capital && letters && !class.ordinary() && (class.name() || !class.place())
}

#[cfg(test)]
#[path = "spacy/tests.rs"]
mod tests;
