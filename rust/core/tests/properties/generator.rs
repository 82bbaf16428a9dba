//! Random declarations without mistakes, of moderate size.
//!
//! A [`Host`] is drawn without names; [`Host::declare`] writes it down with whatever names it is given, so that
//! the same host can be declared twice. A new option is one line in the function of its group.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// What a subject declares besides its references: option to value.
type Options = Map<String, Value>;

/// A host without names.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    machine: Options,
    pub(crate) filesystems: Vec<Options>,
    pub(crate) engine: Options,
    pub(crate) targets: Vec<Options>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) workloads: Vec<Workload>,
}

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    options: Options,
    targets: Vec<bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Workload {
    options: Options,
    filesystem: prop::sample::Index,
    images: Vec<Option<&'static str>>,
    policy: Option<(prop::sample::Index, Options)>,
    pub(crate) volumes: Vec<Volume>,
}

#[derive(Clone, Debug)]
pub(crate) struct Volume {
    options: Options,
    path: &'static str,
    container: prop::sample::Index,
    filesystem: Option<prop::sample::Index>,
}

/// Where the names of a declaration come from: kind and position to name.
pub(crate) type Names = fn(kind: char, position: usize) -> String;

/// Names in the order of their positions; no word that says anything about data is in them.
pub(crate) fn rising(kind: char, position: usize) -> String {
    format!("q{kind}{position:02}q")
}

/// Other names, in the opposite order.
pub(crate) fn falling(kind: char, position: usize) -> String {
    format!("z{kind}{:02}z", 50 - position)
}

fn options(pairs: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Options {
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// One of these values, or nothing.
fn maybe<T: Clone + std::fmt::Debug + Into<Value> + 'static>(
    values: &'static [T],
) -> impl Strategy<Value = Option<Value>> {
    option::of(select(values).prop_map(Into::into))
}

const SIZES: &[&str] = &["100M", "1G", "40G"];

fn machine() -> impl Strategy<Value = Options> {
    let versions = (
        maybe(&["6.1", "6.12", "6.18"]),
        maybe(&["4.9", "5.4", "6.0"]),
        maybe(&["6.2", "6.14"]),
    );
    let size = (maybe(&["4G", "64G"]), maybe(&[2, 32]));
    (
        versions,
        size,
        maybe(&["linux/amd64", "linux/arm64"]),
        maybe(&["Europe/Berlin"]),
    )
        .prop_map(
            |((kernel, podman, progs), (memory, cpus), platform, zone)| {
                options([
                    ("kernel", kernel),
                    ("podman", podman),
                    ("btrfsProgs", progs),
                    ("memory", memory),
                    ("cpus", cpus),
                    ("platform", platform),
                    ("timeZone", zone),
                ])
            },
        )
}

fn filesystem(position: usize) -> impl Strategy<Value = Options> {
    let one = &["single", "dup"][..];
    let several = &["single", "raid0", "raid1", "raid10"][..];
    let place = (1..4usize, any::<bool>(), any::<bool>());
    (
        place,
        maybe(&["8G"]),
        option::of(select(one)),
        option::of(select(several)),
        maybe(&["nvme", "ssd", "hdd"]),
        maybe(&["8T", "20T"]),
        upkeep(),
    )
        .prop_map(
            move |(
                (disks, exists, encrypted),
                swap,
                of_one,
                of_several,
                media,
                capacity,
                upkeep,
            )| {
                let profile = if disks == 1 { of_one } else { of_several };
                let mut all = options([("media", media), ("capacity", capacity)]);
                all.insert("upkeep".into(), upkeep);
                if exists {
                    let device = format!("/dev/disk/by-uuid/{position}");
                    all.insert("device".into(), device.into());
                } else {
                    let swaps = disks == 1 && profile != Some("dup");
                    let disks: Vec<_> = (0..disks)
                        .map(|disk| format!("/dev/disk/by-id/{position}-{disk}"))
                        .collect();
                    all.insert("disks".into(), disks.into());
                    all.extend(options([
                        ("swap", swap.filter(|_| swaps)),
                        ("dataProfile", profile.map(Into::into)),
                        ("encryption", encrypted.then(|| "luks".into())),
                    ]));
                }
                all
            },
        )
}

fn upkeep() -> impl Strategy<Value = Value> {
    let scrub = maybe(&["never", "weekly", "monthly", "quarterly"]);
    let trim = maybe(&["never", "weekly", "continuous"]);
    (scrub, trim, option::of(any::<bool>())).prop_map(
        |(scrub, trim, balance)| json!({"scrub": scrub, "trim": trim, "balance": balance}),
    )
}

fn engine() -> impl Strategy<Value = Options> {
    (maybe(&["overlay", "btrfs"]), any::<bool>()).prop_map(|(driver, rootless)| {
        options([
            ("driver", driver),
            ("users", rootless.then(|| json!({"alice": {}}))),
        ])
    })
}

fn keep() -> impl Strategy<Value = Option<Value>> {
    let count = || option::of(1..40u32);
    option::of((count(), count(), count()).prop_map(
        |(hourly, daily, monthly)| json!({"hourly": hourly, "daily": daily, "monthly": monthly}),
    ))
}

fn target(position: usize) -> impl Strategy<Value = Options> {
    (keep(), any::<bool>()).prop_map(move |(keep, is_encrypted)| {
        let url = format!("ssh://backup@nas{position}/srv");
        let encryption = is_encrypted.then(
            || json!({"recipient": "0123456789ABCDEF".repeat(3)[..40], "keyring": "/etc/keys.gpg"}),
        );
        options([
            ("url", Some(url.into())),
            ("keep", keep),
            ("encryption", encryption),
        ])
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let rpo = maybe(&["5min", "1h", "6h", "1d"]);
    (
        rpo,
        keep(),
        maybe(&["btrbk", "snapper"]),
        prop::collection::vec(any::<bool>(), 2),
    )
        .prop_map(|(rpo, mut keep, tool, targets)| {
            // Kept by the hour is only what is taken by the hour, and snapper's timer is hourly.
            let is_hourly = matches!(rpo.as_ref().and_then(Value::as_str), Some("5min" | "1h"));
            if let Some(Value::Object(keep)) = keep.as_mut().filter(|_| !is_hourly) {
                keep.remove("hourly");
            }
            let tool = tool.filter(|_| rpo == Some("1h".into()));
            Policy {
                options: options([("rpo", rpo), ("keep", keep), ("tool", tool)]),
                targets,
            }
        })
}

const CLASSES: &[&str] = &[
    "database",
    "write-ahead-log",
    "embedded-database",
    "key-value",
    "queue",
    "index",
    "objects",
    "media",
    "documents",
    "configuration",
    "secrets",
    "logs",
    "cache",
    "build",
    "vm-image",
    "models",
    "scratch",
];
const IMAGES: &[&str] = &[
    "docker.io/library/postgres:17",
    "mariadb:11",
    "docker.io/library/redis:8",
    "docker.io/library/nginx:1.29",
    "registry.example.org/team/app:1",
];
/// No two overlap, so that any volumes of one workload can be mounted side by side.
const PATHS: &[&str] = &[
    "/var/lib/postgresql/data",
    "/var/lib/mysql",
    "/data",
    "/config",
    "/cache",
    "/srv/x",
];

fn volume(path: &'static str) -> impl Strategy<Value = Volume> {
    let held = (
        maybe(CLASSES),
        maybe(&["postgresql", "mariadb", "sqlite"]),
        maybe(&[true, false]),
        maybe(SIZES),
        maybe(SIZES),
    );
    let measured = (maybe(&["1M/day"]), maybe(&["10M/day"]));
    let overrides = (
        maybe(&[true, false]),
        maybe(&["none", "zstd", "lzo"]),
        maybe(&[true, false]),
    );
    let place = (
        any::<prop::sample::Index>(),
        option::weighted(0.2, any::<prop::sample::Index>()),
    );
    (held, measured, overrides, place).prop_map(
        move |(
            (class, engine, checksums, size, limit),
            (growth, churn),
            (cow, compression, snapshot),
            (container, filesystem),
        )| {
            Volume {
                options: options([
                    ("class", class),
                    ("engine", engine),
                    ("engineChecksums", checksums),
                    ("size", size),
                    ("limit", limit),
                    ("growth", growth),
                    ("churn", churn),
                    ("copyOnWrite", cow),
                    ("compression", compression),
                    ("snapshot", snapshot),
                ]),
                path,
                container,
                filesystem,
            }
        },
    )
}

fn volumes() -> impl Strategy<Value = Vec<Volume>> {
    prop::sample::subsequence(PATHS, 0..4)
        .prop_flat_map(|paths| paths.into_iter().map(volume).collect::<Vec<_>>())
}

/// The hook of a workload's first container.
fn hook() -> impl Strategy<Value = Value> {
    let said = (
        maybe(&["1s", "5min"]),
        maybe(&["fail", "continue"]),
        option::of(any::<bool>()),
    );
    said.prop_map(|(timeout, on_error, replaces)| {
        let mut hook = options([
            ("timeout", timeout),
            ("onError", on_error),
            ("replaces", replaces.map(Into::into)),
        ]);
        hook.insert("freeze".into(), json!(["sync"]));
        hook.into()
    })
}

/// The dump of a workload's first container, into its first volume.
fn dump() -> impl Strategy<Value = Value> {
    let said = (
        select(&["postgresql", "mariadb", "mysql"][..]),
        maybe(&["1min", "2h"]),
        maybe(&["fail", "continue"]),
    );
    said.prop_map(|(engine, timeout, on_error)| {
        let mut dump = options([("timeout", timeout), ("onError", on_error)]);
        dump.insert("engine".into(), engine.into());
        dump.into()
    })
}

pub(crate) fn workload() -> impl Strategy<Value = Workload> {
    let said = (option::of(1..4u32), any::<bool>());
    let protected = option::weighted(
        0.7,
        (
            any::<prop::sample::Index>(),
            maybe(&["none", "crash", "application"]),
            maybe(&["2s", "1min"]),
            option::of(hook()),
            option::weighted(0.2, dump()),
            option::of(any::<[bool; 3]>()),
        ),
    );
    let images = prop::collection::vec(option::of(select(IMAGES)), 1..3);
    (
        said,
        any::<prop::sample::Index>(),
        images,
        protected,
        volumes(),
    )
        .prop_map(
            |((replicas, rootless), filesystem, images, policy, volumes)| Workload {
                options: options([
                    ("replicas", replicas.map(Into::into)),
                    ("user", rootless.then(|| "alice".into())),
                ]),
                filesystem,
                images,
                policy: policy.map(|(policy, consistency, budget, hook, dump, on)| {
                    let on = on.map(|[stop, update, activation]| {
                        json!({"stop": stop, "imageUpdate": update, "activation": activation})
                    });
                    let said = options([
                        ("consistency", consistency),
                        ("freezeBudget", budget),
                        ("hooks", hook),
                        ("dumps", dump),
                        ("snapshotOn", on),
                    ]);
                    (policy, said)
                }),
                volumes,
            },
        )
}

/// A host of up to three filesystems and five workloads.
pub(crate) fn host() -> impl Strategy<Value = Host> {
    let filesystems =
        (1..4usize).prop_flat_map(|count| (0..count).map(filesystem).collect::<Vec<_>>());
    let targets = (0..3usize).prop_flat_map(|count| (0..count).map(target).collect::<Vec<_>>());
    (
        machine(),
        filesystems,
        engine(),
        targets,
        prop::collection::vec(policy(), 0..4),
        prop::collection::vec(workload(), 0..6),
    )
        .prop_map(
            |(machine, filesystems, engine, targets, policies, workloads)| Host {
                machine,
                filesystems,
                engine,
                targets,
                policies,
                workloads,
            },
        )
}

impl Host {
    /// The declaration of this host under these names.
    pub(crate) fn declare(&self, name: Names) -> Value {
        let named = |kind: char, all: &[Options]| -> Map<String, Value> {
            let all = all.iter().enumerate();
            all.map(|(at, options)| (name(kind, at), options.clone().into()))
                .collect()
        };
        let policies: Map<String, Value> = self
            .policies
            .iter()
            .enumerate()
            .map(|(at, policy)| (name('p', at), policy.declare(self, name)))
            .collect();
        let workloads: Map<String, Value> = self
            .workloads
            .iter()
            .enumerate()
            .map(|(at, workload)| (name('w', at), workload.declare(at, self, name)))
            .collect();
        let mut engine = self.engine.clone();
        engine.insert("filesystem".into(), name('f', 0).into());
        json!({
            "filesystems": named('f', &self.filesystems),
            "host": self.machine,
            "engine": engine,
            "targets": named('t', &self.targets),
            "policies": policies,
            "workloads": workloads,
        })
    }

    fn filesystem(&self, which: prop::sample::Index, name: Names) -> Value {
        name('f', which.index(self.filesystems.len())).into()
    }
}

impl Policy {
    fn declare(&self, host: &Host, name: Names) -> Value {
        let targets: Vec<String> = (0..host.targets.len())
            .filter(|at| self.targets.get(*at) == Some(&true))
            .map(|at| name('t', at))
            .collect();
        let mut all = self.options.clone();
        // snapper sends nothing; with targets the tool is left to the rules.
        if !targets.is_empty() {
            all.remove("tool");
        }
        all.insert("targets".into(), targets.into());
        all.into()
    }
}

impl Workload {
    fn declare(&self, at: usize, host: &Host, name: Names) -> Value {
        let container = |index: usize| format!("{}-{index}", name('c', at));
        let containers: Map<String, Value> = self
            .images
            .iter()
            .enumerate()
            .map(|(index, image)| (container(index), json!({"image": image})))
            .collect();
        let mut volumes: Map<String, Value> = self
            .volumes
            .iter()
            .enumerate()
            .map(|(index, volume)| {
                let mut all = volume.options.clone();
                let of = container(volume.container.index(self.images.len()));
                all.insert("mounts".into(), json!({of: volume.path}));
                if let Some(own) = volume.filesystem {
                    all.insert("filesystem".into(), host.filesystem(own, name));
                }
                (name('v', index), all.into())
            })
            .collect();
        let mut all = self.options.clone();
        if !host.engine.contains_key("users") {
            all.remove("user");
        }
        if self.images.len() > 1 {
            all.insert("pod".into(), format!("{}-pod", name('c', at)).into());
        }
        all.insert("filesystem".into(), host.filesystem(self.filesystem, name));
        all.insert("containers".into(), containers.into());
        if let (Some((which, said)), false) = (&self.policy, host.policies.is_empty()) {
            let mut protection = said.clone();
            let policy = name('p', which.index(host.policies.len()));
            protection.insert("policy".into(), policy.into());
            if let Some(hook) = protection.remove("hooks") {
                protection.insert("hooks".into(), json!({container(0): hook}));
            }
            // Not the first by its name: names decide nothing.
            let into = name('v', 0);
            let keeps = volumes.get_mut(&into);
            if let (Some(mut dump), Some(volume)) = (protection.remove("dumps"), keeps) {
                // One in no snapshot is refused.
                volume["snapshot"] = true.into();
                dump["into"] = into.into();
                protection.insert("dumps".into(), json!({container(0): dump}));
            }
            all.insert("protection".into(), protection.into());
        }
        all.insert("volumes".into(), volumes.into());
        all.into()
    }
}
