//! How a value that may leave is written.

use super::super::plan::Leaf;
use super::super::treat::{mask, mask_number};
use super::walk::{Scalar, Walk};
use crate::catalog::Class;
use std::borrow::Cow;
use tidewaiter_redaction::Kind;
use tidewaiter_redaction::markup;
use tidewaiter_redaction::never_stored;
use tidewaiter_redaction::{hides, strip_invisible};

impl Walk<'_, '_> {
    pub(super) fn mask(&mut self, leaf: &Leaf, scalar: &Scalar<'_>) {
        let masked = match scalar {
            Scalar::String(text) => {
                self.hidden += u64::from(hides(text));
                let text = strip_invisible(text);
                let (_, removed) = never_stored(&text);
                self.note(removed.iter().map(|f| f.kind));
                if removed.is_empty() {
                    mask(leaf.class, leaf.mask, &text)
                } else {
                    mask(Class::Internal, None, &text)
                }
            }
            Scalar::Number(text) | Scalar::Boolean(text) => mask_number(leaf.mask, text),
        };
        self.quote(&masked);
    }

    pub(super) fn reveal(&mut self, leaf: &Leaf, scalar: &Scalar<'_>) {
        let text = match scalar {
            Scalar::Number(text) | Scalar::Boolean(text) => {
                self.out.extend_from_slice(text.as_bytes());
                return;
            }
            Scalar::String(text) => *text,
        };
        // Before anything is looked for: tags and entities could cut it up.
        let plain = if leaf.text {
            markup::plain(text)
        } else {
            Cow::Borrowed(text)
        };
        let text = &*plain;
        self.hidden += u64::from(hides(text));
        let (sealable, removed) = never_stored(text);
        self.note(removed.iter().map(|f| f.kind));
        let mut shown = if leaf.text {
            (self.text)(text)
        } else {
            sealable.into_string()
        };
        // What the caller's own redaction left of it does not leave either.
        if leaf.text && !removed.is_empty() {
            shown = never_stored(&shown).0.into_string();
        }
        self.quote(&strip_invisible(&shown));
    }

    fn note(&mut self, kinds: impl Iterator<Item = Kind>) {
        for kind in kinds {
            if !self.forbidden.contains(&kind) {
                self.forbidden.push(kind);
            }
        }
    }

    /// Appends a JSON string.
    pub(super) fn quote(&mut self, text: &str) {
        self.out.push(b'"');
        for c in text.chars() {
            match c {
                '"' => self.out.extend_from_slice(b"\\\""),
                '\\' => self.out.extend_from_slice(b"\\\\"),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                '\t' => self.out.extend_from_slice(b"\\t"),
                c if c < ' ' => {
                    let escape = format!("\\u{:04x}", u32::from(c));
                    self.out.extend_from_slice(escape.as_bytes());
                }
                c => {
                    let mut buffer = [0; 4];
                    let bytes = c.encode_utf8(&mut buffer).as_bytes();
                    self.out.extend_from_slice(bytes);
                }
            }
        }
        self.out.push(b'"');
    }
}
