//! Plans made by hand: small, and with what the planner would not put together.

use std::collections::BTreeMap;

use podman_btrfs_core::finding::{Diagnostic, Level};
use podman_btrfs_core::option_path::OptionPath;
use podman_btrfs_core::plan::{
    BootPartition, ContainersConf, Decision, Demand, DensityPlan, EnginePlan, FilesystemOrigin,
    FilesystemPlan, ImagePull, ImagesPlan, Instance, Job, JobSubvolume, JobTarget, Moment, Mount,
    MountRole, Override, Placement, Plan, PlannedContainer, QuotaMode, Resource, Runs, Schedule,
    StorageConf, StorageFiles, StorePlan, Subject, Subvolume, SubvolumeRole, Taker, Unprotected,
    UpkeepPlan, VolumePlan, WorkloadPlan,
};
use podman_btrfs_core::spec::{
    Class, Compression, Consistency, DatabaseEngine, Driver, Encryption, Keep, Media, Platform,
    Profile, SnapshotTool,
};
use podman_btrfs_core::units::Text;
use serde_json::json;

use crate::emit;

pub(crate) fn parse<T: Text>(text: &str) -> T {
    T::parse(text).unwrap()
}

/// The artefact of that path.
pub(crate) fn artefact(plan: &Plan, path: &str) -> String {
    let artefacts = emit(plan).unwrap();
    let found = artefacts.iter().find(|artefact| artefact.path == path);
    let paths: Vec<_> = artefacts.iter().map(|artefact| &artefact.path).collect();
    let Some(found) = found else {
        panic!("no {path} among {paths:?}");
    };
    found.text.clone()
}

fn mount(subvolume: &str, mount_point: &str, role: MountRole) -> Mount {
    Mount {
        subvolume: parse(subvolume),
        mount_point: parse(mount_point),
        options: vec![
            "noatime".into(),
            "compress=zstd:1".into(),
            format!("subvol={subvolume}"),
        ],
        role,
        needed_for_boot: role == MountRole::System,
    }
}

pub(crate) fn subvolume(path: &str, host_path: &str, role: SubvolumeRole) -> Subvolume {
    Subvolume {
        path: parse(path),
        host_path: parse(host_path),
        role,
        owner: None,
        mode: "0755".into(),
        limit_bytes: None,
    }
}

fn filesystem(mount_point: &str, disks: &[&str]) -> FilesystemPlan {
    let at = |rest: &str| format!("{mount_point}/{rest}");
    FilesystemPlan {
        origin: FilesystemOrigin::New {
            disks: disks.iter().map(|disk| parse(disk)).collect(),
            encryption: None,
        },
        label: "tank".into(),
        device: parse("/dev/disk/by-label/tank"),
        data_profile: Some(Profile::Single),
        metadata_profile: Some(Profile::Dup),
        media: Some(Media::Ssd),
        system: false,
        boot_partitions: Vec::new(),
        mount_point: parse(mount_point),
        mount_options: vec!["compress=zstd:1".into()],
        mounts: vec![
            mount("@snapshots", &at(".snapshots"), MountRole::Snapshots),
            mount("@volumes", mount_point, MountRole::Volumes),
            mount("@podman", "/var/lib/containers", MountRole::EngineStore),
        ],
        subvolumes: vec![
            subvolume(
                "@podman",
                "/var/lib/containers",
                SubvolumeRole::EngineStores,
            ),
            subvolume("@snapshots", &at(".snapshots"), SubvolumeRole::Snapshots),
            subvolume("@volumes", mount_point, SubvolumeRole::Volumes),
            subvolume("@volumes/shop", &at("shop"), SubvolumeRole::Group),
        ],
        quota: QuotaMode::None,
        swap: None,
        reserve_bytes: None,
        upkeep: UpkeepPlan::default(),
    }
}

pub(crate) fn volume(host_path: &str, subvolume: &str) -> VolumePlan {
    VolumePlan {
        filesystem: parse("tank"),
        host_path: parse(host_path),
        subvolume: parse(subvolume),
        placement: Placement::GroupDirectory,
        class: Some(Class::Database),
        engine: Some(DatabaseEngine::Postgresql),
        copy_on_write: false,
        compression: None,
        snapshot: true,
        limit_bytes: None,
    }
}

pub(crate) fn instance(name: &str) -> Instance {
    let subvolume = format!("@volumes/{name}");
    Instance {
        pod: None,
        name: name.into(),
        containers: BTreeMap::from([(
            parse("shop-db"),
            PlannedContainer {
                image: Some(parse("docker.io/library/postgres:17")),
                requires_mounts_for: vec![parse("/srv/tank")],
                starts_after: Vec::new(),
                mounts: BTreeMap::from([(parse("pgdata"), parse("/var/lib/postgresql/data"))]),
                read_only: Vec::new(),
                uses: BTreeMap::new(),
            },
        )]),
        volumes: BTreeMap::from([(
            parse("pgdata"),
            volume(&format!("/srv/tank/{name}/pgdata"), &subvolume),
        )]),
        group: vec![parse(&subvolume)],
        protection: None,
    }
}

pub(crate) fn job(tool: SnapshotTool) -> Job {
    Job {
        name: "gold-tank".into(),
        tool,
        policy: parse("gold"),
        filesystem: parse("tank"),
        volume_directory: parse("/srv/tank"),
        snapshot_directory: parse("/srv/tank/.snapshots"),
        schedule: Schedule {
            on_calendar: "*:0/15".into(),
            interval_seconds: 900,
        },
        spread: None,
        keep: Keep {
            hourly: Some(24),
            daily: Some(14),
            weekly: Some(8),
            monthly: Some(12),
            yearly: Some(2),
        },
        keep_all_hours: 2,
        subvolumes: vec![JobSubvolume {
            path: parse("@volumes/shop"),
            host_path: parse("/srv/tank/shop"),
            name: "shop".into(),
            workload: parse("shop"),
            copy: "shop".into(),
            taken_by: tool.into(),
        }],
        targets: BTreeMap::new(),
    }
}

/// One disk, one workload, btrbk with a copy on another machine.
pub(crate) fn single_disk() -> Plan {
    let mut plan = Plan::refused(Vec::new());
    plan.filesystems.insert(
        parse("tank"),
        filesystem("/srv/tank", &["/dev/disk/by-id/ata-one"]),
    );
    plan.engine = EnginePlan {
        system: Some(StorePlan {
            filesystem: parse("tank"),
            subvolume: parse("@podman"),
            graph_root: parse("/var/lib/containers/storage"),
            uid: None,
        }),
        users: BTreeMap::new(),
        storage_conf: Some(StorageConf {
            podman: None,
            files: StorageFiles::OneFile,
            driver: Driver::Overlay,
            graph_root: parse("/var/lib/containers/storage"),
            run_root: parse("/run/containers/storage"),
            image_store: None,
            transient_store: false,
            rootless_storage_path: Some("/var/lib/containers/users/$USER/storage".into()),
            additional_image_stores: Vec::new(),
            overlay_mount_options: Some("nodev".into()),
            overlay_sync: false,
            enable_partial_images: false,
            use_hard_links: false,
            convert_images: false,
        }),
        containers_conf: Some(ContainersConf {
            num_locks: Some(4096),
            image_copy_tmp_dir: Some(parse("/var/lib/containers/tmp")),
        }),
        requires_mounts_for: Vec::new(),
    };
    plan.workloads.insert(
        parse("shop"),
        WorkloadPlan {
            user: None,
            renamed_from: None,
            consistency: Some(Consistency::Crash),
            moment: Some(Moment::OneSnapshot),
            instances: vec![instance("shop")],
        },
    );
    let mut btrbk = job(SnapshotTool::Btrbk);
    btrbk.targets.insert(
        parse("nas"),
        JobTarget {
            url: parse("ssh://backup@nas/srv/backup"),
            keep: Keep {
                daily: Some(30),
                monthly: Some(24),
                ..Keep::default()
            },
            encryption: None,
        },
    );
    plan.protection.jobs.push(btrbk);
    plan.protection.unprotected.push(Unprotected {
        workload: parse("shop"),
        volume: parse("cache"),
        reason: "its class is `cache`: it can be fetched again".into(),
    });
    plan.density = DensityPlan {
        demands: vec![Demand {
            what: Resource::Keys,
            of: "user alice".into(),
            count: 600,
            most: Some(2048),
            counted: "15 keys a container, which is assumed".into(),
        }],
        sysctls: BTreeMap::from([("kernel.keys.maxkeys".into(), 2048)]),
        user_tasks_max: Some(65_536),
    };
    plan.decisions.push(Decision {
        rule: "PB402".into(),
        subject: Subject::Volume("shop".into(), "pgdata".into()),
        field: "copyOnWrite".into(),
        value: json!(false),
        reason: "PostgreSQL checks its own pages".into(),
        evidence: BTreeMap::from([("class".into(), "database".into())]),
        would_change: "a snapshot more often than once a day".into(),
        overridden: Some(Override {
            at: OptionPath::of(["workloads", "shop", "volumes", "pgdata", "copyOnWrite"]),
            decided: json!(true),
        }),
    });
    plan
}

/// An image by tag, for one of two platforms.
fn pull(platform: Platform, runs: Runs) -> ImagePull {
    ImagePull {
        user: None,
        platform: Some(platform),
        reference: parse("docker.io/library/postgres:17"),
        by_digest: false,
        local_name: Some(parse(&format!(
            "localhost/library/postgres:17-{}",
            platform.suffix()
        ))),
        runs,
        containers: vec![parse("shop-db")],
    }
}

/// The system on two encrypted disks.
pub(crate) fn raid1_luks_system() -> Plan {
    let mut plan = single_disk();
    let tank = plan.filesystems.get_mut(&parse("tank")).unwrap();
    tank.origin = FilesystemOrigin::New {
        disks: vec![
            parse("/dev/disk/by-id/nvme-one"),
            parse("/dev/disk/by-id/nvme-two"),
        ],
        encryption: Some(Encryption::Luks),
    };
    tank.data_profile = Some(Profile::Raid1);
    tank.metadata_profile = Some(Profile::Raid1);
    tank.media = Some(Media::Nvme);
    tank.system = true;
    tank.boot_partitions = [
        ("/dev/disk/by-id/nvme-one", "/boot"),
        ("/dev/disk/by-id/nvme-two", "/boot-2"),
    ]
    .map(|(disk, mount_point)| BootPartition {
        disk: parse(disk),
        mount_point: parse(mount_point),
        options: vec!["umask=0077".into(), "nofail".into()],
    })
    .into();
    for (path, mount_point) in [("@root", "/"), ("@log", "/var/log")] {
        tank.subvolumes
            .push(subvolume(path, mount_point, SubvolumeRole::System));
        tank.mounts
            .push(mount(path, mount_point, MountRole::System));
    }
    plan
}

/// An existing filesystem, snapshotted by snapper.
pub(crate) fn existing_device() -> Plan {
    let mut plan = single_disk();
    let tank = plan.filesystems.get_mut(&parse("tank")).unwrap();
    tank.origin = FilesystemOrigin::Existing;
    tank.device = parse("/dev/disk/by-uuid/3f0c");
    tank.label = String::new();
    tank.data_profile = None;
    tank.metadata_profile = None;
    plan.protection.jobs = vec![job(SnapshotTool::Snapper)];
    plan.engine.storage_conf = None;
    plan.density = DensityPlan::default();
    plan.images = ImagesPlan {
        pulls: [
            (Platform::Arm64, Runs::Emulated),
            (Platform::Amd64, Runs::Natively),
        ]
        .map(|(platform, runs)| pull(platform, runs))
        .into(),
        emulated: vec![Platform::Arm64],
    };
    plan
}

/// Every name as strange as its type lets it be, and texts with what Markdown gives a meaning to.
pub(crate) fn hostile_names() -> Plan {
    let mut plan = single_disk();
    let long = "9".repeat(64);
    let mut tank = filesystem(
        "/in/with@=,+x",
        &["/dev/disk/by-id/a:b@c=d,e+f", "/dev/disk/by-id/-"],
    );
    tank.label = long.clone();
    tank.subvolumes.push(subvolume(
        "@volumes/no",
        "/in/with@=,+x/no",
        SubvolumeRole::Group,
    ));
    plan.filesystems = BTreeMap::from([(parse(&long), tank)]);
    let no = WorkloadPlan {
        user: Some(parse("_-")),
        renamed_from: Some(parse("rec_with_in")),
        consistency: None,
        moment: None,
        instances: vec![Instance {
            pod: None,
            name: "no".into(),
            containers: BTreeMap::new(),
            volumes: BTreeMap::from([(
                parse("a_b_c"),
                VolumePlan {
                    compression: Some(Compression::None),
                    ..volume("/in/with@=,+x/no/a_b_c", "@volumes/no")
                },
            )]),
            group: vec![parse("@volumes/no")],
            protection: None,
        }],
    };
    plan.workloads = BTreeMap::from([(parse("no"), no)]);
    let hostile = &mut plan.protection.jobs[0];
    hostile.volume_directory = parse("/in/with@=,+x");
    hostile.subvolumes[0] = JobSubvolume {
        path: parse("@volumes/no"),
        host_path: parse("/in/with@=,+x/no"),
        name: "no".into(),
        workload: parse("no"),
        copy: "no".into(),
        taken_by: Taker::Btrbk,
    };
    plan.decisions[0].reason = "volumes.\"a|b\" *is* <b>not</b> `a_b` [x](y) _z_\n# heading".into();
    plan.diagnostics.push(Diagnostic {
        code: "PB101".into(),
        level: Level::Warn,
        at: OptionPath::of(["workloads", "a`b\n"]),
        message: "`${x}` is a_b_c".into(),
        help: "write <it>".into(),
        related: vec![OptionPath::root()],
    });
    plan
}
