//! What a move takes: bytes, room, units that are stopped, time.

use std::path::Path;

use podman_btrfs_core::observed::Chunks;
use podman_btrfs_core::spec::Media;
use serde::Serialize;

use super::journal::{Copied, Spot};
use super::{Mover, Stop};
use crate::observe::{mountinfo, usage};
use crate::system::{Survey, System};
use crate::units;

/// Seconds for each thousand files, and for stopping and starting units: our guesses.
const PER_THOUSAND_FILES: u64 = 1;
const FOR_UNITS: u64 = 20;

/// What a move takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Where the data lies.
    pub source: Spot,
    /// Why it is moved.
    pub why: String,
    /// Where it is to lie.
    pub target: Spot,
    /// What is in it.
    pub holds: Survey,
    /// Bytes of data that fit on the target's filesystem now.
    pub room_bytes: u64,
    /// Bytes of it that are to stay free.
    pub reserve_bytes: u64,
    /// The running units that are stopped.
    pub units: Vec<String>,
    /// How long the first copy takes, while everything runs.
    pub seconds: u64,
    /// How long the units are stopped.
    pub stopped_seconds: u64,
    /// What the times rest on.
    pub basis: String,
}

impl Estimate {
    /// In one line.
    #[must_use]
    pub fn shown(&self) -> String {
        let units = if self.units.is_empty() {
            "no unit that is running".to_owned()
        } else {
            self.units.join(", ")
        };
        format!(
            "{} to {}, because {}: {} files of {}; {} is free, of which {} stays so; copied in about {}, then {units} stopped for about {} ({})",
            self.source.shown(),
            self.target.shown(),
            self.why,
            self.holds.files,
            bytes(self.holds.bytes),
            bytes(self.room_bytes),
            bytes(self.reserve_bytes),
            time(self.seconds),
            time(self.stopped_seconds),
            self.basis
        )
    }
}

pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut whole, mut tenths, mut unit) = (count, 0, 0);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        unit += 1;
    }
    let word = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        return format!("{whole} {word}");
    }
    format!("{whole}.{tenths} {word}")
}

pub(crate) fn time(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

impl Mover<'_> {
    /// Looks what the move takes, and refuses one that cannot be made. `staged`: where a part of it is copied already.
    pub(super) fn estimate(
        &self,
        source: &Spot,
        why: &str,
        staged: Option<&str>,
    ) -> Result<Estimate, Stop> {
        let holds = self.survey(source)?;
        let (room_bytes, reserve_bytes) = self.room(&holds, staged)?;
        let candidates = units::candidates(
            self.plan,
            &[self.volume.planned.host_path.as_str()],
            &self.request.units,
        );
        let running = units::running(self.system, &candidates, &self.request.units)?;
        let (rate, basis) = rate(self.filesystem.media);
        let walk = holds.files / 1000 * PER_THOUSAND_FILES;
        Ok(Estimate {
            source: source.clone(),
            why: why.to_owned(),
            target: Spot::of(&self.volume.place),
            seconds: holds.bytes / rate + walk + 1,
            // Both sides are read, file by file.
            stopped_seconds: stopped(&holds, rate),
            holds,
            room_bytes,
            reserve_bytes,
            units: running.iter().map(units::Unit::shown).collect(),
            basis,
        })
    }

    /// How much fits, and how much of that is to stay free. What is to be copied beyond that is refused.
    pub(super) fn room(&self, holds: &Survey, staged: Option<&str>) -> Result<(u64, u64), Stop> {
        let staged = match staged {
            Some(path) => self.staged(path)?,
            None => 0,
        };
        let needed = holds.bytes.saturating_sub(staged);
        room(
            self.system,
            self.top()?,
            self.filesystem.reserve_bytes,
            needed,
        )
    }

    /// What is in the source; with something in it that a copy would leave out it is refused.
    pub(super) fn survey(&self, source: &Spot) -> Result<Survey, Stop> {
        let path = self.path(source)?;
        let holds = self.system.survey(&path)?;
        let names = holds.inside.iter().map(|inside| {
            let name = inside
                .strip_prefix(&path)
                .unwrap_or(inside)
                .to_string_lossy();
            format!("`{}`", name.escape_debug())
        });
        let names: Vec<String> = names.take(5).collect();
        if !names.is_empty() {
            return Err(Stop::Refused(format!(
                "subvolumes or mounts lie in it, which a move would leave behind: {}; move them out, or copy them into plain directories",
                names.join(", ")
            )));
        }
        // From our own mount of the top level it is not seen what the host has mounted over it.
        let host = std::path::Path::new(self.volume.planned.host_path.as_str());
        let mounts = mountinfo::read(self.system)?;
        let mut over = mounts
            .iter()
            .filter(|mount| std::path::Path::new(&mount.mount_point).starts_with(host));
        match over.next() {
            Some(mount) => Err(Stop::Refused(format!(
                "something is mounted at {}, over the volume; unmount it first",
                mount.mount_point.escape_debug()
            ))),
            None => Ok(holds),
        }
    }

    fn staged(&self, path: &str) -> Result<u64, Stop> {
        let staging = self.top()?.join(path);
        if self.system.look(&staging)?.is_none() {
            return Ok(0);
        }
        Ok(self.system.survey(&staging)?.bytes)
    }
}

/// How much fits on the filesystem that is mounted at a place, and how much of that is to stay free. What is to be copied beyond
/// that is refused.
pub(super) fn room(
    system: &dyn System,
    place: &Path,
    reserve_bytes: Option<u64>,
    needed: u64,
) -> Result<(u64, u64), Stop> {
    let space = usage::look(system, &place.to_string_lossy())?;
    let free = |chunks: &Chunks| chunks.size.saturating_sub(chunks.used);
    let in_chunks: u64 = space.data.iter().map(free).sum();
    let room = space.room().saturating_add(in_chunks);
    let reserve = space.wanted(reserve_bytes);
    if needed.saturating_add(reserve) <= room {
        return Ok((room, reserve));
    }
    Err(Stop::Refused(format!(
        "{} do not fit: {} are free, of which {} stay free for metadata and for cleaning up",
        bytes(needed),
        bytes(room),
        bytes(reserve)
    )))
}

pub(super) fn stopped(holds: &Survey, rate: u64) -> u64 {
    2 * holds.bytes / rate + 3 * (holds.files / 1000 * PER_THOUSAND_FILES) + FOR_UNITS
}

/// How long the units are stopped, by what the first copy took.
pub(super) fn measured(holds: &Survey, copied: Copied) -> String {
    let rate = (copied.bytes / copied.seconds.max(1)).max(1);
    time(stopped(holds, rate))
}

/// Bytes a second, and what that rests on.
pub(super) fn rate(media: Option<Media>) -> (u64, String) {
    const MIB: u64 = 1 << 20;
    let (rate, of) = match media {
        Some(Media::Nvme) => (800, "NVMe"),
        Some(Media::Ssd) => (300, "an SSD"),
        Some(Media::Hdd) => (80, "a disk that rotates"),
        None => (100, "a medium that is not declared"),
    };
    (
        rate * MIB,
        format!("a guess: {rate} MiB/s, for {of}; measured while it copies"),
    )
}
