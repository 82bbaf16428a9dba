//! The files of this repository, by their paths in it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::task_error::TaskError;

/// The repository's directory.
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The one that this program was built in.
    pub(crate) fn of_this_build() -> Self {
        Self {
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        }
    }

    /// A file's text; `None` where there is no file. What cannot be read is a fault, not an absent file.
    pub(crate) fn read(&self, path: &str) -> Result<Option<String>, TaskError> {
        let path = self.root.join(path);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TaskError::File { path, source }),
        }
    }

    /// Writes a file, and the directories above it.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), TaskError> {
        let path = self.root.join(path);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, text));
        written.map_err(|source| TaskError::File { path, source })
    }

    /// The paths of all files whose name ends so, ordered. A link leads to another file of the list; what is hidden or
    /// built is not the repository's.
    pub(crate) fn files_ending_in(&self, ending: &str) -> Result<Vec<String>, TaskError> {
        let mut found = Vec::new();
        let mut directories = vec![String::new()];
        while let Some(directory) = directories.pop() {
            let path = self.root.join(&directory);
            let fault = |source| TaskError::File {
                path: path.clone(),
                source,
            };
            for entry in fs::read_dir(&path).map_err(fault)? {
                let entry = entry.map_err(fault)?;
                let kind = entry.file_type().map_err(fault)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if kind.is_dir() && !name.starts_with('.') && name != "target" {
                    directories.push(format!("{directory}{name}/"));
                } else if kind.is_file() && name.ends_with(ending) {
                    found.push(format!("{directory}{name}"));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The names of the files in a directory, ordered.
    pub(crate) fn file_names(&self, directory: &str) -> Result<Vec<String>, TaskError> {
        let path = self.root.join(directory);
        let names = || -> std::io::Result<Vec<String>> {
            let mut names = fs::read_dir(&path)?
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect::<std::io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names)
        };
        names().map_err(|source| TaskError::File {
            path: path.clone(),
            source,
        })
    }
}
