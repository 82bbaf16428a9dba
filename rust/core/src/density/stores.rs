//! Containers by store: root's, and each rootless user's.

use std::collections::BTreeMap;

use super::assumed::BRIDGE_PORTS;
use crate::analysis::{Facts, WorkloadFacts};
use crate::units::UserName;

/// Containers of each store.
#[derive(Debug, Default)]
pub struct Stores {
    /// Run by root.
    pub system: u64,
    /// Run by users.
    pub users: BTreeMap<UserName, u64>,
}

impl Stores {
    /// All containers of the host.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.system + self.users.values().sum::<u64>()
    }

    /// Containers of the store that has most.
    #[must_use]
    pub fn largest(&self) -> u64 {
        self.system.max(self.largest_user().1)
    }

    /// The user who runs most containers, with their number.
    #[must_use]
    pub fn largest_user(&self) -> (Option<&UserName>, u64) {
        self.users
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)))
            .map_or((None, 0), |(name, count)| (Some(name), *count))
    }

    /// Bridges that root's containers need.
    #[must_use]
    pub fn bridges(&self) -> u64 {
        self.system.div_ceil(BRIDGE_PORTS)
    }
}

/// Counts the containers of all copies.
#[must_use]
pub fn by_store(facts: &Facts) -> Stores {
    let mut stores = Stores::default();
    for workload in &facts.workloads {
        let count = containers(workload);
        match &workload.declared.user {
            Some(user) => *stores.users.entry(user.clone()).or_default() += count,
            None => stores.system += count,
        }
    }
    stores
}

/// Containers of all copies of one workload; a pod has one of its own, which holds what the others share.
#[must_use]
pub fn containers(workload: &WorkloadFacts) -> u64 {
    let declared = workload.declared.containers.len() as u64;
    let of_pod = u64::from(workload.declared.pod.is_some());
    u64::from(workload.replicas) * (declared + of_pod)
}
