//! `{"id","text"}` lines in, spans in the names of the public sets out.

use std::io::{stdin, stdout};
use tidewaiter_redaction::{Known, Names, Profile, redact_jsonl};

fn main() -> Result<(), tidewaiter_redaction::JsonlError> {
    let profile = Profile::agent();
    redact_jsonl(
        stdin().lock(),
        stdout().lock(),
        Names::Gold,
        &Known::none(),
        &profile,
        &[0; 32],
    )
}
