//! Russian names: the network published as slovnet's NER, run here.
//!
//! Word vectors from navec (250,002 words, product-quantised) and a vector for the word's shape go
//! through three convolutions over neighbouring words and a linear-chain CRF. Labels equal those
//! of the Python original, word by word; a test says so where the files are at hand.
//! Cost: a word seen lately is some four thousandths of a millisecond; a new one five times that.
//! Contributions of [`vector::KEPT`] words to the first layer are kept, so memory is bounded.
//!
//! Sources: slovnet, navec, natasha (MIT); the files are fetched, never part of the program.
//! Limits: taught on news, so it knows little of lower case and nothing of chat.

mod network;
mod pack;
mod shape;
mod vector;
mod vocabulary;

use super::{Entity, Label, Tagger};
use network::Network;
use vector::Vectors;
use vocabulary::Vocabulary;

/// The files a [`Slovnet`] is made from.
#[derive(Debug, Clone, Copy)]
pub struct SlovnetFiles<'f> {
    /// `slovnet_ner_news_v1.tar`.
    pub network: &'f [u8],
    /// `navec_news_v1_1B_250K_300d_100q.tar`.
    pub vectors: &'f [u8],
    /// The network's `vocabs/word.gz`, decompressed: one word a line, sorted.
    pub words: &'f [u8],
}

/// A file is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is damaged or of another version")]
pub struct SlovnetError(pub(super) &'static str);

/// slovnet's network with its word vectors.
#[derive(Debug)]
pub struct Slovnet {
    words: Vocabulary,
    vectors: Vectors,
    network: Network,
}

impl Slovnet {
    /// Reads the three files. Some 35 MB are kept.
    pub fn parse(files: SlovnetFiles<'_>) -> Result<Self, SlovnetError> {
        let network = pack::members(files.network).ok_or(SlovnetError("the network"))?;
        let vectors = pack::members(files.vectors).ok_or(SlovnetError("the word vectors"))?;
        let words = Vocabulary::parse(files.words).ok_or(SlovnetError("the word list"))?;
        let first = network::First::parse(&network).ok_or(SlovnetError("the network"))?;
        let vectors = { vectors.get("pq.bin") }
            .and_then(|pq| Vectors::parse(pq, words.len(), first))
            .ok_or(SlovnetError("the word vectors"))?;
        let network = Network::parse(&network).ok_or(SlovnetError("the network"))?;
        Ok(Self {
            words,
            vectors,
            network,
        })
    }
}

impl Tagger for Slovnet {
    fn name(&self) -> &'static str {
        "slovnet"
    }

    fn languages(&self) -> &'static [&'static str] {
        &["ru"]
    }

    fn tag(&self, words: &[&str]) -> Vec<Label> {
        let inputs: Vec<(usize, usize)> = words
            .iter()
            .map(|word| (self.words.id(&word.to_lowercase()), shape::id(word)))
            .collect();
        let hidden = self.vectors.first(&inputs);
        let tags = self.network.tags(hidden);
        tags.into_iter().map(label).collect()
    }

    fn reach(&self) -> usize {
        // Three layers of three words; one more for the chain.
        4
    }
}

/// The order of the network's tags; its first is padding.
fn label(tag: usize) -> Label {
    match tag {
        2 => Label::Begin(Entity::Person),
        3 => Label::Inside(Entity::Person),
        4 => Label::Begin(Entity::Place),
        5 => Label::Inside(Entity::Place),
        6 => Label::Begin(Entity::Organisation),
        7 => Label::Inside(Entity::Organisation),
        _ => Label::Outside,
    }
}

#[cfg(test)]
mod tests;
