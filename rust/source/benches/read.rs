//! Time of reading Nix files of 100, 1,000 and 10,000 workloads: `cargo bench -p podman-btrfs-source`.

use divan::{Bencher, black_box};
use podman_btrfs_source::read;

const WORKLOADS: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// A host as a user writes it: three volumes to a workload.
fn host(workloads: usize) -> String {
    let workload = |number: usize| {
        format!(
            "    w{number} = {{\n      containers.w{number}.image = \"docker.io/library/postgres:17\";\n      volumes = {{\n        data = {{ mounts.w{number} = \"/var/lib/data\"; size = \"10G\"; }};\n        config.mounts.w{number} = \"/etc/config\";\n        cache.mounts.w{number} = \"/var/cache\";\n      }};\n      protection.policy = \"gold\";\n    }};\n"
        )
    };
    let all: String = (0..workloads).map(workload).collect();
    format!("{{\n  services.podmanBtrfs.workloads = {{\n{all}  }};\n}}\n")
}

/// Nix text to values with their places.
#[divan::bench(args = WORKLOADS, sample_count = 10)]
fn nix_text(bencher: Bencher, workloads: usize) {
    let text = host(workloads);
    assert!(read(&text).is_ok());
    bencher.bench_local(|| read(black_box(&text)));
}
