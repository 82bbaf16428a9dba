//! Markdown with everything from the configuration escaped.

use std::borrow::Cow;
use std::fmt::Write;

/// A Markdown text that grows block by block, with one empty line between blocks.
pub(super) struct Document {
    text: String,
}

impl Document {
    pub(super) fn new(title: &str) -> Self {
        Self {
            text: format!("# {}\n", prose(title)),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A heading of the second level (`depth` 2) or below; the text is already Markdown.
    pub(super) fn heading(&mut self, depth: usize, markdown: &str) {
        let _ = writeln!(self.text, "\n{} {markdown}", "#".repeat(depth));
    }

    /// A paragraph; the text is already Markdown.
    pub(super) fn paragraph(&mut self, markdown: &str) {
        let _ = writeln!(self.text, "\n{markdown}");
    }

    /// A list; the items are already Markdown, and further lines of an item are indented by two.
    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        self.text.push('\n');
        for item in items {
            let _ = writeln!(self.text, "- {}", item.replace('\n', "\n  "));
        }
    }

    /// A table; the cells are already Markdown. Nothing is written where there are no rows.
    pub(super) fn table<const N: usize>(&mut self, head: [&str; N], rows: Vec<[String; N]>) {
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "\n| {} |", head.join(" | "));
        let _ = writeln!(self.text, "|{}", " --- |".repeat(N));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
    }

    /// Text as it is, with a fence that no line in it can close.
    pub(super) fn preformatted(&mut self, text: &str) {
        let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
        let _ = writeln!(self.text, "\n{fence}text\n{}\n{fence}", text.trim_end());
    }
}

/// Text that is shown as it is, except that parts between backticks become code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // A backtick of the text's own: none is a mark then.
        return escape(text);
    }
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| match (index % 2, part.is_empty()) {
            (0, _) => escape(part),
            (_, true) => "\\`\\`".to_owned(),
            (_, false) => code(part),
        })
        .collect()
}

/// Text as code. A vertical bar is escaped because it ends a table's cell even there.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if "\\`*_{}[]<>()#|~&!$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Control characters and line separators as they are written in Rust; the rest as it is.
fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if breaks(c) {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_gives_a_meaning_to_is_escaped() {
        assert_eq!(
            prose("a_b_c *d* [e](f) <g> #h |i| \\ ~j~ & $k$\nl"),
            "a\\_b\\_c \\*d\\* \\[e\\]\\(f\\) \\<g\\> \\#h \\|i\\| \\\\ \\~j\\~ \\& \\$k\\$\\\\nl"
        );
    }

    #[test]
    fn backticks_in_pairs_are_code_and_a_lone_one_is_a_character() {
        assert_eq!(prose("the `a_b` of c_d"), "the `a_b` of c\\_d");
        assert_eq!(prose("a ` b_c"), "a \\` b\\_c");
        assert_eq!(prose("a `` b"), "a \\`\\` b");
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb"), "`a\\nb`");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        let mut document = Document::new("t");
        document.preformatted("````\n");
        assert_eq!(document.finish(), "# t\n\n`````text\n````\n`````\n");
    }
}
