//! Where output goes, and what the place it goes to can show.

use std::io::{IsTerminal, Write};

use terminal_size::{Width, terminal_size_of};

use crate::args::Format;
use crate::fault::Fault;

/// Width where there is no terminal to ask.
const WIDTH: usize = 100;
/// Narrower, nothing fits; wider, nobody reads to the end of the line.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=160;

/// What a stream can show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Colours and bold text.
    pub(crate) colour: bool,
    /// Characters beyond ASCII.
    pub(crate) unicode: bool,
    /// Columns of a line.
    pub(crate) width: usize,
}

/// The two streams of the process.
#[derive(Debug)]
pub(crate) struct Output {
    /// Of standard output.
    pub(crate) style: Style,
    /// Of standard error.
    pub(crate) error_style: Style,
}

impl Output {
    pub(crate) fn of_process() -> Self {
        let style = |is_terminal: bool, terminal: Option<(Width, terminal_size::Height)>| Style {
            colour: is_terminal && allows_colour(),
            unicode: locale_is_utf8(),
            width: width(terminal),
        };
        let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
        Self {
            style: style(stdout.is_terminal(), terminal_size_of(&stdout)),
            error_style: style(stderr.is_terminal(), terminal_size_of(&stderr)),
        }
    }

    /// Writes to standard output.
    #[expect(clippy::unused_self, reason = "who holds an `Output` may write")]
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Fault> {
        let mut stream = std::io::stdout().lock();
        stream.write_all(text.as_bytes())?;
        Ok(stream.flush()?)
    }

    /// Writes to standard error.
    #[expect(clippy::unused_self, reason = "who holds an `Output` may write")]
    pub(crate) fn warn(&mut self, text: &str) -> Result<(), Fault> {
        Ok(std::io::stderr().lock().write_all(text.as_bytes())?)
    }

    /// Tells of work while it is done, beside a document that is its result. Where nobody reads any more the work goes on all the same.
    pub(crate) fn progress(&mut self, text: &str, format: Format) {
        drop(match format {
            Format::Json => self.warn(text),
            Format::Text => self.say(text),
        });
    }

    /// Tells what stopped the command.
    pub(crate) fn fault(&mut self, fault: &Fault) -> Result<(), Fault> {
        let word = self.error_style.bold("podman-btrfs:");
        self.warn(&format!("{word} {fault}\n"))
    }
}

/// `NO_COLOR` of any content but the empty one forbids colours (no-color.org).
fn allows_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// The first of these that is set names the character set (`locale(7)`).
fn locale_is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_string_lossy().to_ascii_lowercase();
            value.ends_with("utf-8") || value.ends_with("utf8") || value.contains("utf-8@")
        })
}

fn width(terminal: Option<(Width, terminal_size::Height)>) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal
        .map(|(Width(width), _)| usize::from(width))
        .filter(|width| *width > 0)
        .or_else(columns)
        .unwrap_or(WIDTH)
        .clamp(*WIDTHS.start(), *WIDTHS.end())
}

impl Style {
    pub(crate) fn bold(self, text: &str) -> String {
        self.painted("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.painted("2", text)
    }

    pub(crate) fn coloured(self, text: &str) -> String {
        self.painted("36", text)
    }

    fn painted(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// The first where the stream can show it, else the second.
    pub(crate) fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// Between the ends of what is left out.
    pub(crate) fn ellipsis(self) -> &'static str {
        self.either("…", "...")
    }
}
