//! `cargo xtask fmt-nix`: all Nix files of the repository, as the formatter that the helper writes its own with has them.

use alejandra::format::{Status, in_memory};

use crate::generate::Mode;
use crate::repository::Repository;
use crate::task_error::TaskError;

/// Compares, and writes what differs where that is asked; the lines say what was done.
pub(crate) fn run(repository: &Repository, mode: Mode) -> Result<Vec<String>, TaskError> {
    let mut lines = Vec::new();
    for path in repository.files_ending_in(".nix")? {
        let Some(text) = repository.read(&path)? else {
            continue;
        };
        let formatted = format(&path, &text)?;
        if formatted == text {
            continue;
        }
        lines.push(format!("not formatted: {path}"));
        if mode == Mode::Write {
            repository.write(&path, &formatted)?;
        }
    }
    mode.outcome(lines, "format them with `cargo xtask fmt-nix`")
}

/// The file's text, formatted. Blanks at the end of a line may stand in a `''` string, whose value the formatter would
/// change, so they are for a person to remove.
fn format(path: &str, text: &str) -> Result<String, TaskError> {
    let unformattable = |why: String| TaskError::Unformattable {
        path: path.to_owned(),
        why,
    };
    let blank_at_end = |line: &str| line.ends_with([' ', '\t']);
    if let Some(index) = text.lines().position(blank_at_end) {
        let line = index.saturating_add(1);
        return Err(unformattable(format!("line {line} ends in a blank")));
    }
    match in_memory(path.to_owned(), text.to_owned()) {
        (Status::Changed(_), formatted) => Ok(formatted),
        (Status::Error(why), _) => Err(unformattable(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nix_file_is_formatted() {
        let outcome = run(&Repository::of_this_build(), Mode::Check);
        let unformatted = outcome.err().map(|error| error.to_string());
        assert_eq!(unformatted, None, "run `cargo xtask fmt-nix`");
    }

    #[test]
    fn the_files_are_those_of_the_repository() {
        let files = Repository::of_this_build().files_ending_in(".nix").unwrap();
        for expected in ["flake.nix", "modules/default.nix", "nix/dev/flake.nix"] {
            assert!(files.iter().any(|path| path == expected), "{expected}");
        }
        assert!(!files.iter().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn a_file_is_formatted_and_formatted_again_stays() {
        let once = format("a.nix", "{ a=1; }\n").unwrap();
        assert_eq!(once, "{a = 1;}\n");
        assert_eq!(format("a.nix", &once).unwrap(), once);
    }

    #[test]
    fn what_the_formatter_would_change_or_cannot_read_is_told() {
        let blank = format("a.nix", "{\n  a = ''\n    b \n  '';\n}\n").unwrap_err();
        assert!(blank.to_string().contains("line 3"), "{blank}");
        assert!(format("a.nix", "{ a = ; }\n").is_err());
    }
}
