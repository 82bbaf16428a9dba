//! One filesystem: its space, what lies on it, and what of that nobody planned.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::drift::{FilesystemOnHost, Host};
use podman_btrfs_core::observed::{Known, ObservedQuota, Space};
use podman_btrfs_core::space::until_full;
use podman_btrfs_core::units::HostPath;

use super::document::{
    FilesystemStatus, LeakedLayers, Other, SpaceStatus, Taken, Unplanned, UnplannedPlace,
    WholeSizes,
};
use super::holders::{Holders, Who, stores};
use super::sizes::{self, Found};
use super::{Records, map};
use crate::ledger::Left;
use crate::observe::quotas;
use crate::system::System;

/// What was looked at on one filesystem.
pub(super) struct Looked<'h> {
    /// Whose everything is; unknown where the subvolumes are.
    pub(super) holders: Known<Holders<'h>>,
    /// What everybody holds.
    pub(super) sizes: Known<Found>,
    /// What simple quotas charge each subvolume with, by path; absent: they are not on.
    pub(super) charged: Known<Option<BTreeMap<String, u64>>>,
}

/// Looks at one filesystem through a mount of it that is as planned.
pub(super) fn look<'h>(
    host: Host<'h>,
    filesystem: FilesystemOnHost<'h>,
    left: &[Left],
    system: &dyn System,
) -> Looked<'h> {
    let subvolumes = &filesystem.observed.subvolumes;
    let holders = match subvolumes {
        Known::Known(all) => Known::Known(Holders::of(host, filesystem, all, left)),
        Known::Unknown { why } => Known::unknown(why),
    };
    let sizes = match (&holders, through(filesystem)) {
        (Known::Unknown { why }, _) => Known::unknown(why),
        (Known::Known(_), None) => Known::unknown("none of its mounts is as planned"),
        (Known::Known(holders), Some(place)) => {
            sizes::read(holders, Path::new(place.as_str()), system).into()
        }
    };
    Looked {
        charged: charged(filesystem, system),
        holders,
        sizes,
    }
}

/// A place that leads into it.
fn through(filesystem: FilesystemOnHost<'_>) -> Option<&HostPath> {
    let mounts = filesystem.planned.mounts.iter();
    let mut in_effect = mounts.filter(|mount| filesystem.is_in_effect(mount));
    in_effect.next().map(|mount| &mount.mount_point)
}

fn charged(
    filesystem: FilesystemOnHost,
    system: &dyn System,
) -> Known<Option<BTreeMap<String, u64>>> {
    match &filesystem.observed.quota {
        Known::Unknown { why } => return Known::unknown(why),
        // Of classic qgroups nothing is asked: their numbers mean something else.
        Known::Known(ObservedQuota::None | ObservedQuota::Classic) => return Known::Known(None),
        Known::Known(ObservedQuota::Simple) => {}
    }
    let (Some(place), Some(subvolumes)) =
        (through(filesystem), filesystem.observed.subvolumes.get())
    else {
        return Known::unknown("none of its mounts is as planned");
    };
    let by_number = quotas::charged(system, place.as_str());
    let by_path = by_number.map(|by_number| {
        let charged = subvolumes.iter().filter_map(|(path, of)| {
            let bytes = by_number.get(&of.id)?;
            Some((path.clone(), *bytes))
        });
        Some(charged.collect())
    });
    by_path.into()
}

/// What is told of it.
pub(super) fn status(
    host: Host,
    filesystem: FilesystemOnHost,
    looked: &Looked,
    records: Records,
) -> FilesystemStatus {
    let observed = filesystem.observed;
    let name = filesystem.name.as_str();
    let found = observed.found.get().cloned().flatten();
    let uuid = found.and_then(|found| found.uuid);
    let reserve = filesystem.planned.reserve_bytes;
    let space = map(&observed.space, |space| space_of(space, reserve));
    let growth = uuid
        .as_ref()
        .and_then(|uuid| records.history.of_filesystem(name, uuid));
    let full = space.get().zip(growth).and_then(|(space, growth)| {
        until_full(space.available_bytes, space.reserve_bytes, &growth)
    });
    FilesystemStatus {
        uuid,
        mount_point: filesystem.planned.mount_point.to_string(),
        space,
        quota: observed.quota.clone(),
        sizes: map(&looked.sizes, |found| WholeSizes {
            stored_bytes: found.stored,
            subvolumes: found.subvolumes,
        }),
        growth,
        until_full: full,
        simulated: records.simulated.get(name).cloned(),
        unplanned: unplanned(looked),
        leaked_layers: leaked(host, filesystem, looked),
        others: others(looked),
    }
}

fn space_of(space: &Space, planned: Option<u64>) -> SpaceStatus {
    let used = space.metadata.iter().map(|chunks| chunks.used);
    SpaceStatus {
        device_bytes: space.device_size,
        data_bytes: space.data_used(),
        available_bytes: space.data_free().saturating_add(space.room()),
        allocatable_bytes: space.room(),
        reserve_bytes: space.wanted(planned),
        metadata_bytes: used.fold(0, u64::saturating_add),
        metadata_left_bytes: space.metadata_left(),
    }
}

/// What somebody takes; nothing, where he was not come across.
fn taken(found: &Found, who: &Who) -> Taken {
    let share = found.shares.get(who).copied().unwrap_or_default();
    Taken {
        stored_bytes: share.stored,
        exclusive_bytes: share.exclusive,
    }
}

fn unplanned(looked: &Looked) -> Vec<Unplanned> {
    let found = looked.holders.get().map(Holders::unplanned);
    let found = found.unwrap_or_default().into_iter();
    let told = found.map(|(name, places)| {
        let is_known = places.iter().any(|(_, volume)| volume.is_some());
        let help = if is_known {
            format!(
                "`podman-btrfs retire PLAN --confirm {name}` deletes what the ledger has of it, after its grace time; what the ledger does not \
                 have is deleted by hand with `btrfs subvolume delete`, when nobody wants it"
            )
        } else {
            "see whose it is; what nobody wants is deleted by hand with `btrfs subvolume delete`".to_owned()
        };
        let place = |(path, volume): (&str, Option<&str>)| UnplannedPlace {
            path: path.to_owned(),
            volume: volume.map(str::to_owned),
        };
        let who = Who::Unplanned(name.to_owned());
        Unplanned {
            name: name.to_owned(),
            places: places.into_iter().map(place).collect(),
            sizes: map(&looked.sizes, |found| taken(found, &who)),
            help,
        }
    });
    told.collect()
}

fn leaked(host: Host, filesystem: FilesystemOnHost, looked: &Looked) -> Vec<LeakedLayers> {
    let stores = stores(host).into_iter();
    let on_it = stores.filter(|(_, planned)| planned.filesystem == *filesystem.name);
    let told = on_it.filter_map(|(store, _)| {
        let layers = host.observed.engine.stores.get(store)?;
        let layers = map(&layers.leaked_layers, |all| all.iter().cloned().collect());
        if layers.get().is_some_and(Vec::is_empty) {
            return None;
        }
        let who = Who::Leaked(store.to_owned());
        Some(LeakedLayers {
            store: store.to_owned(),
            sizes: match layers.why() {
                Some(why) => Known::unknown(why),
                None => map(&looked.sizes, |found| taken(found, &who)),
            },
            layers,
            help: "`podman-btrfs retire PLAN --leaked-layers` looks at each again and deletes it"
                .into(),
        })
    });
    told.collect()
}

fn others(looked: &Looked) -> Vec<Other> {
    let found = looked.sizes.get().into_iter();
    let told = found.flat_map(|found| {
        let others = found.shares.keys();
        others.filter_map(move |who| match who {
            Who::Other(what) => Some(Other {
                what: (*what).to_owned(),
                sizes: taken(found, who),
            }),
            Who::Volume(_)
            | Who::Beside(_)
            | Who::Snapshots(_)
            | Who::Unplanned(_)
            | Who::Leaked(_) => None,
        })
    });
    told.filter(|of| of.sizes.stored_bytes > 0).collect()
}
