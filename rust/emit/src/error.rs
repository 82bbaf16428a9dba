//! Faults of emitting. Each is a mistake of ours or a plan made by hand: a user's mistake is a finding.

/// Why a plan could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A text would need quoting that the file's reader does not have.
    #[error(
        "{what} `{}` cannot stand in {artefact}: {why}; a parsed name or path never does this, so the plan was not made by this version",
        .value.escape_debug()
    )]
    Unquotable {
        /// The file.
        artefact: String,
        /// What the text is.
        what: &'static str,
        /// The text.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something that the artefact cannot do without is not in the plan.
    #[error(
        "the plan of {subject} says nothing of its {missing}, which {artefact} needs: please report this"
    )]
    Incomplete {
        /// The file.
        artefact: &'static str,
        /// What the plan is silent about.
        subject: String,
        /// What is missing.
        missing: &'static str,
    },
    /// `storage.conf` would say what the declared Podman does not understand.
    #[error(
        "storage.{key} = {value} is nothing that {} understands: please report this",
        .podman.as_ref().map_or_else(|| "every Podman".to_owned(), |version| format!("Podman {version}"))
    )]
    StorageKey {
        /// The key below `storage`.
        key: &'static str,
        /// Its value.
        value: String,
        /// The version, where it is known.
        podman: Option<String>,
    },
    /// disko mounts a subvolume in one place.
    #[error(
        "subvolume `{subvolume}` of filesystem `{filesystem}` has {count} mounts; disko.nix can hold one: please report this"
    )]
    SeveralMounts {
        /// The filesystem.
        filesystem: String,
        /// The subvolume.
        subvolume: String,
        /// How many mounts it has.
        count: usize,
    },
    /// The formatter did not accept our own Nix text.
    #[error("the Nix formatter refuses {artefact}: {why}; please report this")]
    Format {
        /// The file.
        artefact: &'static str,
        /// What the formatter says.
        why: String,
    },
    /// Our own Nix text could not be read back.
    #[error("{artefact} cannot be read back: {why}; please report this")]
    ReadBack {
        /// The file.
        artefact: &'static str,
        /// What the reader says.
        why: String,
    },
    /// Our own Nix text says something else than was meant.
    #[error("{artefact} says {said} at `{at}` where {meant} was meant; please report this")]
    Differs {
        /// The file.
        artefact: &'static str,
        /// The attribute path of the first difference.
        at: String,
        /// The value that was to be written.
        meant: String,
        /// The value that was read back.
        said: String,
    },
    /// `storage.conf` could not be written as TOML.
    #[error("storage.conf cannot be written as TOML")]
    Toml(#[from] toml::ser::Error),
    /// The plan could not be written as JSON.
    #[error("the plan cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Two artefacts would overwrite each other.
    #[error("two artefacts have the path `{path}`: please report this")]
    SamePath {
        /// The path.
        path: String,
    },
}
