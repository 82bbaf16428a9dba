//! Everything that steps are worked out from, read-only but for one file that is tried and removed again.

use std::path::Path;

use podman_btrfs_core::clock::Zone;
use podman_btrfs_core::drift::{FilesystemOnHost, Host};
use podman_btrfs_core::emergency::{LeftBehind, Situation, Snapshot};
use podman_btrfs_core::observed::{Known, Observed};
use podman_btrfs_core::plan::{MountRole, Plan};
use podman_btrfs_core::units::{Text as _, TimeZoneName};

use super::Request;
use crate::ledger::Ledger;
use crate::observe::{Places, observe, snapshot_names, subvolumes};
use crate::system::{Fault, System};

/// What was found out.
pub(super) struct Gathered {
    observed: Observed,
    takes_writes: Known<bool>,
    being_cleaned: Known<usize>,
    snapshots: Known<Vec<Snapshot>>,
    left: Known<Vec<LeftBehind>>,
    zone: Known<Zone>,
    now: u64,
}

impl Gathered {
    pub(super) fn situation<'s>(&'s self, plan: &'s Plan, request: &'s Request) -> Situation<'s> {
        Situation {
            plan,
            name: &request.filesystem,
            observed: &self.observed,
            takes_writes: self.takes_writes.clone(),
            being_cleaned: self.being_cleaned.clone(),
            snapshots: self.snapshots.clone(),
            left: self.left.clone(),
            zone: self.zone.clone(),
            now: self.now,
        }
    }
}

pub(super) fn all(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
    places: &Places,
) -> Gathered {
    let observed = observe(plan, system, places);
    let host = Host {
        plan,
        observed: &observed,
    };
    let on_host = host
        .filesystems()
        .find(|one| *one.name == request.filesystem);
    let unseen = "it was not looked at";
    let takes_writes = on_host
        .map(|on_host| through_mount(on_host, |place| system.takes_writes(Path::new(place))));
    let being_cleaned = on_host
        .map(|on_host| through_mount(on_host, |place| subvolumes::being_cleaned(system, place)));
    let now = system.now();
    Gathered {
        takes_writes: takes_writes.unwrap_or_else(|| Known::unknown(unseen)),
        being_cleaned: being_cleaned.unwrap_or_else(|| Known::unknown(unseen)),
        snapshots: on_host.map_or_else(|| Known::unknown(unseen), snapshots),
        left: left(request, system, now).into(),
        zone: zone(system).into(),
        now,
        observed,
    }
}

/// An answer that is had through the mount of volumes, where that is as planned.
fn through_mount<T>(
    on_host: FilesystemOnHost,
    ask: impl FnOnce(&str) -> Result<T, Fault>,
) -> Known<T> {
    let place = &on_host.planned.mount_point;
    if !on_host.is_reached(place) {
        return Known::unknown(&format!("{place} is not mounted as planned"));
    }
    ask(place.as_str()).into()
}

/// The read-only subvolumes in the place of snapshots whose names are btrbk's.
fn snapshots(on_host: FilesystemOnHost) -> Known<Vec<Snapshot>> {
    let mut mounts = on_host.planned.mounts.iter();
    let Some(mount) = mounts.find(|mount| mount.role == MountRole::Snapshots) else {
        return Known::Known(Vec::new());
    };
    if !on_host.is_in_effect(mount) {
        return Known::unknown(&format!("{} is not mounted as planned", mount.mount_point));
    }
    let all = match &on_host.observed.subvolumes {
        Known::Known(all) => all,
        Known::Unknown { why } => return Known::unknown(why),
    };
    let found = all.iter().filter_map(|(path, subvolume)| {
        let name = path
            .strip_prefix(mount.subvolume.as_str())?
            .strip_prefix('/')?;
        let (series, taken) = snapshot_names::btrbk(name)?;
        let is_plain = subvolume.read_only && !name.contains('/');
        is_plain.then(|| Snapshot {
            series: series.to_owned(),
            taken,
            path: format!("{}/{name}", mount.mount_point),
            uuid: subvolume.uuid.clone(),
        })
    });
    Known::Known(found.collect())
}

fn left(request: &Request, system: &dyn System, now: u64) -> Result<Vec<LeftBehind>, Fault> {
    let ledger = Ledger::read(system, &request.ledger)?;
    let on_it = ledger
        .left
        .iter()
        .filter(|left| left.place.filesystem == request.filesystem);
    let left = on_it.map(|left| LeftBehind {
        volume: left.volume.clone(),
        place: left.place.path.clone(),
        is_due: left.grace_until <= now,
    });
    Ok(left.collect())
}

/// The host's time zone, by which btrbk counts days: `localtime(5)`; UTC where none is set.
fn zone(system: &dyn System) -> Result<Zone, Fault> {
    let link = Path::new("/etc/localtime");
    let Some(leads_to) = system.resolve(link)? else {
        return Ok(Zone::UTC);
    };
    let shown = leads_to.to_string_lossy();
    let name = shown.rsplit_once("/zoneinfo/").map(|(_, name)| name);
    let zone = name.and_then(|name| Zone::named(&TimeZoneName::parse(name).ok()?));
    zone.ok_or_else(|| {
        Fault::Unexpected(format!(
            "{} leads to {shown}, which is no time zone that is known",
            link.display()
        ))
    })
}
