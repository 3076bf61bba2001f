//! Looking for texts in bytes, in every form they might have been written in.

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::path::{Path, PathBuf};

/// Every form of a text that a program might write.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let raw = text.as_bytes();
    let escaped: String = text
        .encode_utf16()
        .map(|unit| match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(ascii) => char::from(ascii).to_string(),
            None => format!("\\u{unit:04x}"),
        })
        .collect();
    let percent: String = url::form_urlencoded::byte_serialize(raw).collect();
    let quoted = serde_json::to_string(text).unwrap();
    let mut forms = vec![
        raw.to_vec(),
        text.to_lowercase().into_bytes(),
        text.to_uppercase().into_bytes(),
        escaped.into_bytes(),
        percent.replace('+', "%20").into_bytes(),
        percent.into_bytes(),
        quoted.trim_matches('"').as_bytes().to_vec(),
        hex::encode(raw).into_bytes(),
        hex::encode_upper(raw).into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    // Base64 of something longer that has the text in it: what does not depend on the neighbours.
    for lead in 0..3_usize {
        let padded = [&[0_u8; 2][..lead], raw].concat();
        let (first, last) = ([0, 2, 3][lead], padded.len() * 8 / 6);
        for encoded in [
            STANDARD_NO_PAD.encode(&padded),
            URL_SAFE_NO_PAD.encode(&padded),
        ] {
            forms.push(encoded.as_bytes()[first..last].to_vec());
        }
    }
    forms.retain(|form| form.len() >= 6);
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Looks for a list of texts at once.
pub(crate) struct Search {
    texts: Vec<String>,
    of: Vec<usize>,
    machine: AhoCorasick,
}

impl Search {
    pub(crate) fn for_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (at, text) in texts.iter().enumerate() {
            assert!(text.len() >= 6, "{text:?} is too short to be looked for");
            for form in forms(text) {
                patterns.push(form);
                of.push(at);
            }
        }
        Self {
            texts,
            of,
            machine: AhoCorasick::new(patterns).unwrap(),
        }
    }

    /// Which of the texts are in these bytes, in any form.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found: Vec<&str> = self
            .machine
            .find_overlapping_iter(bytes)
            .map(|hit| self.texts[self.of[hit.pattern().as_usize()]].as_str())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The same for every file below `root`, but for what `skip` says: path and text.
    pub(crate) fn found_below(&self, root: &Path, skip: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for file in files_below(root) {
            let name = file.strip_prefix(root).unwrap().display().to_string();
            if skip.iter().any(|skip| name.starts_with(skip)) {
                continue;
            }
            // A database may let go of a file between the list and the look.
            let bytes = std::fs::read(&file).unwrap_or_default();
            found.extend(
                self.found_in(&bytes)
                    .iter()
                    .map(|text| format!("{name}: {text}")),
            );
        }
        found
    }
}

pub(crate) fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    files
}

/// The control: everything that is looked for is found, in each form and inside other text.
#[test]
fn the_search_finds_what_is_there() {
    let texts = [
        "legal winner thank year",
        "Марина Соколова",
        "olga.k@example.org",
    ];
    let search = Search::for_all(texts);
    for text in texts {
        for form in forms(text) {
            let bytes = [b"\x00\x01before ".as_slice(), &form, b" after\xff"].concat();
            assert_eq!(search.found_in(&bytes), [text], "{form:?}");
        }
        for lead in ["", "x", "xy", "xyz"] {
            let inside = STANDARD_NO_PAD.encode(format!("{lead}{text} and so on"));
            assert_eq!(search.found_in(inside.as_bytes()), [text], "{lead:?}");
        }
        let json = serde_json::json!({"said": format!("…{text}…")}).to_string();
        assert_eq!(search.found_in(json.as_bytes()), [text]);
    }
    assert!(
        search
            .found_in(b"legal winner thanks year, Marina, olga@example.org")
            .is_empty()
    );
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
    std::fs::write(dir.path().join("a/b/c"), texts[1]).unwrap();
    std::fs::write(dir.path().join("skipped"), texts[0]).unwrap();
    assert_eq!(
        search.found_below(dir.path(), &["skip"]),
        [format!("a/b/c: {}", texts[1])]
    );
}
