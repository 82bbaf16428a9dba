//! Nix strings: escapes and indentation, as `lexer.l` and `ParserState::stripIndentation` of Nix treat them.

/// A piece of an indented string as Nix' lexer cuts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text as written, whose leading blanks are indentation.
    Written(String),
    /// An escape, a lone `$` or a lone `'`: it ends a line's indentation.
    Escaped(String),
    /// The value of an interpolation.
    Interpolated(String),
}

/// The text of a `"…"` string's piece: escapes resolved, line ends normalised.
pub(crate) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next().map(escaped)),
            '\r' => {
                characters.next_if_eq(&'\n');
                text.push('\n');
            }
            _ => text.push(character),
        }
    }
    text
}

fn escaped(character: char) -> char {
    match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => character,
    }
}

/// Cuts a run of an indented string between interpolations into pieces.
pub(crate) fn cut_indented(raw: &str, pieces: &mut Vec<Piece>) {
    let mut rest = raw;
    while !rest.is_empty() {
        let length = written_length(rest);
        if length > 0 {
            let (written, after) = rest.split_at(length);
            pieces.push(Piece::Written(written.to_owned()));
            rest = after;
            continue;
        }
        let (text, length) = special(rest);
        pieces.push(Piece::Escaped(text));
        rest = rest.get(length..).unwrap_or("");
    }
}

/// How many bytes the pattern `([^$']|$[^{']|'[^'$])+` takes.
fn written_length(text: &str) -> usize {
    let mut length = 0;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let pair_refuses: &[char] = match character {
            '$' => &['{', '\''],
            '\'' => &['\'', '$'],
            _ => {
                length += character.len_utf8();
                continue;
            }
        };
        match characters.next() {
            Some(second) if !pair_refuses.contains(&second) => {
                length += 1 + second.len_utf8();
            }
            _ => break,
        }
    }
    length
}

/// The meaning and length of what [`written_length`] refuses.
fn special(text: &str) -> (String, usize) {
    if let Some(after) = text.strip_prefix("''\\") {
        let character = after.chars().next();
        let resolved = character.map_or('\\', escaped);
        (
            resolved.to_string(),
            3 + character.map_or(0, char::len_utf8),
        )
    } else if text.starts_with("'''") {
        ("''".into(), 3)
    } else if text.starts_with("''$") {
        ("$".into(), 3)
    } else {
        // A lone `$` or `'`.
        (text.chars().take(1).collect(), 1)
    }
}

/// Joins the pieces of an indented string, without their common indentation.
pub(crate) fn strip_indentation(pieces: &[Piece]) -> String {
    let drop = common_indentation(pieces);
    let mut text = String::new();
    let mut line = Line::default();
    for (position, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Interpolated(value) => {
                line = Line::begun();
                text.push_str(value);
            }
            Piece::Written(raw) | Piece::Escaped(raw) => {
                let mut kept = line.keep(raw, drop);
                if position + 1 == pieces.len() {
                    drop_blank_last_line(&mut kept);
                }
                text.push_str(&kept);
            }
        }
    }
    text
}

fn common_indentation(pieces: &[Piece]) -> usize {
    let mut least = usize::MAX;
    let mut indentation = Some(0);
    for piece in pieces {
        let Piece::Written(raw) = piece else {
            if let Some(depth) = indentation.take() {
                least = least.min(depth);
            }
            continue;
        };
        for character in raw.chars() {
            indentation = match (character, indentation) {
                ('\n', _) => Some(0),
                (' ', Some(depth)) => Some(depth + 1),
                (_, Some(depth)) => {
                    least = least.min(depth);
                    None
                }
                (_, None) => None,
            };
        }
    }
    least
}

/// How far the removal of indentation has come in the current line.
#[derive(Default)]
struct Line {
    begun: bool,
    dropped: usize,
}

impl Line {
    fn begun() -> Self {
        Self {
            begun: true,
            dropped: 0,
        }
    }

    fn keep(&mut self, raw: &str, drop: usize) -> String {
        let mut kept = String::with_capacity(raw.len());
        for character in raw.chars() {
            match character {
                ' ' if !self.begun => {
                    self.dropped += 1;
                    if self.dropped <= drop {
                        continue;
                    }
                }
                '\n' => *self = Self::default(),
                _ => *self = Self::begun(),
            }
            kept.push(character);
        }
        kept
    }
}

fn drop_blank_last_line(text: &mut String) {
    if let Some(end) = text.rfind('\n')
        && text
            .get(end + 1..)
            .is_some_and(|last| last.chars().all(|c| c == ' '))
    {
        text.truncate(end + 1);
    }
}

/// The text after an indented string's opening: blanks up to the first line end do not count.
pub(crate) fn after_opening(raw: &str) -> &str {
    raw.trim_start_matches(' ')
        .strip_prefix('\n')
        .unwrap_or(raw)
}

impl Piece {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Written(text) | Self::Escaped(text) | Self::Interpolated(text) => text,
        }
    }
}
