//! Tables for people: columns aligned, nothing that steers a terminal.

/// A text as it may be printed: characters that steer a terminal or turn the direction of writing
/// are written out. Customers choose what stands in a transcript.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || turns {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The same with line breaks kept, each followed by `indent`.
pub(super) fn block(text: &str, indent: &str) -> String {
    let lines = text
        .split('\n')
        .map(|line| plain(line.trim_end_matches('\r')));
    lines.collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// Rows under a head, each column as wide as its widest cell; `nothing` if there is no row.
pub(super) fn table(head: &[&str], rows: &[Vec<String>], nothing: &str) -> String {
    if rows.is_empty() {
        return nothing.to_owned();
    }
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &&Vec<String>| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(cell, width)| pad(cell, *width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn pad(cell: &str, width: usize) -> String {
    let missing = width.saturating_sub(cell.chars().count());
    format!("{cell}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            plain("a\u{1b}[2Jb\u{9b}c\u{202e}d"),
            "a\\u{1b}[2Jb\\u{9b}c\\u{202e}d"
        );
        assert_eq!(plain("привет 👋"), "привет 👋");
        assert_eq!(block("a\r\nb\tc", "  "), "a\n  b\\tc");
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["1".to_owned(), "длинно".to_owned()],
            vec!["22".to_owned(), "x".to_owned()],
        ];
        insta::assert_snapshot!(table(&["N", "WHAT"], &rows, "none"), @r"
        N   WHAT
        1   длинно
        22  x
        ");
        assert_eq!(table(&["N"], &[], "none"), "none");
    }
}
