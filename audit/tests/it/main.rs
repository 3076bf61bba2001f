//! The format, tried from outside: what is written is read, what is changed is caught.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::items_after_statements,
    clippy::similar_names,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "test code may fail loudly"
)]

mod fixture;
mod python;

mod cli;
mod differential;
mod forgery;
mod head;
mod leaf;
mod mutation;
mod note;
mod open;
mod range;
mod rules;
mod seal;
mod structure;
mod tree;
mod trust;
mod vectors;
