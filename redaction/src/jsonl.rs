//! Detection over lines of JSON: `{"id","text"}` in, `{"id","text","spans"}` out.
//!
//! What `redact --jsonl` runs. Offsets are Unicode code points of the original, end exclusive.

use super::kind::Kind;
use super::known::Known;
use super::placeholder::Numbering;
use super::text::{Profile, code_points, redact};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// Why a line could not be done.
#[derive(Debug, thiserror::Error)]
pub enum JsonlError {
    /// The input could not be read or the output not written.
    #[error("reading or writing failed")]
    Io(#[from] std::io::Error),
    /// A line is not `{"id","text"}`. The caller's fault; its content is not repeated.
    #[error("line {line} is not an object with `id` and `text`")]
    Line {
        /// Counted from 1.
        line: usize,
    },
}

/// How types are named in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As everywhere in the product: `SEED_PHRASE`.
    Own,
    /// As in the public evaluation sets: all credentials are `SECRET`.
    Gold,
}

impl Names {
    fn of(self, kind: Kind) -> &'static str {
        match self {
            Self::Own => kind.label(),
            Self::Gold => kind.gold(),
        }
    }
}

#[derive(Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    text: String,
    spans: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    name: &'static str,
}

/// Redacts every line for itself: numbers begin anew. `text` is the redacted one. Each answer is
/// flushed when its line was read, so that a caller may wait for it.
pub fn redact_jsonl(
    reader: impl BufRead,
    mut writer: impl Write,
    names: Names,
    known: &Known,
    profile: &Profile,
    key: &[u8; 32],
) -> Result<(), JsonlError> {
    for (line, number) in reader.lines().zip(1_usize..) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let Line { id, text } =
            serde_json::from_str(&line).map_err(|_content| JsonlError::Line { line: number })?;
        let redacted = redact(&text, known, profile, &mut Numbering::new(key));
        let spans = code_points(&text, &redacted.findings)
            .into_iter()
            .zip(&redacted.findings)
            .map(|(range, finding)| Place {
                start: range.start,
                end: range.end,
                name: names.of(finding.kind),
            })
            .collect();
        let answer = Answer {
            id,
            text: redacted.text,
            spans,
        };
        serde_json::to_writer(&mut writer, &answer).map_err(std::io::Error::from)?;
        writer.write_all(b"\n")?;
        writer.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{JsonlError, Known, Names, Profile, redact_jsonl};

    fn run(input: &str) -> Result<String, JsonlError> {
        let mut out = Vec::new();
        let (known, profile) = (Known::none(), Profile::agent());
        let input = input.as_bytes();
        redact_jsonl(input, &mut out, Names::Own, &known, &profile, &[0; 32])?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn offsets_are_code_points() {
        let out = run("{\"id\":1,\"text\":\"почта a@b.cd\"}\n\n").unwrap();
        assert_eq!(
            out,
            "{\"id\":1,\"text\":\"почта [EMAIL_1]\",\"spans\":[{\"start\":6,\"end\":12,\"type\":\"EMAIL\"}]}\n"
        );
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_only() {
        let error = run("{\"id\":1,\"text\":\"x\"}\n{\"secret\":1}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2 is not an object with `id` and `text`"
        );
    }

    /// Writes the predictions for every `.jsonl` of a folder to the temporary one, to be scored:
    /// `PII=folder cargo test --lib jsonl -- --ignored`.
    #[test]
    #[ignore = "needs the development data"]
    #[expect(
        clippy::disallowed_methods,
        reason = "where the data lies is not a setting of the product"
    )]
    fn development_data() {
        let dir = std::path::PathBuf::from(std::env::var("PII").unwrap());
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "jsonl") {
                continue;
            }
            let input = std::fs::File::open(&path).unwrap();
            let out = std::env::temp_dir().join(path.file_stem().unwrap());
            let out = std::fs::File::create(out.with_extension("pred.jsonl")).unwrap();
            let input = std::io::BufReader::new(input);
            let (known, profile) = (Known::none(), Profile::agent());
            redact_jsonl(input, out, Names::Gold, &known, &profile, &[0; 32]).unwrap();
        }
    }
}
