//! What holds for every declaration: no order and no name decides anything, and no workload moves another's data.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which clippy does not know as tests"
)]

mod generator;

use std::collections::{BTreeMap, BTreeSet};

use generator::{Host, falling, host, rising, workload};
use podman_btrfs_core::diff::{Kind, Severity, compare};
use podman_btrfs_core::drift::drift;
use podman_btrfs_core::finding::{Level, has_errors};
use podman_btrfs_core::observed::Observed;
use podman_btrfs_core::plan::{
    GroupPlan, JobSubvolume, Plan, Spread, Subject, Taker, WorkloadPlan, build,
};
use podman_btrfs_core::rules::REGISTRY;
use podman_btrfs_core::spec::Spec;
use podman_btrfs_core::spec::input::{parse_json, parse_value};
use podman_btrfs_core::units::SubvolumePath;
use proptest::prelude::*;
use serde_json::{Map, Value};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 48,
        // Found cases become tests of their own; nothing is written beside the sources.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The plan of a declaration that the generator vouches for; without it, what stands against it.
fn plan(declaration: &Value) -> Result<Plan, TestCaseError> {
    let spec = parse_value(declaration)
        .map_err(|found| TestCaseError::fail(format!("{found:#?}\n{declaration:#}")))?;
    let plan = build(&spec);
    if has_errors(&plan.diagnostics) {
        // Whether a disk is large enough for what was drawn is not vouched for, nor whether a tool can do it.
        if plan.diagnostics.iter().all(|found| {
            found.level < Level::Error || found.code.starts_with("PB7") || found.code == "PB605"
        }) {
            return Err(TestCaseError::reject("it does not fit"));
        }
        return Err(TestCaseError::fail(format!(
            "{:#?}\n{declaration:#}",
            plan.diagnostics
        )));
    }
    Ok(plan)
}

fn text(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).unwrap()
}

/// JSON text of a value with the keys of every object in another order.
fn reordered(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .rev()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), reordered(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(reordered).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// A plan in which each name stands for its position, and lists have an order that no name decides.
fn without_names(plan: &Plan, host: &Host, name: generator::Names) -> Value {
    let mut plan = plan.clone();
    // Of several filesystems one has to take the group, and they differ in nothing but their names.
    for group in plan.workloads.values_mut().flat_map(groups_mut) {
        let places: BTreeSet<_> = group.members.iter().map(|one| &one.filesystem).collect();
        if places.len() > 1 {
            group.run = None;
        }
    }
    let mut text = text(&plan);
    let counts = [
        ('f', host.filesystems.len()),
        ('t', host.targets.len()),
        ('p', host.policies.len()),
        ('w', host.workloads.len()),
        ('c', host.workloads.len()),
        ('v', 8),
    ];
    for (kind, count) in counts {
        for at in 0..count {
            text = text.replace(&name(kind, at), &format!("<{kind}{at}>"));
        }
    }
    sorted(&serde_json::from_str(&text).unwrap())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted = fields
                .iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(sorted.collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        Value::String(text) => {
            // A sentence lists names in their order.
            let mut words: Vec<_> = text.split([' ', ',', ':']).collect();
            words.sort_unstable();
            words.join(" ").trim().into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What a further workload may change of others, and nothing else: which subject, and which field.
///
/// - A filesystem accounts limits from its first limit on.
/// - More than so many subvolumes of one policy are more than snapper's configurations are made for, and more than one
///   run takes.
/// - Snapper takes no group as one: a workload that asks for that has btrbk for all of its policy.
/// - The machine holds more containers, and Podman as many more locks.
const MAY_CHANGE: &[(&str, &str)] = &[
    ("filesystem", "quota"),
    ("policy", "tool"),
    ("workload", "takenBy"),
    ("policy", "spreadSeconds"),
    ("host", "inotify"),
    ("host", "keys"),
    ("host", "processes"),
    ("host", "emulated"),
    ("engine", "numLocks"),
];

fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Filesystem(_) => "filesystem",
        Subject::Host => "host",
        Subject::Engine => "engine",
        Subject::Policy(_) => "policy",
        Subject::Workload(_) => "workload",
        Subject::Volume(..) => "volume",
    }
}

/// Decided values, by subject and field.
fn decided(plan: &Plan) -> BTreeMap<(String, String), (&'static str, Value)> {
    plan.decisions
        .iter()
        .map(|decision| {
            let of = (decision.subject.to_string(), decision.field.to_string());
            (of, (kind(&decision.subject), decision.value.clone()))
        })
        .collect()
}

/// One tool for another: with the tool of a policy the taker changes, and the run that it is in. Never from a tool to us, or from us.
fn one_tool(taker: &mut Taker) {
    if *taker == Taker::Snapper {
        *taker = Taker::Btrbk;
    }
}

/// A workload, whichever tool takes it.
fn whoever_takes(workload: &WorkloadPlan) -> WorkloadPlan {
    let mut same = workload.clone();
    let groups = same.instances.iter_mut();
    for group in groups.filter_map(|instance| instance.protection.as_mut()) {
        one_tool(&mut group.taken_by);
        group.run = None;
    }
    same
}

/// Holds that everything of `fewer` stands unchanged in `more`, but for what is listed.
fn nothing_moved(fewer: &Plan, more: &Plan) -> Result<(), TestCaseError> {
    for (name, workload) in &fewer.workloads {
        let after = &more.workloads[name];
        prop_assert_eq!(whoever_takes(workload), whoever_takes(after));
    }
    for (name, before) in &fewer.filesystems {
        let after = &more.filesystems[name];
        for subvolume in &before.subvolumes {
            // A tool's own place goes with the tool.
            let is_tools = subvolume.path.to_string().ends_with("/.snapshots");
            prop_assert!(
                is_tools || after.subvolumes.contains(subvolume),
                "{subvolume:?}"
            );
        }
        prop_assert_eq!(&before.mounts, &after.mounts);
        prop_assert_eq!(&before.device, &after.device);
    }
    prop_assert_eq!(&fewer.engine, &more.engine);
    let after = decided(more);
    for (of, (kind, value)) in decided(fewer) {
        if !MAY_CHANGE.contains(&(kind, of.1.as_str())) {
            prop_assert_eq!(&value, &after[&of].1, "{:?}", of);
        }
    }
    nothing_less_protected(fewer, more)
}

/// What was snapshotted is snapshotted, as often and for as long.
fn nothing_less_protected(fewer: &Plan, more: &Plan) -> Result<(), TestCaseError> {
    for job in &fewer.protection.jobs {
        let after = more
            .protection
            .jobs
            .iter()
            .find(|after| after.name == job.name);
        let Some(after) = after else {
            return Err(TestCaseError::fail(format!("{} is gone", job.name)));
        };
        prop_assert_eq!(&job.schedule, &after.schedule);
        prop_assert_eq!(&job.keep, &after.keep);
        prop_assert_eq!(&job.targets, &after.targets);
        for subvolume in &job.subvolumes {
            let is_it = |other: &JobSubvolume| {
                let (mut one, mut other) = (subvolume.clone(), other.clone());
                one_tool(&mut one.taken_by);
                one_tool(&mut other.taken_by);
                one == other
            };
            prop_assert!(after.subvolumes.iter().any(is_it), "{subvolume:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_keys_changes_no_byte(host in host()) {
        let declaration = host.declare(rising);
        let other = parse_json(&reordered(&declaration)).unwrap();
        prop_assert_eq!(text(&plan(&declaration)?), text(&build(&other)));
    }

    #[test]
    fn the_same_declaration_gives_the_same_bytes(host in host()) {
        let spec = parse_value(&host.declare(rising)).unwrap();
        let written = serde_json::to_string(&spec).unwrap();
        let again: Spec = parse_json(&written).unwrap();
        prop_assert_eq!(&spec, &again);
        prop_assert_eq!(text(&build(&spec)), text(&build(&spec)));
        prop_assert_eq!(text(&build(&spec)), text(&build(&again)));
    }

    #[test]
    fn a_plan_reads_back_as_it_was(host in host()) {
        let plan = plan(&host.declare(rising))?;
        let again: Plan = serde_json::from_str(&text(&plan)).unwrap();
        prop_assert_eq!(plan, again);
    }

    #[test]
    fn a_host_that_is_as_planned_has_nothing_otherwise(host in host()) {
        let plan = plan(&host.declare(rising))?;
        let observed = Observed::as_planned(&plan);
        prop_assert_eq!(drift(&plan, &observed), Vec::new());
        let written = serde_json::to_string(&observed).unwrap();
        prop_assert_eq!(serde_json::from_str::<Observed>(&written).unwrap(), observed);
    }

    #[test]
    fn names_decide_nothing(host in host()) {
        let before = plan(&host.declare(rising))?;
        let after = plan(&host.declare(falling))?;
        let lines = |plan, names| format!("{:#}", without_names(plan, &host, names));
        let (before, after) = (lines(&before, rising), lines(&after, falling));
        let differ = before.lines().zip(after.lines()).find(|(a, b)| a != b);
        prop_assert!(before == after, "{differ:?}");
    }

    #[test]
    fn a_further_workload_moves_nothing(
        host in host(),
        further in workload(),
        is_first in any::<bool>(),
    ) {
        // Adding and removing are the same two plans: what holds from one to the other holds back.
        let names = if is_first { falling } else { rising };
        let mut larger = host.clone();
        larger.workloads.push(further);
        nothing_moved(&plan(&host.declare(names))?, &plan(&larger.declare(names))?)?;
    }

    #[test]
    fn a_plan_differs_in_nothing_from_itself_and_a_further_workload_is_only_new(
        host in host(),
        further in workload(),
    ) {
        let before = plan(&host.declare(rising))?;
        prop_assert_eq!(compare(&before, &before.clone()), Vec::new());
        let mut larger = host.clone();
        larger.workloads.push(further);
        let after = plan(&larger.declare(rising))?;
        for difference in compare(&before, &after) {
            let is_harmless = !difference.severity.needs_a_person() || difference.kind == Kind::ToolChanged;
            prop_assert!(is_harmless, "{difference:?}");
        }
        // Back again nothing is told to be new but findings.
        for difference in compare(&after, &before) {
            prop_assert!(difference.severity != Severity::New, "{difference:?}");
            prop_assert!(difference.kind != Kind::NotUnderstood, "{difference:?}");
        }
    }

    #[test]
    fn a_further_volume_moves_no_other_workload(host in host(), at in any::<prop::sample::Index>(), from in workload()) {
        prop_assume!(!host.workloads.is_empty());
        let at = at.index(host.workloads.len());
        let mut changed = host.clone();
        changed.workloads[at].volumes = from.volumes;
        let (mut before, mut after) = (plan(&host.declare(rising))?, plan(&changed.declare(rising))?);
        for plan in [&mut before, &mut after] {
            plan.workloads.retain(|name, _| name.as_str() != rising('w', at));
            // The tool is the policy's, and serves all that follow it.
            for group in plan.workloads.values_mut().flat_map(groups_mut) {
                if group.taken_by == Taker::Snapper {
                    group.taken_by = Taker::Btrbk;
                }
            }
        }
        prop_assert_eq!(before.workloads, after.workloads);
    }

    #[test]
    fn a_group_is_taken_pruned_and_sent_as_one(host in host(), most in 1..4u64) {
        let plan = plan(&host.declare(rising))?;
        let mut runs: BTreeMap<&SubvolumePath, Vec<(String, Taker)>> = BTreeMap::new();
        for job in &plan.protection.jobs {
            let mut cut = job.clone();
            cut.spread = Some(Spread { seconds: 1, subvolumes: most });
            let pieces = cut.runs();
            let together: Vec<_> = pieces.iter().flat_map(|run| run.subvolumes.clone()).collect();
            prop_assert_eq!(&together, &job.subvolumes);
            for piece in &pieces {
                let copies: BTreeSet<&String> = piece.subvolumes.iter().map(|one| &one.copy).collect();
                prop_assert!(piece.subvolumes.len() as u64 <= most || copies.len() == 1, "{piece:?}");
            }
            let mut homes: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
            for (piece, one) in pieces.iter().flat_map(|piece| piece.subvolumes.iter().map(move |one| (piece, one))) {
                homes.entry(&one.copy).or_default().insert(&piece.name);
            }
            prop_assert!(homes.values().all(|runs| runs.len() == 1), "{homes:?}");
            for one in &job.subvolumes {
                let tool = Taker::from(job.tool);
                prop_assert!(one.taken_by == tool || tool == Taker::Btrbk, "{one:?}");
            }
            for run in job.runs() {
                for one in &run.subvolumes {
                    let known = job.subvolumes.iter().find(|known| known.path == one.path).unwrap();
                    runs.entry(&known.path).or_default().push((run.name.clone(), one.taken_by));
                }
            }
        }
        for copy in plan.workloads.values().flat_map(|workload| &workload.instances) {
            let members: BTreeSet<&SubvolumePath> = copy.group.iter().collect();
            let Some(group) = &copy.protection else {
                prop_assert!(members.is_empty());
                continue;
            };
            prop_assert_eq!(members, group.members.iter().map(|member| &member.path).collect());
            for member in &group.members {
                let jobs = &runs[&member.path];
                prop_assert!(jobs.iter().all(|(_, taker)| *taker == group.taken_by), "{group:?}");
            }
            let all: Vec<_> = group.members.iter().flat_map(|member| &runs[&member.path]).collect();
            match &group.run {
                Some(run) => prop_assert!(group.taken_by == Taker::PodmanBtrfs && all.iter().any(|(name, _)| name == run)),
                None => prop_assert!(group.taken_by != Taker::PodmanBtrfs),
            }
        }
    }

    #[test]
    fn every_wrong_value_is_found(host in host(), which in prop::collection::vec(any::<prop::sample::Index>(), 1..5)) {
        let mut declaration = host.declare(rising);
        let mut leaves = Vec::new();
        pointers(&declaration, String::new(), &mut leaves);
        let chosen: BTreeSet<&String> = which.iter().map(|index| index.get(&leaves)).collect();
        for pointer in &chosen {
            // A value that no option takes.
            *declaration.pointer_mut(pointer).unwrap() = Value::from(0.5);
        }
        let found = parse_value(&declaration).expect_err("nothing takes a fraction");
        for pointer in chosen {
            let path = pointer.split('/').skip(1).fold(String::new(), |at, step| format!("{at}/{step}"));
            let is_told = found.iter().any(|found| {
                let at: String = found.at.0.iter().map(|step| match step {
                    podman_btrfs_core::option_path::Step::Key(key) => format!("/{key}"),
                    podman_btrfs_core::option_path::Step::Index(index) => format!("/{index}"),
                }).collect();
                at == path
            });
            prop_assert!(is_told, "{path}: {found:#?}");
        }
    }

    #[test]
    fn any_json_ends_in_a_plan_or_in_findings(value in anything()) {
        let found = match parse_value(&value) {
            Ok(spec) => build(&spec).diagnostics,
            Err(found) => {
                prop_assert!(!found.is_empty());
                found
            }
        };
        for finding in found {
            prop_assert!(REGISTRY.iter().any(|rule| rule.code == finding.code));
            for line in [&finding.message, &finding.help] {
                prop_assert!(!line.is_empty() && !line.contains('\n'), "{finding:?}");
            }
        }
    }
}

fn groups_mut(workload: &mut WorkloadPlan) -> impl Iterator<Item = &mut GroupPlan> {
    let copies = workload.instances.iter_mut();
    copies.filter_map(|copy| copy.protection.as_mut())
}

/// JSON pointers of all values that hold no others.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                pointers(value, format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(at),
    }
}

/// Any JSON, with the words of declarations in it more often than chance would put them there.
fn anything() -> impl Strategy<Value = Value> {
    let word = || {
        prop_oneof![
            prop::sample::select(WORDS).prop_map(str::to_owned),
            "[a-z0-9@+./ \n\u{e9}-]{0,8}",
        ]
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(word(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

const WORDS: &[&str] = &[
    "filesystems",
    "engine",
    "workloads",
    "policies",
    "targets",
    "rules",
    "host",
    "disks",
    "device",
    "volumes",
    "containers",
    "mounts",
    "protection",
    "policy",
    "keep",
    "daily",
    "class",
    "database",
    "snapshot",
    "limit",
    "filesystem",
    "replicas",
    "tank",
    "shop",
    "gold",
    "PB402",
    "level",
    "warn",
    "1G",
    "1h",
    "/data",
    "/dev/sda",
    "users",
    "image",
    "hooks",
    "schemaVersion",
];
