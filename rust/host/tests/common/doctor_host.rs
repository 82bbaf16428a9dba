//! A host that is as planned, on a filesystem of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use podman_btrfs_core::drift::{Drift, drift};
use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::spec::Profile;
use podman_btrfs_host::marker::Marker;
use podman_btrfs_host::observe::{Places, observe};
use podman_btrfs_host::system::RealSystem;
use podman_btrfs_host::system::System as _;

use crate::common::{HOST, plan_of};
use crate::lab::Lab;

pub(crate) fn must(program: &str, arguments: &[&str]) {
    RealSystem.run(program, arguments).unwrap();
}

pub(crate) struct DoctorHost {
    pub(crate) lab: Lab,
    pub(crate) plan: Plan,
    configuration: PathBuf,
}

impl DoctorHost {
    pub(crate) fn new() -> Self {
        let host = Self::begin("");
        let receipt = host.lab.run(&host.plan, false);
        assert!(receipt.is_complete(), "{receipt:#?}");
        host.finish()
    }

    /// With a limit, and no quotas yet.
    pub(crate) fn with_limit() -> Self {
        let mut host = Self::begin(", \"limit\": \"1G\"");
        let with_limit = host.plan;
        host.plan = Self::begin("").plan;
        // The same places, made without quotas, which not every btrfs-progs can switch on.
        let mut plan = with_limit.clone();
        for filesystem in plan.filesystems.values_mut() {
            filesystem.quota = podman_btrfs_core::plan::QuotaMode::None;
        }
        host.plan = plan;
        let receipt = host.lab.run(&host.plan, false);
        assert!(receipt.is_complete(), "{receipt:#?}");
        host.plan = with_limit;
        host.finish()
    }

    fn begin(limit: &str) -> Self {
        let lab = Lab::new();
        let ours = lab.directory.path();
        let text = HOST
            .replace("/srv/tank", &ours.join("tank").to_string_lossy())
            .replace(
                "\"disks\": [\"/dev/disk/by-id/a\"]",
                &format!("\"device\": \"{}\"", lab.device),
            )
            .replace("alice", "nobody")
            .replace(
                ", \"limit\": \"1G\"",
                if limit.is_empty() {
                    ", \"class\": \"cache\""
                } else {
                    limit
                },
            )
            .replace("\"hourly\": 24}", "\"hourly\": 24}, \"tool\": \"btrbk\"");
        // The engine's own place is the host's.
        let containers = ours.join("containers");
        let plan = serde_json::to_string(&plan_of(&text)).unwrap();
        let plan = plan.replace("/var/lib/containers", &containers.to_string_lossy());
        let mut plan: Plan = serde_json::from_str(&plan).unwrap();
        for filesystem in plan.filesystems.values_mut() {
            filesystem.data_profile = Some(Profile::Single);
            filesystem.metadata_profile = Some(Profile::Dup);
        }
        let configuration = ours.join("etc");
        std::fs::create_dir(&configuration).unwrap();
        Self {
            lab,
            plan,
            configuration,
        }
    }

    /// Mounts all as planned, and gives volumes their markers.
    fn finish(self) -> Self {
        for mount in &self.plan.filesystems.values().next().unwrap().mounts {
            let point = Path::new(mount.mount_point.as_str());
            let name = point.strip_prefix(self.lab.directory.path()).unwrap();
            self.lab
                .mount(name.to_str().unwrap(), &mount.options.join(","));
        }
        for (_, _, volume) in self.plan.volumes() {
            let path = Path::new(volume.planned.host_path.as_str());
            let marker = Marker::born(&volume.key(), &RealSystem).unwrap();
            marker.set(path, &RealSystem).unwrap();
        }
        self.configure("overlay");
        self
    }

    /// Writes a `storage.conf` with this driver.
    pub(crate) fn configure(&self, driver: &str) {
        let store = self.store("");
        let store = store.trim_end_matches('/');
        let text = format!("[storage]\ndriver = \"{driver}\"\ngraphroot = \"{store}\"\n");
        std::fs::write(self.configuration.join("storage.conf"), text).unwrap();
    }

    /// A path below the mount of volumes; itself: nothing.
    pub(crate) fn path(&self, below: &str) -> String {
        let path = self.lab.directory.path().join("tank").join(below);
        path.to_string_lossy().trim_end_matches('/').to_owned()
    }

    /// A path below the graph root, which is there then.
    pub(crate) fn store(&self, below: &str) -> String {
        let root = self
            .plan
            .engine
            .system
            .as_ref()
            .unwrap()
            .graph_root
            .as_str();
        std::fs::create_dir_all(root).unwrap();
        format!("{root}/{below}")
    }

    /// What is otherwise than planned; but units, because no service manager runs.
    pub(crate) fn found(&self) -> Vec<Drift> {
        self.found_of(&self.plan)
    }

    pub(crate) fn found_of(&self, plan: &Plan) -> Vec<Drift> {
        let places = Places {
            containers: self.configuration.clone(),
            ..Places::default()
        };
        let found = drift(plan, &observe(plan, &RealSystem, &places));
        found
            .into_iter()
            .filter(|found| found.subject != "units")
            .collect()
    }
}
