//! Workloads, their containers and their volumes as declared.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::existing::{ExistingData, ExistingWorkload};
use crate::units::{
    ByteSize, ContainerName, ContainerPath, Digest, Duration, FilesystemName, ImageReference,
    PolicyName, Rate, UserName, VolumeName, VolumeReference, WorkloadName,
};

/// What runs together and is restored together: one container or several, with their volumes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Workload {
    /// The filesystem that holds its volumes. Absent: the only one.
    pub filesystem: Option<FilesystemName>,
    /// Its containers, by the name of the oci-container or quadlet.
    pub containers: BTreeMap<ContainerName, Container>,
    /// The pod that its containers share, by the name of the quadlet: `shop` for `shop.pod`. Absent: none.
    pub pod: Option<ContainerName>,
    /// The rootless owner. Absent: root.
    pub user: Option<UserName>,
    /// How many copies of it this host runs. Absent: 1.
    #[schemars(range(min = 1, max = 100_000))]
    pub replicas: Option<u32>,
    /// The name it had before. Its subvolumes are renamed by hand; until then nothing empty is made in their place.
    pub renamed_from: Option<WorkloadName>,
    /// Architectures whose images this host holds. Absent: the host's own.
    pub platforms: Vec<Platform>,
    /// Those of `platforms` that are foreign to this host and whose containers or build steps run here all the
    /// same, under emulation. Absent: none; images of foreign platforms are only held, for other hosts.
    pub emulated: Vec<Platform>,
    /// What it stores.
    pub volumes: BTreeMap<VolumeName, Volume>,
    /// Volumes of other workloads that its containers mount, as `workload/volume`. The owner places and
    /// protects them; what this workload's snapshots hold does not change.
    pub uses: BTreeMap<VolumeReference, Use>,
    /// What its volumes are worth. Absent: nothing is snapshotted, and that is said.
    pub protection: Option<Protection>,
    /// What is done for it today, and not by the plan.
    pub existing: ExistingWorkload,
}

/// How a workload uses a volume of another one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Use {
    /// Where it is mounted: container of this workload to path.
    pub mounts: BTreeMap<ContainerName, ContainerPath>,
    /// Whether its containers may write there. Absent: read-only.
    pub access: Option<Access>,
}

impl Use {
    /// True where it is said that its containers write.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.access == Some(Access::ReadWrite)
    }
}

/// What a container may do with what it mounts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read.
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

/// A container of a workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Container {
    /// Its image reference. Absent: read from the container's own declaration by the NixOS module.
    pub image: Option<ImageReference>,
    /// Digest of the image's manifest for each platform: not of the list that names the manifests of all. Absent:
    /// the tag decides at each pull.
    #[schemars(schema_with = "digests")]
    pub digests: BTreeMap<Platform, Digest>,
}

/// An operating system and architecture, as in image manifests.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Platform {
    /// x86-64.
    #[serde(rename = "linux/amd64")]
    Amd64,
    /// 64-bit Arm.
    #[serde(rename = "linux/arm64")]
    Arm64,
    /// 32-bit Arm, version 7.
    #[serde(rename = "linux/arm/v7")]
    ArmV7,
    /// 32-bit x86.
    #[serde(rename = "linux/386")]
    I386,
    /// 64-bit RISC-V.
    #[serde(rename = "linux/riscv64")]
    Riscv64,
    /// 64-bit POWER, little endian.
    #[serde(rename = "linux/ppc64le")]
    Ppc64le,
    /// IBM Z.
    #[serde(rename = "linux/s390x")]
    S390x,
}

/// A map whose keys are platforms; the schema says so by their pattern, by which [`input`](super::input) knows them.
fn digests(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let digest = generator.subschema_for::<Digest>();
    schemars::json_schema!({
        "type": "object",
        "patternProperties": { (Platform::PATTERN): digest },
        "additionalProperties": false,
    })
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Amd64,
        Self::Arm64,
        Self::ArmV7,
        Self::I386,
        Self::Riscv64,
        Self::Ppc64le,
        Self::S390x,
    ];

    /// A pattern of [`Self::name`].
    pub const PATTERN: &'static str = "^linux/(amd64|arm64|arm/v7|386|riscv64|ppc64le|s390x)$";

    /// The word the declaration and image manifests use; `podman pull --platform` takes it too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "linux/amd64",
            Self::Arm64 => "linux/arm64",
            Self::ArmV7 => "linux/arm/v7",
            Self::I386 => "linux/386",
            Self::Riscv64 => "linux/riscv64",
            Self::Ppc64le => "linux/ppc64le",
            Self::S390x => "linux/s390x",
        }
    }

    /// What Nix calls such a system; `boot.binfmt.emulatedSystems` takes it.
    #[must_use]
    pub const fn nix_system(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-linux",
            Self::Arm64 => "aarch64-linux",
            Self::ArmV7 => "armv7l-linux",
            Self::I386 => "i686-linux",
            Self::Riscv64 => "riscv64-linux",
            Self::Ppc64le => "powerpc64le-linux",
            Self::S390x => "s390x-linux",
        }
    }

    /// True where a host of this platform runs the other's programs by itself: 32-bit x86 on x86-64. 64-bit Arm
    /// is not taken to run 32-bit Arm, which many of its processors cannot.
    #[must_use]
    pub const fn runs(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Amd64, Self::Amd64 | Self::I386)
                | (Self::Arm64, Self::Arm64)
                | (Self::ArmV7, Self::ArmV7)
                | (Self::I386, Self::I386)
                | (Self::Riscv64, Self::Riscv64)
                | (Self::Ppc64le, Self::Ppc64le)
                | (Self::S390x, Self::S390x)
        )
    }

    /// The end of a local name: `linux-arm-v7`.
    #[must_use]
    pub fn suffix(self) -> String {
        self.name().replace('/', "-")
    }
}

/// A named piece of persistent data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Volume {
    /// Where it is mounted: container to path.
    pub mounts: BTreeMap<ContainerName, ContainerPath>,
    /// Containers among `mounts` that only read it: their mount is read-only. Empty: all write.
    pub read_only_in: Vec<ContainerName>,
    /// What kind of data it holds. Absent: inferred from image, path and name.
    pub class: Option<Class>,
    /// The database engine that writes it. Absent: inferred.
    pub engine: Option<DatabaseEngine>,
    /// Whether that engine checks each page it reads by a checksum of its own. Absent: as the engine is known to do;
    /// PostgreSQL decided it when the cluster was made (`SHOW data_checksums`), so there it counts as no.
    pub engine_checksums: Option<bool>,
    /// How large it gets; with `growth`, how large it is at the beginning. Absent: unknown.
    pub size: Option<ByteSize>,
    /// How much is added. Absent: unknown.
    pub growth: Option<Rate>,
    /// How much is overwritten or replaced: what differs from one day to the next, counted once however often the same
    /// place is written. Absent: unknown.
    pub churn: Option<Rate>,
    /// The size it is not allowed to pass. Absent: none.
    pub limit: Option<ByteSize>,
    /// The filesystem that holds it. Absent: the workload's.
    pub filesystem: Option<FilesystemName>,
    /// Whether it is copied on write. Absent: decided.
    pub copy_on_write: Option<bool>,
    /// How it is compressed. Absent: decided.
    pub compression: Option<Compression>,
    /// Whether it is in its workload's snapshots. Absent: decided by its class.
    pub snapshot: Option<bool>,
    /// Where its data lies today. Absent: nowhere, or unknown.
    pub existing: Option<ExistingData>,
}

/// What kind of data a volume holds, as far as storage cares.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Data files of a relational database server, overwritten at random.
    Database,
    /// Data files of a document database server (MongoDB): blocks that the engine compresses itself.
    DocumentDatabase,
    /// A write-ahead log in a place of its own.
    WriteAheadLog,
    /// An application's directory with an embedded database (SQLite, LMDB).
    EmbeddedDatabase,
    /// A key-value store with its own persistence (Redis, Valkey).
    KeyValue,
    /// A message queue or log-structured broker.
    Queue,
    /// A search index or time series, where it does not matter or is not known which.
    Index,
    /// A search index: segments written once and merged (Elasticsearch, Meilisearch).
    Search,
    /// A time-series store: blocks added at the end and compacted (Prometheus, InfluxDB).
    TimeSeries,
    /// An object store, written once.
    Objects,
    /// A registry's blobs: compressed layers, written once.
    Registry,
    /// Pictures, music, film: large, already compressed.
    Media,
    /// Documents and mixed files of users.
    Documents,
    /// Configuration: small and precious.
    Configuration,
    /// Keys, certificates, tokens.
    Secrets,
    /// Logs and metrics that are only added to.
    Logs,
    /// What can be fetched or computed again.
    Cache,
    /// A build's caches: compiled objects, intermediate results.
    Build,
    /// A package store or mirror that can be fetched again: very many small files, written once.
    PackageStore,
    /// The checkouts and working directories of CI jobs.
    Workspace,
    /// Disk images of virtual machines.
    VmImage,
    /// Model weights: very large, written once.
    Models,
    /// Worth nothing after the container ends.
    Scratch,
}

impl Class {
    /// Every class, in order.
    pub const ALL: [Self; 23] = [
        Self::Database,
        Self::DocumentDatabase,
        Self::WriteAheadLog,
        Self::EmbeddedDatabase,
        Self::KeyValue,
        Self::Queue,
        Self::Index,
        Self::Search,
        Self::TimeSeries,
        Self::Objects,
        Self::Registry,
        Self::Media,
        Self::Documents,
        Self::Configuration,
        Self::Secrets,
        Self::Logs,
        Self::Cache,
        Self::Build,
        Self::PackageStore,
        Self::Workspace,
        Self::VmImage,
        Self::Models,
        Self::Scratch,
    ];

    /// The word the declaration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::DocumentDatabase => "document-database",
            Self::WriteAheadLog => "write-ahead-log",
            Self::EmbeddedDatabase => "embedded-database",
            Self::KeyValue => "key-value",
            Self::Queue => "queue",
            Self::Index => "index",
            Self::Search => "search",
            Self::TimeSeries => "time-series",
            Self::Objects => "objects",
            Self::Registry => "registry",
            Self::Media => "media",
            Self::Documents => "documents",
            Self::Configuration => "configuration",
            Self::Secrets => "secrets",
            Self::Logs => "logs",
            Self::Cache => "cache",
            Self::Build => "build",
            Self::PackageStore => "package-store",
            Self::Workspace => "workspace",
            Self::VmImage => "vm-image",
            Self::Models => "models",
            Self::Scratch => "scratch",
        }
    }
}

/// A database engine whose storage behaviour matters here.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DatabaseEngine {
    /// PostgreSQL and what is built on it.
    Postgresql,
    /// MySQL and Percona.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// MongoDB.
    Mongodb,
    /// SQLite, wherever it is embedded.
    Sqlite,
    /// Redis and Valkey.
    Redis,
}

impl DatabaseEngine {
    /// Every engine, in order.
    pub const ALL: [Self; 6] = [
        Self::Postgresql,
        Self::Mysql,
        Self::Mariadb,
        Self::Mongodb,
        Self::Sqlite,
        Self::Redis,
    ];

    /// The word the declaration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Mongodb => "mongodb",
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
        }
    }

    /// True when the engine itself checks each page it reads, without being told to: `InnoDB`
    /// (`innodb_checksum_algorithm`, on by default) and `WiredTiger` do; `PostgreSQL` decides at `initdb`.
    #[must_use]
    pub const fn has_page_checksums(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb | Self::Mongodb)
    }

    /// True when we make dumps of it: its tool writes all databases as one text, and ends it by a line that only a whole one has.
    #[must_use]
    pub const fn has_dump(self) -> bool {
        matches!(self, Self::Postgresql | Self::Mysql | Self::Mariadb)
    }
}

/// A compression property, or none.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Not compressed.
    None,
    /// lzo: fast, weak.
    Lzo,
    /// zlib: slow, strong.
    Zlib,
    /// zstd at the level of the mount.
    Zstd,
}

impl Compression {
    /// The word the declaration uses, which `btrfs property set` takes too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lzo => "lzo",
            Self::Zlib => "zlib",
            Self::Zstd => "zstd",
        }
    }
}

/// What the volumes of a workload are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Protection {
    /// The policy, of `policies`.
    pub policy: PolicyName,
    /// What a snapshot must show. Absent: crash.
    #[serde(default)]
    pub consistency: Option<Consistency>,
    /// Commands around the snapshot, run in the container where `consistency` is `application`. They add to what is
    /// supplied for the database engine in it, or replace that.
    #[serde(default)]
    pub hooks: BTreeMap<ContainerName, Hook>,
    /// Dumps that are made before each snapshot, by the container of the database: for data that is in no snapshot itself.
    #[serde(default)]
    pub dumps: BTreeMap<ContainerName, Dump>,
    /// The longest that a snapshot may hold the containers still; past it they go on, whatever it has reached. Absent:
    /// `10s`.
    #[serde(default)]
    pub freeze_budget: Option<Duration>,
    /// When a snapshot is taken besides the schedule. Absent: never.
    #[serde(default)]
    pub snapshot_on: SnapshotOn,
}

/// Occasions besides the schedule on which a workload is snapshotted. Absent: it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SnapshotOn {
    /// After the last of its containers has stopped.
    pub stop: Option<bool>,
    /// Before one of its images is replaced.
    pub image_update: Option<bool>,
    /// Before a new configuration is activated.
    pub activation: Option<bool>,
}

/// What a snapshot of a workload must show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// Each volume at its own moment.
    None,
    /// All volumes at one moment, as after a power cut.
    Crash,
    /// All volumes at one moment, after the applications were quiesced.
    Application,
}

impl Consistency {
    /// The word the declaration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Crash => "crash",
            Self::Application => "application",
        }
    }
}

/// Commands run in a container around a snapshot, as argument lists: no shell reads them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Hook {
    /// Run before the snapshot.
    pub freeze: Vec<String>,
    /// Run after it, whatever happened.
    pub thaw: Vec<String>,
    /// How long each of the two may take. Absent: `30s`.
    pub timeout: Option<Duration>,
    /// What it means that one fails or takes longer. Absent: `continue`.
    pub on_error: Option<OnError>,
    /// Whether it takes the place of what is supplied for the database engine in the container. Absent: it does not,
    /// and `freeze` runs before that and `thaw` after it.
    pub replaces: Option<bool>,
}

/// A dump of a database, made in its container by the engine's own tool and kept in a volume that is snapshotted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dump {
    /// The volume that keeps it, of the same workload.
    pub into: VolumeName,
    /// The engine. Absent: that of a volume that the container mounts, or of its image.
    #[serde(default)]
    pub engine: Option<DatabaseEngine>,
    /// How long it may take. Absent: `1h`.
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// What it means that it fails or takes longer. Absent: `continue`, and the snapshot holds the dump before.
    #[serde(default)]
    pub on_error: Option<OnError>,
}

/// What the failure of a hook or of a dump means.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// No snapshot is taken.
    Fail,
    /// The snapshot is taken all the same, and records what failed.
    Continue,
}

impl OnError {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Fail, Self::Continue];

    /// The word the declaration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Continue => "continue",
        }
    }
}
