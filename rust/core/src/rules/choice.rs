//! What rules choose, in types; and where the choices are kept for the rules of later stages.

use serde_json::{Value, json};

use crate::analysis::WorkloadPattern;
use crate::plan::{
    BootPartition, Moment, Mount, MountRole, Placement, QuotaMode, Schedule, StorageFiles,
    SwapFile, Taker, UpkeepPlan,
};
use crate::spec::{
    Class, Compression, DatabaseEngine, Driver, Keep, Often, Platform, Profile, SnapshotTool, Trim,
};
use crate::units::{HostPath, SubvolumePath};

/// One chosen value of one field of one subject.
pub trait Choice {
    /// Where the choices about such a subject are kept.
    type Kept;
    /// The field's name, as the plan shows it.
    fn field(&self) -> &'static str;
    /// The value, as the plan shows it.
    fn value(&self) -> Value;
    /// Keeps it.
    fn keep(self, kept: &mut Self::Kept);
}

/// Declares the choices about one kind of subject: variant, field, type, and how the value is shown.
macro_rules! choices {
    ($(#[$doc:meta])* $choice:ident keeps $kept:ident {
        $($(#[$variant_doc:meta])* $variant:ident($type:ty) => $field:ident, $name:literal, $show:expr;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub enum $choice {
            $($(#[$variant_doc])* $variant($type),)*
        }

        /// The choices made about one such subject so far; a field is absent before its rule's stage.
        #[derive(Clone, Debug, Default)]
        pub struct $kept {
            $($(#[$variant_doc])* pub $field: Option<$type>,)*
        }

        impl Choice for $choice {
            type Kept = $kept;
            fn field(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }
            fn value(&self) -> Value {
                fn show<T>(value: &T, render: fn(&T) -> Value) -> Value { render(value) }
                match self { $(Self::$variant(value) => show(value, $show),)* }
            }
            fn keep(self, kept: &mut $kept) {
                match self { $(Self::$variant(value) => kept.$field = Some(value),)* }
            }
        }
    };
}

/// The mounts and mounted subvolumes of a filesystem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// In the order of their mount points.
    pub mounts: Vec<LayoutMount>,
}

/// A mount before its options are known.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutMount {
    /// The subvolume.
    pub subvolume: SubvolumePath,
    /// Where it appears.
    pub mount_point: HostPath,
    /// What it is for.
    pub role: MountRole,
    /// Whether the initial ram disk mounts it.
    pub needed_for_boot: bool,
}

impl LayoutMount {
    /// The mount with its options; `subvol=` comes last, as `findmnt` shows it.
    #[must_use]
    pub fn with_options(&self, options: &[String]) -> Mount {
        let mut all = options.to_vec();
        all.push(format!("subvol=/{}", self.subvolume));
        Mount {
            subvolume: self.subvolume.clone(),
            mount_point: self.mount_point.clone(),
            options: all,
            role: self.role,
            needed_for_boot: self.needed_for_boot,
        }
    }
}

/// What can be done about a file that copy on write scatters, other than to leave it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alternative {
    /// Dumps are snapshotted in place of the data files.
    DumpTier,
    /// The file is put together again now and then.
    Defragmentation,
    /// The nodatacow attribute.
    Nodatacow,
}

impl Alternative {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DumpTier => "dump-tier",
            Self::Defragmentation => "defragmentation",
            Self::Nodatacow => "nodatacow",
        }
    }
}

choices! {
    /// Choices about a filesystem.
    FilesystemChoice keeps FilesystemChoices {
        /// Profile of data; absent inside: unknown.
        DataProfile(Option<Profile>) => data_profile, "dataProfile", |p| json!(p);
        /// Profile of metadata; absent inside: unknown.
        MetadataProfile(Option<Profile>) => metadata_profile, "metadataProfile", |p| json!(p);
        /// Subvolumes that are mounted, and where.
        Layout(Layout) => layout, "layout", |layout| {
            layout.mounts.iter().map(|m| (m.mount_point.to_string(), json!(m.subvolume))).collect()
        };
        /// Options that hold for the whole filesystem.
        MountOptions(Vec<String>) => mount_options, "mountOptions", |options| json!(options);
        /// Whether limits are accounted.
        Quota(QuotaMode) => quota, "quota", |quota| json!(quota);
        /// The EFI system partitions.
        BootPartitions(Vec<BootPartition>) => boot_partitions, "bootPartitions", |partitions| {
            partitions.iter().map(|partition| json!(partition.mount_point)).collect()
        };
        /// The swap file.
        Swap(SwapFile) => swap, "swap", |swap| json!(swap.path);
        /// Bytes that stay free of data.
        Reserve(u64) => reserve, "reserveBytes", |bytes| json!(bytes);
        /// How often it is scrubbed.
        Scrub(Often) => scrub, "scrub", |often| json!(often);
        /// How its device hears of free blocks.
        Trim(Trim) => trim, "trim", |trim| json!(trim);
        /// Whether mostly empty chunks are given back when that is needed.
        Balance(bool) => balance, "balance", |on| json!(on);
        /// When all of that is done.
        Upkeep(UpkeepPlan) => upkeep, "upkeep", |upkeep| json!(upkeep);
    }
}

/// Inotify instances and watches of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inotify {
    /// `fs.inotify.max_user_instances`.
    pub instances: u64,
    /// `fs.inotify.max_user_watches`.
    pub watches: u64,
}

/// Keys of one user who is not root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// `kernel.keys.maxkeys`.
    pub count: u64,
    /// `kernel.keys.maxbytes`.
    pub bytes: u64,
}

/// Processes and threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processes {
    /// `kernel.pid_max`; absent: the kernel's own holds.
    pub pid_max: Option<u64>,
    /// `TasksMax` of each user's slice; absent: systemd's own holds.
    pub of_a_user: Option<u64>,
}

choices! {
    /// Choices about the machine itself.
    HostChoice keeps HostChoices {
        /// Foreign platforms whose programs it runs under emulation.
        Emulated(Vec<Platform>) => emulated, "emulated", |platforms| json!(platforms);
        /// Bounds of inotify.
        Inotify(Inotify) => inotify, "inotify", |i| json!({"instances": i.instances, "watches": i.watches});
        /// Bounds of the kernel's keys.
        Keys(Keys) => keys, "keys", |keys| json!({"keys": keys.count, "bytes": keys.bytes});
        /// Bounds of processes.
        Processes(Processes) => processes, "processes", |p| json!({"pidMax": p.pid_max, "ofAUser": p.of_a_user});
    }
}

choices! {
    /// Choices about Podman's own storage.
    EngineChoice keeps EngineChoices {
        /// The storage driver.
        Driver(Driver) => driver, "driver", |driver| json!(driver);
        /// Whether layers are pulled in parts, sharing what is there already.
        PartialImages(bool) => partial_images, "enablePartialImages", |on| json!(on);
        /// Which files carry `storage.conf`.
        StorageFiles(StorageFiles) => storage_files, "storageFiles", |files| json!(files);
        /// Whether a layer is on the disk before Podman counts on it.
        LayerSync(bool) => layer_sync, "overlaySync", |on| json!(on);
        /// Whether a shared file is a hard link in place of a reflink.
        HardLinks(bool) => hard_links, "useHardLinks", |on| json!(on);
        /// Whether images are converted on pull.
        ConvertImages(bool) => convert_images, "convertImages", |on| json!(on);
        /// Where images are kept apart from the graph root; absent inside: they are not.
        ImageStore(Option<HostPath>) => image_store, "imageStore", |place| json!(place);
        /// Whether containers are forgotten at boot.
        TransientStore(bool) => transient_store, "transientStore", |on| json!(on);
        /// What a unit that starts containers of root needs mounted.
        RequiredMounts(Vec<HostPath>) => required_mounts, "requiresMountsFor", |paths| json!(paths);
        /// Where a pull keeps what it has fetched; absent inside: where Podman wants to.
        ImageCopyDirectory(Option<HostPath>) => image_copy_directory, "imageCopyTmpDir", |place| json!(place);
        /// How many locks Podman has.
        NumLocks(u64) => num_locks, "numLocks", |locks| json!(locks);
    }
}

choices! {
    /// Choices about a policy.
    PolicyChoice keeps PolicyChoices {
        /// When snapshots are taken.
        Schedule(Schedule) => schedule, "schedule", |schedule| json!(schedule.on_calendar);
        /// What is kept on the host.
        Keep(Keep) => keep, "keep", |keep| json!(keep);
        /// For how many hours everything is kept.
        KeepAllHours(u32) => keep_all_hours, "keepAllHours", |hours| json!(hours);
        /// The tool.
        Tool(SnapshotTool) => tool, "tool", |tool| json!(tool);
        /// Over how many seconds its runs on one filesystem are spread.
        Spread(u64) => spread, "spreadSeconds", |seconds| json!(seconds);
    }
}

choices! {
    /// Choices about a workload.
    WorkloadChoice keeps WorkloadChoices {
        /// The subvolumes that one snapshot of it takes: `None` for the group's own, else a volume's
        /// position.
        Group(Vec<Option<usize>>) => group, "group", |members| json!(members.len());
        /// How its images are named where they are pulled.
        ImageReferences(ImageReferences) => image_references, "imageReferences", |how| json!(how.name());
        /// How many copies start at one time; each further copy waits for the one that far before it.
        StartWave(u32) => start_wave, "startWave", |copies| json!(copies);
        /// How it writes.
        Pattern(WorkloadPattern) => pattern, "pattern", |pattern| json!(pattern.name());
        /// How its volumes come to show one moment.
        Moment(Moment) => moment, "moment", |moment| json!(moment);
        /// Who takes its snapshots.
        TakenBy(Taker) => taken_by, "takenBy", |taker| json!(taker);
    }
}

choices! {
    /// Choices about a volume.
    VolumeChoice keeps VolumeChoices {
        /// What it holds; absent inside: nobody knows.
        Class(Option<Class>) => class, "class", |class| json!(class);
        /// The database engine; absent inside: none.
        Engine(Option<DatabaseEngine>) => engine, "engine", |engine| json!(engine);
        /// Whether its workload's snapshots hold it.
        Snapshot(bool) => snapshot, "snapshot", |snapshot| json!(snapshot);
        /// A directory in the group's subvolume, or a subvolume.
        Placement(Placement) => placement, "placement", |placement| json!(placement);
        /// False: the nodatacow attribute.
        CopyOnWrite(bool) => copy_on_write, "copyOnWrite", |cow| json!(cow);
        /// What its owner could do in place of copying on write.
        Alternatives(Vec<Alternative>) => alternatives, "alternatives", |found| {
            found.iter().map(|alternative| json!(alternative.name())).collect()
        };
        /// The compression property; absent inside: the mount's option holds.
        Compression(Option<Compression>) => compression, "compression", |c| json!(c);
    }
}

/// How a workload's images are named where they are pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageReferences {
    /// Each by the digest of its platform.
    Digest,
    /// Some by the digest of their platform, others by a tag.
    Mixed,
    /// By a tag, which a pull for another platform takes away: each platform is given a local name.
    TagAndLocalName,
    /// By a tag, for one platform.
    Tag,
}

impl ImageReferences {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Mixed => "digest-or-tag",
            Self::TagAndLocalName => "tag-and-local-name",
            Self::Tag => "tag",
        }
    }
}

/// All choices so far; positions as in [`crate::analysis::Facts`].
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// About filesystems.
    pub filesystems: Vec<FilesystemChoices>,
    /// About the machine itself.
    pub host: HostChoices,
    /// About Podman's own storage.
    pub engine: EngineChoices,
    /// About policies.
    pub policies: Vec<PolicyChoices>,
    /// About workloads.
    pub workloads: Vec<WorkloadChoices>,
    /// About volumes, by workload.
    pub volumes: Vec<Vec<VolumeChoices>>,
}
