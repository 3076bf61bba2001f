//! English names: the entity recogniser of spaCy's `en_core_web_sm`, run here.
//!
//! Hashed vectors of a word's norm, ends and shape go through four convolutions over three words;
//! a transition system reads them and says where an entity begins, goes on and ends. Moves equal
//! those of the original on the same words; a test says so where the file is at hand.
//!
//! Sources: spaCy 3.8, thinc 8 (MIT, © Explosion); the weights are fetched, never part of the
//! program. Limits: taught on news, talk and blogs of English; the sentence's borders that spaCy's
//! parser tells, and its list of spellings, are not used.

mod feature;
mod moves;
mod network;
mod pack;

use super::{Entity, Label, Tagger};
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
        self.moves(words).into_iter().map(label).collect()
    }

    fn reach(&self) -> usize {
        // Four layers of three words, and as many for what came before in the entity.
        8
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

#[cfg(test)]
#[path = "spacy/tests.rs"]
mod tests;
