//! Conversations: the chat that lookups belong to, and what was said in it.
//!
//! A conversation belongs to (issuer, subject, agent) and opens with the evidence that the person
//! was told they speak with an AI (Regulation (EU) 2024/1689 Art. 50(1)); without it there is no
//! lookup. A turn is sealed as it was said, minus what I8 forbids to store; the agent gets the
//! redacted view. A guest's conversation has a key of its own.

pub mod store;
pub mod turn;

pub use store::Row;
