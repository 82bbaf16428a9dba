//! The steps themselves.

use jiff::Timestamp;

use super::snapshots::{self, Snapshot, Spare};
use super::{Act, Fullness, Needs, Situation, Step};
use crate::observed::{Chunks, Known, StoreContents};
use crate::plan::{FilesystemPlan, Job, MountRole, StorePlan};
use crate::spec::{Class, SnapshotTool};

/// How the names of steps begin that delete what a policy does not keep.
pub(super) const BEYOND_POLICY: &str = "snapshots-beyond-policy:";
/// How the names of steps begin that delete more.
pub(super) const OLDER: &str = "older-snapshots:";

/// Everything that can be done, in order.
pub(super) fn all(
    situation: &Situation,
    fullness: Option<Fullness>,
    unknown: &mut Vec<String>,
) -> Vec<Step> {
    let Some(planned) = situation.plan.filesystems.get(situation.name) else {
        return Vec::new();
    };
    let of = Of { situation, planned };
    let mut steps: Vec<Step> = of.cleaner(unknown).into_iter().collect();
    steps.push(of.empty_chunks());
    steps.extend(of.leaked_layers(unknown));
    steps.extend(of.dangling_images());
    steps.extend(of.due(unknown));
    let (beyond, older) = of.snapshots(unknown);
    steps.extend(beyond);
    if fullness != Some(Fullness::Data) {
        steps.extend(of.compact());
    }
    steps.push(of.device());
    steps.extend(older);
    steps.extend(of.for_a_person());
    if situation.takes_writes == Known::Known(false) {
        steps = what_needs_room_later(steps);
    }
    steps
}

/// A filesystem that is read-only frees nothing.
pub(super) fn of_read_only(situation: &Situation) -> Vec<Step> {
    let Some(planned) = situation.plan.filesystems.get(situation.name) else {
        return Vec::new();
    };
    let place = planned.mount_point.as_str();
    vec![Step {
        act: Act::Person,
        commands: vec![words(&["mount", "-o", "remount,rw", place])],
        costs: "nothing; a filesystem that the kernel made read-only after an error refuses it, and then it is unmounted and mounted again, or the host started anew".into(),
        frees: "nothing by itself: while the filesystem is read-only nothing on it can be freed".into(),
        ..step("writable", "make the filesystem writable again; the kernel's log says why it is not: `journalctl --dmesg --grep BTRFS`")
    }]
}

/// Without any room what needs some comes behind the first step that makes it.
fn what_needs_room_later(steps: Vec<Step>) -> Vec<Step> {
    let makes_room = |step: &Step| step.needs == Needs::Nothing && step.act != Act::Person;
    let Some(first) = steps.iter().position(makes_room) else {
        return steps;
    };
    let mut rest = steps;
    let behind = rest.split_off(first + 1);
    let (later, mut sorted): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|step| step.needs == Needs::ALittle);
    sorted.extend(later);
    sorted.extend(behind);
    sorted
}

fn step(name: &str, does: &str) -> Step {
    Step {
        name: name.to_owned(),
        does: does.to_owned(),
        frees: String::new(),
        at_least_bytes: None,
        costs: "nothing".to_owned(),
        needs: Needs::Nothing,
        commands: Vec::new(),
        paths: Vec::new(),
        act: Act::Run,
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn day(epoch: u64) -> String {
    let moment = i64::try_from(epoch).ok();
    let moment = moment.and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| epoch.to_string(), |moment| moment.to_string())
}

struct Of<'s> {
    situation: &'s Situation<'s>,
    planned: &'s FilesystemPlan,
}

impl Of<'_> {
    fn place(&self) -> &str {
        self.planned.mount_point.as_str()
    }

    fn cleaner(&self, unknown: &mut Vec<String>) -> Option<Step> {
        let count = match &self.situation.being_cleaned {
            Known::Known(count) => *count,
            Known::Unknown { why } => {
                unknown.push(format!(
                    "whether deleted subvolumes are still being cleaned: {why}"
                ));
                return None;
            }
        };
        (count > 0).then(|| Step {
            frees: "what they held, bit by bit; most of it may be to come".into(),
            costs: "time".into(),
            commands: vec![words(&["btrfs", "subvolume", "sync", self.place()])],
            act: Act::Wait,
            ..step(
                "wait-for-the-cleaner",
                &format!("wait until the kernel has cleaned {count} deleted subvolumes, before anything else is deleted"),
            )
        })
    }

    fn empty_chunks(&self) -> Step {
        let place = self.place();
        let balance = [
            "balance",
            "start",
            "--enqueue",
            "-dusage=0",
            "-musage=0",
            "--",
            place,
        ];
        Step {
            frees: "chunks with nothing in them, which the kernel gives back by itself, but late; nothing is moved".into(),
            needs: Needs::ALittle,
            commands: vec![words(&[&["btrfs"][..], &balance].concat())],
            ..step("empty-chunks", "give back chunks that are empty")
        }
    }

    /// The stores that lie on it, by owner.
    fn stores(&self) -> Vec<(&str, &StorePlan)> {
        let engine = &self.situation.plan.engine;
        let users = engine
            .users
            .iter()
            .map(|(user, store)| (user.as_str(), store));
        let all = engine
            .system
            .iter()
            .map(|store| ("root", store))
            .chain(users);
        all.filter(|(_, store)| store.filesystem == *self.situation.name)
            .collect()
    }

    fn leaked_layers(&self, unknown: &mut Vec<String>) -> Option<Step> {
        self.stores().iter().find(|(owner, _)| *owner == "root")?;
        let observed = self.situation.observed.engine.stores.get("root")?;
        let leaked = match &observed.leaked_layers {
            Known::Known(leaked) => leaked,
            Known::Unknown { why } => {
                unknown.push(format!(
                    "whether the system's store has leaked layers: {why}"
                ));
                return None;
            }
        };
        (!leaked.is_empty()).then(|| Step {
            frees: "what they hold alone".into(),
            commands: vec![words(&[
                "podman-btrfs",
                "retire",
                "PLAN",
                "--leaked-layers",
                "--confirm",
                "root",
            ])],
            act: Act::DeleteLeakedLayers,
            ..step(
                "leaked-layers",
                &format!(
                    "delete {} subvolumes of layers that Podman no longer knows",
                    leaked.len()
                ),
            )
        })
    }

    fn dangling_images(&self) -> Vec<Step> {
        let stores = self.stores();
        let steps = stores.iter().filter_map(|(owner, _)| {
            let observed = self.situation.observed.engine.stores.get(*owner)?;
            // One that cannot be looked at may have some, and Podman sees for itself.
            let has_none = |of: &Option<StoreContents>| of.is_none_or(|of| of.images == 0);
            if observed.contents.get().is_some_and(has_none) {
                return None;
            }
            let prune = ["podman", "image", "prune", "--force"];
            let of_root = *owner == "root";
            let command = if of_root {
                words(&prune)
            } else {
                words(&[&["runuser", "--user", owner, "--"][..], &prune].concat())
            };
            Some(Step {
                frees: "layers of images that no tag names and no container uses".into(),
                costs: "they are pulled or built again when somebody wants them".into(),
                needs: Needs::ALittle,
                commands: vec![command],
                act: if of_root { Act::Run } else { Act::Person },
                ..step(
                    &format!("dangling-images:{owner}"),
                    &format!("let Podman delete dangling images of {owner}"),
                )
            })
        });
        steps.collect()
    }

    fn due(&self, unknown: &mut Vec<String>) -> Vec<Step> {
        let left = match &self.situation.left {
            Known::Known(left) => left,
            Known::Unknown { why } => {
                unknown.push(format!("what was left behind: {why}"));
                return Vec::new();
            }
        };
        let due = left.iter().filter(|left| left.is_due);
        let mut names: Vec<&str> = due.map(|left| &*left.volume).collect();
        names.sort_unstable();
        names.dedup();
        let steps = names.into_iter().map(|name| {
            let of_it = left
                .iter()
                .filter(|left| left.is_due && left.volume == name);
            Step {
                frees: "all of it that no snapshot shows".into(),
                costs: "its data: nothing declared uses it, and its grace time is over".into(),
                // The ledger is written before anything is deleted.
                needs: Needs::ALittle,
                commands: vec![words(&[
                    "podman-btrfs",
                    "retire",
                    "PLAN",
                    "--confirm",
                    name,
                ])],
                paths: of_it.map(|left| left.place.clone()).collect(),
                act: Act::Retire(name.to_owned()),
                ..step(
                    &format!("retire:{name}"),
                    &format!("delete what was left of {name}"),
                )
            }
        });
        steps.collect()
    }

    /// Steps that delete what policies do not keep, and steps that delete more.
    fn snapshots(&self, unknown: &mut Vec<String>) -> (Vec<Step>, Vec<Step>) {
        let (mut beyond, mut older) = (Vec::new(), Vec::new());
        let jobs = self.situation.plan.protection.jobs.iter();
        let snapshots = match &self.situation.snapshots {
            Known::Known(all) => all.as_slice(),
            Known::Unknown { why } => {
                unknown.push(format!("which snapshots there are: {why}"));
                &[]
            }
        };
        if let Known::Unknown { why } = &self.situation.zone {
            unknown.push(format!("which snapshots the policies keep: {why}"));
        }
        for job in jobs.filter(|job| job.filesystem == *self.situation.name) {
            if job.tool == SnapshotTool::Snapper || !job.targets.is_empty() {
                beyond.extend(by_its_tool(job));
                older.extend(more_by_its_tool(job));
                continue;
            }
            let zone = self.situation.zone.get();
            for (copy, spare) in snapshots::spare(job, snapshots, zone, self.situation.now) {
                beyond.extend(beyond_policy(job, &copy, &spare));
                older.extend(older_half(&copy, &spare));
            }
        }
        (beyond, older)
    }

    fn compact(&self) -> Option<Step> {
        let observed = self
            .situation
            .observed
            .filesystems
            .get(self.situation.name)?;
        let space = observed.space.get()?;
        let inside: u64 = space.data.iter().map(Chunks::free).sum();
        (inside > 2 * space.little()).then(|| Step {
            frees: format!("chunks for metadata, out of the {} MiB that are free inside chunks of data", inside >> 20),
            costs: "time; data is moved and none is lost".into(),
            needs: Needs::ALittle,
            commands: vec![words(&[
                "btrfs", "balance", "start", "--enqueue", "-dusage=5,limit=1", "--", self.place(),
            ])],
            act: Act::Compact,
            ..step("compact-chunks", "empty chunks of data that are mostly empty into others, one at a time, until metadata has room")
        })
    }

    fn device(&self) -> Step {
        let place = self.place();
        Step {
            frees: "room at once, without any loss: enough to take the steps that need some".into(),
            costs: "nothing, if the device stays until it is removed again: without it the filesystem cannot be mounted. A loop device is gone after a boot".into(),
            needs: Needs::Device,
            commands: vec![
                words(&["btrfs", "device", "add", "DEVICE", place]),
                words(&["btrfs", "balance", "start", "--enqueue", "-dusage=60", "--", place]),
                words(&["btrfs", "device", "remove", "DEVICE", place]),
            ],
            act: Act::Person,
            ..step("add-device", "add an empty device for a while (whatever is on it is lost), empty chunks or take other steps, and remove it again")
        }
    }

    /// What only a person may decide.
    fn for_a_person(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for left in self
            .situation
            .left
            .get()
            .into_iter()
            .flatten()
            .filter(|left| !left.is_due)
        {
            steps.push(Step {
                frees: "all of it that no snapshot shows".into(),
                costs: "its data, before its grace time is over: somebody may still miss it".into(),
                needs: Needs::ALittle,
                commands: vec![words(&[
                    "podman-btrfs",
                    "retire",
                    "PLAN",
                    "--confirm",
                    &left.volume,
                    "--now",
                ])],
                paths: vec![left.place.clone()],
                act: Act::Person,
                ..step(
                    &format!("retire-early:{}", left.volume),
                    &format!("delete what was left of {}", left.volume),
                )
            });
        }
        let worthless = self.situation.plan.volumes().filter(|(_, _, volume)| {
            let planned = volume.planned;
            planned.filesystem == *self.situation.name
                && matches!(planned.class, Some(Class::Cache | Class::Scratch))
        });
        for (_, _, volume) in worthless {
            let key = volume.key();
            steps.push(Step {
                frees: "what is in it".into(),
                costs: "what its application has to fetch or to work out again".into(),
                paths: vec![volume.planned.host_path.to_string()],
                act: Act::Person,
                ..step(&format!("cache:{key}"), &format!("empty {key}, which holds what can be had again, by its application's own means"))
            });
        }
        steps.extend(self.undo_points());
        steps
    }

    /// What restores replaced is kept beside the snapshots, each with its number in its name.
    fn undo_points(&self) -> Option<Step> {
        let directory = self.planned.subvolume_of(MountRole::Snapshots)?;
        let observed = self
            .situation
            .observed
            .filesystems
            .get(self.situation.name)?;
        let all = observed.subvolumes.get()?;
        let prefix = format!("{directory}/.podman-btrfs-undo-");
        let found: Vec<String> = all
            .keys()
            .filter(|path| path.starts_with(&prefix))
            .cloned()
            .collect();
        (!found.is_empty()).then(|| Step {
            frees: "what they hold alone".into(),
            costs: "the way back to what was there before a restore".into(),
            needs: Needs::ALittle,
            paths: found,
            act: Act::Person,
            ..step(
                "undo-points",
                "forget what restores replaced; `podman-btrfs restore --help` says how",
            )
        })
    }
}

fn span(of: &[&Snapshot]) -> String {
    let taken = of.iter().map(|one| one.taken);
    let (first, last) = (taken.clone().min().unwrap_or(0), taken.max().unwrap_or(0));
    if first == last {
        return day(first);
    }
    format!("{} to {}", day(first), day(last))
}

fn deletion(name: &str, does: &str, of: &[&Snapshot]) -> Step {
    let paths: Vec<String> = of.iter().map(|one| one.path.clone()).collect();
    let delete = |path: &String| words(&["btrfs", "subvolume", "delete", "-c", "--", path]);
    Step {
        frees: "data and metadata that no other snapshot shows, once the cleaner is done".into(),
        commands: paths.iter().map(delete).collect(),
        paths,
        act: Act::DeleteSnapshots(of.iter().map(|one| one.uuid.clone()).collect()),
        ..step(name, does)
    }
}

fn beyond_policy(job: &Job, copy: &str, spare: &Spare) -> Option<Step> {
    let of = &spare.beyond;
    (!of.is_empty()).then(|| Step {
        costs: format!(
            "moments that the policy {} no longer keeps: {}",
            job.policy,
            span(of)
        ),
        ..deletion(
            &format!("{BEYOND_POLICY}{copy}"),
            &format!(
                "delete {} snapshots of {copy} that its policy does not keep",
                of.len()
            ),
            of,
        )
    })
}

fn older_half(copy: &str, spare: &Spare) -> Option<Step> {
    let of = &spare.older;
    (!of.is_empty()).then(|| Step {
        costs: format!(
            "moments that the policy keeps: {}; {} later snapshots stay, the newest among them",
            span(of),
            spare.stay
        ),
        ..deletion(
            &format!("{OLDER}{copy}"),
            &format!(
                "delete the older half of the snapshots of {copy}, {} of them",
                of.len()
            ),
            of,
        )
    })
}

/// btrbk knows which snapshot the next copy starts from, and snapper keeps a list of its own.
fn by_its_tool(job: &Job) -> Vec<Step> {
    let run = |name: &str| {
        let file = format!("/etc/btrbk/{name}.conf");
        words(&["btrbk", "--config", &file, "--preserve-backups", "prune"])
    };
    let snapper = |name: &str| words(&["snapper", "--config", name, "cleanup", "timeline"]);
    let commands = match job.tool {
        SnapshotTool::Btrbk => job.runs().iter().map(|of| run(&of.name)).collect(),
        SnapshotTool::Snapper => job.subvolumes.iter().map(|of| snapper(&of.name)).collect(),
    };
    vec![Step {
        frees: "what the snapshots hold alone that the policy does not keep, if there are any"
            .into(),
        costs: format!("moments that the policy {} no longer keeps", job.policy),
        needs: Needs::ALittle,
        commands,
        ..step(
            &format!("prune:{}", job.name),
            &format!(
                "let {} delete snapshots that the policy {} does not keep",
                job.tool.name(),
                job.policy
            ),
        )
    }]
}

fn more_by_its_tool(job: &Job) -> Vec<Step> {
    let commands = match job.tool {
        SnapshotTool::Btrbk => {
            let list = |name: &str| {
                words(&[
                    "btrbk",
                    "--config",
                    &format!("/etc/btrbk/{name}.conf"),
                    "list",
                    "latest",
                ])
            };
            job.runs().iter().map(|of| list(&of.name)).collect()
        }
        SnapshotTool::Snapper => {
            let list = |name: &str| words(&["snapper", "--config", name, "list"]);
            job.subvolumes.iter().map(|of| list(&of.name)).collect()
        }
    };
    vec![Step {
        frees: "what they hold alone".into(),
        costs: "moments that the policy keeps; without the snapshot that the next copy starts from everything is sent again".into(),
        commands,
        act: Act::Person,
        ..step(&format!("{OLDER}{}", job.name), &format!("delete old snapshots of the job {} by hand; its tool lists them, and which are copied already", job.name))
    }]
}
