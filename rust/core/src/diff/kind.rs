//! Kinds of differences, each with a name and how much it matters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a difference matters, the gravest last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing happens on the host.
    Nothing,
    /// Something is made that was not there.
    New,
    /// What is there is changed where it is; no data is touched.
    InPlace,
    /// What is there stays as it is; only what is written from then on differs.
    NewDataOnly,
    /// Data must be moved or copied, which nothing does by itself.
    NeedsMove,
    /// Data may be lost, unprotected or out of reach afterwards.
    Dangerous,
    /// What is gone afterwards cannot be had again.
    Irreversible,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Self; 7] = [
        Self::Irreversible,
        Self::Dangerous,
        Self::NeedsMove,
        Self::NewDataOnly,
        Self::InPlace,
        Self::New,
        Self::Nothing,
    ];

    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "without effect",
            Self::New => "new",
            Self::InPlace => "changed in place",
            Self::NewDataOnly => "for new data only",
            Self::NeedsMove => "needs a move of data",
            Self::Dangerous => "dangerous",
            Self::Irreversible => "irreversible",
        }
    }

    /// True when somebody has to look or to act.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Self::NeedsMove | Self::Dangerous | Self::Irreversible)
    }
}

/// Declares the kinds: variant, name, severity, and the rule whose page tells more.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $severity:ident $rule:expr;)*) => {
        /// What a difference is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)* }
            }

            /// The rule whose page tells more, where no decision of the plan names one.
            #[must_use]
            pub const fn rule(self) -> Option<&'static str> {
                match self { $(Self::$kind => $rule,)* }
            }
        }
    };
}

kinds! {
    /// A finding appears or is gone.
    FindingChanged "finding-changed" Nothing None;
    /// What is known of a volume changed, and nothing on the host follows from it.
    KnowledgeChanged "knowledge-changed" Nothing None;

    /// A filesystem.
    FilesystemAppeared "filesystem-appeared" New Some("PB301");
    /// A mount.
    MountAppeared "mount-appeared" New Some("PB301");
    /// A store of Podman.
    StoreAppeared "store-appeared" New None;
    /// A workload.
    WorkloadAppeared "workload-appeared" New Some("PB303");
    /// Another copy of a workload.
    CopyAppeared "copy-appeared" New Some("PB303");
    /// A volume.
    VolumeAppeared "volume-appeared" New None;
    /// A container, or a volume in a container.
    ContainerAppeared "container-appeared" New None;
    /// Data is snapshotted that was not.
    SnapshotsBegin "snapshots-begin" New Some("PB606");
    /// Copies go to a further target.
    CopiesBegin "copies-begin" New Some("PB604");

    /// Settings of a tool or a mount that touch no data.
    SettingChanged "setting-changed" InPlace None;
    /// Another schedule.
    ScheduleChanged "schedule-changed" InPlace Some("PB601");
    /// More snapshots are kept.
    RetentionExtended "retention-extended" InPlace Some("PB602");
    /// Another policy.
    PolicyChanged "policy-changed" InPlace Some("PB602");
    /// A filesystem's volumes appear elsewhere.
    MountPointMoved "mount-point-moved" InPlace Some("PB301");
    /// A filesystem has another name.
    FilesystemRenamed "filesystem-renamed" InPlace None;
    /// A limit is set, raised or taken away.
    LimitChanged "limit-changed" InPlace Some("PB405");
    /// Limits are no longer accounted.
    QuotaEnds "quota-ends" InPlace Some("PB405");
    /// A container is gone, or sees a volume elsewhere or no more.
    ContainerChanged "container-changed" InPlace None;
    /// A container runs another image.
    ImageChanged "image-changed" InPlace None;
    /// Snapshots show more than they did.
    ConsistencyStrengthened "consistency-strengthened" InPlace None;

    /// Another compression.
    CompressionChanged "compression-changed" NewDataOnly Some("PB403");
    /// Limits are accounted from now on.
    QuotaBegins "quota-begins" NewDataOnly Some("PB405");
    /// How images are pulled.
    PullsChanged "pulls-changed" NewDataOnly Some("PB502");

    /// Directory to subvolume or back.
    PlacementChanged "placement-changed" NeedsMove Some("PB302");
    /// Copy on write to nodatacow or back.
    CopyOnWriteChanged "copy-on-write-changed" NeedsMove Some("PB402");
    /// Data belongs on another filesystem.
    OtherFilesystem "other-filesystem" NeedsMove Some("PB302");
    /// Data is looked for at another place of the same filesystem.
    OtherPlace "other-place" NeedsMove Some("PB301");
    /// A workload has another name.
    WorkloadRenamed "workload-renamed" NeedsMove Some("PB115");
    /// Another storage driver.
    DriverChanged "driver-changed" NeedsMove Some("PB501");
    /// A store of Podman is elsewhere.
    StoreMoved "store-moved" NeedsMove Some("PB501");
    /// Another profile with as many copies or more.
    ProfileChanged "profile-changed" NeedsMove Some("PB305");
    /// Other disks.
    DisksChanged "disks-changed" NeedsMove Some("PB305");
    /// With encryption or without.
    EncryptionChanged "encryption-changed" NeedsMove None;
    /// Files belong to another user.
    OwnerChanged "owner-changed" NeedsMove None;
    /// A target is elsewhere.
    TargetMoved "target-moved" NeedsMove Some("PB604");
    /// Copies at a target are encrypted, no longer, or for another key.
    TargetEncryptionChanged "target-encryption-changed" NeedsMove Some("PB626");
    /// Snapshots are looked for elsewhere.
    SnapshotsMoved "snapshots-moved" NeedsMove Some("PB301");

    /// A filesystem is no longer declared.
    FilesystemVanished "filesystem-vanished" Dangerous Some("PB301");
    /// A workload is no longer declared.
    WorkloadVanished "workload-vanished" Dangerous Some("PB606");
    /// A workload has fewer copies.
    CopyVanished "copy-vanished" Dangerous Some("PB606");
    /// A volume is no longer declared.
    VolumeVanished "volume-vanished" Dangerous Some("PB606");
    /// A store of Podman is no longer declared.
    StoreVanished "store-vanished" Dangerous Some("PB501");
    /// Data is no longer snapshotted.
    SnapshotsStop "snapshots-stop" Dangerous Some("PB606");
    /// Copies no longer go to a target.
    CopiesStop "copies-stop" Dangerous Some("PB604");
    /// Options that hold for a whole filesystem.
    MountOptionsChanged "mount-options-changed" Dangerous Some("PB401");
    /// Something is no longer mounted.
    MountVanished "mount-vanished" Dangerous Some("PB301");
    /// Another subvolume appears at a mount point.
    OtherSubvolume "other-subvolume" Dangerous Some("PB301");
    /// Another device is mounted.
    OtherDevice "other-device" Dangerous Some("PB108");
    /// The system moves onto a filesystem or off it.
    SystemMoved "system-moved" Dangerous Some("PB301");
    /// Another profile with fewer copies.
    MirrorsGivenUp "mirrors-given-up" Dangerous Some("PB305");
    /// A volume may hold less.
    LimitLowered "limit-lowered" Dangerous Some("PB405");
    /// What one snapshot showed takes several now.
    GroupSplit "group-split" Dangerous Some("PB304");
    /// Snapshots show less than they did.
    ConsistencyWeakened "consistency-weakened" Dangerous None;
    /// Another tool takes the snapshots.
    ToolChanged "tool-changed" Dangerous Some("PB604");
    /// A database's image of another major version.
    DatabaseVersionChanged "database-version-changed" Dangerous Some("PB203");
    /// A path of the plan that this comparison does not know.
    NotUnderstood "not-understood" Dangerous None;

    /// Fewer snapshots are kept.
    RetentionShortened "retention-shortened" Irreversible Some("PB602");
    /// Fewer copies are kept at a target.
    CopiesShortened "copies-shortened" Irreversible Some("PB602");
    /// A filesystem that exists is declared as disks to format.
    FormattedAnew "formatted-anew" Irreversible Some("PB108");
    /// A profile with more copies than there is room for.
    ProfileWithoutRoom "profile-without-room" Irreversible Some("PB701");
}
