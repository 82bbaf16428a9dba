//! The files of this repository, by their paths in it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

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
        let is_ours = |entry: &DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0
                || !entry.file_type().is_dir()
                || !(name.starts_with('.') || name == "target")
        };
        let mut found = Vec::new();
        for entry in WalkDir::new(&self.root).into_iter().filter_entry(is_ours) {
            let entry = entry.map_err(|error| TaskError::File {
                path: error.path().unwrap_or(&self.root).to_owned(),
                source: error.into(),
            })?;
            let path = entry
                .path()
                .strip_prefix(&self.root)
                .unwrap_or(entry.path());
            let path = path.to_string_lossy();
            if entry.file_type().is_file() && path.ends_with(ending) {
                found.push(path.into_owned());
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
