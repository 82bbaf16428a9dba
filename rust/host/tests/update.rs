//! `update` on a machine in memory that fails at a chosen change, and from then on: as if it had been killed there; also with a boot
//! afterwards. The next run ends with image and data of one version. What Btrfs and Podman do is shown by `rust/cli/tests/update.rs`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

#[allow(dead_code, reason = "other tests use what these do not")]
mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::plan_of;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::copies;
use podman_btrfs_host::restore::{self, Asked};
use podman_btrfs_host::stop::Stop;
use podman_btrfs_host::system::System as _;
use podman_btrfs_host::system::fake::FakeSystem;
use podman_btrfs_host::update::journal::{Journal, Stage};
use podman_btrfs_host::update::{Outcome, Report, Request, What, gate, update};

/// `HERE` is a directory of the real machine, since locks are real files. The places of volumes and snapshots are those below the top
/// level of the filesystem: in memory nothing is mounted twice.
const HOST: &str = r#"{
  "host": {"kernel": "6.1", "btrfsProgs": "6.1"},
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "HERE/tank/@volumes"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {"shop": {
    "containers": {"sql": {"image": "localhost/sql:1"}, "web": {}},
    "protection": {"policy": "hourly", "consistency": "crash"},
    "volumes": {
      "data": {"mounts": {"sql": "/data"}},
      "own": {"mounts": {"web": "/own"}, "limit": "1G"}
    }
  }}
}"#;

const UNITS: [&str; 2] = ["podman-sql.service", "podman-web.service"];

struct Machine {
    directory: tempfile::TempDir,
    plan: Plan,
    system: FakeSystem,
    old: String,
    good: String,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path().to_string_lossy().into_owned();
        let plan = plan_of(&HOST.replace("HERE", &here));
        let text = serde_json::to_string(&plan).unwrap();
        let plan: Plan =
            serde_json::from_str(&text.replace("\"@snapshots\"", "\"@volumes/.snapshots\""))
                .unwrap();
        let above: Vec<PathBuf> = directory
            .path()
            .ancestors()
            .map(Path::to_path_buf)
            .collect();
        let above: Vec<&str> = above.iter().map(|path| path.to_str().unwrap()).collect();
        let system = FakeSystem::with_directories(&above);
        let options = Options {
            dry_run: false,
            devices: BTreeMap::new(),
            work_directory: directory.path().to_owned(),
            ledger: Some(directory.path().join("receipts/ledger.json")),
            replaced: Vec::new(),
        };
        system
            .create_directory(&directory.path().join("receipts"))
            .unwrap();
        // In the plan it stands behind what is put into it here.
        let tank = directory.path().join("tank");
        system.create_directory(&tank).unwrap();
        system.create_subvolume(&tank.join("@volumes")).unwrap();
        let applied = apply(&plan, &system, &options, &mut |_| ());
        assert!(applied.is_complete(), "{applied:#?}");
        let mounts = format!(
            "9 0 0:9 / / rw - ext4 /dev/r rw\n1 9 0:1 /@volumes {here}/tank/@volumes rw - btrfs /dev/a rw\n\
             2 1 0:1 /@volumes/.snapshots {here}/tank/@volumes/.snapshots rw - btrfs /dev/a rw\n"
        );
        system
            .write(Path::new("/proc/self/mountinfo"), &mounts)
            .unwrap();
        let (data, own) = (place(&here, "shop/data"), place(&here, "shop+own"));
        for file in [&data, &own] {
            system.put_text(file, "old");
        }
        // The old image does not start on what another one wrote.
        let reads = data.clone();
        let old = system.put_image("localhost/sql:1", move |system| {
            assert_eq!(
                system.read(reads.as_ref()).unwrap().as_deref(),
                Some("old"),
                "the old image on new data"
            );
            true
        });
        let writes = data.clone();
        let good = system.put_image("localhost/good:1", move |system| {
            system.put_text(&writes, "new");
            true
        });
        system.put_image("localhost/wrong:1", move |system| {
            system.put_text(&data, "migrated");
            system.put_text(&own, "migrated");
            false
        });
        system.put_image("localhost/web:1", |_| true);
        for (name, unit) in ["sql", "web"].iter().zip(UNITS) {
            system.put_container(name, &format!("localhost/{name}:1"));
            system.put_unit(unit, "inactive");
            system.run("systemctl", &["start", "--", unit]).unwrap();
        }
        Self {
            directory,
            plan,
            system,
            old,
            good,
        }
    }

    fn run(&self, what: What, image: &str) -> Result<Vec<Report>, Stop> {
        let here = self.directory.path();
        let images = serde_json::json!({"sql": image});
        let request = Request {
            images: if matches!(what, What::Update(_)) {
                serde_json::from_value(images).unwrap()
            } else {
                BTreeMap::new()
            },
            what,
            no_pull: false,
            window_seconds: 10,
            journals: here.join("receipts/updates"),
            program: "/this".into(),
            restoring: restore::Request {
                copy: String::new(),
                asked: Asked::default(),
                what: restore::What::Restore,
                units: Vec::new(),
                not_used_by: Vec::new(),
                keep_days: 7,
                wait_seconds: 5,
                journals: here.join("receipts/restores"),
                ledger: here.join("receipts/ledger.json"),
                work_directory: here.to_owned(),
                copies: copies::Request {
                    target: None,
                    identity: None,
                    gnupg_home: None,
                    configurations: PathBuf::new(),
                    receipts: PathBuf::new(),
                },
                update: None,
            },
        };
        update(&self.plan, &request, &self.system, &mut |_| ())
    }

    fn update(&self, image: &str) -> Result<Report, Stop> {
        let reports = self.run(What::Update("shop".into()), image)?;
        Ok(reports.into_iter().next().unwrap())
    }

    fn holds(&self) -> [String; 2] {
        let here = self.directory.path().to_string_lossy();
        ["shop/data", "shop+own"].map(|volume| {
            self.system
                .read(place(&here, volume).as_ref())
                .unwrap()
                .unwrap_or_default()
        })
    }

    /// The machine starts anew: each unit comes up, where it asks only when it is let. Whether one was not.
    fn boot(&self, asks: bool) -> bool {
        for unit in UNITS {
            self.system.run("systemctl", &["stop", "--", unit]).unwrap();
        }
        let journals = self.directory.path().join("receipts/updates");
        let mut is_closed = false;
        for (name, unit) in ["sql", "web"].iter().zip(UNITS) {
            let names = [(*name).to_owned()];
            let answers = gate::check(&self.plan, &names, &self.system, &journals).unwrap();
            if asks && answers.iter().any(|one| one.wrong.is_some()) {
                is_closed = true;
                continue;
            }
            self.system
                .run("systemctl", &["start", "--", unit])
                .unwrap();
        }
        is_closed
    }

    /// Whether image and data may be of two moments now, as the journal says.
    fn is_between(&self) -> bool {
        let journals = self.directory.path().join("receipts/updates");
        let all = Journal::all(&self.system, &journals).unwrap();
        all.iter()
            .any(|one| matches!(one.stage, Stage::Switching | Stage::Returning))
    }

    fn is(&self, image: &str, data: [&str; 2], told: &str) {
        assert_eq!(self.system.runs("sql").as_deref(), Some(image), "{told}");
        assert_eq!(
            self.system.image("localhost/sql:1").as_deref(),
            Some(image),
            "{told}"
        );
        assert_eq!(self.holds(), data, "{told}");
        assert!(self.system.runs("web").is_some(), "{told}");
        assert_eq!(
            self.system.image("localhost/podman-btrfs/next:sql"),
            None,
            "{told}"
        );
    }
}

fn place(here: &str, volume: &str) -> String {
    format!("{here}/tank/@volumes/{volume}/table")
}

/// What happens before the next run.
#[derive(Clone, Copy, Debug)]
enum Boot {
    None,
    Asks,
    /// As a rootless user's units, which may not read the journal.
    DoesNotAsk,
}

fn stop_everywhere(image: &str, after: [&str; 2]) {
    let undisturbed = Machine::new();
    undisturbed.system.fail_from(None);
    let report = undisturbed.update(image).unwrap();
    let is_good = image == "localhost/good:1";
    let ends = if is_good {
        Outcome::Updated
    } else {
        Outcome::WentBack
    };
    assert_eq!(report.outcome, ends, "{report:#?}");
    let all = undisturbed.system.changes();
    assert!(all > 40, "{all} changes are too few to say anything");
    let mut closed = 0;
    let kinds = [Boot::None, Boot::Asks, Boot::DoesNotAsk];
    for (stop, boot) in (1..=all).flat_map(|stop| kinds.map(|boot| (stop, boot))) {
        let machine = Machine::new();
        let told = format!("stopped at {stop} of {all}, {boot:?}");
        machine.system.fail_from(Some(stop));
        let ended = machine.update(image);
        machine.system.fail_from(None);
        match boot {
            Boot::None => {}
            Boot::Asks => {
                let between = machine.is_between();
                assert_eq!(machine.boot(true), between, "{told}");
                assert_eq!(
                    machine.system.runs("sql").is_none() && machine.system.runs("web").is_none(),
                    between,
                    "{told}"
                );
                closed += usize::from(between);
            }
            Boot::DoesNotAsk => drop(machine.boot(false)),
        }
        let resumed = machine.run(What::Resume, image);
        let resumed = resumed.unwrap_or_else(|why| panic!("{told}: {ended:?}, then {why:?}"));
        let told = format!("{told}: {ended:?}, then {resumed:#?}");
        if is_good && machine.system.runs("sql").as_ref() == Some(&machine.good) {
            machine.is(&machine.good, after, &told);
            continue;
        }
        machine.is(&machine.old, ["old"; 2], &told);
        let again = machine
            .update(image)
            .unwrap_or_else(|why| panic!("{told}, then {why:?}"));
        assert_eq!(again.outcome, ends, "{told}");
        let expected = if is_good { &machine.good } else { &machine.old };
        machine.is(expected, after, &told);
        // What a group snapshot left that was not published, the next one takes away.
        let listing = machine.system.listing();
        assert!(
            !listing.contains(".podman-btrfs-snapshot-"),
            "{told}: {listing}"
        );
    }
    assert!(
        closed > 2,
        "only {closed} times something was kept from starting"
    );
}

#[test]
fn one_that_does_ends_with_the_new_image_or_as_it_was_wherever_it_stopped() {
    stop_everywhere("localhost/good:1", ["new", "old"]);
}

#[test]
fn one_that_migrates_and_fails_ends_on_the_old_image_and_the_old_data_wherever_it_stopped() {
    stop_everywhere("localhost/wrong:1", ["old"; 2]);
}

#[test]
fn where_the_old_image_is_gone_neither_is_put_back() {
    let machine = Machine::new();
    // The reference is the old image's only name, once ours are taken away.
    machine.update("localhost/good:1").unwrap();
    let untag = |name: &str| {
        machine
            .system
            .run("podman", &["untag", "--", name, name])
            .unwrap()
    };
    untag("localhost/podman-btrfs/before:sql");
    let refused = machine.run(What::Back("shop".into()), "").unwrap_err();
    assert!(
        matches!(&refused, Stop::Refused(because) if because.contains("is not here any more")),
        "{refused:?}"
    );
    machine.is(&machine.good, ["new", "old"], "nothing was put back");
}

#[test]
fn a_new_image_that_has_run_for_long_is_not_taken_back_by_itself() {
    let machine = Machine::new();
    let mut stop = 40;
    // Until the journal says that the new image is started, and everything from there on fails.
    while !machine.system.listing().is_empty() {
        let machine = Machine::new();
        machine.system.fail_from(Some(stop));
        drop(machine.update("localhost/good:1"));
        machine.system.fail_from(None);
        if machine.system.runs("sql").as_ref() == Some(&machine.good) {
            machine.system.pause(std::time::Duration::from_secs(3600));
            machine.system.break_unit("podman-web.service");
            machine
                .system
                .run("systemctl", &["stop", "--", "podman-web.service"])
                .unwrap();
            let refused = machine.run(What::Resume, "").unwrap_err();
            assert!(
                matches!(&refused, Stop::Refused(because) if because.contains("does not go back by itself")),
                "{refused:?}"
            );
            assert_eq!(machine.holds(), ["new", "old"]);
            let back = machine.run(What::Back("shop".into()), "").unwrap();
            assert_eq!(back[0].outcome, Outcome::WentBack);
            assert_eq!(machine.holds(), ["old"; 2]);
            return;
        }
        stop += 1;
    }
}
