//! What nobody knows is protected: over whatever names, paths and images a declaration holds.

#![expect(
    clippy::unwrap_used,
    reason = "tests may end when something is not as it must be"
)]

use podman_btrfs_core::analysis::analyse;
use podman_btrfs_core::plan::{self, Placement, Plan, VolumePlan};
use podman_btrfs_core::spec::Spec;
use podman_btrfs_core::spec::input::parse_json;
use podman_btrfs_core::units::{ImageReference, Text};
use proptest::prelude::*;
use serde_json::json;

/// Words that say something, words that say nothing, and whatever.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "cache", "config", "data", "db", "log", "media", "mysql", "pgdata", "postgres",
            "redis", "scratch", "srv", "tmp", "uploads", "var", "wal", "work", "x",
        ])
        .prop_map(str::to_owned),
        "[a-z][a-z0-9]{0,8}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..5).prop_map(|words| format!("/{}", words.join("/")))
}

fn image() -> impl Strategy<Value = String> {
    let registry = prop::sample::select(vec![
        "",
        "docker.io/",
        "ghcr.io/",
        "localhost/",
        "example.org:5000/",
    ]);
    let owner = prop::sample::select(vec!["", "library/", "linuxserver/", "bitnami/", "me/"]);
    let name = prop_oneof![
        prop::sample::select(vec![
            "postgres",
            "mariadb",
            "redis",
            "nextcloud",
            "nginx",
            "jellyfin",
            "server"
        ])
        .prop_map(str::to_owned),
        word(),
    ];
    let tag = prop::sample::select(vec![
        "",
        ":17",
        ":18",
        ":latest",
        ":v2.1",
        "@sha256:abc",
        ":8@sha256:abc",
    ]);
    (registry, owner, name, tag)
        .prop_map(|(registry, owner, name, tag)| format!("{registry}{owner}{name}{tag}"))
}

/// One volume in one container, and whether the data profile and the media invite bold choices.
fn declaration() -> impl Strategy<Value = String> {
    let name = prop::collection::vec(word(), 1..3).prop_map(|words| words.join("-"));
    (name, path(), prop::option::of(image()), any::<bool>()).prop_map(
        |(name, path, image, has_policy)| {
            let protection = has_policy.then(|| json!({"policy": "gold"}));
            json!({
                "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "media": "hdd"}},
                "policies": {"gold": {}},
                "workloads": {"w": {
                    "containers": {"app": {"image": image}},
                    "volumes": {name: {"mounts": {"app": path}}},
                    "protection": protection,
                }},
            })
            .to_string()
        },
    )
}

fn planned(text: &str) -> (Spec, Plan) {
    let spec = parse_json(text).unwrap();
    let plan = plan::build(&spec);
    (spec, plan)
}

fn only_volume(plan: &Plan) -> &VolumePlan {
    let workload = plan.workloads.values().next().unwrap();
    workload.instances[0].volumes.values().next().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_nobody_knows_is_asked_about_and_protected(text in declaration()) {
        let (_, plan) = planned(&text);
        let volume = only_volume(&plan);
        let asked = plan.diagnostics.iter().any(|found| found.code == "PB202" || found.code == "PB205");
        prop_assert_eq!(asked, volume.class.is_none(), "{}", text);
        if volume.class.is_none() {
            prop_assert!(volume.snapshot, "left out of the snapshots: {}", text);
            prop_assert!(volume.copy_on_write, "nodatacow: {}", text);
            prop_assert_eq!(volume.engine, None, "an engine: {}", text);
            prop_assert_eq!(volume.compression, None, "a compression of its own: {}", text);
            prop_assert_eq!(volume.placement, Placement::GroupDirectory, "apart from its group: {}", text);
            let followed = plan.workloads.values().any(|workload| !workload.instances[0].group.is_empty());
            prop_assert_eq!(followed, text.contains("\"protection\":{"), "{}", text);
        }
    }

    #[test]
    fn a_class_has_evidence_that_says_it(text in declaration()) {
        let (spec, _) = planned(&text);
        let facts = analyse(&spec);
        let inference = &facts.workloads[0].volumes[0].inference;
        if let Some(class) = inference.class {
            prop_assert!(inference.evidence.iter().any(|evidence| evidence.says == class), "{}", text);
            prop_assert_eq!(inference.candidates().len(), 1, "{}", text);
        }
    }

    /// No letter of these is in any word, path or image that is known.
    #[test]
    fn of_strange_names_nothing_is_inferred(
        name in "[qz]{3,8}", path in "/[qz]{3,8}(/[qz]{3,8}){0,3}", image in "[qz]{3,8}/[qz]{3,8}(:[0-9]{1,2})?",
    ) {
        let (_, plan) = planned(&json!({
            "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"]}},
            "workloads": {"w": {"containers": {"app": {"image": image}}, "volumes": {name: {"mounts": {"app": path}}}}},
        }).to_string());
        prop_assert_eq!(only_volume(&plan).class, None);
    }

    #[test]
    fn a_tag_or_a_digest_changes_no_class(text in image(), path in path()) {
        let image = ImageReference::parse(&text).unwrap();
        let bare = match image.registry() {
            Some(registry) => format!("{registry}/{}", image.repository()),
            None => image.repository().to_owned(),
        };
        let class = |image: &str| {
            let (_, plan) = planned(&json!({
                "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"]}},
                "workloads": {"w": {"containers": {"app": {"image": image}}, "volumes": {"v": {"mounts": {"app": path}}}}},
            }).to_string());
            only_volume(&plan).class
        };
        prop_assert_eq!(class(&text), class(&bare));
    }
}
