use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::OnError;
use podman_btrfs_core::spec::input::parse_json;
use podman_btrfs_core::units::{Text as _, WorkloadName};

use crate::group::record::{Reason, Record};
use crate::group::take::{Outcome, Report, Request, take};
use crate::group::target::Group;
use crate::system::fake::FakeSystem;
use crate::system::{Fault, System as _};

const HOST: &str = r#"{
  "host": {"kernel": "6.1", "btrfsProgs": "6.1"},
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}, "tool": "btrbk"}},
  "workloads": {"shop": {
    "containers": {"my": {}, "pg": {}},
    "protection": {"policy": "hourly", "dumps": {"my": {"into": "dumps", "timeout": "5min"}, "pg": {"into": "dumps"}}},
    "volumes": {
      "pgdata": {"mounts": {"pg": "/data"}, "class": "database", "engine": "postgresql", "snapshot": false},
      "mysql": {"mounts": {"my": "/data"}, "class": "database", "engine": "mariadb", "snapshot": false},
      "dumps": {"class": "documents"}
    }
  }}
}"#;
const POSTGRESQL: &str = "new\n--\n-- PostgreSQL database cluster dump complete\n--\n\n";
const MARIADB: &str = "new\n-- Dump completed on 2026-11-27\n";
const VOLUME: &str = "/srv/tank/shop/dumps";

struct Trial {
    plan: Plan,
    group: Group,
    system: FakeSystem,
    request: Request,
    _directory: tempfile::TempDir,
}

impl Trial {
    fn new() -> Self {
        let plan = plan::build(&parse_json(HOST).unwrap());
        let name = WorkloadName::parse("shop").unwrap();
        let group = Group::of(&plan, &name, "shop").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let system =
            FakeSystem::with_directories(&["/", "/srv", "/srv/tank", "/srv/tank/.snapshots"]);
        let mounts = "9 0 0:9 / / rw - ext4 /dev/r rw\n1 9 0:1 /@volumes /srv/tank rw - btrfs /dev/a rw\n2 1 0:1 /@snapshots /srv/tank/.snapshots rw - btrfs /dev/a rw\n";
        system
            .write(Path::new("/proc/self/mountinfo"), mounts)
            .unwrap();
        for member in &group.members {
            system.create_subvolume(&member.source).unwrap();
        }
        system.create_directory(Path::new(VOLUME)).unwrap();
        for container in ["my", "pg"] {
            system.run_container(container);
            let before = format!("{VOLUME}/podman-btrfs-dump-{container}.sql");
            system.put_text(&before, "before");
        }
        system.program_prints("pg_dumpall", Ok(POSTGRESQL));
        system.program_prints("mariadb-dump", Ok(MARIADB));
        let mut above = PathBuf::from("/");
        for part in directory.path().components().skip(1) {
            above.push(part);
            system.create_directory(&above).unwrap();
        }
        let request = Request {
            work_directory: directory.path().to_owned(),
            apply_lock: Some(directory.path().join("apply.lock")),
            images: std::collections::BTreeMap::new(),
            program: "/this".into(),
            reason: Reason::parse("schedule").unwrap(),
            only_changed: true,
            dry_run: false,
        };
        system.fail_at(None);
        Self {
            plan,
            group,
            system,
            request,
            _directory: directory,
        }
    }

    fn take(&self) -> Result<Report, Fault> {
        take(&self.plan, &self.group, &self.request, &self.system)
    }

    fn text(&self, directory: &Path, container: &str) -> String {
        let file = directory.join(format!("podman-btrfs-dump-{container}.sql"));
        self.system.read(&file).unwrap().unwrap()
    }

    /// What the snapshot has of a container's dump.
    fn kept(&self, report: &Report, container: &str) -> String {
        self.text(&report.snapshots[0].join("dumps"), container)
    }

    fn names(&self) -> Vec<String> {
        self.system.list(Path::new(VOLUME)).unwrap().unwrap()
    }

    fn snapshots(&self) -> usize {
        let place = Path::new("/srv/tank/.snapshots");
        self.system.list(place).unwrap().unwrap().len()
    }
}

fn outcomes(report: &Report) -> Vec<&str> {
    let record = report.record.as_ref().unwrap();
    record.dumps.iter().map(|one| &*one.outcome).collect()
}

#[test]
fn each_is_made_before_the_snapshot_which_has_it_each_time() {
    let trial = Trial::new();
    let report = trial.take().unwrap();
    assert_eq!(report.outcome, Outcome::Taken, "{report:#?}");
    assert_eq!(
        trial.system.journal(),
        [
            "dump my: mariadb-dump",
            "dump pg: pg_dumpall",
            "snapshot /srv/tank/shop"
        ]
    );
    assert_eq!(outcomes(&report), ["done", "done"]);
    let record = Record::of(&report.snapshots[0], &trial.system).unwrap();
    assert_eq!(
        record.unwrap().dumps[1].bytes,
        Some(POSTGRESQL.len() as u64)
    );
    assert_eq!(trial.kept(&report, "pg"), POSTGRESQL);
    assert_eq!(trial.kept(&report, "my"), MARIADB);
    // Nothing of the members changed, and the databases may have.
    assert_eq!(trial.take().unwrap().outcome, Outcome::Taken);
    assert_eq!(trial.names().len(), 2, "{:?}", trial.names());
}

#[test]
fn whatever_step_fails_a_whole_dump_is_there_and_the_snapshot_says_which() {
    for on_error in [OnError::Continue, OnError::Fail] {
        let trial = || {
            let mut trial = Trial::new();
            for dump in &mut trial.group.dumps {
                dump.on_error = on_error;
            }
            trial
        };
        let whole = trial();
        whole.take().unwrap();
        let steps = whole.system.changes();
        assert!(steps > 10, "{steps}");
        let mut failed = 0;
        for step in 1..=steps {
            let trial = trial();
            trial.system.fail_at(Some(step));
            let first = trial.take();
            trial.system.fail_at(None);
            for (container, new) in [("my", MARIADB), ("pg", POSTGRESQL)] {
                let text = trial.text(Path::new(VOLUME), container);
                assert!(text == new || text == "before", "step {step}: {text}");
            }
            if let Ok(report) = &first {
                for (container, said) in ["my", "pg"].iter().zip(outcomes(report)) {
                    failed += usize::from(said != "done");
                    if !report.snapshots.is_empty() {
                        let is_new = trial.kept(report, container) != "before";
                        assert_eq!(is_new, said == "done", "step {step}: {report:?}");
                    }
                }
                let is_fine = outcomes(report).iter().all(|said| *said == "done");
                let is_taken = is_fine || on_error == OnError::Continue;
                assert_eq!(
                    report.outcome != Outcome::Abandoned,
                    is_taken,
                    "step {step}"
                );
                assert_eq!(report.is_finding(), !is_fine, "step {step}: {report:?}");
                assert_eq!(trial.snapshots(), usize::from(is_taken), "step {step}");
            }
            let again = trial.take().unwrap();
            assert_eq!(again.outcome, Outcome::Taken, "step {step}: {again:?}");
            assert_eq!(trial.names().len(), 2, "step {step}: {:?}", trial.names());
        }
        assert!(
            failed >= 6,
            "of each dump: what is asked, made and named: {failed}"
        );
    }
}

#[test]
fn what_ends_well_and_is_not_whole_does_not_take_the_place_of_the_one_before() {
    for said in [Ok("half of it\n"), Err((1, "no\nway")), Err((125, ""))] {
        let trial = Trial::new();
        trial.system.program_prints("pg_dumpall", said);
        let report = trial.take().unwrap();
        assert_eq!(report.outcome, Outcome::TakenWithLess);
        assert!(report.is_finding());
        assert_eq!(outcomes(&report)[0], "done");
        assert!(outcomes(&report)[1].starts_with("failed: "), "{report:?}");
        let because = report.because.clone().unwrap();
        assert!(because.contains("pg was not dumped: failed"), "{because}");
        assert_eq!(trial.kept(&report, "pg"), "before");
        assert_eq!(trial.names().len(), 2, "{:?}", trial.names());
    }
}

#[test]
fn an_old_image_has_the_tool_under_its_old_name_and_a_container_without_it_says_so() {
    let trial = Trial::new();
    let missing = Err((127, "executable file not found"));
    trial.system.program_prints("mariadb-dump", missing);
    trial.system.program_prints("mysqldump", Ok(MARIADB));
    let report = trial.take().unwrap();
    assert_eq!(report.outcome, Outcome::Taken, "{report:?}");
    assert_eq!(trial.kept(&report, "my"), MARIADB);
    trial.system.program_prints("mysqldump", missing);
    let report = trial.take().unwrap();
    assert!(outcomes(&report)[0].contains("not found"), "{report:?}");
    // PostgreSQL of Debian lets the owner of its files in.
    let asked = |trial: &Trial| {
        let all = trial.system.journal();
        all.iter()
            .filter(|line| line.contains("pg_dumpall"))
            .count()
    };
    let trial = Trial::new();
    let refused = Err((
        1,
        "FATAL:  Peer authentication failed for user \"postgres\"",
    ));
    trial.system.program_prints("pg_dumpall", refused);
    trial.take().unwrap();
    assert_eq!(asked(&trial), 2);
}

#[test]
fn one_that_does_not_run_is_left_alone_and_the_snapshot_has_the_dump_before() {
    for (state, on_error) in [
        ("exited", OnError::Fail),
        ("paused", OnError::Fail),
        ("exited", OnError::Continue),
    ] {
        let mut trial = Trial::new();
        trial.group.dumps[1].on_error = on_error;
        trial.system.set_container("pg", state);
        let report = trial.take().unwrap();
        assert_eq!(report.outcome, Outcome::TakenWithLess);
        assert!(!report.is_finding());
        assert!(outcomes(&report)[1].starts_with("none: "), "{report:?}");
        assert_eq!(trial.kept(&report, "pg"), "before");
    }
}

#[test]
fn a_volume_that_was_replaced_meanwhile_has_no_dump_of_this_run() {
    let mut trial = Trial::new();
    let mut dumps = super::make(&trial.group, &trial.request, &trial.system).unwrap();
    let (volume, away) = (Path::new(VOLUME), Path::new("/srv/tank/shop/away"));
    trial.system.rename(volume, away).unwrap();
    trial.system.create_directory(volume).unwrap();
    trial.group.dumps[1].on_error = OnError::Fail;
    dumps.settle(&trial.group, &trial.system).unwrap();
    assert!(
        dumps
            .records
            .iter()
            .all(|one| one.outcome.contains("replaced meanwhile"))
    );
    assert!(dumps.stop.unwrap().contains("pg"));
}

#[test]
fn a_dry_run_dumps_nothing_and_says_what_would_be() {
    let mut trial = Trial::new();
    trial.request.dry_run = true;
    trial.request.only_changed = false;
    let before = trial.system.listing();
    let report = trial.take().unwrap();
    assert_eq!(report.outcome, Outcome::Planned);
    assert_eq!(trial.system.listing(), before);
    assert!(report.notes[0].contains("my is dumped into"), "{report:?}");
}
