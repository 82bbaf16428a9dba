//! Columns of text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::output::Style;

/// Between two columns.
const GAP: usize = 2;
/// The narrowest that a column is made.
const NARROWEST: usize = 8;

/// Rows of cells below a line of titles.
pub(crate) struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(titles: &[&'static str]) -> Self {
        Self {
            titles: titles.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; it has as many cells as there are titles.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table, indented, in lines of at most the style's width where that is possible at all: cells are
    /// broken into lines, those of the widest columns first.
    pub(crate) fn render(&self, indent: usize, style: Style) -> String {
        let widths = self.widths(style.width.saturating_sub(indent));
        let titles: Vec<String> = self
            .titles
            .iter()
            .map(|title| (*title).to_owned())
            .collect();
        let mut text = String::new();
        for line in lines(&titles, &widths) {
            let padded = format!("{}{line}\n", " ".repeat(indent));
            text.push_str(&style.dim(padded.trim_end_matches('\n')));
            text.push('\n');
        }
        for row in &self.rows {
            for line in lines(row, &widths) {
                text.push_str(&" ".repeat(indent));
                text.push_str(&line);
                text.push('\n');
            }
        }
        text
    }

    fn widths(&self, available: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.titles.len())
            .map(|column| {
                let title = self.titles.get(column).map_or(0, |title| title.width());
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or(0).max(title)
            })
            .collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        loop {
            let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(available);
            let Some(widest) = widths.iter_mut().max() else {
                return widths;
            };
            if excess == 0 || *widest <= NARROWEST {
                return widths;
            }
            *widest -= 1;
        }
    }
}

/// The lines of a row.
fn lines(cells: &[String], widths: &[usize]) -> Vec<String> {
    let wrapped: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrap(cell, *width))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|line| {
            let mut text = String::new();
            for (cell, width) in wrapped.iter().zip(widths) {
                let part = cell.get(line).map_or("", String::as_str);
                text.push_str(part);
                text.push_str(&" ".repeat((width + GAP).saturating_sub(part.width())));
            }
            text.trim_end().to_owned()
        })
        .collect()
}

/// Breaks a text into lines of at most `width` columns: between words, and in words that are longer than a line
/// after `/`, `,` and `-`, or where the line ends. Blanks at the beginning stay.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let words = text.trim_start_matches(' ');
    let mut lines = Vec::new();
    let mut line = " ".repeat(text.len() - words.len());
    let mut is_begun = false;
    for word in words.split(' ') {
        if is_begun && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        } else if is_begun {
            line.push(' ');
        }
        is_begun = true;
        if line.width() + word.width() <= width {
            line.push_str(word);
        } else {
            add_broken(word, width, &mut line, &mut lines);
        }
    }
    lines.push(line);
    lines
}

/// Adds a word that is longer than a line.
fn add_broken(word: &str, width: usize, line: &mut String, lines: &mut Vec<String>) {
    for piece in word.split_inclusive(['/', ',', '-']) {
        if !line.is_empty() && line.width() + piece.width() > width {
            lines.push(std::mem::take(line));
        }
        for character in piece.chars() {
            if line.width() + character.width().unwrap_or(0) > width && !line.is_empty() {
                lines.push(std::mem::take(line));
            }
            line.push(character);
        }
    }
}

/// A paragraph, every line of it indented.
pub(crate) fn paragraph(text: &str, indent: usize, style: Style) -> String {
    let margin = " ".repeat(indent);
    wrap(text, style.width.saturating_sub(indent))
        .iter()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Style = Style {
        colour: false,
        unicode: true,
        width: 30,
    };

    #[test]
    fn columns_line_up_whatever_the_letters() {
        let mut table = Table::new(&["name", "where"]);
        table.row(["日本".into(), "x".into()]);
        table.row(["ab".into(), "y".into()]);
        assert_eq!(
            table.render(2, NARROW),
            "  name  where\n  日本  x\n  ab    y\n"
        );
    }

    #[test]
    fn the_widest_column_gives_way_first() {
        let mut table = Table::new(&["a", "b"]);
        table.row(["short".into(), "/srv/tank/volumes/of/a/long/path".into()]);
        assert_eq!(
            table.render(0, NARROW),
            "a      b\nshort  /srv/tank/volumes/of/a/\n       long/path\n"
        );
    }

    #[test]
    fn a_word_that_fits_no_line_is_broken() {
        assert_eq!(wrap("aaaaaaaaaaaa b", 5), ["aaaaa", "aaaaa", "aa b"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrap("  ab cd", 5), ["  ab", "cd"]);
        assert_eq!(wrap("ab-cdef/g", 5), ["ab-", "cdef/", "g"]);
    }
}
