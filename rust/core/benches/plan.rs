//! Time and peak memory of planning hosts of 100, 1,000 and 10,000 workloads with three volumes each:
//! `cargo bench -p podman-btrfs-core`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark ends when its input is wrong"
)]

use std::fmt::Write as _;

use divan::{AllocProfiler, Bencher, black_box};
use podman_btrfs_core::plan;
use podman_btrfs_core::spec::input::parse_json;

/// Counts what is allocated, and the most that is held at once.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const WORKLOADS: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// A host as text: each workload a database, uploads and a cache, one in three of them on a second filesystem.
fn host(workloads: usize) -> String {
    let mut text = String::from(
        r#"{"filesystems": {"fast": {"disks": ["/dev/disk/by-id/a"]}, "bulk": {"disks": ["/dev/disk/by-id/b", "/dev/disk/by-id/c"]}},
        "engine": {"filesystem": "fast"}, "targets": {"nas": {"url": "ssh://backup@nas/srv"}},
        "policies": {"gold": {"rpo": "15min", "keep": {"hourly": 24, "daily": 14}, "targets": ["nas"]}, "plain": {"keep": {"daily": 7}}},
        "workloads": {"#,
    );
    for index in 0..workloads {
        let (filesystem, policy) = if index % 3 == 0 {
            ("bulk", "plain")
        } else {
            ("fast", "gold")
        };
        let comma = if index == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}"w{index:05}": {{"filesystem": "{filesystem}", "protection": {{"policy": "{policy}"}},
            "containers": {{"w{index:05}-web": {{"image": "docker.io/library/nginx:1.29"}}, "w{index:05}-db": {{"image": "docker.io/library/postgres:17"}}}},
            "volumes": {{
              "pgdata": {{"mounts": {{"w{index:05}-db": "/var/lib/postgresql/data"}}, "size": "10G"}},
              "uploads": {{"mounts": {{"w{index:05}-web": "/uploads"}}}},
              "cache": {{"mounts": {{"w{index:05}-web": "/var/cache/nginx"}}}}}}}}"#,
        )
        .expect("writing to a string does not fail");
    }
    text + "}}"
}

/// Declaration to plan.
#[divan::bench(args = WORKLOADS, sample_count = 10)]
fn plan_only(bencher: Bencher, workloads: usize) {
    let spec = parse_json(&host(workloads)).expect("the host is declared without mistakes");
    assert!(!plan::build(&spec).workloads.is_empty());
    bencher.bench_local(|| plan::build(black_box(&spec)));
}

/// JSON text to plan to JSON text: all that happens in a build.
#[divan::bench(args = WORKLOADS, sample_count = 10)]
fn text_to_text(bencher: Bencher, workloads: usize) {
    let text = host(workloads);
    bencher.bench_local(|| {
        let spec = parse_json(black_box(&text)).expect("the host is declared without mistakes");
        serde_json::to_string_pretty(&plan::build(&spec)).expect("a plan has a JSON form")
    });
}
