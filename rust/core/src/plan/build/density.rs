//! Demands of the host, and its settings.

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::density::{Density, FilesystemLoad, Stores, assumed, count};
use crate::plan::{Demand, DensityPlan, Resource};
use crate::rules::{Choices, HostChoices};
use crate::units::ByteSize;

pub(super) fn density(facts: &Facts, choices: &Choices) -> DensityPlan {
    let counted = count(facts, choices);
    let mut demands = Demands::default();
    if counted.stores.all() > 0 {
        of_stores(choices, &counted.stores, &mut demands);
        of_host(facts, choices, counted.stores.all(), &mut demands);
    }
    of_filesystems(facts, &counted, &mut demands);
    let mut demands = demands.0;
    demands.sort_by(|a, b| (a.what, &a.of).cmp(&(b.what, &b.of)));
    DensityPlan {
        demands,
        sysctls: sysctls(&choices.host),
        user_tasks_max: choices.host.processes.and_then(|p| p.of_a_user),
    }
}

#[derive(Default)]
struct Demands(Vec<Demand>);

impl Demands {
    fn add(&mut self, what: Resource, of: &str, (count, most): (u64, Option<u64>), counted: &str) {
        self.0.push(Demand {
            what,
            of: of.to_owned(),
            count,
            most,
            counted: counted.to_owned(),
        });
    }

    /// What is assumed of each container.
    fn each(&mut self, what: Resource, of: &str, containers: u64, each: u64, most: Option<u64>) {
        let demand = (containers.saturating_mul(each), most);
        let counted = format!("{each} {} a container, which is assumed", what.name());
        self.add(what, of, demand, &counted);
    }
}

fn of_stores(choices: &Choices, stores: &Stores, demands: &mut Demands) {
    if stores.system > 0 {
        of_store(choices, "root", stores.system, demands);
        let bridges = stores.bridges();
        let counted = format!(
            "one a container of root; {} ports a bridge, and bridges needed: {bridges}",
            assumed::BRIDGE_PORTS
        );
        let most = bridges * assumed::BRIDGE_PORTS;
        demands.add(
            Resource::BridgePorts,
            "root",
            (stores.system, Some(most)),
            &counted,
        );
    }
    let keys = choices.host.keys;
    let keys = keys.map_or(assumed::DEFAULT_KEYS, |keys| keys.count);
    for (name, count) in &stores.users {
        let of = format!("user {name}");
        of_store(choices, &of, *count, demands);
        demands.each(Resource::Keys, &of, *count, assumed::KEYS, Some(keys));
    }
}

fn of_store(choices: &Choices, of: &str, containers: u64, demands: &mut Demands) {
    let locks = choices.engine.num_locks.unwrap_or(assumed::DEFAULT_LOCKS);
    let inotify = choices.host.inotify;
    let instances = inotify.map_or(assumed::DEFAULT_INOTIFY_INSTANCES, |i| i.instances);
    demands.add(
        Resource::Containers,
        of,
        (containers, None),
        "copies and containers, as declared",
    );
    demands.add(
        Resource::Locks,
        of,
        (containers, Some(locks)),
        "one a container; the planned volumes are directories and take none",
    );
    let each = assumed::INOTIFY_INSTANCES;
    demands.each(
        Resource::InotifyInstances,
        of,
        containers,
        each,
        Some(instances),
    );
}

fn of_host(facts: &Facts, choices: &Choices, containers: u64, demands: &mut Demands) {
    let processes = choices.host.processes.and_then(|p| p.pid_max);
    let pid_max = processes.unwrap_or(assumed::DEFAULT_PID_MAX);
    let tasks = assumed::TASKS;
    demands.each(
        Resource::Processes,
        "host",
        containers,
        tasks,
        Some(pid_max),
    );
    demands.each(
        Resource::OpenFiles,
        "host",
        containers,
        assumed::OPEN_FILES,
        None,
    );
    let mounts = format!("{} a container that runs, as measured", assumed::MOUNTS);
    demands.add(
        Resource::Mounts,
        "host",
        (containers * assumed::MOUNTS, Some(assumed::MOUNT_MAX)),
        &mounts,
    );
    let memory = facts.spec.host.memory.map(ByteSize::bytes);
    let least = format!(
        "{} MiB a container, which is assumed; what its own programs take comes on top",
        assumed::LEAST_MEMORY >> 20
    );
    demands.add(
        Resource::Memory,
        "host",
        (containers * assumed::LEAST_MEMORY, memory),
        &least,
    );
}

fn of_filesystems(facts: &Facts, counted: &Density, demands: &mut Demands) {
    for (filesystem, load) in facts.filesystems.iter().zip(&counted.filesystems) {
        let of = format!("filesystem {}", filesystem.name);
        demands.add(
            Resource::Subvolumes,
            &of,
            (load.subvolumes, None),
            "those of the layout and of all copies",
        );
        if load.snapshots == 0 {
            continue;
        }
        demands.add(
            Resource::Snapshots,
            &of,
            (load.snapshots, None),
            "what each policy keeps, at most, of each subvolume it takes",
        );
        for (policy, batch) in &load.batches {
            let counted = format!(
                "policy {}; about {} s with the cleaning of as many",
                facts.policies[*policy].name,
                FilesystemLoad::seconds(*batch)
            );
            demands.add(Resource::SnapshotBatch, &of, (*batch, None), &counted);
        }
        let capacity = filesystem.declared.capacity.map(ByteSize::bytes);
        demands.add(
            Resource::Metadata,
            &of,
            (load.least_metadata(), capacity),
            "subvolumes and snapshots that nothing was changed behind, files not counted",
        );
    }
}

fn sysctls(host: &HostChoices) -> BTreeMap<String, u64> {
    let mut settings = BTreeMap::new();
    let mut set = |name: &str, value| settings.insert(name.to_owned(), value);
    if let Some(inotify) = host.inotify {
        set("fs.inotify.max_user_instances", inotify.instances);
        set("fs.inotify.max_user_watches", inotify.watches);
    }
    if let Some(keys) = host.keys {
        set("kernel.keys.maxkeys", keys.count);
        set("kernel.keys.maxbytes", keys.bytes);
    }
    if let Some(most) = host.processes.and_then(|processes| processes.pid_max) {
        set("kernel.pid_max", most);
    }
    settings
}
