//! A host on which everything is as planned: what tests and pages change one thing of.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Account, Chunks, ConfiguredStore, DeviceErrors, FoundFilesystem, Known, Observed,
    ObservedEngine, ObservedFilesystem, ObservedMarker, ObservedMount, ObservedPlace,
    ObservedQuota, ObservedStore, ObservedSubvolume, ObservedUnit, PlaceKind, Space, StoreContents,
    UnitState, units,
};
use crate::plan::{
    FilesystemOrigin, FilesystemPlan, Mount, Placement, Plan, QuotaMode, StorePlan, Subvolume,
    VolumePlan,
};
use crate::spec::{Compression, Profile};
use crate::units::{FilesystemName, UserName};

const GIB: u64 = 1 << 30;

impl Observed {
    /// A host on which everything is as planned, and nothing is in use yet.
    #[must_use]
    pub fn as_planned(plan: &Plan) -> Self {
        let engine = engine(plan);
        let filesystems = plan.filesystems.iter();
        let units = units(plan).into_iter().map(|unit| {
            let state = if unit.is_timer {
                UnitState::Active
            } else {
                UnitState::Inactive
            };
            let last_run = None;
            (unit.name, ObservedUnit { state, last_run })
        });
        Self {
            filesystems: filesystems
                .map(|(name, planned)| (name.clone(), filesystem(plan, name, planned, &engine)))
                .collect(),
            units: Known::Known(units.collect()),
            work: Known::Known(Vec::new()),
            engine,
        }
    }
}

fn engine(plan: &Plan) -> ObservedEngine {
    let conf = plan.engine.storage_conf.as_ref();
    let driver = conf.map(|conf| conf.driver.name().to_owned());
    let configured = conf.map(|conf| ConfiguredStore {
        driver: driver.clone(),
        graph_root: Some(conf.graph_root.to_string()),
    });
    let store = |_: &StorePlan| ObservedStore {
        drivers: Known::Known(driver.iter().cloned().collect()),
        contents: Known::Known(Some(StoreContents {
            containers: 0,
            images: 0,
            volumes: 0,
        })),
        leaked_layers: Known::Known(BTreeSet::new()),
    };
    let system = plan.engine.system.as_ref();
    let users = plan.engine.users.iter();
    ObservedEngine {
        configured: Known::Known(configured),
        stores: system
            .map(|planned| ("root".to_owned(), store(planned)))
            .into_iter()
            .chain(users.map(|(user, planned)| (user.to_string(), store(planned))))
            .collect(),
        accounts: plan
            .owners()
            .into_iter()
            .zip(1000..)
            .map(|(owner, uid)| {
                let stated = plan.engine.users.get(owner).and_then(|store| store.uid);
                let uid = stated.unwrap_or(uid);
                let account = Account { uid, gid: 100 };
                (owner.to_string(), Known::Known(Some(account)))
            })
            .collect(),
    }
}

fn filesystem(
    plan: &Plan,
    name: &FilesystemName,
    planned: &FilesystemPlan,
    engine: &ObservedEngine,
) -> ObservedFilesystem {
    let found = FoundFilesystem {
        uuid: Some("c0ffee00-0000-4000-8000-000000000000".into()),
        label: Some(planned.label.clone()),
    };
    let devices = match &planned.origin {
        FilesystemOrigin::New { disks, .. } => disks.iter().map(ToString::to_string).collect(),
        FilesystemOrigin::Existing => vec![planned.device.to_string()],
    };
    let mounts = planned.mounts.iter().map(|mount| {
        let point = mount.mount_point.clone();
        (point, mounted(mount, planned))
    });
    ObservedFilesystem {
        found: Known::Known(Some(found)),
        mounts: Known::Known(mounts.collect()),
        space: Known::Known(space(planned, devices.len())),
        devices: Known::Known(
            devices
                .into_iter()
                .map(|device| (device, DeviceErrors::default()))
                .collect(),
        ),
        missing_devices: Known::Known(BTreeSet::new()),
        quota: Known::Known(match planned.quota {
            QuotaMode::Simple => ObservedQuota::Simple,
            QuotaMode::None | QuotaMode::Watched => ObservedQuota::None,
        }),
        subvolumes: Known::Known(subvolumes(planned)),
        places: places(plan, name, planned, engine),
    }
}

fn mounted(mount: &Mount, planned: &FilesystemPlan) -> ObservedMount {
    let mut options = mount.options.clone();
    options.push("rw".into());
    ObservedMount {
        kind: "btrfs".into(),
        source: planned.device.to_string(),
        planned_filesystem: Known::Known(true),
        subvolume: mount.subvolume.to_string(),
        options,
    }
}

fn space(planned: &FilesystemPlan, devices: usize) -> Space {
    let profile = planned.data_profile.unwrap_or(Profile::Single);
    let chunks = |profile, gibibytes: u64| Chunks {
        profile,
        size: gibibytes * GIB,
        used: gibibytes * GIB / 4,
    };
    // Enough for any profile, whatever the devices' number.
    let each = 4 * planned.reserve_bytes.unwrap_or(0).max(1024 * GIB);
    let unallocated = vec![each; devices.max(profile.min_devices())];
    let metadata = planned.metadata_profile.unwrap_or(Profile::Dup);
    Space {
        device_size: unallocated.iter().sum::<u64>() + 64 * GIB,
        missing: Some(0),
        unallocated,
        data: vec![chunks(profile, 8)],
        metadata: vec![chunks(metadata, 4)],
        system: vec![chunks(metadata, 1)],
        global_reserve: Some(GIB / 2),
    }
}

fn subvolumes(planned: &FilesystemPlan) -> BTreeMap<String, ObservedSubvolume> {
    let planned = planned.subvolumes.iter().zip(256_u64..);
    planned
        .map(|(subvolume, id)| {
            let observed = ObservedSubvolume {
                id,
                uuid: format!("c0ffee00-0000-4000-8000-{id:012x}"),
                parent_uuid: None,
                received_uuid: None,
                read_only: false,
            };
            (subvolume.path.to_string(), observed)
        })
        .collect()
}

fn places(
    plan: &Plan,
    name: &FilesystemName,
    planned: &FilesystemPlan,
    engine: &ObservedEngine,
) -> BTreeMap<String, Known<Option<ObservedPlace>>> {
    let mut places: BTreeMap<String, ObservedPlace> = BTreeMap::new();
    let ids = |owner: Option<&UserName>| {
        let account = owner.and_then(|owner| engine.accounts.get(owner.as_str()));
        let account = account.and_then(|known| known.get().copied().flatten());
        account.map_or((0, 0), |account| (account.uid, account.gid))
    };
    for subvolume in &planned.subvolumes {
        let limited = planned.quota == QuotaMode::Simple;
        let place = of_subvolume(subvolume, ids(subvolume.owner.as_ref()), limited);
        places.insert(subvolume.path.to_string(), place);
    }
    for (_, workload, volume) in plan.volumes() {
        if volume.planned.filesystem != *name {
            continue;
        }
        let directory = fresh(PlaceKind::Directory, "0755", ids(workload.user.as_ref()));
        let at = volume.planned.place(volume.name);
        let place = match volume.planned.placement {
            Placement::GroupDirectory => places.entry(at).or_insert(directory),
            Placement::OwnSubvolume => match places.get_mut(&at) {
                Some(place) => place,
                None => continue,
            },
        };
        give(place, volume.planned, &volume.key());
    }
    places
        .into_iter()
        .map(|(path, place)| (path, Known::Known(Some(place))))
        .collect()
}

fn of_subvolume(planned: &Subvolume, ids: (u32, u32), limited: bool) -> ObservedPlace {
    ObservedPlace {
        limit_bytes: Known::Known(planned.limit_bytes.filter(|_| limited)),
        ..fresh(PlaceKind::Subvolume, &planned.mode, ids)
    }
}

fn fresh(kind: PlaceKind, mode: &str, (uid, gid): (u32, u32)) -> ObservedPlace {
    ObservedPlace {
        kind,
        empty: false,
        mode: mode.to_owned(),
        uid,
        gid,
        nodatacow: Known::Known(false),
        compression: Known::Known(None),
        marker: Known::Known(None),
        limit_bytes: Known::Known(None),
    }
}

/// Attributes and the marker of a volume.
fn give(place: &mut ObservedPlace, planned: &VolumePlan, key: &str) {
    // Any that is another volume's nowhere.
    let number = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    place.nodatacow = Known::Known(!planned.copy_on_write);
    place.compression = Known::Known(planned.compression.map(Compression::name).map(Into::into));
    place.marker = Known::Known(Some(ObservedMarker {
        id: format!("{number:032x}"),
        volume: key.to_owned(),
    }));
}
