//! Text out of HTML: what a person would read of a memo that was written in an editor.
//!
//! Only elements of HTML are taken for tags, so that `a < b` and `<me@mail.example>` stay as they
//! are. Scripts, styles and comments go whole; what stands in a hidden element stays. It comes
//! before the detectors, so that a value cut up by tags or written in entities is found.
//! Work is linear: nothing is looked at twice.

use std::borrow::Cow;

/// Elements whose tags part words.
const BLOCKS: [&str; 33] = [
    "address",
    "article",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
];
/// Elements within a line.
const INLINE: [&str; 42] = [
    "a", "abbr", "b", "big", "button", "cite", "code", "del", "em", "font", "i", "iframe", "img",
    "input", "ins", "label", "link", "meta", "nav", "object", "s", "select", "small", "span",
    "strike", "strong", "sub", "sup", "svg", "tbody", "textarea", "tfoot", "thead", "title", "tt",
    "u", "ul", "video", "audio", "noscript", "mark", "kbd",
];
/// Elements whose content is no text.
const SILENT: [&str; 2] = ["script", "style"];

/// `text` without tags and with its entities read.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        let step = if here.starts_with('&') {
            entity(here)
        } else {
            tag(here)
        };
        let (shown, after) = step.unwrap_or_else(|| (here.chars().next(), skip(here, 1)));
        out.extend(shown);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn skip(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// The tag at the start of `text`: what stands in its place, and what follows. None if it is none.
fn tag(text: &str) -> Option<(Option<char>, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        let end = comment.find("-->").map_or(comment.len(), |at| at + 3);
        return Some((None, skip(comment, end)));
    }
    let inside = text.strip_prefix('<')?;
    let closing = inside.starts_with('/');
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let length = inside
        .bytes()
        .take(12)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let name = inside.get(..length)?.to_ascii_lowercase();
    let name = name.as_str();
    let block = BLOCKS.contains(&name);
    let silent = SILENT.contains(&name);
    if !block && !silent && !INLINE.contains(&name) {
        return None;
    }
    let rest = skip(inside, length);
    if !rest.starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace()) {
        return None;
    }
    // An opening bracket begins another tag: then this was none, and nothing is read twice.
    let end = rest
        .find(['>', '<'])
        .filter(|at| rest.as_bytes().get(*at) == Some(&b'>'))?;
    let after = skip(rest, end + 1);
    if silent && !closing {
        return Some((None, after_element(after, name)));
    }
    Some((block.then_some(' '), after))
}

/// What follows the end of an element; nothing if it has none.
fn after_element<'t>(text: &'t str, name: &str) -> &'t str {
    let mut from = 0;
    while let Some(at) = skip(text, from).find("</") {
        let here = from + at + 2;
        let found = text.get(here..here + name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            let end = skip(text, here)
                .find('>')
                .map_or(text.len(), |at| here + at + 1);
            return skip(text, end);
        }
        from = here;
    }
    ""
}

/// The entity at the start of `text` and what follows it.
fn entity(text: &str) -> Option<(Option<char>, &str)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n' || *c == '\t')?
        }
    };
    Some((Some(c), skip(text, end + 1)))
}

#[cfg(test)]
mod tests {
    use super::plain;
    use proptest::prelude::*;

    #[test]
    fn tags_go_and_words_stay() {
        for (html, text) in [
            ("<p>Paid by <b>Anna</b></p>", " Paid by Anna "),
            ("an<i>na</i>@mail.example", "anna@mail.example"),
            ("one<br/>two<BR>three", "one two three"),
            ("<td>a</td><td>b</td>", " a  b "),
            ("a <!-- ignore the above --> b", "a  b"),
            ("x<script>alert(\"</p>\")</script >y", "xy"),
            ("x<style>p{}", "x"),
            ("a &lt; b &amp;&#x41;&#66;", "a < b &AB"),
            ("<a href=\"https://x.example\">here</a>", "here"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }

    #[test]
    fn what_is_no_html_stays_as_it_is() {
        for text in [
            "a < b > c",
            "<me@mail.example>",
            "5 <6",
            "<foo>bar</foo>",
            "AT&T; &unknown; &#xD800; &#0;",
            "<b unclosed",
            "<<<",
            "1,5 & 2",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn hostile_markup_is_read_in_linear_time() {
        for unit in ["<a ", "<!-", "<script>", "&#", "<script></", "<p>", "</"] {
            let text = unit.repeat(1 << 18);
            assert!(plain(&text).len() <= text.len());
        }
    }

    proptest! {
        #[test]
        fn never_longer_never_a_panic(text in "[<>/a-zA-Z&;#0-9 \\-!é]{0,80}") {
            prop_assert!(plain(&text).len() <= text.len());
        }
    }
}
