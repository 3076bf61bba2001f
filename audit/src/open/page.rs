//! `index.html`: one page without scripts, links or anything from elsewhere.

use zeroize::Zeroizing;

use crate::bundle::{Entry, Manifest, Scope};
use crate::record::{Decision, Leaf};
use crate::verify::{Report, Topic};

/// What ends the page.
pub(super) const FOOT: &str = "</main>\n</body>\n</html>\n";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;\
padding:0 1rem;color:#1b1b1f;background:#fff}h1{font-size:1.4rem}h2{font-size:1rem;margin:0}\
section{border-top:1px solid #ccc;padding:1rem 0}dl{display:grid;grid-template-columns:9rem 1fr;\
margin:.5rem 0}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}pre{background:#f4f4f6;padding:\
.75rem;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext}.note{background:#fff3d6;\
padding:.75rem}@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#161618}\
pre{background:#232327}dt{color:#aaa}.note{background:#4a3a10}}";

/// The head of the page: what this is, and the verdicts.
pub(super) fn head(manifest: &Manifest, report: &Report) -> String {
    let scope = match &manifest.scope {
        Scope::Range { from, to } => format!("records {from} up to but not including {to}"),
        Scope::Selection { of } => format!("a selection: {of}"),
    };
    let counts = manifest.counts;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Records of {log}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Records of {log}</h1>\n\
         <p class=\"note\">A copy for reading, not evidence: the bundle is. Delete it when you no \
         longer need it.</p>\n",
        log = escape(&manifest.log),
    );
    page += &list(&[
        ("Reference", manifest.reference.as_str()),
        ("Requested by", &manifest.requested_by),
        ("Power", &manifest.power),
        ("Purpose", &manifest.purpose),
        ("Approved by", &manifest.approved_by),
        ("Scope", &scope),
        (
            "Records",
            &format!(
                "{} found, {} delivered, {} erased, {} withheld",
                counts.found, counts.delivered, counts.cut, counts.withheld
            ),
        ),
    ]);
    if let Some(verdicts) = report.verdicts {
        let words = Topic::ALL.map(|topic| (topic.as_str(), verdicts.on(topic).as_str()));
        page += &list(&words);
    }
    if report.exit != 0 {
        page += "<p class=\"note\">Not everything is proved:</p>\n<ul>\n";
        for finding in &report.findings {
            page.extend(["<li>", &escape(finding), "</li>\n"]);
        }
        page += "</ul>\n";
    }
    page
}

/// One record.
pub(super) fn record(entry: &Entry, body: Option<&str>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::new());
    match entry {
        Entry::Cut { seq, reason, .. } => {
            let title = format!("<section>\n<h2>{seq} \u{b7} {reason}</h2>\n</section>\n");
            out.push_str(&title);
        }
        Entry::Whole(leaf) => {
            let time = leaf.time().unwrap_or_default();
            let title = format!(
                "<section>\n<h2>{} \u{b7} {time} \u{b7} {}</h2>\n",
                leaf.seq, leaf.kind
            );
            out.push_str(&title);
            out.push_str(&members(leaf));
            match body {
                Some(json) => {
                    out.push_str("<pre>");
                    out.push_str(&Zeroizing::new(escape(&Zeroizing::new(indent(json)))));
                    out.push_str("</pre>\n");
                }
                None => out.push_str("<p>The content is not given.</p>\n"),
            }
            out.push_str("</section>\n");
        }
    }
    out
}

fn members(leaf: &Leaf) -> String {
    let rid = hex::encode(leaf.rid);
    let all = [
        ("Record", rid.as_str()),
        ("Agent", leaf.agent.as_deref().unwrap_or_default()),
        ("Operation", leaf.operation.as_deref().unwrap_or_default()),
        ("Purpose", leaf.purpose.as_deref().unwrap_or_default()),
        (
            "Decision",
            leaf.decision.map(Decision::as_str).unwrap_or_default(),
        ),
        ("Class", &leaf.class),
        ("Kept until", &leaf.retain_until),
    ];
    let there = all.into_iter().filter(|(_, value)| !value.is_empty());
    list(&there.collect::<Vec<_>>())
}

fn list(items: &[(&str, &str)]) -> String {
    let item = |(name, value): &(&str, &str)| {
        format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value))
    };
    format!(
        "<dl>\n{}</dl>\n",
        items.iter().map(item).collect::<String>()
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Would reorder or hide what stands around them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}' => {
                let shown = format!("[U+{:04X}]", u32::from(c));
                out.push_str(&shown);
            }
            c => out.push(c),
        }
    }
    out
}

/// Breaks valid JSON into lines, and changes no token: a number is shown as it was recorded.
fn indent(json: &str) -> String {
    const DEPTH_SHOWN: usize = 32;
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth.min(DEPTH_SHOWN)));
    };
    for c in json.chars() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            ' ' | '\t' | '\n' | '\r' => {}
            '"' => {
                quoted = true;
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(
            escape("<script>&\"'\u{202e}"),
            "&lt;script&gt;&amp;&quot;&#39;[U+202E]"
        );
    }

    #[test]
    fn json_is_shown_as_it_was_recorded() {
        let json = r#"{"a":"x\\\"},{", "n":18446744073709551616.10,"b":[1,{}]}"#;
        let shown = indent(json);
        assert!(shown.contains("18446744073709551616.10"), "{shown}");
        assert!(shown.contains(r#"  "a": "x\\\"},{","#), "{shown}");
        let squeezed: String = shown.split('\n').map(str::trim).collect();
        assert_eq!(
            squeezed.replace(": ", ":"),
            json.replace(", \"n\"", ",\"n\"")
        );
    }
}
