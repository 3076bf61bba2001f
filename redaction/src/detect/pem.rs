//! PEM and `OpenPGP` private key blocks.
//!
//! Source: RFC 7468, RFC 4716, RFC 9580 §6.2. A block without an end, as in a cut paste, is
//! taken as far as its lines look like Base64. A block whose line breaks were lost, or written
//! as `\n`, is taken too. Public keys and certificates are not secrets.

use super::super::kind::{Confidence, Kind};
use super::super::scan::{Hit, Scan};

const BEGIN: &str = "-----begin ";
const END: &str = "-----end ";
/// The longest label looked at.
const LABEL: usize = 64;

pub(crate) fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let lower = scan.lower(0, scan.len());
    let mut from = 0;
    // Where the next end is: looked for once, not again by every beginning.
    let mut end_at = 0;
    while let Some(start) = find(scan, lower, BEGIN, from) {
        let head = start + BEGIN.len();
        from = head;
        let label: &str = scan.ahead(head, LABEL);
        let Some(label_len) = label.find("-----") else {
            continue;
        };
        if !scan.lower(head, head + label_len).contains("private key") {
            continue;
        }
        let body = head + label_len + 5;
        if end_at < body {
            end_at = find(scan, lower, END, body).unwrap_or(usize::MAX);
        }
        let end = if end_at == usize::MAX {
            body + base64_len(scan, body)
        } else {
            let tail = scan.ahead(end_at + END.len(), LABEL);
            end_at + END.len() + tail.find("-----").map_or(0, |at| at + 5)
        };
        hits.push(Hit {
            start,
            end,
            kind: Kind::PrivateKey,
            detector: "pem",
            confidence: Confidence::Certain,
            reason: "private key block",
            canonical: None,
        });
        from = end;
    }
}

fn find(scan: &Scan<'_>, text: &str, what: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let at = rest.find(what);
    scan.spend(at.unwrap_or(rest.len()));
    at.map(|at| from + at)
}

/// How far the text after a beginning without an end looks like Base64 and headers.
fn base64_len(scan: &Scan<'_>, from: usize) -> usize {
    let mut len = 0;
    let mut spaces = 0;
    for byte in scan.bytes().get(from..).unwrap_or_default() {
        match byte {
            b'\r' | b'\n' => spaces = 0,
            b' ' | b'\t' => spaces += 1,
            b if b.is_ascii_alphanumeric() || b"+/=\\:-,".contains(b) => {}
            _ => break,
        }
        // Two words on a line are prose, except in headers, which are short.
        if spaces > 2 {
            break;
        }
        len += 1;
    }
    scan.spend(len + 1);
    len
}

#[cfg(test)]
mod tests {
    use super::super::super::Kind;
    use super::super::super::text::tests::{found, kinds};

    const BODY: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";

    #[test]
    fn blocks_are_taken_whole() {
        for label in [
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
        ] {
            for gap in ["\n", " ", "\\n"] {
                let block = format!("-----BEGIN {label}-----{gap}{BODY}{gap}-----END {label}-----");
                assert_eq!(found(&format!("here {block} ok?")), [block.as_str()]);
            }
        }
    }

    #[test]
    fn a_cut_block_is_taken_as_far_as_it_goes() {
        let text = format!("-----BEGIN PRIVATE KEY-----\n{BODY}\n");
        assert_eq!(kinds(&text), [Kind::PrivateKey]);
        assert!(found(&text)[0].contains(BODY));
    }

    #[test]
    fn public_keys_pass() {
        assert!(
            kinds(&format!(
                "-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----"
            ))
            .is_empty()
        );
    }
}
