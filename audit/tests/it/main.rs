//! The format, tried from outside: what is written is read, what is changed is caught.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code may fail loudly"
)]

mod fixture;

mod forgery;
mod head;
mod leaf;
mod mutation;
mod note;
mod open;
mod range;
mod seal;
mod structure;
mod tree;
mod trust;
mod vectors;
