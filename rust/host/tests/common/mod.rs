//! Plans for the tests of this crate.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::input::parse_json;

/// One filesystem with every kind of step: a group of two volumes, a volume with a limit, one that is
/// not snapshotted and without copy on write, a rootless store, snapper's place.
pub(crate) const HOST: &str = r#"{
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank"}},
  "engine": {"users": {"alice": {}}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {
    "shop": {
      "containers": {"web": {}, "pg": {"image": "postgres:17"}},
      "protection": {"policy": "hourly"},
      "volumes": {
        "pgdata": {"mounts": {"pg": "/var/lib/postgresql/data"}},
        "uploads": {"mounts": {"web": "/uploads"}},
        "films": {"mounts": {"web": "/media"}, "limit": "1G"}
      }
    },
    "metrics": {
      "user": "alice",
      "containers": {"samples-db": {"image": "mariadb:11"}},
      "volumes": {"samples": {"mounts": {"samples-db": "/var/lib/mysql"}, "snapshot": false}}
    }
  }
}"#;

/// The plan of a declaration that has no errors.
#[must_use]
pub(crate) fn plan_of(json: &str) -> Plan {
    let spec = parse_json(json).expect("the declaration has no mistakes");
    let plan = plan::build(&spec);
    assert!(!plan.filesystems.is_empty(), "{:#?}", plan.diagnostics);
    plan
}
