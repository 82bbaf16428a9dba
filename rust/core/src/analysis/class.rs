//! What storage has to know of each class of data: one table, which all rules ask.

use crate::spec::{Class, DatabaseEngine};

/// How data is written, which decides what copy on write, metadata and snapshots make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WritePattern {
    /// Read again and again, written rarely.
    ReadMostly,
    /// Added to at the end.
    Append,
    /// Overwritten in place, a few pages at a time, anywhere in the file.
    RandomOverwrite,
    /// Many small files that come and go whole.
    ManySmallFiles,
    /// Large files, written once from start to end.
    WriteOnceLarge,
    /// Much at once, and soon deleted again (CI).
    Burst,
}

/// How large the files that hold most of the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileSize {
    /// Some KiB.
    Small,
    /// Some MiB.
    Medium,
    /// Hundreds of MiB and more.
    Large,
    /// From the one to the other.
    Mixed,
}

/// How far the data shrinks when Btrfs compresses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compressibility {
    /// Its format is compressed already.
    None,
    /// Now and then.
    Some,
    /// Text and the like.
    Good,
}

/// Who notices a damaged block when Btrfs keeps no checksum of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Integrity {
    /// The database engine, where it is one with checksums of its own.
    Engine,
    /// The guest's file system, where it has checksums.
    Guest,
    /// Nobody.
    Nobody,
}

/// The traits of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// How it is written.
    pub writes: WritePattern,
    /// How large its files are.
    pub files: FileSize,
    /// Whether it can be fetched or computed again.
    pub is_reproducible: bool,
    /// Whether it belongs into its workload's snapshots.
    pub is_worth_a_snapshot: bool,
    /// How far it shrinks.
    pub compressibility: Compressibility,
    /// Who notices damage without Btrfs.
    pub integrity: Integrity,
    /// Whether a database engine may be the one that writes it.
    pub has_engine: bool,
}

impl Traits {
    /// True for large files that are overwritten in place at random, where copy on write fragments.
    #[must_use]
    pub fn is_fragmented_by_cow(self) -> bool {
        self.writes == WritePattern::RandomOverwrite && self.files == FileSize::Large
    }
}

/// What cannot be had again, and whose damage nobody notices but Btrfs; the rows below change what differs.
const PRECIOUS: Traits = Traits {
    writes: WritePattern::ReadMostly,
    files: FileSize::Mixed,
    is_reproducible: false,
    is_worth_a_snapshot: true,
    compressibility: Compressibility::Some,
    integrity: Integrity::Nobody,
    has_engine: false,
};

/// What can be fetched or computed again and is replaced often.
const REPRODUCIBLE: Traits = Traits {
    is_reproducible: true,
    is_worth_a_snapshot: false,
    ..PRECIOUS
};

/// What a database engine keeps.
const ENGINE_DATA: Traits = Traits {
    writes: WritePattern::RandomOverwrite,
    files: FileSize::Large,
    integrity: Integrity::Engine,
    has_engine: true,
    ..PRECIOUS
};

impl Class {
    /// The traits of this class: the only place where classes are told apart.
    #[must_use]
    #[expect(
        clippy::match_same_arms,
        reason = "a table: a row for each class, so that one can be changed alone"
    )]
    pub const fn traits(self) -> Traits {
        use Compressibility as C;
        use FileSize as F;
        use WritePattern as W;
        /// A row: how it is written, its files, and how far it shrinks.
        const fn row(base: Traits, writes: W, files: F, compressibility: C) -> Traits {
            Traits {
                writes,
                files,
                compressibility,
                ..base
            }
        }
        match self {
            Self::Database => row(ENGINE_DATA, W::RandomOverwrite, F::Large, C::Good),
            Self::DocumentDatabase => row(ENGINE_DATA, W::RandomOverwrite, F::Large, C::None),
            Self::WriteAheadLog => row(ENGINE_DATA, W::Append, F::Medium, C::Some),
            Self::EmbeddedDatabase => row(ENGINE_DATA, W::RandomOverwrite, F::Medium, C::Good),
            Self::KeyValue => row(ENGINE_DATA, W::Append, F::Medium, C::Some),
            Self::Queue => row(PRECIOUS, W::Append, F::Medium, C::Some),
            Self::Index => row(PRECIOUS, W::Append, F::Medium, C::Some),
            Self::Search => row(PRECIOUS, W::WriteOnceLarge, F::Medium, C::Some),
            Self::TimeSeries => row(PRECIOUS, W::Append, F::Medium, C::None),
            Self::Objects => row(PRECIOUS, W::WriteOnceLarge, F::Mixed, C::Some),
            Self::Registry => row(PRECIOUS, W::WriteOnceLarge, F::Large, C::None),
            Self::Media => row(PRECIOUS, W::WriteOnceLarge, F::Large, C::None),
            Self::Documents => row(PRECIOUS, W::ManySmallFiles, F::Mixed, C::Some),
            Self::Configuration => row(PRECIOUS, W::ReadMostly, F::Small, C::Good),
            Self::Secrets => row(PRECIOUS, W::ReadMostly, F::Small, C::None),
            Self::Logs => row(PRECIOUS, W::Append, F::Medium, C::Good),
            Self::Cache => row(REPRODUCIBLE, W::ManySmallFiles, F::Mixed, C::Some),
            Self::Build => row(REPRODUCIBLE, W::Burst, F::Mixed, C::Good),
            Self::PackageStore => row(REPRODUCIBLE, W::ManySmallFiles, F::Small, C::Good),
            Self::Workspace => row(REPRODUCIBLE, W::Burst, F::Small, C::Good),
            Self::VmImage => Traits {
                integrity: Integrity::Guest,
                ..row(PRECIOUS, W::RandomOverwrite, F::Large, C::Some)
            },
            // Written once, so that a snapshot holds no old blocks of it; and a model trained here is the only one.
            Self::Models => Traits {
                is_worth_a_snapshot: true,
                ..row(REPRODUCIBLE, W::WriteOnceLarge, F::Large, C::None)
            },
            Self::Scratch => row(REPRODUCIBLE, W::Burst, F::Mixed, C::Some),
        }
    }
}

impl WritePattern {
    /// All patterns.
    pub const ALL: [Self; 6] = [
        Self::ReadMostly,
        Self::Append,
        Self::RandomOverwrite,
        Self::ManySmallFiles,
        Self::WriteOnceLarge,
        Self::Burst,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadMostly => "read-mostly",
            Self::Append => "append",
            Self::RandomOverwrite => "random-overwrite",
            Self::ManySmallFiles => "many-small-files",
            Self::WriteOnceLarge => "write-once-large",
            Self::Burst => "burst",
        }
    }
}

impl DatabaseEngine {
    /// The class of what this engine writes.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Postgresql | Self::Mysql | Self::Mariadb => Class::Database,
            Self::Mongodb => Class::DocumentDatabase,
            Self::Sqlite => Class::EmbeddedDatabase,
            Self::Redis => Class::KeyValue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_classes_is_whole_and_in_order() {
        assert!(Class::ALL.is_sorted_by(|a, b| a < b));
        let schema = serde_json::to_value(schemars::schema_for!(Class)).unwrap();
        assert_eq!(
            schema["oneOf"].as_array().map(Vec::len),
            Some(Class::ALL.len())
        );
        for class in Class::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
    }

    #[test]
    fn what_is_left_out_of_snapshots_can_be_had_again() {
        for class in Class::ALL {
            let traits = class.traits();
            assert!(
                traits.is_worth_a_snapshot || traits.is_reproducible,
                "{}",
                class.name()
            );
        }
    }

    #[test]
    fn every_pattern_is_some_classs() {
        for pattern in WritePattern::ALL {
            assert!(
                Class::ALL
                    .iter()
                    .any(|class| class.traits().writes == pattern),
                "{}",
                pattern.name()
            );
        }
    }

    #[test]
    fn what_an_engine_writes_is_engine_data() {
        for engine in DatabaseEngine::ALL {
            assert!(engine.class().traits().has_engine, "{}", engine.name());
        }
    }
}
