//! What the kernel, tools and files say of this host, read-only: parsers, and [`observe`], which puts all of it
//! together for a plan. Nothing is mounted and nothing written.

pub mod device_stats;
pub mod du;
mod filesystem;
pub mod kernel_btrfs;
pub mod mountinfo;
mod place;
pub mod quotas;
pub mod snapshot_names;
pub(crate) mod store;
pub mod subvolumes;
pub mod units;
pub mod usage;
pub mod uuid;
mod work;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::drift::{FilesystemOnHost, Host};
use podman_btrfs_core::observed::{self, Account, Known, Observed, ObservedEngine, ObservedStore};
use podman_btrfs_core::plan::{Plan, StorePlan};

use crate::system::System;

/// Where things are on the host that no plan names.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where `storage.conf` is.
    pub containers: PathBuf,
    /// Where the receipts are, and in directories of it the journals of what was begun.
    pub receipts: PathBuf,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            containers: "/etc/containers".into(),
            receipts: "/var/lib/podman-btrfs/receipts".into(),
        }
    }
}

impl Places {
    /// The usual ones, but the receipts.
    #[must_use]
    pub fn with_receipts(receipts: &Path) -> Self {
        Self {
            receipts: receipts.to_owned(),
            ..Self::default()
        }
    }
}

/// Looks at everything that the plan names. Few programs are run, and none for each volume.
#[must_use]
pub fn observe(plan: &Plan, system: &dyn System, places: &Places) -> Observed {
    let mut observed = Observed {
        filesystems: filesystem::all(plan, system),
        engine: ObservedEngine {
            configured: match &plan.engine.storage_conf {
                Some(_) => store::configured(system, &places.containers).into(),
                None => Known::Known(None),
            },
            stores: BTreeMap::new(),
            accounts: accounts(plan, system),
        },
        units: units(plan, system),
        work: work::begun(&places.receipts, system).into(),
    };
    observed.engine.stores = stores(plan, &observed, system);
    observed
}

fn accounts(plan: &Plan, system: &dyn System) -> BTreeMap<String, Known<Option<Account>>> {
    let owners = plan.owners().into_iter();
    owners
        .map(|owner| {
            let found = system.account(owner.as_str());
            let found = found.map(|ids| ids.map(|(uid, gid)| Account { uid, gid }));
            (owner.to_string(), found.into())
        })
        .collect()
}

fn units(plan: &Plan, system: &dyn System) -> Known<BTreeMap<String, observed::ObservedUnit>> {
    let planned = observed::units(plan);
    let names: Vec<&str> = planned.iter().map(|unit| unit.name.as_str()).collect();
    units::look(system, &names).into()
}

fn stores(
    plan: &Plan,
    observed: &Observed,
    system: &dyn System,
) -> BTreeMap<String, ObservedStore> {
    let host = Host { plan, observed };
    let filesystems: BTreeMap<_, _> = host.filesystems().map(|one| (one.name, one)).collect();
    let conf = plan.engine.storage_conf.as_ref();
    let of_root: Vec<&Path> = conf
        .into_iter()
        .flat_map(|conf| conf.image_store.iter().chain([&conf.run_root]))
        .map(|path| Path::new(path.as_str()))
        .collect();
    let look = |store: &StorePlan, others: &[&Path]| {
        let is_reached = |one: &FilesystemOnHost| one.is_reached(&store.graph_root);
        if !filesystems.get(&store.filesystem).is_some_and(is_reached) {
            return store::unknown(&format!("{} is not mounted as planned", store.graph_root));
        }
        store::look(system, Path::new(store.graph_root.as_str()), others)
    };
    let users = plan.engine.users.iter();
    let system_store = plan.engine.system.iter();
    system_store
        .map(|store| ("root".to_owned(), look(store, &of_root)))
        .chain(users.map(|(user, store)| (user.to_string(), look(store, &[]))))
        .collect()
}
