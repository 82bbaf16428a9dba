//! Group snapshots against a machine that fails at each step: everything goes on, in reverse order, and nothing is claimed that was
//! not reached.

use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::input::parse_json;
use podman_btrfs_core::spec::{Consistency, OnError};
use podman_btrfs_core::units::{Text as _, WorkloadName};

use super::frozen::{Frozen, thaw_all};
use super::record::{Reason, Record};
use super::take::{Outcome, Report, Request, take};
use super::target::{Group, Hook, HookKind};
use super::watchdog::watch;
use crate::system::fake::FakeSystem;
use crate::system::{Fault, Line, System as _};

const HOST: &str = r#"{
  "host": {"kernel": "6.1", "btrfsProgs": "6.1"},
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}, "tool": "btrbk"}},
  "workloads": {"shop": {
    "containers": {"pg": {}, "my": {}, "web": {}},
    "protection": {"policy": "hourly", "consistency": "application"},
    "volumes": {
      "pgdata": {"mounts": {"pg": "/data"}, "class": "database", "engine": "postgresql"},
      "mysql": {"mounts": {"my": "/data"}, "class": "database", "engine": "mariadb", "limit": "1G"},
      "uploads": {"mounts": {"web": "/data"}}
    }
  }}
}"#;

struct Trial {
    plan: Plan,
    group: Group,
    system: FakeSystem,
    request: Request,
    directory: tempfile::TempDir,
}

impl Trial {
    fn new() -> Self {
        let plan = plan::build(&parse_json(HOST).unwrap());
        let name = WorkloadName::parse("shop").unwrap();
        let group = Group::of(&plan, &name, "shop").unwrap();
        // Locks are real files.
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
        for container in ["pg", "my", "web"] {
            system.run_container(container);
        }
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
            reason: Reason::parse("by-hand").unwrap(),
            only_changed: false,
            dry_run: false,
        };
        Self {
            plan,
            group,
            system,
            request,
            directory,
        }
    }

    fn take(&self) -> Result<Report, Fault> {
        take(&self.plan, &self.group, &self.request, &self.system)
    }

    fn snapshots(&self) -> Vec<String> {
        self.system
            .list(Path::new("/srv/tank/.snapshots"))
            .unwrap()
            .unwrap()
    }

    fn files(&self) -> Vec<String> {
        let place = self.directory.path().join("frozen");
        self.system.list(&place).unwrap().unwrap_or_default()
    }

    fn all_run(&self) -> bool {
        self.system
            .containers()
            .values()
            .all(|state| *state == "running")
    }
}

#[test]
fn everything_is_held_in_order_and_let_go_in_reverse() {
    let trial = Trial::new();
    let report = trial.take().unwrap();
    let record = report.record.clone().unwrap();
    assert_eq!(report.outcome, Outcome::Taken, "{report:#?}");
    assert_eq!(
        (record.reached, record.hooks.len()),
        (Consistency::Application, 2)
    );
    let positions: Vec<_> = record
        .hooks
        .iter()
        .map(|hook| hook.position.as_deref())
        .collect();
    assert_eq!(positions, [Some("0/3000028"), Some("0-1-7")]);
    let expected = [
        "watchdog starts",
        "pg: SHOW server_version_num;",
        "pg: SET statement_timeout = '30000ms';",
        "pg: SELECT pg_backup_start('podman-btrfs', true);",
        "watchdog: hold 9000",
        "my: SET SESSION lock_wait_timeout = 9;",
        "my: BACKUP STAGE START;",
        "my: BACKUP STAGE BLOCK_COMMIT;",
        "my: SELECT @@GLOBAL.gtid_binlog_pos;",
        "pause web",
        "pause my",
        "pause pg",
        "snapshot /srv/tank/shop",
        "snapshot /srv/tank/shop+mysql",
        "unpause pg",
        "unpause my",
        "unpause web",
        "my: BACKUP STAGE END;",
        "pg: SELECT lsn FROM pg_backup_stop(false);",
        "watchdog: done",
    ];
    let mut journal = trial.system.journal();
    for line in &mut journal {
        if line.contains("lock_wait_timeout") {
            expected[5].clone_into(line);
        }
    }
    assert_eq!(journal, expected);
    assert!(trial.files().is_empty() && trial.all_run());
    let names = trial.snapshots();
    let times: Vec<&str> = names
        .iter()
        .filter_map(|name| Some(name.rsplit_once('.')?.1))
        .collect();
    assert_eq!((names.len(), times[0]), (2, times[1]), "{names:?}");
    for path in &report.snapshots {
        assert_eq!(
            Record::of(path, &trial.system).unwrap().as_ref(),
            Some(&record)
        );
        assert!(trial.system.is_read_only(path).unwrap());
    }
}

#[test]
fn whatever_step_fails_all_goes_on_and_the_next_run_is_whole() {
    let whole = Trial::new();
    whole.system.fail_at(None);
    whole.take().unwrap();
    let steps = whole.system.changes();
    assert!(steps > 20, "{steps}");
    for step in 1..=steps {
        let trial = Trial::new();
        trial.system.fail_at(Some(step));
        let first = trial.take();
        trial.system.fail_at(None);
        // What failed to go on has its file; the watchdog, `thaw` or the next run does it.
        let stands = !trial.all_run();
        assert!(
            !stands || !trial.files().is_empty(),
            "step {step}: {first:?}"
        );
        if let Ok(report) = &first
            && let Some(record) = report
                .record
                .as_ref()
                .filter(|_| report.outcome == Outcome::Taken)
        {
            assert_eq!(record.reached, Consistency::Application, "step {step}");
            assert!(
                record.hooks.iter().all(|hook| hook.outcome == "held"),
                "step {step}: {record:?}"
            );
        }
        assert!(!stands || first.is_err(), "step {step}: {first:?}");
        let again = trial.take().unwrap();
        assert_eq!(again.outcome, Outcome::Taken, "step {step}: {again:?}");
        assert!(trial.all_run() && trial.files().is_empty(), "step {step}");
        let names = trial.snapshots();
        assert!(
            names.iter().all(|name| !name.starts_with('.')),
            "step {step}: {names:?}"
        );
        assert_eq!(names.len() % 2, 0, "step {step}: {names:?}");
    }
}

#[test]
fn held_up_for_too_long_all_goes_on_and_none_is_kept() {
    for slow in ["BLOCK_COMMIT", "pause pg", "snapshot /srv/tank/shop+mysql"] {
        let trial = Trial::new();
        trial.system.slow(slow, Duration::from_secs(11));
        let report = trial.take().unwrap();
        // What a session takes is the real clock's here.
        if slow == "BLOCK_COMMIT" {
            continue;
        }
        assert_eq!(report.outcome, Outcome::Abandoned, "{slow}: {report:?}");
        assert!(
            report.is_finding() && trial.snapshots().is_empty(),
            "{slow}"
        );
        assert!(trial.all_run() && trial.files().is_empty(), "{slow}");
        assert_eq!(report.record.unwrap().reached, Consistency::None);
    }
}

#[test]
fn what_others_paused_stays_and_its_hook_is_not_run() {
    let trial = Trial::new();
    trial.system.set_container("my", "paused");
    trial.system.set_container("web", "exited");
    let report = trial.take().unwrap();
    let states = trial.system.containers();
    assert_eq!(
        (states["my"], states["web"], states["pg"]),
        ("paused", "exited", "running")
    );
    let record = report.record.unwrap();
    assert_eq!(record.reached, Consistency::Crash);
    assert_eq!(report.outcome, Outcome::TakenWithLess);
    assert!(
        record.hooks[1]
            .outcome
            .contains("paused the container before"),
        "{record:?}"
    );
    assert_eq!(
        record.images.len(),
        2,
        "one that does not run has no image in use"
    );
}

#[test]
fn a_command_that_fails_stops_or_is_told_and_is_ended_all_the_same() {
    let with_command = |on_error| {
        let mut trial = Trial::new();
        trial.group.hooks = vec![Hook {
            container: podman_btrfs_core::units::ContainerName::parse("web").unwrap(),
            kind: HookKind::Commands {
                freeze: vec!["hold".into(), "$(reboot)".into()],
                thaw: vec!["go-on".into()],
            },
            limit: Duration::from_secs(5),
            on_error,
        }];
        trial.system.fail_at(None);
        trial
    };
    for on_error in [OnError::Fail, OnError::Continue] {
        let trial = with_command(on_error);
        let whole = trial.take().unwrap();
        assert_eq!(whole.outcome, Outcome::Taken, "{whole:?}");
        let journal = trial.system.journal();
        let place = |words: &str| journal.iter().position(|line| line == words).unwrap();
        assert!(
            place("exec web: hold $(reboot)") < place("pause web"),
            "{journal:?}"
        );
        assert!(
            place("unpause web") < place("exec web: go-on"),
            "{journal:?}"
        );

        let mut failed_hooks = 0;
        for step in 1..=trial.system.changes() {
            let trial = with_command(on_error);
            trial.system.fail_at(Some(step));
            let Ok(report) = trial.take() else {
                continue;
            };
            let record = report.record.unwrap();
            let hook = record
                .hooks
                .first()
                .filter(|hook| hook.outcome.starts_with("failed"));
            if hook.is_none() {
                continue;
            }
            failed_hooks += 1;
            let journal = trial.system.journal();
            let froze = journal
                .iter()
                .any(|line| line.starts_with("exec web: hold"));
            let wanted = match on_error {
                OnError::Fail if !froze => Outcome::Abandoned,
                OnError::Fail | OnError::Continue => Outcome::TakenWithLess,
            };
            assert_eq!(report.outcome, wanted, "step {step}: {journal:?}");
            assert!(record.reached < Consistency::Application);
            assert!(
                froze || journal.contains(&"exec web: go-on".to_owned()),
                "{journal:?}"
            );
        }
        assert_eq!(failed_hooks, 2, "the command before, and the one after");
    }
}

#[test]
fn one_subvolume_is_not_held_still() {
    let mut trial = Trial::new();
    trial.group.members.truncate(1);
    trial.group.hooks.clear();
    trial.group.wanted = Consistency::Crash;
    let report = trial.take().unwrap();
    let record = report.record.unwrap();
    assert_eq!(
        (record.reached, record.frozen_milliseconds),
        (Consistency::Crash, 0)
    );
    assert_eq!(trial.system.journal(), ["snapshot /srv/tank/shop"]);
    // Several, each at its own moment.
    let mut trial = Trial::new();
    trial.group.hooks.clear();
    trial.group.wanted = Consistency::None;
    assert_eq!(
        trial.take().unwrap().record.unwrap().reached,
        Consistency::None
    );
    assert!(
        !trial
            .system
            .journal()
            .iter()
            .any(|line| line.starts_with("pause"))
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut trial = Trial::new();
    trial.request.dry_run = true;
    let before = trial.system.listing();
    let report = trial.take().unwrap();
    assert_eq!((report.outcome, report.pauses.len()), (Outcome::Planned, 3));
    assert_eq!(trial.system.listing(), before);
    assert!(trial.system.journal().is_empty());
}

#[test]
fn the_watchdog_thaws_when_we_are_gone_and_when_time_is_over_and_not_else() {
    let id = "00112233445566778899aabbccddeeff";
    let said = |words: &str| Line::Said(words.to_owned());
    let gone = || Line::Ended(String::new());
    for (lines, thaws) in [
        (vec![gone()], true),
        (vec![said("hold 10000"), gone()], true),
        (vec![said("hold 10000"), Line::Silent], true),
        (vec![said("hold x"), Line::Silent], true),
        (vec![Line::Silent, said("hold 10000"), said("done")], false),
        (vec![said("done")], false),
    ] {
        let trial = Trial::new();
        let mut frozen = Frozen::new(id, "shop", Duration::from_secs(10));
        let held = super::frozen::Held {
            container: podman_btrfs_core::units::ContainerName::parse("pg").unwrap(),
            id: format!("{:064x}", 1),
            user: None,
            unit: None,
        };
        frozen.containers.push(held);
        frozen.keep(&trial.system, trial.directory.path()).unwrap();
        trial.system.set_container("pg", "paused");
        trial.system.set_container("web", "paused");
        let mut rest = lines.into_iter();
        let done = watch(&trial.system, trial.directory.path(), id, &mut |_| {
            rest.next().unwrap()
        })
        .unwrap();
        assert_eq!(done.is_some(), thaws);
        let states = trial.system.containers();
        assert_eq!(states["pg"], if thaws { "running" } else { "paused" });
        assert_eq!(states["web"], "paused", "it is not in the file");
        assert_eq!(trial.files().is_empty(), thaws);
        if !thaws {
            let thawed = thaw_all(&trial.system, trial.directory.path(), true).unwrap();
            assert_eq!(thawed.went_on, ["pg"]);
            assert!(trial.files().is_empty());
        }
    }
}

#[test]
fn at_a_stop_by_another_command_none_is_taken_and_nobody_waits() {
    let mut trial = Trial::new();
    trial.request.reason = Reason::parse(Reason::STOP).unwrap();
    let held = crate::lock::Lock::take(&trial.directory.path().join("apply.lock"), || ()).unwrap();
    let begun = std::time::Instant::now();
    let report = take(&trial.plan, &trial.group, &trial.request, &trial.system).unwrap();
    assert_eq!(report.outcome, Outcome::LeftToAnother);
    assert!(!report.is_finding() && report.snapshots.is_empty());
    assert!(begun.elapsed() < super::take::WAIT / 2, "it was waited for");
    drop(held);
    let report = take(&trial.plan, &trial.group, &trial.request, &trial.system).unwrap();
    assert_eq!(report.outcome, Outcome::Taken);
}
