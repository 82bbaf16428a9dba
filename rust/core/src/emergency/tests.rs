use std::collections::BTreeSet;

use super::*;
use crate::observed::ObservedFilesystem;
use crate::plan;
use crate::spec::input::parse_json;
use crate::units::Text as _;

const GIB: u64 = 1 << 30;
const HOUR: u64 = 3600;
const NOW: u64 = 1_795_435_200;

const HERE: &str = r#"{
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank", "capacity": "100G"}},
  "policies": {"hourly": {"rpo": "1h", "tool": "btrbk", "keep": {"hourly": 6}}},
  "workloads": {"shop": {"containers": {"web": {}}, "protection": {"policy": "hourly"}, "volumes": {
    "uploads": {"mounts": {"web": "/uploads"}}, "films": {"mounts": {"web": "/films"}, "limit": "1G"},
    "thumbs": {"mounts": {"web": "/thumbs"}, "class": "cache"}}}}
}"#;

struct Tried {
    plan: Plan,
    observed: Observed,
    name: FilesystemName,
}

impl Tried {
    fn new(declared: &str) -> Self {
        let plan = plan::build(&parse_json(declared).unwrap());
        assert!(!plan.filesystems.is_empty(), "{:#?}", plan.diagnostics);
        Self {
            observed: Observed::as_planned(&plan),
            plan,
            name: FilesystemName::parse("tank").unwrap(),
        }
    }

    fn filesystem(&mut self) -> &mut ObservedFilesystem {
        self.observed.filesystems.get_mut(&self.name).unwrap()
    }

    /// Everything is in chunks, and so much is free in those of data and of metadata.
    fn left(&mut self, data: u64, metadata: u64) {
        let Known::Known(space) = &mut self.filesystem().space else {
            panic!("a host as planned is known");
        };
        space.device_size = 100 * GIB;
        space.unallocated.fill(0);
        space.global_reserve = Some(0);
        for chunks in &mut space.data {
            (chunks.size, chunks.used) = (90 * GIB, 90 * GIB - data);
        }
        for chunks in &mut space.metadata {
            (chunks.size, chunks.used) = (5 * GIB, 5 * GIB - metadata);
        }
    }

    fn situation(&self, snapshots: Vec<Snapshot>) -> Situation<'_> {
        Situation {
            plan: &self.plan,
            name: &self.name,
            observed: &self.observed,
            takes_writes: Known::Known(true),
            being_cleaned: Known::Known(0),
            snapshots: Known::Known(snapshots),
            left: Known::Known(Vec::new()),
            zone: Known::Known(Zone::UTC),
            now: NOW,
        }
    }
}

fn full_of_data() -> Tried {
    let mut tried = Tried::new(HERE);
    tried.left(0, 4 * GIB);
    tried
}

/// Taken every hour before now, of both series of the group, the newest first.
fn hourly(count: u64) -> Vec<Snapshot> {
    let of = |(age, series): (u64, &str)| Snapshot {
        series: series.into(),
        taken: NOW - age * HOUR,
        path: format!("/srv/tank/.snapshots/{series}.{age}"),
        uuid: format!("{series}-{age}"),
    };
    let ages = (0..count).flat_map(|age| [(age, "shop"), (age, "shop+films")]);
    ages.map(of).collect()
}

fn names(proposal: &Proposal) -> Vec<&str> {
    proposal.steps.iter().map(|step| &*step.name).collect()
}

fn named<'p>(proposal: &'p Proposal, name: &str) -> &'p Step {
    let found = proposal.steps.iter().find(|step| step.name == name);
    found.unwrap_or_else(|| panic!("{name} is none of {:?}", names(proposal)))
}

fn deleted(proposal: &Proposal) -> BTreeSet<&str> {
    let deletes = |step: &&Step| matches!(step.act, Act::DeleteSnapshots(_));
    let paths = proposal
        .steps
        .iter()
        .filter(deletes)
        .flat_map(|step| &step.paths);
    paths.map(String::as_str).collect()
}

#[test]
fn the_state_is_what_the_numbers_say() {
    let mut tried = Tried::new(HERE);
    for (data, metadata, writes, fullness) in [
        (20 * GIB, 3 * GIB, true, Fullness::NotFull),
        (GIB - 1, 3 * GIB, true, Fullness::Data),
        (20 * GIB, GIB - 1, true, Fullness::Metadata),
        (0, 0, false, Fullness::DataAndMetadata),
        (20 * GIB, 3 * GIB, false, Fullness::RefusesWrites),
    ] {
        tried.left(data, metadata);
        let mut situation = tried.situation(Vec::new());
        situation.takes_writes = Known::Known(writes);
        let proposal = propose(&situation);
        assert_eq!(proposal.fullness, Known::Known(fullness));
        assert_eq!(proposal.steps.is_empty(), fullness == Fullness::NotFull);
    }
    tried.filesystem().space = Known::unknown("no");
    let proposal = propose(&tried.situation(Vec::new()));
    assert_eq!(proposal.fullness, Known::unknown("no"));
}

#[test]
fn what_the_policy_does_not_keep_goes_first_and_the_newest_never() {
    let tried = full_of_data();
    let proposal = propose(&tried.situation(hourly(12)));
    let beyond = named(&proposal, "snapshots-beyond-policy:shop");
    let older = named(&proposal, "older-snapshots:shop");
    // Six hours back are kept, besides the one that began the hour before them.
    assert!(
        beyond
            .paths
            .iter()
            .all(|path| path.rsplit('.').next().unwrap().parse::<u32>().unwrap() > 6),
        "{beyond:#?}"
    );
    assert!(!beyond.paths.is_empty() && !older.paths.is_empty());
    let position = |name: &str| names(&proposal).iter().position(|other| *other == name);
    assert!(position(&beyond.name) < position(&older.name));
    let gone = deleted(&proposal);
    for series in ["shop", "shop+films"] {
        assert!(
            !gone.contains(&*format!("/srv/tank/.snapshots/{series}.0")),
            "{gone:?}"
        );
    }
}

#[test]
fn members_of_a_group_go_together_however_often_the_steps_are_taken() {
    let tried = full_of_data();
    let mut there = hourly(23);
    // One member of a moment is missing, and the newest of one series is older than that of the other.
    there.retain(|one| {
        one.path != "/srv/tank/.snapshots/shop.20"
            && one.path != "/srv/tank/.snapshots/shop+films.0"
    });
    for _ in 0..12 {
        let proposal = propose(&tried.situation(there.clone()));
        let gone = deleted(&proposal);
        let stays: BTreeSet<u64> = there
            .iter()
            .filter(|one| !gone.contains(&*one.path))
            .map(|one| one.taken)
            .collect();
        for one in &there {
            let is_gone = gone.contains(&*one.path);
            assert!(
                !is_gone || !stays.contains(&one.taken),
                "{} goes without its group",
                one.path
            );
        }
        there.retain(|one| !gone.contains(&*one.path));
        for newest in ["shop.0", "shop+films.1"] {
            assert!(
                there.iter().any(|one| one.path.ends_with(newest)),
                "{newest} is gone"
            );
        }
    }
    assert_eq!(deleted(&propose(&tried.situation(there))), BTreeSet::new());
}

#[test]
fn snapshots_that_are_copied_elsewhere_are_left_to_the_tool_that_copies_them() {
    let declared = HERE.replace(
        r#""keep": {"hourly": 6}"#,
        r#""keep": {"hourly": 6}, "targets": ["nas"]"#,
    );
    let declared = declared.replace(
        r#""policies""#,
        r#""targets": {"nas": {"url": "ssh://backup@nas/srv/backup"}}, "policies""#,
    );
    let mut tried = Tried::new(&declared);
    tried.left(0, 4 * GIB);
    let proposal = propose(&tried.situation(hourly(12)));
    assert_eq!(deleted(&proposal), BTreeSet::new());
    let prune = named(&proposal, "prune:hourly-tank");
    assert_eq!(
        prune.commands,
        [[
            "btrbk",
            "--config",
            "/etc/btrbk/hourly-tank.conf",
            "--preserve-backups",
            "prune"
        ]]
    );
    assert_eq!(
        named(&proposal, "older-snapshots:hourly-tank").act,
        Act::Person
    );
}

#[test]
fn what_is_not_known_leads_to_no_step_and_is_told() {
    let tried = full_of_data();
    let mut situation = tried.situation(Vec::new());
    situation.snapshots = Known::unknown("the list is damaged");
    situation.left = Known::unknown("the ledger is damaged");
    let proposal = propose(&situation);
    assert_eq!(deleted(&proposal), BTreeSet::new());
    assert_eq!(proposal.unknown.len(), 2, "{:?}", proposal.unknown);
    // Without a zone no policy can be worked out, and all that is there counts as kept.
    let mut situation = tried.situation(hourly(12));
    situation.zone = Known::unknown("no zone");
    let proposal = propose(&situation);
    assert!(!names(&proposal).contains(&"snapshots-beyond-policy:shop"));
    assert_eq!(named(&proposal, "older-snapshots:shop").paths.len(), 12);
}

#[test]
fn without_any_room_what_makes_some_comes_first() {
    let mut tried = Tried::new(HERE);
    tried.left(40 * GIB, 0);
    let mut situation = tried.situation(hourly(12));
    situation.left = Known::Known(vec![
        LeftBehind {
            volume: "old/files".into(),
            place: "@volumes/old/files".into(),
            is_due: true,
        },
        LeftBehind {
            volume: "blog/files".into(),
            place: "@volumes/blog/files".into(),
            is_due: false,
        },
    ]);
    let with_room = propose(&situation);
    assert_eq!(names(&with_room)[..2], ["empty-chunks", "retire:old/files"]);
    situation.takes_writes = Known::Known(false);
    let without = propose(&situation);
    assert_eq!(
        names(&without)[..4],
        [
            "snapshots-beyond-policy:shop",
            "empty-chunks",
            "retire:old/files",
            "compact-chunks"
        ]
    );
    let sorted = |of: &Proposal| {
        of.steps
            .iter()
            .map(|step| step.name.clone())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(sorted(&with_room), sorted(&without));
    for by_hand in ["retire-early:blog/files", "cache:shop/thumbs", "add-device"] {
        assert_eq!(named(&without, by_hand).act, Act::Person, "{by_hand}");
    }
}

#[test]
fn data_is_moved_only_for_metadata() {
    let mut tried = Tried::new(HERE);
    tried.left(40 * GIB, 0);
    named(&propose(&tried.situation(Vec::new())), "compact-chunks");
    tried.left(0, 4 * GIB);
    assert!(!names(&propose(&tried.situation(Vec::new()))).contains(&"compact-chunks"));
}

#[test]
fn on_a_read_only_filesystem_nothing_is_taken() {
    let mut tried = full_of_data();
    let Known::Known(mounts) = &mut tried.filesystem().mounts else {
        panic!("a host as planned is known");
    };
    for mount in mounts.values_mut() {
        mount.options.push("ro".into());
    }
    let proposal = propose(&tried.situation(hourly(12)));
    assert!(proposal.read_only);
    assert_eq!(names(&proposal), ["writable"]);
}

#[test]
fn leaked_layers_and_dangling_images_are_proposed_for_the_store_that_has_them() {
    let mut tried = full_of_data();
    let store = tried.observed.engine.stores.get_mut("root").unwrap();
    store.leaked_layers = Known::Known(BTreeSet::from(["4f5c".into()]));
    store.contents = Known::unknown("no");
    let proposal = propose(&tried.situation(Vec::new()));
    assert_eq!(
        named(&proposal, "leaked-layers").act,
        Act::DeleteLeakedLayers
    );
    assert_eq!(named(&proposal, "dangling-images:root").act, Act::Run);
    let store = tried.observed.engine.stores.get_mut("root").unwrap();
    store.leaked_layers = Known::unknown("a list is damaged");
    let proposal = propose(&tried.situation(Vec::new()));
    assert!(!names(&proposal).contains(&"leaked-layers"));
    assert_eq!(proposal.unknown.len(), 1);
}

#[test]
fn of_several_workloads_the_one_that_frees_most_comes_first() {
    let blog = r#""blog": {"containers": {"blog": {}}, "protection": {"policy": "hourly"}, "volumes": {"pages": {"mounts": {"blog": "/pages"}}}}, "shop""#;
    let mut tried = Tried::new(&HERE.replace(r#""shop""#, blog));
    tried.left(0, 4 * GIB);
    let mut there = hourly(12);
    there.extend(
        hourly(12)
            .into_iter()
            .filter(|one| one.series == "shop")
            .map(|one| Snapshot {
                series: "blog".into(),
                path: one.path.replace("/shop.", "/blog."),
                ..one
            }),
    );
    let mut proposal = propose(&tried.situation(there));
    let older = |proposal: &Proposal| {
        let all = proposal
            .steps
            .iter()
            .filter(|step| step.name.starts_with("older-snapshots:"));
        all.map(|step| step.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        older(&proposal),
        ["older-snapshots:blog", "older-snapshots:shop"]
    );
    let sizes = [("older-snapshots:blog", 5), ("older-snapshots:shop", 6)];
    proposal.measured(&sizes.map(|(name, size)| (name.to_owned(), size)).into());
    assert_eq!(
        older(&proposal),
        ["older-snapshots:shop", "older-snapshots:blog"]
    );
    assert_eq!(
        named(&proposal, "older-snapshots:blog").at_least_bytes,
        Some(5)
    );
}

#[test]
fn what_is_deleted_already_is_waited_for_first() {
    let tried = full_of_data();
    for writes in [true, false] {
        let mut situation = tried.situation(hourly(12));
        situation.takes_writes = Known::Known(writes);
        situation.being_cleaned = Known::Known(3);
        assert_eq!(names(&propose(&situation))[0], "wait-for-the-cleaner");
        situation.being_cleaned = Known::unknown("no");
        assert_eq!(propose(&situation).unknown.len(), 1);
    }
}
