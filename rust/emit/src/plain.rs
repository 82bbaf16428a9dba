//! The last look at texts before they stand in files whose readers know no quoting.
//!
//! Names and paths are parsed long before and never hold anything else; a plan that was read from a
//! file somebody edited could.

use crate::EmitError;

/// The text, if it needs no quoting in btrbk's and snapper's files, in `fstab` and on a shell's line.
///
/// The last because disko joins the arguments of `mkfs.btrfs` without quoting them.
pub(crate) fn plain<'a>(
    artefact: &str,
    what: &'static str,
    text: &'a str,
) -> Result<&'a str, EmitError> {
    let refuse = |why| {
        Err(EmitError::Unquotable {
            artefact: artefact.to_owned(),
            what,
            value: text.to_owned(),
            why,
        })
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.+@=,:[]".contains(c);
    if text.is_empty() {
        refuse("it is empty")
    } else if text.chars().all(is_plain) {
        Ok(text)
    } else {
        refuse("it holds a character other than a-z, A-Z, 0-9 and `/_-.+@=,:[]`")
    }
}

/// The text, if it is one plain component of a path.
pub(crate) fn file_name<'a>(
    artefact: &str,
    what: &'static str,
    text: &'a str,
) -> Result<&'a str, EmitError> {
    let text = plain(artefact, what, text)?;
    if text.contains('/') || text.starts_with(['.', '-']) {
        return Err(EmitError::Unquotable {
            artefact: artefact.to_owned(),
            what,
            value: text.to_owned(),
            why: "it is no file name of its own",
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_or_a_line_would_read_differently_is_refused() {
        for hostile in [
            "", "a b", "a\nb", "a#b", "a\"b", "a'b", "$(a)", "a;b", "a\\b", "ä",
        ] {
            assert!(plain("x", "name", hostile).is_err(), "{hostile:?}");
        }
        assert_eq!(
            plain("x", "name", "ssh://h:22/a@b").unwrap(),
            "ssh://h:22/a@b"
        );
    }

    #[test]
    fn a_file_name_leaves_its_directory_in_no_way() {
        for hostile in ["..", "../a", "a/b", "/a", ".hidden", "-rf"] {
            assert!(file_name("x", "name", hostile).is_err(), "{hostile:?}");
        }
        assert_eq!(
            file_name("x", "name", "gold-tank.2").unwrap(),
            "gold-tank.2"
        );
    }
}
