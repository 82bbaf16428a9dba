//! The steps inside the namespace, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{ByteSize, DevicePath, FilesystemName};

use super::layout::Layout;
use super::mounts;
use crate::observe::mountinfo;
use crate::rehearse::adapt::adapted;
use crate::rehearse::disks::{self, Disk, Image};
use crate::rehearse::life::Life;
use crate::rehearse::podman::{self, Podman};
use crate::rehearse::private_root;
use crate::rehearse::stage::{Seen, Stage, failed, passed};
use crate::rehearse::stand_in::WithAccounts;
use crate::rehearse::task::{Message, Task};
use crate::system::{Fault, RealSystem};

type Say<'a> = &'a dyn Fn(Message);
type Images = BTreeMap<FilesystemName, Vec<Image>>;
type Disks = BTreeMap<FilesystemName, Vec<Disk>>;

/// Plays the whole rehearsal. What was made is taken down again, whatever failed.
pub(super) fn play(task: &Task, say: Say, critical: &Mutex<()>) {
    let mut hear = |progress| say(Message::Progress(progress));
    let mut stage = Stage::new(&mut hear);
    let system = WithAccounts::new(&RealSystem);
    let Some((images, archive)) = stage.step("", "namespace", || enter(task, say)) else {
        return;
    };
    let scene = Scene {
        task,
        system: &system,
        say,
        critical,
        archive,
    };
    let mut made = BTreeMap::new();
    let _ = scene.make(images, &mut made, &mut stage);
    stage.step("", "take down", || scene.take_down(made));
}

/// What is only to be had outside is opened first; then the root changes.
fn enter(task: &Task, say: Say) -> Seen<(Images, Option<File>)> {
    let archive = task.stored.as_ref().map(|stored| {
        File::open(&stored.archive).map_err(|source| Fault::File {
            what: "open",
            path: stored.archive.clone(),
            source,
        })
    });
    let archive = archive.transpose()?;
    let mut images: Images = BTreeMap::new();
    for (name, filesystem) in &task.plan.filesystems {
        for _ in 0..disks::count(filesystem) {
            let image = disks::make_image(name, &task.options)?;
            image
                .kept
                .iter()
                .for_each(|path| say(Message::Kept(path.clone())));
            images.entry(name.clone()).or_default().push(image);
        }
    }
    let mut ours = mounts::used_in_place(&task.plan);
    ours.extend(podman::STATE.map(PathBuf::from));
    ours.push(podman::WORK.into());
    private_root::enter(&ours)?;
    passed(
        (images, archive),
        "mounts, processes and a root directory of its own",
    )
}

/// Where all planned mounts are looked at, `/` among them.
fn planned() -> PathBuf {
    Path::new(podman::WORK).join("planned")
}

struct Scene<'a> {
    task: &'a Task,
    system: &'a WithAccounts<'a>,
    say: Say<'a>,
    critical: &'a Mutex<()>,
    archive: Option<File>,
}

impl Scene<'_> {
    /// `None` as soon as something failed that everything later needs.
    fn make(&self, images: Images, made: &mut Disks, stage: &mut Stage) -> Option<()> {
        for (name, images) in images {
            let disks = stage.step(name.as_str(), "disks", || self.attach(images))?;
            let disks = made.entry(name.clone()).or_insert(disks);
            let filesystem = self.task.plan.filesystems.get(&name)?;
            stage.step(name.as_str(), "mkfs", || {
                let seen = disks::format(filesystem, &name, disks, self.system)?;
                let place = Path::new(podman::WORK).join("held").join(name.as_str());
                disks::hold(filesystem, disks, &place, self.system)?;
                passed((), seen)
            })?;
        }
        let devices: BTreeMap<FilesystemName, DevicePath> = made
            .iter()
            .filter_map(|(name, disks)| Some((name.clone(), disks.first()?.device.clone())))
            .collect();
        let plan = &adapted(&self.task.plan, self.system, stage)
            .or_else(|fault| stage.step("", "limits", || Err(fault)).ok_or(()))
            .ok()?;
        let layout = Layout {
            plan,
            devices: &devices,
            system: self.system,
        };
        stage.step("", "layout", || layout.make())?;
        stage.step("", "mounts", || {
            passed(
                (),
                mounts::mount_all(plan, &devices, &planned(), self.system)?,
            )
        })?;
        // What these find wrong stops nothing: everything that is wrong comes in one run.
        stage.step("", "verify", || layout.verify(&planned()));
        stage.step("", "apply again", || layout.make_again());
        self.live(plan, stage)?;
        stage.step("", "verify again", || layout.verify(&planned()))
    }

    fn attach(&self, images: Vec<Image>) -> Seen<Vec<Disk>> {
        let mut disks = Vec::new();
        for image in images {
            let disk = disks::attach(image, self.system, self.critical)?;
            (self.say)(Message::Attached(disk.attached.clone()));
            disks.push(disk);
        }
        let names: Vec<&str> = disks.iter().map(|disk| disk.device.as_str()).collect();
        let size = ByteSize::from_bytes(self.task.options.size);
        let detail = format!("{} of {size}, sparse: {}", disks.len(), names.join(" "));
        passed(disks, detail)
    }

    /// Podman and the lives of the workloads. A life that fails is told and ends nothing else.
    fn live(&self, plan: &Plan, stage: &mut Stage) -> Option<()> {
        if self.task.options.layout_only {
            stage.skip("", "Podman", "because of --layout-only");
            return Some(());
        }
        let (Some(conf), Some(text)) = (&plan.engine.storage_conf, &self.task.storage_conf) else {
            stage.skip("", "Podman", "the plan has no store, so nothing can be run");
            return Some(());
        };
        let mut podman = stage.step("", "Podman", || {
            Podman::start(self.system, conf, text, self.task.busybox.clone())
        })?;
        stage.step("", "images", || {
            let path = self.archive.as_ref().map(|file| {
                PathBuf::from(format!(
                    "/proc/{}/fd/{}",
                    std::process::id(),
                    file.as_raw_fd()
                ))
            });
            let stored = self.task.stored.as_ref();
            podman.load(
                path.as_deref()
                    .zip(stored.map(|stored| stored.images.as_slice())),
            )
        })?;
        let copies = usize::try_from(self.task.options.replicas).unwrap_or(usize::MAX);
        for (name, workload) in &plan.workloads {
            let all = workload.instances.len();
            for instance in workload.instances.iter().take(copies) {
                let (podman, system) = (&podman, self.system);
                Life {
                    plan,
                    name,
                    workload,
                    instance,
                    podman,
                    system,
                }
                .play(stage);
            }
            if all > copies {
                stage.skip(
                    name.as_str(),
                    "copies",
                    format!(
                        "{} of {all} copies, because of --replicas {copies}",
                        all - copies
                    ),
                );
            }
        }
        stage.step("", "remove", || podman.remove_all())
    }

    fn take_down(&self, made: Disks) -> Seen<()> {
        let disks: Vec<&Disk> = made.values().flatten().collect();
        let devices: BTreeSet<&str> = disks.iter().map(|disk| disk.device.as_str()).collect();
        mounts::unmount_all(&devices, self.system)?;
        let present = mountinfo::read(self.system)?;
        if let Some(mount) = present
            .iter()
            .find(|mount| devices.contains(mount.source.as_str()))
        {
            return failed(format!(
                "{} is still mounted at {}",
                mount.source, mount.mount_point
            ));
        }
        for disks in made.values() {
            disks::forget(disks, self.system)?;
        }
        let count: usize = made.values().map(Vec::len).sum();
        drop(made);
        passed(
            (),
            format!("everything unmounted, disks given back: {count}"),
        )
    }
}
