//! What of the old plan is what of the new one, where names changed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Change;
use crate::plan::{FilesystemOrigin, FilesystemPlan, Plan};

/// New names of what had another name.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Filesystems: old name to new name.
    pub(super) filesystems: BTreeMap<String, String>,
    /// Workloads: old name to new name.
    pub(super) workloads: BTreeMap<String, String>,
}

impl Identity {
    pub(super) fn of(old: &Plan, new: &Plan) -> Self {
        let mut identity = Self::default();
        for (name, workload) in &new.workloads {
            let before = workload.renamed_from.as_ref();
            if let Some(before) = before.filter(|before| {
                old.workloads.contains_key(before) && !old.workloads.contains_key(name)
            }) {
                identity
                    .workloads
                    .insert(before.to_string(), name.to_string());
            }
        }
        // A filesystem has no option that says its old name; its device or its disks do.
        for (name, before) in &old.filesystems {
            if new.filesystems.contains_key(name) {
                continue;
            }
            let same = new.filesystems.iter().find(|(new_name, after)| {
                !old.filesystems.contains_key(new_name) && is_same_place(before, after)
            });
            if let Some((new_name, _)) = same {
                identity
                    .filesystems
                    .insert(name.to_string(), new_name.to_string());
            }
        }
        identity
    }

    /// The new name of an entry of a map of the plan.
    pub(super) fn new_name(&self, map: &str, name: &str) -> String {
        let names = match map {
            "filesystems" => &self.filesystems,
            "workloads" => &self.workloads,
            _ => return name.to_owned(),
        };
        names.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// The name that a filesystem of the old plan has in the new one.
    pub(super) fn filesystem(&self, name: &str) -> String {
        self.new_name("filesystems", name)
    }

    /// The old name of a workload of the new plan.
    pub(super) fn old_workload(&self, name: &str) -> Option<&str> {
        self.workloads
            .iter()
            .find(|(_, new)| *new == name)
            .map(|(old, _)| old.as_str())
    }

    /// The new plan's key of an element of a list of the old one.
    pub(super) fn new_key(&self, list: &str, own: &str, element: &Value) -> String {
        let field = |name: &str| Change::text(element.get(name));
        match list {
            "protection.jobs" => {
                format!(
                    "{}-{}",
                    field("policy"),
                    self.filesystem(&field("filesystem"))
                )
            }
            "protection.jobs.*.subvolumes" => self.series(&field("workload"), own),
            _ => own.to_owned(),
        }
    }

    /// The new name of a series of snapshots: `shop@2+cache` begins with its workload's name.
    pub(super) fn series(&self, workload: &str, series: &str) -> String {
        match (self.workloads.get(workload), series.strip_prefix(workload)) {
            (Some(new), Some(rest)) => format!("{new}{rest}"),
            _ => series.to_owned(),
        }
    }
}

fn is_same_place(a: &FilesystemPlan, b: &FilesystemPlan) -> bool {
    match (&a.origin, &b.origin) {
        (FilesystemOrigin::Existing, FilesystemOrigin::Existing) => a.device == b.device,
        (FilesystemOrigin::New { disks: a, .. }, FilesystemOrigin::New { disks: b, .. }) => a == b,
        _ => false,
    }
}
