//! Which copies of workloads are drilled, and which point of each.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Instance, Job, Plan};

use super::{HOST, Request};
use crate::restore::catalogue::{Origin, Point};

/// Beyond so many times the planned time between two snapshots the newest is too old: one may be under way, and one missed.
const TIMES: u64 = 2;

/// The jobs that snapshot something of a copy.
fn jobs<'p>(plan: &'p Plan, copy: &'p str) -> impl Iterator<Item = &'p Job> {
    let jobs = plan.protection.jobs.iter();
    jobs.filter(move |job| job.subvolumes.iter().any(|one| one.copy == copy))
}

/// The targets that something of a copy is sent to.
fn targets(plan: &Plan, copy: &str) -> BTreeSet<String> {
    let targets = jobs(plan, copy).flat_map(|job| job.targets.keys());
    targets.map(ToString::to_string).collect()
}

/// Where its data can come back from: this host, and the targets.
pub(crate) fn sources(plan: &Plan, copy: &str) -> BTreeSet<String> {
    let mut sources = targets(plan, copy);
    if jobs(plan, copy).next().is_some() {
        sources.insert(HOST.to_owned());
    }
    sources
}

/// What is drilled of a copy, this host's own first.
pub(super) fn asked(plan: &Plan, copy: &str, request: &Request) -> Vec<Option<String>> {
    let mut asked = vec![request.from.clone()];
    if request.everywhere {
        asked.extend(targets(plan, copy).into_iter().map(Some));
    }
    asked
}

/// The longest planned time between two snapshots of it, in seconds.
pub(super) fn interval(plan: &Plan, copy: &str) -> Option<u64> {
    jobs(plan, copy)
        .map(|job| job.schedule.interval_seconds)
        .max()
}

/// Whether a point is too old.
pub(super) fn is_too_old(taken: u64, now: u64, interval: u64) -> bool {
    now.saturating_sub(taken) > interval.saturating_mul(TIMES)
}

/// Those that are asked for, and all that stands against it.
pub(super) fn copies<'p>(plan: &'p Plan, request: &Request) -> Result<Vec<&'p Instance>, String> {
    let all = || {
        plan.workloads
            .values()
            .flat_map(|workload| &workload.instances)
    };
    let from = request.from.as_deref();
    let is_target = |name: &str| {
        plan.protection
            .jobs
            .iter()
            .any(|job| job.targets.keys().any(|one| one.as_str() == name))
    };
    if from == Some(HOST) || (request.everywhere && is_target(HOST)) {
        return Err(format!(
            "what is known of a target named `{HOST}` cannot be told from what is known of this host: give the target another name"
        ));
    }
    let is_drilled = |instance: &Instance| match from {
        None => jobs(plan, &instance.name).next().is_some(),
        Some(target) => targets(plan, &instance.name).contains(target),
    };
    let has_none = |of: &str| match from {
        None => format!("the plan takes no snapshots of {of}"),
        Some(target) => format!(
            "the plan sends no snapshots of {of} to `{}`",
            target.escape_debug()
        ),
    };
    if request.copies.is_empty() {
        let found: Vec<&Instance> = all().filter(|one| is_drilled(one)).collect();
        return if found.is_empty() {
            Err(has_none("any workload"))
        } else {
            Ok(found)
        };
    }
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for name in request.copies.iter().collect::<BTreeSet<_>>() {
        match all().find(|one| one.name == *name) {
            None => wrong.push(format!(
                "the plan has no workload `{}`",
                name.escape_debug()
            )),
            Some(instance) if is_drilled(instance) => found.push(instance),
            Some(instance) => wrong.push(has_none(&instance.name)),
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(wrong.join("; "))
    }
}

/// The newest point that holds something of the group; points are sorted, oldest first. What a restore replaced is none.
pub(super) fn newest(points: Vec<Point>, group: &BTreeSet<String>) -> Option<Point> {
    let holds_any = |point: &Point| group.iter().any(|one| point.members.contains_key(one));
    let mut points = points.into_iter();
    points.rfind(|point| point.origin != Origin::Undo && holds_any(point))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use podman_btrfs_core::spec::input::parse_json;

    use super::*;
    use crate::restore;

    fn point(id: &str, origin: Origin, series: &str) -> Point {
        Point {
            id: id.into(),
            taken: 7,
            origin,
            members: BTreeMap::from([(series.into(), "path".into())]),
            missing: Vec::new(),
            one_moment: true,
            consistency: "crash".into(),
            record: None,
        }
    }

    type Chosen = Vec<(String, Vec<Option<String>>)>;

    fn planned(target: &str) -> Plan {
        let declared = r#"{
          "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/srv/tank"}},
          "targets": {"TARGET": {"url": "ssh://backup@nas/srv/backup"}},
          "policies": {"far": {"rpo": "1h", "keep": {"hourly": 24}, "targets": ["TARGET"]}, "here": {"rpo": "1h", "keep": {"hourly": 24}}},
          "workloads": {
            "shop": {"containers": {"web": {}}, "protection": {"policy": "far"}, "volumes": {"uploads": {"mounts": {"web": "/u"}}}},
            "wiki": {"containers": {"wiki": {}}, "protection": {"policy": "here"}, "volumes": {"pages": {"mounts": {"wiki": "/p"}}}},
            "cache": {"containers": {"cache": {}}, "volumes": {"cache": {"mounts": {"cache": "/c"}}}}
          }
        }"#;
        podman_btrfs_core::plan::build(&parse_json(&declared.replace("TARGET", target)).unwrap())
    }

    fn request(copies: &[&str], from: Option<&str>, everywhere: bool) -> Request {
        Request {
            copies: copies.iter().map(|one| (*one).to_owned()).collect(),
            from: from.map(str::to_owned),
            everywhere,
            wait_seconds: 1,
            dry_run: false,
            record: "drills.json".into(),
            restore: restore::Request {
                copy: String::new(),
                asked: restore::Asked::default(),
                what: restore::What::List,
                units: Vec::new(),
                update: None,
                not_used_by: Vec::new(),
                keep_days: 0,
                wait_seconds: 0,
                journals: "journals".into(),
                ledger: "ledger.json".into(),
                work_directory: "work".into(),
                copies: crate::copies::Request {
                    gnupg_home: None,
                    target: None,
                    identity: None,
                    configurations: "btrbk".into(),
                    receipts: "receipts".into(),
                },
            },
        }
    }

    #[test]
    fn what_has_snapshots_is_drilled_from_where_it_lies() {
        let plan = planned("nas");
        let chosen = |request: &Request| -> Result<Chosen, String> {
            let copies = copies(&plan, request)?;
            let all = copies
                .iter()
                .map(|one| (one.name.clone(), asked(&plan, &one.name, request)));
            Ok(all.collect())
        };
        let (shop, wiki, nas) = ("shop".to_owned(), "wiki".to_owned(), Some("nas".to_owned()));
        assert_eq!(
            chosen(&request(&[], None, false)).unwrap(),
            [(shop.clone(), vec![None]), (wiki.clone(), vec![None])]
        );
        assert_eq!(
            chosen(&request(&[], None, true)).unwrap(),
            [(shop.clone(), vec![None, nas.clone()]), (wiki, vec![None])]
        );
        assert_eq!(
            chosen(&request(&[], Some("nas"), false)).unwrap(),
            [(shop, vec![nas])]
        );
        assert_eq!(
            sources(&plan, "shop"),
            BTreeSet::from(["host".to_owned(), "nas".to_owned()])
        );
        assert_eq!(sources(&plan, "cache"), BTreeSet::new());
        let why = chosen(&request(&["cache", "wiki", "x"], Some("nas"), false)).unwrap_err();
        assert_eq!(why.matches("; ").count(), 2, "{why}");
        // What is known of the two could not be told apart.
        let plan = planned("host");
        assert!(
            copies(&plan, &request(&[], None, true))
                .unwrap_err()
                .contains("another name")
        );
        assert!(copies(&plan, &request(&[], None, false)).is_ok());
    }

    #[test]
    fn the_newest_is_neither_an_undo_point_nor_anothers() {
        let group = BTreeSet::from(["shop".to_owned()]);
        let points = vec![
            point("a", Origin::Btrbk, "shop"),
            point("b", Origin::Group, "shop"),
            point("c", Origin::Btrbk, "shop+cache"),
            point("d", Origin::Undo, "shop"),
        ];
        assert_eq!(newest(points.clone(), &group).unwrap().id, "b");
        assert_eq!(newest(points[2..].to_vec(), &group), None);
    }

    #[test]
    fn twice_the_planned_time_is_too_old_and_no_less() {
        assert!(!is_too_old(0, 7200, 3600));
        assert!(is_too_old(0, 7201, 3600));
        // A clock that was set back.
        assert!(!is_too_old(9000, 7200, 3600));
        assert!(!is_too_old(0, u64::MAX, u64::MAX));
    }
}
