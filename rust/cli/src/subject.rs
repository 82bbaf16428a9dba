//! Which subjects and decisions of a plan somebody asks about.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Decision, Plan, Subject};

/// The decisions of one rule.
pub(crate) fn of_rule<'a>(plan: &'a Plan, code: &str) -> Vec<&'a Decision> {
    plan.decisions
        .iter()
        .filter(|decision| decision.rule == code)
        .collect()
}

/// What somebody calls by this name: a subject as it is printed, the bare name of a filesystem or policy, or a
/// workload with all of its volumes. Copies are planned as the first one.
pub(crate) fn of_name(plan: &Plan, name: &str) -> Vec<Subject> {
    let name = without_copy(plan, name);
    let mut found = known(plan);
    found.retain(|subject| is_named(subject, &name));
    found.into_iter().collect()
}

/// All subjects of a plan, in words.
pub(crate) fn all(plan: &Plan) -> Vec<String> {
    known(plan).iter().map(Subject::to_string).collect()
}

/// What something was decided about, and the workloads, of which that need not be so.
fn known(plan: &Plan) -> BTreeSet<Subject> {
    let decided = plan
        .decisions
        .iter()
        .map(|decision| decision.subject.clone());
    let workloads = plan
        .workloads
        .keys()
        .map(|name| Subject::Workload(name.to_string()));
    decided.chain(workloads).collect()
}

fn is_named(subject: &Subject, name: &str) -> bool {
    subject.to_string() == name
        || match subject {
            Subject::Filesystem(own) | Subject::Policy(own) | Subject::Volume(own, _) => {
                own == name
            }
            Subject::Host | Subject::Engine | Subject::Workload(_) => false,
        }
}

/// `shop@7/pgdata` is what `shop/pgdata` is.
fn without_copy(plan: &Plan, name: &str) -> String {
    let (instance, volume) = match name.split_once('/') {
        Some((instance, volume)) => (instance, Some(volume)),
        None => (name, None),
    };
    let workload = plan.workloads.iter().find(|(_, workload)| {
        workload
            .instances
            .iter()
            .any(|known| known.name == instance)
    });
    match (workload, volume) {
        (Some((workload, _)), Some(volume)) => format!("{workload}/{volume}"),
        (Some((workload, _)), None) => workload.to_string(),
        (None, _) => name.to_owned(),
    }
}
